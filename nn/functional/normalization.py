"""Normalization of each example by itself: values with mean 0 and variance 1, or mean square 1."""

from collections.abc import Sequence
from math import prod

import numpy as np

from autograd_lite import Tensor, TensorLike, pad
from autograd_lite.errors import ShapeError
from nn.functional.standardization import (
    Axes,
    over_rms,
    parameters_of,
    real,
    scaled,
    standardized,
    widened,
)


def layer_norm(
    x: TensorLike,
    normalized_shape: int | Sequence[int],
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalize each example: ``(x - mean) / sqrt(var + eps) * weight + bias``.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., *normalized_shape)
        Integers become float64. float16 is computed in float32.
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which mean and variance are taken.
    weight, bias : Tensor or array_like, shape normalized_shape, optional
    eps : float
        Is added to the variance, which is that of all values (not the unbiased one).

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If an operand is complex.

    Notes
    -----
    Ba, Kiros and Hinton, Layer normalization, arXiv:1607.06450, 2016.

    Examples
    --------
    >>> layer_norm([[1.0, 3.0], [10.0, 30.0]], 2).round(3)
    Tensor([[-1.,  1.],
            [-1.,  1.]])
    """
    x, axis = _over_last("layer_norm", x, normalized_shape)
    weight, bias = parameters_of("layer_norm", x.shape[axis[0] :], weight, bias)
    return scaled(standardized(widened(x), axis, eps), weight, bias, like=x)


def rms_norm(
    x: TensorLike,
    normalized_shape: int | Sequence[int],
    weight: TensorLike | None = None,
    eps: float | None = None,
) -> Tensor:
    """Divide each example by its root mean square: ``x / sqrt(mean(x**2) + eps) * weight``.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., *normalized_shape)
        Integers become float64. float16 is computed in float32.
    normalized_shape : int or sequence of int
        The lengths of the last axes, over which the mean is taken.
    weight : Tensor or array_like, shape normalized_shape, optional
    eps : float, optional
        By default, the epsilon of the dtype that it is computed in, as in PyTorch.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If an operand is complex.

    Notes
    -----
    Zhang and Sennrich, Root mean square layer normalization, arXiv:1910.07467, 2019.

    Examples
    --------
    >>> rms_norm([[3.0, 4.0], [-30.0, 40.0]], 2).round(3)
    Tensor([[ 0.849,  1.131],
            [-0.849,  1.131]])
    """
    x, axis = _over_last("rms_norm", x, normalized_shape)
    weight, _ = parameters_of("rms_norm", x.shape[axis[0] :], weight, None)
    wide = widened(x)
    eps = float(np.finfo(wide.dtype).eps) if eps is None else eps
    return scaled(over_rms(wide, axis=axis, eps=eps), weight, None, like=x)


def group_norm(
    x: TensorLike,
    num_groups: int,
    weight: TensorLike | None = None,
    bias: TensorLike | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Normalize groups of channels, in each example: ``(x - mean) / sqrt(var + eps)``.

    The result is multiplied by ``weight`` and shifted by ``bias``, channel by channel.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, ...)
        Integers become float64. float16 is computed in float32.
    num_groups : int
        Must divide C.
    weight, bias : Tensor or array_like, shape (C,), optional
    eps : float
        Is added to the variance.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If the shapes don't fit together, or there is only one value for each group.
    DTypeError
        If an operand is complex.

    Notes
    -----
    Wu and He, Group normalization, arXiv:1803.08494, 2018.

    Examples
    --------
    >>> group_norm([[1.0, 3.0, 10.0, 30.0]], 2).round(3)
    Tensor([[-1.,  1., -1.,  1.]])
    """
    x = real("group_norm", x)
    if x.ndim < 2 or num_groups < 1 or x.shape[1] % num_groups:
        raise ShapeError(
            f"group_norm of shape {x.shape}: x must be (N, C, ...), and {num_groups} groups must "
            "divide the C channels"
        )
    weight, bias = parameters_of("group_norm", x.shape[1:2], weight, bias)
    size = prod(x.shape[1:]) // num_groups
    if size < 1 or x.shape[0] * size == 1:
        raise ShapeError(
            f"group_norm of shape {x.shape}: a group needs more than one value, because that would "
            "be its mean"
        )
    groups = widened(x).reshape(x.shape[0], num_groups, size)
    y = standardized(groups, (2,), eps).reshape(x.shape)
    return scaled(y, weight, bias, inner=x.ndim - 2, like=x)


def local_response_norm(
    x: TensorLike, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divide each value by ``(k + alpha * m)**beta``, with m the mean square of channels nearby.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, L, ...)
        Integers become float64. float16 is computed in float32.
    size : int
        How many channels are averaged: ``size // 2`` before, the channel itself, and the others
        behind. Beyond the first and the last channel there are zeros, which count.
    alpha, beta, k : float

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If ``x`` has fewer than three axes, or ``size`` isn't positive.
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Krizhevsky, Sutskever and Hinton, ImageNet classification with deep convolutional neural
    networks, 2012. There it is a sum; PyTorch, and so this function, divides it by ``size``.

    Examples
    --------
    >>> local_response_norm([[[1.0], [2.0]]], 2, alpha=2.0, beta=1.0, k=0.0)
    Tensor([[[1. ],
             [0.4]]])
    """
    x = real("local_response_norm", x)
    if x.ndim < 3 or size < 1:
        raise ShapeError(
            f"local_response_norm of shape {x.shape}, size {size}: x must be (N, C, L, ...), and "
            "the size positive"
        )
    wide = widened(x)
    around = [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (x.ndim - 2)]
    squares = pad(wide * wide, around)
    near: Tensor = squares[:, : x.shape[1]]
    for start in range(1, size):
        near = near + squares[:, start : start + x.shape[1]]
    return scaled(wide * (near * (alpha / size) + k) ** -beta, None, None, like=x)


def _over_last(
    name: str, x: TensorLike, normalized_shape: int | Sequence[int]
) -> tuple[Tensor, Axes]:
    """Return ``x`` as a tensor, and its last axes, which must be of these lengths."""
    x = real(name, x)
    single = isinstance(normalized_shape, int | np.integer)
    shape = (normalized_shape,) if single else tuple(normalized_shape)  # type: ignore[arg-type]
    if not shape or 0 in shape or x.shape[-len(shape) :] != shape:
        raise ShapeError(
            f"{name} of shape {x.shape}: the last axes of x must have the lengths {shape}, and "
            "hold at least one value"
        )
    return x, tuple(range(x.ndim - len(shape), x.ndim))
