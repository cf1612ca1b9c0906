"""Padding as layers; as a function it is :func:`nn.functional.pad`."""

from __future__ import annotations

from typing import Any, TypeAlias

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn.functional import pad
from nn.functional.per_axis import is_integer, layout
from nn.layers.construction import call_with
from nn.module import Module

Widths: TypeAlias = int | tuple[int, ...]


class _Padding(Module):
    """Pad signals or images on each side; negative widths cut off."""

    rank: int
    mode = "constant"

    def __init__(self, padding: Widths) -> None:
        count = 2 * self.rank
        several: Any = padding if isinstance(padding, list | tuple) else (padding,) * count
        if len(several) != count or not all(map(is_integer, several)):
            sides = "(left, right)" if self.rank == 1 else "(left, right, top, bottom)"
            raise ShapeError(
                f"{type(self).__name__}: padding must be an integer or {sides}; it is {padding!r}"
            )
        self.padding = tuple(int(n) for n in several)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the padded signals or images."""
        return self._padded(x, None)

    def _padded(self, x: TensorLike, value: float | None) -> Tensor:
        x = as_tensor(x)
        if x.ndim not in (self.rank + 1, self.rank + 2):
            raise ShapeError(f"pad: x must have shape {layout(self.rank)}; it has shape {x.shape}")
        return pad(x, self.padding, self.mode, value)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(self, self.padding)


class ConstantPad1d(_Padding):
    """Put a constant before and after signals, shape (n, c, length) or (c, length).

    Parameters
    ----------
    padding : int or (int, int)
        How many values before and after; negative ones cut off.
    value : float

    Raises
    ------
    ShapeError
        If the padding isn't one or two integers. When called: if more is cut off than there is.

    Examples
    --------
    >>> ConstantPad1d((1, 2), 9.0)([[1.0, 2.0]])
    Tensor([[9., 1., 2., 9., 9.]])
    """

    rank = 1

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, x: TensorLike) -> Tensor:
        """Return the padded signals or images."""
        return self._padded(x, self.value)

    def signature(self) -> str:
        """Return the constructor call."""
        return call_with(self, self.padding, self.value)


class ConstantPad2d(ConstantPad1d):
    """Put a constant around images, shape (n, c, height, width) or (c, height, width).

    Parameters
    ----------
    padding : int or (int, int, int, int)
        How many values (left, right, top, bottom); negative ones cut off.
    value : float

    Raises
    ------
    ShapeError
        If the padding isn't one or four integers. When called: if more is cut off than there is.

    Examples
    --------
    >>> ConstantPad2d(1, 9.0)([[[1.0, 2.0]]])
    Tensor([[[9., 9., 9., 9.],
             [9., 1., 2., 9.],
             [9., 9., 9., 9.]]])
    """

    rank = 2


class ZeroPad1d(_Padding):
    """Put zeros before and after signals, shape (n, c, length) or (c, length).

    Parameters
    ----------
    padding : int or (int, int)
        How many before and after; negative numbers cut off.

    Raises
    ------
    ShapeError
        As :class:`ConstantPad1d`.

    Examples
    --------
    >>> ZeroPad1d((1, -1))([[1.0, 2.0]])
    Tensor([[0., 1.]])
    """

    rank = 1


class ZeroPad2d(_Padding):
    """Put zeros around images, shape (n, c, height, width) or (c, height, width).

    Parameters
    ----------
    padding : int or (int, int, int, int)
        How many (left, right, top, bottom); negative numbers cut off.

    Raises
    ------
    ShapeError
        As :class:`ConstantPad2d`.

    Examples
    --------
    >>> ZeroPad2d((1, 0, 0, 1))([[[1.0, 2.0]]])
    Tensor([[[0., 1., 2.],
             [0., 0., 0.]]])
    """

    rank = 2


class ReflectionPad1d(_Padding):
    """Mirror signals at their ends, without the end values: shape (n, c, length) or (c, length).

    Parameters
    ----------
    padding : int or (int, int)
        How many values before and after, fewer than there are; negative numbers cut off.

    Raises
    ------
    ShapeError
        If the padding isn't one or two integers. When called: if the signals are too short.

    Examples
    --------
    >>> ReflectionPad1d(2)([[1.0, 2.0, 3.0]])
    Tensor([[3., 2., 1., 2., 3., 2., 1.]])
    """

    rank, mode = 1, "reflect"


class ReflectionPad2d(_Padding):
    """Mirror images at their borders: shape (n, c, height, width) or (c, height, width).

    Parameters
    ----------
    padding : int or (int, int, int, int)
        How many values (left, right, top, bottom), fewer than there are; negative numbers cut off.

    Raises
    ------
    ShapeError
        If the padding isn't one or four integers. When called: if the images are too small.

    Examples
    --------
    >>> ReflectionPad2d((1, 1, 0, 0))([[[1.0, 2.0, 3.0]]])
    Tensor([[[2., 1., 2., 3., 2.]]])
    """

    rank, mode = 2, "reflect"


class ReplicationPad1d(_Padding):
    """Repeat the end values of signals, shape (n, c, length) or (c, length).

    Parameters
    ----------
    padding : int or (int, int)
        How many values before and after; negative numbers cut off.

    Raises
    ------
    ShapeError
        If the padding isn't one or two integers. When called: if nothing is left to repeat.

    Examples
    --------
    >>> ReplicationPad1d(2)([[1.0, 2.0]])
    Tensor([[1., 1., 1., 2., 2., 2.]])
    """

    rank, mode = 1, "replicate"


class ReplicationPad2d(_Padding):
    """Repeat the border values of images, shape (n, c, height, width) or (c, height, width).

    Parameters
    ----------
    padding : int or (int, int, int, int)
        How many values (left, right, top, bottom); negative numbers cut off.

    Raises
    ------
    ShapeError
        If the padding isn't one or four integers. When called: if nothing is left to repeat.

    Examples
    --------
    >>> ReplicationPad2d((1, 0, 0, 1))([[[1.0, 2.0]]])
    Tensor([[[1., 1., 2.],
             [1., 1., 2.]]])
    """

    rank, mode = 2, "replicate"


class CircularPad1d(_Padding):
    """Go on at the other end of signals, shape (n, c, length) or (c, length).

    Parameters
    ----------
    padding : int or (int, int)
        How many values before and after, at most as many as there are; negative numbers cut off.

    Raises
    ------
    ShapeError
        If the padding isn't one or two integers. When called: if the signals are too short.

    Examples
    --------
    >>> CircularPad1d((2, 1))([[1.0, 2.0, 3.0]])
    Tensor([[2., 3., 1., 2., 3., 1.]])
    """

    rank, mode = 1, "circular"


class CircularPad2d(_Padding):
    """Go on at the other side of images, shape (n, c, height, width) or (c, height, width).

    Parameters
    ----------
    padding : int or (int, int, int, int)
        How many values (left, right, top, bottom), at most as many as there are; negative numbers
        cut off.

    Raises
    ------
    ShapeError
        If the padding isn't one or four integers. When called: if the images are too small.

    Examples
    --------
    >>> CircularPad2d((1, 0, 0, 0))([[[1.0, 2.0, 3.0]]])
    Tensor([[[3., 1., 2., 3.]]])
    """

    rank, mode = 2, "circular"
