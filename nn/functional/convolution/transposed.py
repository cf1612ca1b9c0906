"""Transposed convolution along one, two and three axes, as functions that users call."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.convolution.functions import require_bias, require_channels, require_groups
from nn.functional.convolution.geometry import Geometry
from nn.functional.convolution.primitives import transposed_convolution
from nn.functional.per_axis import NAMES, PerAxis, per_axis


def conv_transpose1d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Tensor:
    """Return the transposed convolution of signals: :func:`conv_transpose2d` along one axis.

    Parameters
    ----------
    x : array_like, shape (n, c, length) or (c, length)
    weight : array_like, shape (c, o / groups, k)
    bias : array_like, shape (o,), optional
    stride, padding, output_padding, groups, dilation
        As those of :func:`conv_transpose2d`.

    Returns
    -------
    Tensor, shape (n, o, ...) or (o, ...)

    Raises
    ------
    ShapeError, DomainError
        As :func:`conv_transpose2d`.

    Examples
    --------
    >>> conv_transpose1d([[1.0, 2.0]], [[[1.0, 10.0, 100.0]]], stride=2)
    Tensor([[  1.,  10., 102.,  20., 200.]])
    """
    return transposed(
        "conv_transpose1d", 1, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Tensor:
    """Return the transposed convolution of images, which makes them larger again.

    It is the gradient of :func:`conv2d` with the same weight and options with respect to its
    input: each value of ``x`` adds a copy of the weight, times that value, to the output.

    Parameters
    ----------
    x : array_like, shape (n, c, height, width) or (c, height, width)
    weight : array_like, shape (c, o / groups, kh, kw)
    bias : array_like, shape (o,), optional
    stride : int or (int, int)
        Steps from one copy of the weight to the next.
    padding : int or (int, int)
        How many rows and columns are cut off on each side.
    output_padding : int or (int, int)
        How many are added at the end; below the stride or the dilation. Several sizes give the
        same size in :func:`conv2d` with a stride, and this tells them apart.
    groups : int
    dilation : int or (int, int)
        Steps between the values of the weight.

    Returns
    -------
    Tensor, shape (n, o, rows, columns) or (o, rows, columns)
        With (height - 1) stride - 2 padding + dilation (kh - 1) + output_padding + 1 rows, and
        columns likewise.

    Raises
    ------
    ShapeError
        If the shapes don't fit each other, or nothing is left of the output.
    DomainError
        If an option is out of range.

    Notes
    -----
    Zeiler, Krishnan, Taylor and Fergus, Deconvolutional networks, 2010.

    Examples
    --------
    >>> conv_transpose2d([[[1.0, 2.0]]], [[[[1.0, 1.0], [1.0, 1.0]]]], stride=2)
    Tensor([[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]])
    """
    return transposed(
        "conv_transpose2d", 2, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    output_padding: PerAxis = 0,
    groups: int = 1,
    dilation: PerAxis = 1,
) -> Tensor:
    """Return the transposed convolution of volumes: :func:`conv_transpose2d` along three axes.

    Parameters
    ----------
    x : array_like, shape (n, c, depth, height, width) or (c, depth, height, width)
    weight : array_like, shape (c, o / groups, kd, kh, kw)
    bias : array_like, shape (o,), optional
    stride, padding, output_padding, groups, dilation
        As those of :func:`conv_transpose2d`.

    Returns
    -------
    Tensor, with the axes of ``x``

    Raises
    ------
    ShapeError, DomainError
        As :func:`conv_transpose2d`.

    Examples
    --------
    >>> import numpy as np
    >>> conv_transpose3d(np.ones((1, 2, 3, 4)), np.ones((1, 2, 3, 3, 3))).shape
    (2, 4, 5, 6)
    """
    return transposed(
        "conv_transpose3d", 3, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def transposed(
    call: str,
    rank: int,
    x: TensorLike,
    weight: TensorLike,
    bias: TensorLike | None,
    stride: PerAxis,
    padding: PerAxis,
    output_padding: PerAxis,
    groups: int,
    dilation: PerAxis,
) -> Tensor:
    """Return the transposed convolution along ``rank`` axes; ``call`` names it in errors."""
    x, weight = as_tensor(x), as_tensor(weight)
    if weight.ndim != rank + 2 or 0 in weight.shape:
        raise ShapeError(
            f"{call}: weight must have shape (channels, outputs / groups, "
            f"{', '.join(NAMES[rank])}) without an axis of length 0; it has {weight.shape}"
        )
    strides = per_axis(call, "stride", stride, rank)
    widths = per_axis(call, "padding", padding, rank, least=0)
    extra = per_axis(call, "output_padding", output_padding, rank, least=0)
    dilations = per_axis(call, "dilation", dilation, rank)
    require_output_padding(call, extra, strides, dilations)
    require_groups(call, groups, channels=len(weight))
    require_channels(call, x, rank, len(weight))
    geometry = Geometry(strides, tuple((n, n) for n in widths), dilations, int(groups))
    lengths = sizes(geometry, x.shape[-rank:], weight.shape[2:], extra)
    if min(lengths) < 1:
        raise ShapeError(
            f"{call}: nothing is left of the output of x of shape {x.shape}, whose size would be "
            f"{lengths}; make the padding smaller"
        )
    outputs = weight.shape[1] * groups
    operands = (x, weight) if bias is None else (x, weight, require_bias(call, bias, outputs))
    result: Tensor = transposed_convolution(*operands, lengths=lengths, **geometry._asdict())
    return result


def sizes(
    geometry: Geometry, lengths: tuple[int, ...], kernel: tuple[int, ...], extra: tuple[int, ...]
) -> tuple[int, ...]:
    """Return how large the output is, for an input of these lengths."""
    return tuple(
        (n - 1) * step - sum(padding) + extent + more
        for n, step, padding, extent, more in zip(
            lengths,
            geometry.stride,
            geometry.padding,
            geometry.extents(kernel),
            extra,
            strict=True,
        )
    )


def require_output_padding(
    call: str, extra: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> None:
    """Raise a DomainError if more is added than the stride or the dilation leave open."""
    if any(n >= max(s, d) for n, s, d in zip(extra, stride, dilation, strict=True)):
        raise DomainError(
            f"{call}: output_padding must be smaller than stride or dilation; it is {extra}, with "
            f"stride {stride} and dilation {dilation}"
        )
