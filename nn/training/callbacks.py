"""Callbacks: what ``fit`` tells, and what is done then."""

from __future__ import annotations

import importlib
import io
import os
from collections.abc import Mapping
from math import inf, isnan
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, MissingExtraError, StateDictError
from nn.files import check_place, replace_file
from nn.saving import save
from nn.training.run import Run


class Callback:
    """Base class: overwrite what is of interest.

    A callback that remembers something, and is to go on after training was resumed, has
    ``state_dict`` and ``load_state_dict`` as well.

    Examples
    --------
    >>> class Count(Callback):
    ...     batches = 0
    ...     def on_update(self, run):
    ...         self.batches += 1
    """

    def on_start(self, run: Run) -> None:
        """Before the first epoch."""

    def on_update(self, run: Run) -> None:
        """After each step of the optimizer."""

    def on_epoch(self, run: Run) -> None:
        """After each epoch, when its row is in the history. ``run.stop()`` ends the training."""

    def on_end(self, run: Run) -> None:
        """After the last epoch, or when training was stopped."""

    @property
    def state_kind(self) -> str:
        """Of what the state is; a checkpoint gives it to no other kind. Here, the class."""
        return type(self).__name__

    def state_dict(self) -> dict[str, Any]:
        """Return what the callback remembers."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with what it has remembered."""
        if state:
            raise StateDictError(f"{type(self).__name__} has no state, and can't load one")


