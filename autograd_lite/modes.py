"""How ops are computed here and now: context-local, so threads and tasks don't see each other's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple, Protocol


class Watch(Protocol):
    """What looks at every op while it is in force, such as ``trace_nans``."""

    def computed(self, name: str, value: Any, values: Any) -> None:
        """See what an op computed (a Tensor) from which values."""

    def began(self, root: Any, cotangent: Any) -> None:
        """See the node that a backward pass starts from, and with which cotangent."""

    def ended(self, cotangents: Any) -> None:
        """See what a backward pass found: a dict from nodes to their cotangents."""

    def passed_back(self, node: Any, position: int, g: Any, cotangent: Any) -> None:
        """See what the rule of a node's op made of its cotangent ``g`` for one input."""


class Mode(NamedTuple):
    """What is in force: whether ops are recorded, and who watches them."""

    recording: bool
    watch: Watch | None


PLAIN = Mode(recording=True, watch=None)
"""The ordinary mode, always this object, so that the path of an op only compares identities."""

_mode = ContextVar("autograd_lite.mode", default=PLAIN)

current_mode = _mode.get


@contextmanager
def _in_force(mode: Mode) -> Iterator[None]:
    token = _mode.set(PLAIN if mode == PLAIN else mode)
    try:
        yield
    finally:
        _mode.reset(token)


def is_recording() -> bool:
    """Return True where ops on tensors that require gradients are recorded.

    Examples
    --------
    >>> is_recording()
    True
    """
    return _mode.get().recording


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording, in a ``with`` block or as a decorator.

    It isn't for generators: as a decorator it doesn't reach into one, and a block that yields
    leaves the caller without recording.

    Examples
    --------
    >>> from autograd_lite import Tensor, no_grad
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """
    with _in_force(Mode(False, _mode.get().watch)):
        yield


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record again inside a ``no_grad`` block; also a decorator.

    Examples
    --------
    >>> from autograd_lite import Tensor, enable_grad, no_grad
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad(), enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """
    with _in_force(Mode(True, _mode.get().watch)):
        yield


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Have ``watch`` see every op in the block, forward and backward."""
    with _in_force(Mode(_mode.get().recording, watch)):
        yield
