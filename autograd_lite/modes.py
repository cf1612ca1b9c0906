"""Whether ops are recorded: context-local, so threads and async tasks don't see each other's."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_recording = ContextVar("autograd_lite.recording", default=True)

is_recording = _recording.get
"""Return True where ops on tensors that require gradients are recorded."""


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
    token = _recording.set(False)
    try:
        yield
    finally:
        _recording.reset(token)


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
    token = _recording.set(True)
    try:
        yield
    finally:
        _recording.reset(token)
