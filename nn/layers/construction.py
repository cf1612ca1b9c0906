"""What the constructors of layers share: checks of their options, and initial parameters."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor
from autograd_lite.errors import DTypeError, ShapeError
from nn.init import Initializer, uniform
from nn.module import Module


class ShownByCall(Module):
    """A layer that ``repr`` shows by the call of its constructor."""

    def signature(self) -> str:
        """Return the constructor call."""
        return call_of(self)


def call_of(layer: Any, **defaults: Any) -> str:
    """Return the call of the constructor that makes a layer, without options at their defaults.

    Parameters of the constructor are shown that are attributes, but for those of initial values.

    Parameters
    ----------
    layer : Module
    **defaults
        Defaults that depend on other options.
    """
    shown = []
    for name, given in inspect.signature(type(layer).__init__).parameters.items():
        if name in ("self", "dtype", "rng") or name.endswith("_init") or not hasattr(layer, name):
            continue
        value = getattr(layer, name)
        if given.default is given.empty:
            shown.append(repr(value))
        elif value != defaults.get(name, given.default):
            shown.append(f"{name}={value!r}")
    return f"{type(layer).__name__}({', '.join(shown)})"


def call_with(layer: Any, *arguments: Any, **options: tuple[Any, Any]) -> str:
    """Return the constructor call of a layer, as its signature shows it.

    Tuples of equal numbers are shown as one number.

    Parameters
    ----------
    layer : Module
    *arguments
        Those that are always shown.
    **options
        Each with its default, at which it isn't shown.

    Examples
    --------
    >>> call_with(None, (2, 2), padding=((0, 0), 0), groups=(4, 1))
    'NoneType(2, groups=4)'
    """
    shown = [repr(_shortened(value)) for value in arguments]
    chosen = {name: (_shortened(value), default) for name, (value, default) in options.items()}
    shown += [f"{name}={value!r}" for name, (value, default) in chosen.items() if value != default]
    return f"{type(layer).__name__}({', '.join(shown)})"


def _shortened(value: Any) -> Any:
    equal = isinstance(value, tuple) and len(set(value)) == 1
    return value[0] if equal else value


def require_sizes(call: str, *sizes: Any) -> None:
    """Raise a ShapeError unless these sizes of the layer ``call`` are positive integers."""
    whole = [isinstance(n, int | np.integer) and not isinstance(n, bool) for n in sizes]
    if not all(whole) or min(sizes) < 1:
        raise ShapeError(f"{call}: sizes must be positive integers")


def require_floating(layer: str, dtype: npt.DTypeLike) -> None:
    """Raise a DTypeError unless the dtype of a layer is real and floating."""
    if dtype is None or np.dtype(dtype).kind != "f":  # NumPy takes None for float64
        given = None if dtype is None else np.dtype(dtype)
        raise DTypeError(f"{layer} of dtype {given}: it must be real and floating")


def uniform_within(bound: float) -> Initializer:
    """Return an initializer that draws uniformly between ``-bound`` and ``bound``.

    With ``bound = 1 / sqrt(fan_in)`` these are PyTorch's defaults for most layers.
    """
    return uniform(-bound, bound)


def parameter(
    init: Initializer,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    dtype: npt.DTypeLike,
    order: Sequence[int] | None = None,
) -> Tensor:
    """Return a parameter of the shape that an initializer is asked for.

    Parameters
    ----------
    init : Initializer
    rng : numpy.random.Generator
    shape : tuple of int
        As :mod:`nn.init` reads it: (window positions ..., inputs, outputs).
    dtype : dtype
    order : sequence of int, optional
        The axes of ``shape`` in the order in which the parameter has them: ``(3, 2, 0, 1)`` makes
        (outputs, inputs, height, width) of (height, width, inputs, outputs).

    Raises
    ------
    ShapeError
        If the initializer returns values of another shape.
    """
    values = np.asarray(init(rng, shape, dtype))
    if values.shape != shape:
        raise ShapeError(f"an initializer returned shape {values.shape} where {shape} is needed")
    if order is not None:
        values = np.ascontiguousarray(values.transpose(order))
    return Tensor(values, requires_grad=True, dtype=dtype)
