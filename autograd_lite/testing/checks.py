"""Gradients against finite differences: one random direction, in float64, to any order."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor, gradients
from autograd_lite.errors import DTypeError, GradientCheckError

Function = Callable[..., Any]
Array = npt.NDArray[Any]

_WIDEST = {"f": np.float64, "c": np.complex128}

STEP = 1e-3
"""The step of the differences: small for the truncation error, STEP**4, large for rounding."""


def check_gradients(
    function: Function,
    *inputs: npt.ArrayLike,
    parameters: Sequence[Tensor] = (),
    order: int = 2,
    rtol: float = 1e-6,
    seed: int = 0,
) -> None:
    r"""Compare the gradients of ``function`` with finite differences, or raise.

    The output is projected on random numbers u, and the input moved along random numbers v:
    :math:`\langle v, \nabla \langle u, f \rangle \rangle` must be the slope that a central
    difference of fourth order finds. One direction tells a wrong gradient with probability 1, at
    the price of a few calls, whatever the sizes. For second order the same is done to the slope
    as ``create_graph=True`` computes it, and so on.

    Parameters
    ----------
    function : callable
        Takes a tensor for each input, and returns a tensor of any shape. It must give the same
        result each time.
    *inputs : array_like
        Those with a floating dtype are differentiated, in float64 or complex128. Keep them farther
        from kinks than ``2 * STEP``.
    parameters : sequence of Tensor of float64
        Leaves that the function uses without being given them, such as ``model.parameters()``.
    order : int
        The highest order of derivatives to check: 1 for what is ``first_order_only``.
    rtol : float
        The error allowed, relative to the slopes; slopes below 1e-3 count as that much, so scale
        functions to the order of 1.
    seed : int
        For the random numbers.

    Raises
    ------
    GradientCheckError
        If a gradient is wrong, or has the wrong shape or dtype, or the function changed an input.
    DTypeError
        If a parameter isn't of float64, nothing can be differentiated, or the function returns
        something else than a tensor.
    UnsupportedError
        If an op of the function is ``first_order_only``, and ``order`` isn't 1.

    Examples
    --------
    >>> check_gradients(lambda x, y: (x * y).tanh(), np.ones(3), np.ones((2, 1)))
    >>> check_gradients(lambda x: x.detach() * x, np.ones(3))
    Traceback (most recent call last):
    autograd_lite.errors.GradientCheckError: order 1, input 0: the gradient's slope along a random
    direction is ...

    A whole model:

    >>> import nn
    >>> model = nn.Sequential(nn.Dense(3, 4, dtype=float), nn.Tanh(), nn.Dense(4, 1, dtype=float))
    >>> check_gradients(model, np.ones((2, 3)), parameters=model.parameters())
    """
    for p in parameters:
        if p.dtype != np.float64:
            raise DTypeError(
                f"a parameter of dtype {p.dtype} is too coarse for finite differences; "
                "make the model with dtype=np.float64"
            )
    rng = np.random.default_rng(seed)
    values = [np.asarray(x.data if isinstance(x, Tensor) else x) for x in inputs]
    values = [x.astype(_WIDEST[x.dtype.kind]) if x.dtype.kind in _WIDEST else x for x in values]
    if not parameters and not any(x.dtype.kind in _WIDEST for x in values):
        raise DTypeError(
            "check_gradients: no input is an array of floating or complex numbers "
            f"({', '.join(str(x.dtype) for x in values) or 'none given'}), nor are there "
            "parameters, so there is nothing to check"
        )
    before = [x.copy() for x in values]
    _require_same_again(function, values, before)
    for level in range(1, order + 1):
        _check_slopes(function, values, parameters, level=level, rtol=rtol, rng=rng)
        if level < order:
            function = _slope(function, values, parameters, rng)
    _require_unchanged(values, before)


def _require_unchanged(values: list[Array], before: list[Array]) -> None:
    for position, (now, then) in enumerate(zip(values, before, strict=True)):
        if not np.array_equal(now, then, equal_nan=now.dtype.kind in _WIDEST):
            raise GradientCheckError(f"input {position} was changed")


def _require_same_again(function: Function, values: list[Array], before: list[Array]) -> None:
    """Raise unless the function returns one tensor, and the same each time."""
    results: list[Array] = []
    for _ in range(2):
        result = function(*leaves_of(values))
        if not isinstance(result, Tensor):
            raise DTypeError(
                f"check_gradients: the function returned a {type(result).__name__}; return one "
                "tensor, such as concatenate([x.reshape(-1) for x in results])"
            )
        results.append(result.data)
    _require_unchanged(values, before)
    first, again = results
    if not np.array_equal(first, again, equal_nan=first.dtype.kind in _WIDEST):
        raise GradientCheckError(
            "the function doesn't give the same result each time, so nothing can be compared; "
            "seed its random numbers, and set models to eval()"
        )


def leaves_of(values: Sequence[Array]) -> list[Tensor]:
    """Return tensors that share the arrays; the floating ones require a gradient."""
    tensors = [as_tensor(x) for x in values]
    for tensor in tensors:
        tensor.requires_grad = tensor.dtype.kind in _WIDEST
    return tensors


def _random(rng: np.random.Generator, like: Any) -> Array:
    """Return random numbers of the shape of ``like``, complex where that is."""
    u = rng.uniform(-1, 1, like.shape)
    return np.asarray(u + 1j * rng.uniform(-1, 1, like.shape) if like.dtype.kind == "c" else u)


def _gradients(
    output: Tensor, wrt: list[Tensor], u: Array | Tensor, create_graph: bool = False
) -> list[Tensor]:
    """Return the gradients of <u, output>: zeros where the output is a constant."""
    if not output.requires_grad:
        return [as_tensor(np.zeros_like(t.data)) for t in wrt]
    return list(gradients(output, wrt, u, create_graph=create_graph, allow_unused=True))


def _check_slopes(
    function: Function,
    values: list[Array],
    parameters: Sequence[Tensor],
    *,
    level: int,
    rtol: float,
    rng: np.random.Generator,
) -> None:
    tensors = leaves_of(values)
    output = function(*tensors)
    u = _random(rng, output)
    u.flags.writeable = False  # a rule that writes into its cotangent is caught in the act
    tracked = [t for t in tensors if t.requires_grad]
    found = _gradients(output, [*tracked, *parameters], u)
    scale = float(np.abs(u * output.data).sum())
    names = [f"input {i}" for i, t in enumerate(tensors) if t.requires_grad]
    names += [f"parameter {i}" for i in range(len(parameters))]
    for position, (name, g) in enumerate(zip(names, found, strict=True)):
        target = (
            tracked[position] if position < len(tracked) else parameters[position - len(tracked)]
        )
        if g.shape != target.shape or g.dtype != target.dtype:
            raise GradientCheckError(
                f"order {level}, {name}: the gradient has shape {g.shape} ({g.dtype}), "
                f"the input {target.shape} ({target.dtype})"
            )
        v = _random(rng, target)
        expected = _difference(function, tensors, target, v, u)
        slope = float(np.sum(np.conjugate(g.data) * v).real)
        # what rounding the output may cost the difference is a matter of the output's size
        allowed = rtol * (abs(slope) + abs(expected) + 1e-3) + 1e-11 * scale
        if not abs(slope - expected) <= allowed:
            raise GradientCheckError(
                f"order {level}, {name}: the gradient's slope along a random direction is "
                f"{slope:.12g}, finite differences give {expected:.12g}"
            )


def _difference(
    function: Function, tensors: list[Tensor], target: Tensor, v: Array, u: Array
) -> float:
    """Return the slope of <u, function> as the target moves along v."""
    center = target.data

    def projected(step: float) -> float:
        target.data = center + step * v
        return float(np.sum(np.conjugate(u) * function(*tensors).data).real)

    try:
        near = projected(STEP) - projected(-STEP)
        far = projected(2 * STEP) - projected(-2 * STEP)
    finally:
        target.data = center
    return (8 * near - far) / (12 * STEP)


def _slope(
    function: Function,
    values: list[Array],
    parameters: Sequence[Tensor],
    rng: np.random.Generator,
) -> Function:
    """Return the function of the same inputs that gives the slope of this one.

    It is that of <u, f> + |f|^2 / 2, the latter scaled down where f is large: there the cotangent
    depends on the inputs, so that a rule that hides its cotangent is found.
    """
    output = function(*leaves_of(values))
    u = _random(rng, output)
    scale = 1 / max(1.0, float(np.max(np.abs(output.data), initial=0)))
    floating = [x for x in values if x.dtype.kind in _WIDEST]
    directions = [_random(rng, x) for x in [*floating, *(p.data for p in parameters)]]

    def slope(*tensors: Tensor) -> Tensor:
        wrt = [*(t for t in tensors if t.requires_grad), *parameters]
        output = function(*tensors)
        found = _gradients(output, wrt, u + scale * output, create_graph=True)
        total = as_tensor(0.0)
        for g, v in zip(found, directions, strict=True):
            # Re(conj(g) v) in the parts, so that the slope of real functions stays real
            total = total + (np.real(g) * v.real).sum()
            if v.dtype.kind == "c":
                total = total + (np.imag(g) * v.imag).sum()
        return total

    return slope
