"""Convolution along one, two and three axes, as functions that users call."""

from __future__ import annotations

from typing import Any, Literal

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.convolution.geometry import Geometry
from nn.functional.convolution.primitives import convolution
from nn.functional.per_axis import NAMES, PerAxis, layout, per_axis

Padding = PerAxis | Literal["same", "valid"]


def conv1d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """Return the convolution of signals with a weight: :func:`conv2d` along one axis.

    Parameters
    ----------
    x : array_like, shape (n, c, length) or (c, length)
    weight : array_like, shape (o, c / groups, k)
    bias : array_like, shape (o,), optional
    stride, padding, dilation, groups
        As those of :func:`conv2d`.

    Returns
    -------
    Tensor, shape (n, o, windows) or (o, windows)

    Raises
    ------
    ShapeError, DomainError
        As :func:`conv2d`.

    Examples
    --------
    >>> conv1d([[1.0, 2.0, 4.0, 8.0]], [[[-1.0, 1.0]]])
    Tensor([[1., 2., 4.]])
    """
    return convolved("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """Return the convolution of images with a weight.

    The weight is laid over the image in each place. The output there is the sum of the products
    ``weight[o] * x[n]`` under it, plus ``bias[o]``. (In mathematics that is a correlation: the
    weight isn't flipped.)

    Parameters
    ----------
    x : array_like, shape (n, c, height, width) or (c, height, width)
        Images of c channels, with or without a batch axis.
    weight : array_like, shape (o, c / groups, kh, kw)
    bias : array_like, shape (o,), optional
    stride : int or (int, int)
        Steps from one window to the next, down and to the right.
    padding : int or (int, int), or {"valid", "same"}
        How many zeros to put on each side of the image. ``"valid"`` is 0. ``"same"`` gives an
        output as large as the image; if their number is odd, there is one more at the end.
    dilation : int or (int, int)
        Steps between the values of a window.
    groups : int
        Splits the channels into so many groups, each of which has o / groups of the outputs.
        With c groups, each channel has filters of its own ("depthwise").

    Returns
    -------
    Tensor, shape (n, o, rows, columns) or (o, rows, columns)
        With floor((height + 2 padding - dilation (kh - 1) - 1) / stride) + 1 rows, and columns
        likewise. In memory, the channels may be the last axis.

    Raises
    ------
    ShapeError
        If the shapes don't fit each other, or no window fits into the image.
    DomainError
        If an option is out of range, or ``"same"`` is asked for with a stride.

    Notes
    -----
    LeCun and others, Backpropagation applied to handwritten zip code recognition, 1989. Dumoulin
    and Visin, A guide to convolution arithmetic for deep learning, 2016, has pictures of the
    options.

    Examples
    --------
    >>> image = [[[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]]
    >>> conv2d(image, [[[[-1.0, 1.0], [-1.0, 1.0]]]])
    Tensor([[[0., 2., 0.],
             [0., 2., 0.]]])
    """
    return convolved("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


def conv3d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: PerAxis = 1,
    padding: Padding = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """Return the convolution of volumes with a weight: :func:`conv2d` along three axes.

    Parameters
    ----------
    x : array_like, shape (n, c, depth, height, width) or (c, depth, height, width)
    weight : array_like, shape (o, c / groups, kd, kh, kw)
    bias : array_like, shape (o,), optional
    stride, padding, dilation, groups
        As those of :func:`conv2d`.

    Returns
    -------
    Tensor, with the axes of ``x``

    Raises
    ------
    ShapeError, DomainError
        As :func:`conv2d`.

    Examples
    --------
    >>> import numpy as np
    >>> conv3d(np.ones((1, 4, 5, 6)), np.ones((2, 1, 3, 3, 3))).shape
    (2, 2, 3, 4)
    """
    return convolved("conv3d", 3, x, weight, bias, stride, padding, dilation, groups)


def convolved(
    call: str,
    rank: int,
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis,
    groups: int,
) -> Tensor:
    """Return the convolution along ``rank`` axes; ``call`` names it in errors."""
    x, weight = as_tensor(x), as_tensor(weight)
    kernel = weight.shape[2:]
    if weight.ndim != rank + 2 or 0 in weight.shape:
        raise ShapeError(
            f"{call}: weight must have shape (outputs, channels / groups, "
            f"{', '.join(NAMES[rank])}) without an axis of length 0; it has {weight.shape}"
        )
    strides = per_axis(call, "stride", stride, rank)
    dilations = per_axis(call, "dilation", dilation, rank)
    widths = paddings(call, padding, kernel, strides, dilations)
    require_groups(call, groups, outputs=len(weight))
    channels = weight.shape[1] * groups
    require_channels(call, x, rank, channels)
    geometry = Geometry(strides, widths, dilations, int(groups))
    counts = geometry.counts(x.shape[-rank:], kernel)
    if min(counts) < 1:
        raise ShapeError(
            f"{call}: a window reaches over {geometry.extents(kernel)} values, and x of shape "
            f"{x.shape} has {geometry.padded(x.shape[-rank:])} with its padding; make x or the "
            "padding larger, or kernel and dilation smaller"
        )
    operands = (x, weight) if bias is None else (x, weight, require_bias(call, bias, len(weight)))
    result: Tensor = convolution(*operands, lengths=counts, **geometry._asdict())
    return result


def paddings(
    call: str, padding: Any, kernel: tuple[int, ...], stride: Any, dilation: Any
) -> tuple[tuple[int, int], ...]:
    """Return how many zeros come before and after, along each axis.

    Raises
    ------
    DomainError
        If the padding has another name, or ``"same"`` isn't defined because of a stride.
    """
    if not isinstance(padding, str):
        return tuple((n, n) for n in per_axis(call, "padding", padding, len(kernel), least=0))
    if padding not in ("same", "valid"):
        raise DomainError(
            f'{call}: padding must be a number, one for each axis, "same" or "valid"; it is '
            f"{padding!r}"
        )
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if any(step != 1 for step in stride):
        raise DomainError(f'{call}: padding="same" needs stride=1; the stride is {stride}')
    totals = (d * (k - 1) for d, k in zip(dilation, kernel, strict=True))
    return tuple((n // 2, n - n // 2) for n in totals)


def require_groups(call: str, groups: Any, **channels: int) -> None:
    """Raise a DomainError unless ``groups`` divides each of the numbers of channels."""
    per_axis(call, "groups", groups, 1)
    for name, count in channels.items():
        if count % groups:
            raise DomainError(f"{call}: groups={groups} must divide the number of {name}, {count}")


def require_channels(call: str, x: Tensor, rank: int, channels: int) -> None:
    """Raise a ShapeError unless ``x`` has so many axes and channels, and values in each."""
    fits = x.ndim in (rank + 1, rank + 2) and x.shape[-rank - 1] == channels
    if not fits or 0 in x.shape[-rank:]:
        only = "; only the batch may be empty" if fits else ""
        raise ShapeError(
            f"{call}: x must have shape {layout(rank, channels)}; it has shape {x.shape}{only}"
        )


def require_bias(call: str, bias: TensorLike, outputs: int) -> Tensor:
    """Return the bias as a tensor; raise a ShapeError unless there is one value for each output."""
    bias = as_tensor(bias)
    if bias.shape != (outputs,):
        raise ShapeError(f"{call}: bias must have shape ({outputs},); it has shape {bias.shape}")
    return bias