class _Watching(Callback):
    """Remembers the best value of a metric, and of which epoch it was."""

    def __init__(self, metric: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("min", "max"):
            raise DomainError(f"{type(self).__name__}: mode must be 'min' or 'max', not {mode!r}")
        if not 0 <= min_delta < inf:
            raise DomainError(f"{type(self).__name__}: min_delta must be finite and not negative")
        self.metric, self.mode, self.min_delta = metric, mode, float(min_delta)
        self.best, self.best_epoch = (inf if mode == "min" else -inf), 0

    def _improves(self, run: Run) -> bool:
        """Look at the metric in the last epoch; return True if it is the best so far."""
        value = _value(self, run, self.metric)
        gain = self.best - value if self.mode == "min" else value - self.best
        better = not isnan(value) and (gain > self.min_delta or not self.best_epoch)
        if better:
            self.best, self.best_epoch = value, int(run.history.last["epoch"])
        return better

    @property
    def state_kind(self) -> str:
        """The class, and what it watches: the best value of another metric means nothing."""
        return f"{type(self).__name__}({self.metric!r}, {self.mode!r})"

    def state_dict(self) -> dict[str, Any]:
        """Return the best value, and its epoch."""
        return {"best": float(self.best), "best_epoch": self.best_epoch}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the best value so far.

        Raises
        ------
        StateDictError
            If it isn't such a state.
        """
        kinds = {name: type(value) for name, value in state.items() if name != "weights"}
        if kinds != {"best": float, "best_epoch": int}:
            raise StateDictError(f"this isn't the state of {type(self).__name__}")
        self.best, self.best_epoch = state["best"], state["best_epoch"]


def _value(whose: Callback, run: Run, metric: str) -> float:
    row = run.history.last
    if metric not in row:
        raise DomainError(
            f"{type(whose).__name__}: there is no {metric!r} to watch, only {list(row)}"
        )
    return row[metric]


class EarlyStopping(_Watching):
    """End the training when a metric hasn't improved for some epochs.

    Parameters
    ----------
    patience : int
        How many epochs to wait for a better value.
    metric : str
        A name in the history's rows.
    mode : "min" or "max"
        Which values are better.
    min_delta : float
        The least difference that counts.
    restore_best : bool
        Put the best epoch's weights back at the end.

    Attributes
    ----------
    best : float
    best_epoch : int

    Notes
    -----
    Prechelt, Early stopping, but when?, 1998.

    Examples
    --------
    >>> EarlyStopping(patience=3, metric="accuracy", mode="max").best
    -inf
    """

    def __init__(
        self,
        patience: int,
        metric: str = "validation loss",
        mode: str = "min",
        min_delta: float = 0.0,
        restore_best: bool = True,
    ) -> None:
        super().__init__(metric, mode, min_delta)
        if not isinstance(patience, int | np.integer) or patience < 1:
            raise DomainError(f"EarlyStopping: patience must be a positive integer: {patience!r}")
        self.patience, self.restore_best = int(patience), restore_best
        self._weights: dict[str, npt.NDArray[Any]] = {}

    def on_epoch(self, run: Run) -> None:
        """Keep the weights if they are the best, or stop if there was no better value for long."""
        if self._improves(run):
            if self.restore_best:
                self._weights = run.model.state_dict()
        elif run.history.last["epoch"] - self.best_epoch >= self.patience:
            run.stop()

    def on_end(self, run: Run) -> None:
        """Put the best weights back."""
        if self._weights:
            run.model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the best value, its epoch, and its weights."""
        return {**super().state_dict(), "weights": dict(self._weights)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on with the best value so far.

        Raises
        ------
        StateDictError
            If it isn't such a state.
        """
        weights = state.get("weights")
        arrays = isinstance(weights, dict) and all(
            isinstance(array, np.ndarray) for array in weights.values()
        )
        if not arrays:
            raise StateDictError("this isn't the state of EarlyStopping")
        super().load_state_dict(state)
        self._weights = dict(weights or {})


class KeepBest(_Watching):
    """Save the weights of the best epoch so far in a file, which :func:`nn.load` reads.

    Parameters
    ----------
    path : path
        In a folder that exists.
    metric, mode
        As for :class:`EarlyStopping`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        metric: str = "validation loss",
        mode: str = "min",
    ) -> None:
        super().__init__(metric, mode)
        self.path = Path(path)

    def on_start(self, run: Run) -> None:
        """Raise an error if there is no place for the file."""
        if run.rank == 0:
            check_place(self.path, for_arrays=True)

    def on_epoch(self, run: Run) -> None:
        """Save the weights if they are the best."""
        if self._improves(run) and run.rank == 0:
            save(run.model, self.path, metadata={self.metric: str(self.best)})


class Scheduled(Callback):
    """Move a schedule of the learning rate on, after each epoch or each update.

    Parameters
    ----------
    schedule : object with ``step()``
        Such as those of :mod:`nn.optim`.
    each : "epoch" or "update"
    metric : str, optional
        Give the schedule this value of the history, as ``ReduceLROnPlateau`` needs it.
    """

    def __init__(self, schedule: Any, each: str = "epoch", metric: str | None = None) -> None:
        if each not in ("epoch", "update"):
            raise DomainError(f"Scheduled: each must be 'epoch' or 'update', not {each!r}")
        if metric is not None and each == "update":
            raise DomainError("Scheduled: a metric is known after an epoch, not after each update")
        if not callable(getattr(schedule, "step", None)):
            raise DomainError(f"Scheduled: {schedule!r} is no schedule: it has no step()")
        self.schedule, self.each, self.metric = schedule, each, metric

    def on_update(self, run: Run) -> None:
        """Move on, if it is by updates."""
        if self.each == "update":
            self.schedule.step()

    def on_epoch(self, run: Run) -> None:
        """Move on, if it is by epochs."""
        if self.each == "epoch":
            self.schedule.step(*([] if self.metric is None else [_value(self, run, self.metric)]))

    @property
    def state_kind(self) -> str:
        """Tell the class, and that of the schedule."""
        return f"Scheduled({type(self.schedule).__name__})"

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the schedule."""
        state: dict[str, Any] = self.schedule.state_dict()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load the state of the schedule."""
        self.schedule.load_state_dict(state)


class Averaging(Callback):
    """Update an average of the weights, after each update or each epoch; use it at the end.

    Parameters
    ----------
    average : object with ``update()``
        Such as ``nn.optim.EMA(model, 0.999)`` or ``nn.optim.SWA(model)``.
    each : "update" or "epoch"
    """

    def __init__(self, average: Any, each: str = "update") -> None:
        if each not in ("epoch", "update"):
            raise DomainError(f"Averaging: each must be 'update' or 'epoch', not {each!r}")
        if not callable(getattr(average, "update", None)):
            raise DomainError(f"Averaging: {average!r} is no average: it has no update()")
        self.average, self.each = average, each

    def on_update(self, run: Run) -> None:
        """Update the average, if it is by updates."""
        if self.each == "update":
            self.average.update()

    def on_epoch(self, run: Run) -> None:
        """Update the average, if it is by epochs."""
        if self.each == "epoch":
            self.average.update()

    @property
    def state_kind(self) -> str:
        """Tell the class, and that of the average."""
        return f"Averaging({type(self.average).__name__})"

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the average."""
        state: dict[str, Any] = self.average.state_dict()
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load the state of the average."""
        self.average.load_state_dict(state)


class Picture(Callback):
    """Draw the history after each epoch, into a PNG file: losses, and each metric.

    Parameters
    ----------
    path : path
        In a folder that exists.

    Raises
    ------
    MissingExtraError
        If matplotlib isn't installed.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        try:
            self._figures: Any = importlib.import_module("matplotlib.figure")
        except ModuleNotFoundError as error:
            raise MissingExtraError("matplotlib", "training") from error

    def on_start(self, run: Run) -> None:
        """Raise an error if there is no place for the file."""
        if run.rank == 0:
            check_place(self.path)

    def on_epoch(self, run: Run) -> None:
        """Draw all epochs so far."""
        if run.rank == 0:
            replace_file(self.path, self._drawn(run))

    def _drawn(self, run: Run) -> bytes:
        names = [name for name in run.history.last if name != "epoch"]
        losses = [name for name in names if name.endswith("loss")]
        panels = [losses, *([name] for name in names if name not in losses)]
        figure = self._figures.Figure(figsize=(4 * len(panels), 3.6), layout="constrained")
        for position, shown in enumerate(panels, start=1):
            axes = figure.add_subplot(1, len(panels), position, xlabel="epoch")
            for name in shown:
                points = [(row["epoch"], row[name]) for row in run.history if name in row]
                axes.plot(*zip(*points, strict=True), ".-", label=name)
            axes.grid(alpha=0.3)
            axes.legend()
        content = io.BytesIO()
        figure.savefig(content, format="png", dpi=120)
        return content.getvalue()
