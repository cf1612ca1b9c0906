"""Channels into places and back, and channels of groups mixed."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn.functional.per_axis import per_axis


def pixel_shuffle(x: TensorLike, upscale_factor: int) -> Tensor:
    """Return images that are larger by a factor r, made of r² times as many channels.

    Parameters
    ----------
    x : array_like, shape (..., c r², height, width)
    upscale_factor : int
        r.

    Returns
    -------
    Tensor, shape (..., c, r height, r width)
        Of r² channels in a row, the first r make up the first of r rows.

    Raises
    ------
    ShapeError
        If ``x`` has fewer than three axes, or the channels can't be divided by r².
    DomainError
        If r is below 1.

    Notes
    -----
    Shi and others, Real-time single image and video super-resolution using an efficient sub-pixel
    convolutional neural network, 2016.

    Examples
    --------
    >>> pixel_shuffle([[[1.0]], [[2.0]], [[3.0]], [[4.0]]], 2)
    Tensor([[[1., 2.],
             [3., 4.]]])
    """
    x = as_tensor(x)
    (r,) = per_axis("pixel_shuffle", "upscale_factor", upscale_factor, 1)
    if x.ndim < 3 or x.shape[-3] % r**2:
        raise ShapeError(
            f"pixel_shuffle: x must have shape (..., channels * {r**2}, height, width); it has "
            f"shape {x.shape}"
        )
    *batch, channels, height, width = x.shape
    n = len(batch)
    blocks = x.reshape(*batch, channels // r**2, r, r, height, width)
    order = (*range(n + 1), n + 3, n + 1, n + 4, n + 2)
    return blocks.transpose(order).reshape(*batch, channels // r**2, height * r, width * r)


def pixel_unshuffle(x: TensorLike, downscale_factor: int) -> Tensor:
    """Return images that are smaller by a factor r, with r² times as many channels.

    It is the inverse of :func:`pixel_shuffle`.

    Parameters
    ----------
    x : array_like, shape (..., c, r height, r width)
    downscale_factor : int
        r.

    Returns
    -------
    Tensor, shape (..., c r², height, width)

    Raises
    ------
    ShapeError
        If ``x`` has fewer than three axes, or height and width can't be divided by r.
    DomainError
        If r is below 1.

    Examples
    --------
    >>> pixel_unshuffle([[[1.0, 2.0], [3.0, 4.0]]], 2).shape
    (4, 1, 1)
    """
    x = as_tensor(x)
    (r,) = per_axis("pixel_unshuffle", "downscale_factor", downscale_factor, 1)
    if x.ndim < 3 or x.shape[-2] % r or x.shape[-1] % r:
        raise ShapeError(
            f"pixel_unshuffle: x must have shape (..., channels, height, width), with height and "
            f"width divisible by {r}; it has shape {x.shape}"
        )
    *batch, channels, height, width = x.shape
    n = len(batch)
    blocks = x.reshape(*batch, channels, height // r, r, width // r, r)
    order = (*range(n + 1), n + 2, n + 4, n + 1, n + 3)
    return blocks.transpose(order).reshape(*batch, channels * r**2, height // r, width // r)


def channel_shuffle(x: TensorLike, groups: int) -> Tensor:
    """Return images whose channels are dealt out anew: the first of each group, the second ...

    Parameters
    ----------
    x : array_like, shape (n, c, ...)
    groups : int
        Into how many groups the channels are split.

    Returns
    -------
    Tensor, of the shape of ``x``

    Raises
    ------
    ShapeError
        If ``x`` has fewer than three axes, or the channels can't be divided by ``groups``.
    DomainError
        If there are fewer than one group.

    Notes
    -----
    Zhang, Zhou, Lin and Sun, ShuffleNet, 2018.

    Examples
    --------
    >>> channel_shuffle([[[1.0], [2.0], [3.0], [4.0]]], 2)
    Tensor([[[1.],
             [3.],
             [2.],
             [4.]]])
    """
    x = as_tensor(x)
    per_axis("channel_shuffle", "groups", groups, 1)
    if x.ndim < 3 or x.shape[1] % groups:
        raise ShapeError(
            f"channel_shuffle: x must have shape (batch, channels, ...) with channels divisible by "
            f"{groups}; it has shape {x.shape}"
        )
    n, channels, *others = x.shape
    return x.reshape(n, groups, channels // groups, *others).swapaxes(1, 2).reshape(x.shape)
