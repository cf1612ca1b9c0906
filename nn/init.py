"""Initial values of parameters: ``(rng, shape, dtype) -> array``.

The last axis of ``shape`` counts the outputs of a layer, those before it the inputs.
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


def glorot(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw uniformly from ±sqrt(6 / (inputs + outputs)), for sigmoid and tanh.

    Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks,
    2010.

    Examples
    --------
    >>> abs(glorot(np.random.default_rng(0), (100, 50))).max().round(2)
    np.float32(0.2)
    """
    bound = sqrt(6 / (prod(shape[:-1]) + shape[-1]))
    return rng.uniform(-bound, bound, shape).astype(dtype)


def he(
    rng: np.random.Generator, shape: tuple[int, ...], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """Draw from the normal distribution of variance 2 / inputs, for ReLU.

    He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015.

    Examples
    --------
    >>> he(np.random.default_rng(0), (200, 100)).std().round(2)
    np.float32(0.1)
    """
    return (rng.standard_normal(shape) * sqrt(2 / prod(shape[:-1]))).astype(dtype)
