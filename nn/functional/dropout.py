"""Dropout: in training, values are zeroed at random, and the others made larger to make up."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from autograd_lite import Tensor, TensorLike, as_tensor, multiply, once
from autograd_lite.errors import DomainError, DTypeError, ShapeError

_SATURATION = -1.7580993408473766
"""What SELU tends to at minus infinity: minus its scale times its alpha."""


def dropout(
    x: TensorLike,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Zero each value with probability ``p``, and divide the others by ``1 - p``.

    Parameters
    ----------
    x : Tensor or array_like
        Of any shape. Integers become float64.
    p : float
        From 0 to 1. A value is dropped with this probability, up to 2**-24.
    training : bool
        Otherwise ``x`` is returned as it is, and nothing is drawn.
    rng : numpy.random.Generator or int, optional
        Draws the mask. An int is a seed, which gives the same mask in every call.

    Returns
    -------
    Tensor
        Of the shape of ``x``, and equal to it in expectation.

    Raises
    ------
    DomainError
        If ``p`` isn't between 0 and 1.
    DTypeError
        If ``x`` is complex.

    Notes
    -----
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent
    neural networks from overfitting, 2014. There it is the test that scales, by ``1 - p``.

    Examples
    --------
    >>> dropout(np.ones(6), 0.5, rng=3)
    Tensor([2., 0., 0., 0., 0., 2.])
    >>> dropout(np.ones(3), 0.5, training=False)
    Tensor([1., 1., 1.])
    """
    x = _checked("dropout", x, p)
    return _dropped(x, p, x.shape, rng) if training and p > 0 else x


def dropout1d(
    x: TensorLike,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Zero each channel of a sequence with probability ``p``; see :func:`dropout`.

    Neighbours in a channel are alike, so that dropping single values would hide little.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, L) or (C, L)
    p, training, rng
        As in :func:`dropout`.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If ``x`` has other axes.
    DomainError, DTypeError
        As in :func:`dropout`.

    Notes
    -----
    Tompson, Goroshin, Jain, LeCun and Bregler, Efficient object localization using convolutional
    networks, arXiv:1411.4280, 2015.

    Examples
    --------
    >>> dropout1d(np.ones((3, 2)), 0.5, rng=3)
    Tensor([[2., 2.],
            [0., 0.],
            [0., 0.]])
    """
    x = _checked("dropout1d", x, p)
    if x.ndim not in (2, 3):
        raise ShapeError(f"dropout1d of shape {x.shape}: x must be (N, C, L) or (C, L)")
    return _dropped(x, p, (*x.shape[:-1], 1), rng) if training and p > 0 else x


def dropout2d(
    x: TensorLike,
    p: float = 0.5,
    training: bool = True,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Zero each channel of an image with probability ``p``; see :func:`dropout1d`.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, H, W)
        PyTorch takes three axes for (N, C, L), with a warning. Here they are an error, because
        they might be those of one image.
    p, training, rng
        As in :func:`dropout`.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If ``x`` has other axes.
    DomainError, DTypeError
        As in :func:`dropout`.

    Examples
    --------
    >>> dropout2d(np.ones((1, 3, 2, 2)), 0.5, rng=3)[..., 0, 0]
    Tensor([[2., 0., 0.]])
    """
    x = _checked("dropout2d", x, p)
    if x.ndim != 4:
        raise ShapeError(
            f"dropout2d of shape {x.shape}: x must be (N, C, H, W); give one image as x[None], and "
            "(N, C, L) to dropout1d"
        )
    return _dropped(x, p, (*x.shape[:2], 1, 1), rng) if training and p > 0 else x


def alpha_dropout(
    x: TensorLike,
    p: float = 0.5,
    training: bool = False,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Dropout for networks of SELU units: mean 0 and variance 1 stay what they are.

    A value is not dropped to 0, but to what SELU gives for large negative numbers. Then all are
    scaled and shifted.

    Parameters
    ----------
    x, p, training, rng
        As in :func:`dropout`. As in PyTorch, ``training`` is False unless it is given.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    DomainError, DTypeError
        As in :func:`dropout`.

    Notes
    -----
    Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks,
    arXiv:1706.02515, 2017.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal(100_000)
    >>> y = alpha_dropout(x, 0.3, training=True, rng=1)
    >>> abs(y.mean().item()) < 0.01 and abs(y.var().item() - 1) < 0.01
    True
    """
    x = _checked("alpha_dropout", x, p)
    return _saturated(x, p, x.shape, rng) if training and p > 0 else x


def feature_alpha_dropout(
    x: TensorLike,
    p: float = 0.5,
    training: bool = False,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """:func:`alpha_dropout` of whole channels.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, ...)
    p, training, rng
        As in :func:`alpha_dropout`.

    Returns
    -------
    Tensor
        Of the shape of ``x``.

    Raises
    ------
    ShapeError
        If ``x`` has fewer than two axes.
    DomainError, DTypeError
        As in :func:`dropout`.

    Examples
    --------
    >>> y = feature_alpha_dropout(np.ones((1, 3, 2)), 0.5, training=True, rng=3)
    >>> (y[..., 0] == y[..., 1]).all().item(), (y[0, 0] == y[0, 1]).any().item()
    (True, False)
    """
    x = _checked("feature_alpha_dropout", x, p)
    if x.ndim < 2:
        raise ShapeError(f"feature_alpha_dropout of shape {x.shape}: x must be (N, C, ...)")
    shape = x.shape[:2] + (1,) * (x.ndim - 2)
    return _saturated(x, p, shape, rng) if training and p > 0 else x


# ---- what is dropped


def check_probability(name: str, p: float) -> None:
    """Refuse what is no probability, in the name of a function or a layer."""
    if not 0 <= p <= 1:
        raise DomainError(f"{name}: p must be between 0 and 1: {p}")


def _checked(name: str, x: TensorLike, p: float) -> Tensor:
    check_probability(name, p)
    x = as_tensor(x)
    if x.dtype.kind == "c":
        raise DTypeError(f"{name} of dtype {x.dtype}: x must be real")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _kept(p: float, shape: tuple[int, ...], rng: np.random.Generator | int | None) -> Any:
    """Draw which values stay. Numbers of single precision have 24 bits, and are cheap to draw."""
    return np.random.default_rng(rng).random(shape, np.float32) >= p


def _dropped(
    x: Tensor, p: float, shape: tuple[int, ...], rng: np.random.Generator | int | None
) -> Tensor:
    """Return ``x`` times a mask of this shape; in a checkpoint it is the same mask again."""
    scale = x.dtype.type(1 / (1 - p) if p < 1 else 0)
    return multiply(x, once(lambda: _kept(p, shape, rng) * scale))


def _saturated(
    x: Tensor, p: float, shape: tuple[int, ...], rng: np.random.Generator | int | None
) -> Tensor:
    """Return ``scale * where(kept, x, saturation) + shift``, where that has variance 1."""
    if p == 1:
        return multiply(x, np.zeros(shape, x.dtype))
    variance = (1 - p) * (1 + p * _SATURATION**2)
    scale = x.dtype.type(1 / sqrt(variance))
    shift = x.dtype.type(-p * _SATURATION / sqrt(variance))
    dropped = x.dtype.type(_SATURATION / sqrt(variance))
    kept = once(lambda: _kept(p, shape, rng))
    y: Tensor = multiply(x, kept * scale) + (~kept * dropped + shift)
    return y
