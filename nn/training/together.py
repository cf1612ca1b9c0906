"""What a training needs of the processes that it shares its batches with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, final

from autograd_lite import Tensor
from nn.module import Module


class Group(Protocol):
    """Processes that train together, such as an ``nn.parallel.Group``.

    Attributes
    ----------
    rank : int
        The number of this process, from 0 on.
    size : int
        How many processes there are.
    """

    @property
    def rank(self) -> int: ...  # noqa: D102

    @property
    def size(self) -> int: ...  # noqa: D102

    def broadcast(self, model: Module, /) -> None:
        """Give all processes the model of the first one."""

    def average_gradients(self, parameters: Sequence[Tensor], /, examples: float) -> None:
        """Replace gradients by their means over all processes, weighted by examples."""

    def sum(self, value: Any, /) -> Any:
        """Return the sum over all processes."""

    def any(self, flag: bool, /) -> bool:
        """Return True in all processes if the flag is true in one."""


@final
class Alone:
    """One process, without others."""

    rank, size = 0, 1

    def broadcast(self, model: Module, /) -> None:
        """Leave the model as it is."""

    def average_gradients(self, parameters: Sequence[Tensor], /, examples: float) -> None:
        """Leave the gradients as they are."""

    def sum(self, value: Any, /) -> Any:
        """Return the value."""
        return value

    def any(self, flag: bool, /) -> bool:
        """Return the flag."""
        return flag


ALONE = Alone()
