"""Initial values of parameters: ``(rng, shape, dtype) -> array``.

The last axis of ``shape`` counts the outputs of a layer, the one before it the inputs. Axes before
those are positions in a window: a convolution hands over (height, width, inputs, outputs), and
brings what it gets into the order of its own weight. Every value of a window is an input of one
output, so ``fan_in`` is the number of positions times that of the inputs, and ``fan_out``
likewise.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Initializer: TypeAlias = Callable[
    ["np.random.Generator", tuple[int, ...], npt.DTypeLike], npt.NDArray[Any]
]


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the numbers of inputs of one output, and of outputs of one input.

    Examples
    --------
    >>> fans((784, 200)), fans((5, 5, 1, 8)), fans((200,))
    ((784, 200), (25, 200), (1, 200))
    """
    positions = prod(shape[:-2])
    inputs = shape[-2] if len(shape) > 1 else 1
    return positions * inputs, positions * (shape[-1] if shape else 1)


def zeros(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Return zeros; nothing is drawn.

    Examples
    --------
    >>> zeros(np.random.default_rng(0), (2,))
    array([0., 0.], dtype=float32)
    """
    return np.zeros(shape, dtype)


def ones(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Return ones; nothing is drawn.

    Examples
    --------
    >>> ones(np.random.default_rng(0), (2,))
    array([1., 1.], dtype=float32)
    """
    return np.ones(shape, dtype)


def constant(value: float) -> Initializer:
    """Return an initializer that gives ``value`` everywhere.

    Examples
    --------
    >>> constant(0.25)(np.random.default_rng(0), (2,), np.float32)
    array([0.25, 0.25], dtype=float32)
    """
    return lambda rng, shape, dtype: np.full(shape, value, dtype)


def uniform(low: float, high: float) -> Initializer:
    """Return an initializer that draws uniformly between ``low`` and ``high``.

    Examples
    --------
    >>> uniform(-0.5, 0.5)(np.random.default_rng(0), (100,), np.float32).max().round(1)
    np.float32(0.5)
    """
    return lambda rng, shape, dtype: rng.uniform(low, high, shape).astype(dtype)


def normal(mean: float = 0.0, std: float = 1.0) -> Initializer:
    """Return an initializer that draws from the normal distribution.

    Examples
    --------
    >>> normal(std=0.02)(np.random.default_rng(0), (100, 100), np.float32).std().round(2)
    np.float32(0.02)
    """
    return lambda rng, shape, dtype: rng.normal(mean, std, shape).astype(dtype)


def standard_normal(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw from the normal distribution of mean 0 and variance 1, as the article does.

    Examples
    --------
    >>> standard_normal(np.random.default_rng(0), (784, 200)).std().round(2)
    np.float32(1.0)
    """
    return rng.standard_normal(shape).astype(dtype)


def truncated_normal(std: float = 1.0) -> Initializer:
    """Return an initializer that draws from the normal distribution within two deviations.

    Values further from 0 are drawn again. ``std`` is that of the whole distribution; without its
    tails it is 0.88 times as large.

    Examples
    --------
    >>> abs(truncated_normal(0.5)(np.random.default_rng(0), (1000,), np.float32)).max() <= 1.0
    np.True_
    """

    def draw(
        rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        values = np.asarray(rng.standard_normal(shape))
        while (outside := np.abs(values) > 2).any():
            values[outside] = rng.standard_normal(np.count_nonzero(outside))
        return (values * std).astype(dtype)

    return draw


def glorot(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw uniformly from ±sqrt(6 / (fan_in + fan_out)), for sigmoid and tanh.

    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    2010. PyTorch calls it ``xavier_uniform_``.

    Examples
    --------
    >>> abs(glorot(np.random.default_rng(0), (100, 50))).max().round(2)
    np.float32(0.2)
    """
    bound = sqrt(6 / sum(fans(shape)))
    return rng.uniform(-bound, bound, shape).astype(dtype)


def glorot_normal(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw from the normal distribution of variance 2 / (fan_in + fan_out).

    It is Glorot and Bengio's variance, too; PyTorch calls it ``xavier_normal_``.

    Examples
    --------
    >>> glorot_normal(np.random.default_rng(0), (100, 100)).std().round(2)
    np.float32(0.1)
    """
    return (rng.standard_normal(shape) * sqrt(2 / sum(fans(shape)))).astype(dtype)


def he(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw from the normal distribution of variance 2 / fan_in, for ReLU.

    He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015. PyTorch calls it
    ``kaiming_normal_``, with its ``nonlinearity="relu"``.

    Examples
    --------
    >>> he(np.random.default_rng(0), (200, 100)).std().round(2)
    np.float32(0.1)
    """
    return (rng.standard_normal(shape) * sqrt(2 / fans(shape)[0])).astype(dtype)


def he_uniform(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw uniformly from ±sqrt(6 / fan_in), which has the variance of :func:`he`.

    PyTorch calls it ``kaiming_uniform_``, with its ``nonlinearity="relu"``.

    Examples
    --------
    >>> abs(he_uniform(np.random.default_rng(0), (150, 100))).max().round(2)
    np.float32(0.2)
    """
    bound = sqrt(6 / fans(shape)[0])
    return rng.uniform(-bound, bound, shape).astype(dtype)


def orthogonal(gain: float = 1.0) -> Initializer:
    """Return an initializer of matrices whose shorter side is orthonormal, times ``gain``.

    All axes but the last are taken together. Saxe, McClelland and Ganguli, Exact solutions to the
    nonlinear dynamics of learning in deep linear neural networks, 2014.

    Examples
    --------
    >>> w = orthogonal()(np.random.default_rng(0), (5, 3), np.float64)
    >>> np.allclose(w.T @ w, np.eye(3))
    True
    """

    def draw(
        rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike
    ) -> npt.NDArray[Any]:
        rows, columns = prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diagonal(r))  # so that every such matrix is equally likely
        return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)

    return draw
