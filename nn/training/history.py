"""History: what training has reached, epoch by epoch, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograd_lite.errors import DomainError, StateDictError


class History:
    """One dict for each epoch, with its number, the losses and the metrics.

    Attributes
    ----------
    rows : list of dict of str to float
        Such as ``{"epoch": 1, "loss": 0.4, "validation loss": 0.3, "accuracy": 0.91}``.
    interrupted : bool
        Ctrl-C ended the training.

    Examples
    --------
    >>> history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"]
    [0.5, 0.25]
    >>> history.last["loss"], len(history)
    (0.25, 2)
    """

    def __init__(self, rows: list[dict[str, float]] | None = None) -> None:
        self.rows: list[dict[str, float]] = [] if rows is None else [dict(row) for row in rows]
        self.interrupted = False

    @property
    def last(self) -> dict[str, float]:
        """The row of the last epoch.

        Raises
        ------
        DomainError
            If no epoch was finished.
        """
        if not self.rows:
            raise DomainError("History: no epoch was finished")
        return self.rows[-1]

    def __getitem__(self, name: str) -> list[float]:
        """Return a value of all epochs that have it.

        Raises
        ------
        KeyError
            If none has it.
        """
        values = [row[name] for row in self.rows if name in row]
        if not values:
            names = list(dict.fromkeys(key for row in self.rows for key in row))
            raise KeyError(f"no epoch has {name!r}; there are {names}")
        return values

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        if not self.rows:
            return "History: no epochs"
        return f"History: {len(self.rows)} epochs, the last one {described(self.last)}"

    def state_dict(self) -> dict[str, Any]:
        """Return the rows, as JSON can hold them."""
        return {"rows": [dict(row) for row in self.rows]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the rows of an earlier training.

        Raises
        ------
        StateDictError
            If they aren't rows of numbers.
        """
        rows = state.get("rows")
        if set(state) != {"rows"} or not isinstance(rows, list) or not all(map(_is_row, rows)):
            raise StateDictError("this isn't the state of a History; nothing was loaded")
        self.rows = [dict(row) for row in rows]


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and all(
        isinstance(key, str) and type(value) in (int, float) for key, value in row.items()
    )


def described(row: Mapping[str, float]) -> str:
    """Return a row in words.

    Examples
    --------
    >>> described({"epoch": 2, "loss": 0.123456, "accuracy": 0.98})
    'loss 0.1235, accuracy 0.9800'
    """
    return ", ".join(f"{name} {value:.4f}" for name, value in row.items() if name != "epoch")
