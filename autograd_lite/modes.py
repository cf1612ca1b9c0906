"""Modes: whether ops are recorded, and who watches them.

Each thread and each task has a mode of its own (a context variable), so that ``no_grad`` in one of
them doesn't affect the others.
"""

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
    """Return True if ops on tensors that require gradients are recorded here.

    Returns
    -------
    bool
        False in a block of :func:`no_grad`.

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

    Parameters
    ----------
    function : callable, optional
        A function to decorate; leave it out for a ``with`` block.

    Returns
    -------
    Block or callable
        A context manager, which also works as a decorator, or the decorated function.

    Raises
    ------
    UnsupportedError
        If what is decorated is a class, or can't be called.

    Notes
    -----
    A decorated generator or coroutine doesn't record, but the code that iterates over it or
    awaits it does. If a generator isn't decorated and yields inside of a ``no_grad`` block, its
    caller doesn't record either until the block ends.

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
    """Record again inside of a ``no_grad`` block; also a decorator, ``@enable_grad``.

    Parameters
    ----------
    function : callable, optional
        A function to decorate; leave it out for a ``with`` block.

    Returns
    -------
    Block or callable
        As for :func:`no_grad`.

    Raises
    ------
    UnsupportedError
        If what is decorated is a class, or can't be called.

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
    """Show a watch every op in the block, forward and backward; NumPy's warnings are off."""
    return Block(make_watch=make_watch)
