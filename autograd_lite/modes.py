"""How ops are computed here and now: context-local, so threads and tasks don't see each other's."""

from collections.abc import Callable
from typing import Any, TypeVar, overload

from autograd_lite.blocks import PLAIN, Block, Mode, Watch, current_mode

__all__ = [
    "PLAIN",
    "Block",
    "Mode",
    "Watch",
    "current_mode",
    "enable_grad",
    "is_recording",
    "no_grad",
    "watching",
]

F = TypeVar("F", bound=Callable[..., Any])


def is_recording() -> bool:
    """Return True where ops on tensors that require gradients are recorded.

    Examples
    --------
    >>> is_recording()
    True
    """
    return current_mode().recording


@overload
def no_grad() -> Block: ...
@overload
def no_grad(function: F, /) -> F: ...
def no_grad(function: Any = None, /) -> Any:
    """Compute without recording, in a ``with`` block or as a decorator, ``@no_grad``.

    A decorated generator or coroutine doesn't record; who iterates over it or awaits it does.
    A block that yields, in a generator that isn't decorated, leaves the caller without recording
    until it ends.

    Examples
    --------
    >>> from autograd_lite import Tensor, no_grad
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """
    block = Block(recording=False)
    return block if function is None else block(function)


@overload
def enable_grad() -> Block: ...
@overload
def enable_grad(function: F, /) -> F: ...
def enable_grad(function: Any = None, /) -> Any:
    """Record again inside a ``no_grad`` block; also a decorator, ``@enable_grad``.

    Examples
    --------
    >>> from autograd_lite import Tensor, enable_grad, no_grad
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> with no_grad(), enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """
    block = Block(recording=True)
    return block if function is None else block(function)


def watching(make_watch: Callable[[], Watch]) -> Block:
    """Have a watch see every op in the block, forward and backward; NumPy's warnings are off."""
    return Block(make_watch=make_watch)
