"""Gradients against finite differences: one random direction, in float64, to any order."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Primitive, Tensor, as_tensor, gradients
from autograd_lite.errors import DTypeError, GradientCheckError
from autograd_lite.testing.differences import (
    STEP,
    Array,
    Function,
    Subject,
    allowance,
    central,
    claimed,
    leaves_of,
    wrong_moves,
)
from autograd_lite.testing.explanation import explain
from autograd_lite.testing.precision import check_single_precision

_WIDEST = {"f": np.float64, "c": np.complex128}
_WRITTEN = ("output array is read-only", "assignment destination is read-only")  # NumPy's words


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

    Where they differ, each element is looked at on its own. At a kink a derivative may be any
    between those of the two sides; what ties shares the whole; where there is no derivative on
    either side, as at a jump, nothing is asked. What is wrong is then told by the element.

    Besides, a rule must be linear in its cotangent, whatever that one's size and layout, and do
    the same again, and when its input alone is differentiated; neither inputs nor cotangents may
    be changed; arrays must give the same however they lie in memory; and in float32 no op of
    float32 may give float64, nothing may overflow that float32 can hold, and results and
    gradients must be those of float64 within its accuracy.

    Parameters
    ----------
    function : callable
        Takes a tensor for each input, and returns a tensor of any shape. It must give the same
        result each time.
    *inputs : array_like
        Those with a floating dtype are differentiated, in float64 or complex128. Results must be
        finite. Keep them farther from kinks than 1e-3, or right on them.
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
        If a gradient is wrong, or another of these promises is broken.
    DTypeError
        If a parameter isn't of float64, nothing can be differentiated, or the function returns
        something else than a tensor.
    UnsupportedError
        If an op of the function is ``first_order_only``, and ``order`` isn't 1.

    Examples
    --------
    >>> check_gradients(lambda x, y: (x * y).tanh(), np.ones(3), np.ones((2, 1)))
    >>> check_gradients(lambda x: x.detach() * x, np.array([0.5, 3.0]))
    Traceback (most recent call last):
    autograd_lite.errors.GradientCheckError: the function: order 1, input 0: the derivative of
    output [1] by element [1], where it is 3, is 3, and 6 by finite differences (2 of the 2
    elements of shape (2,), float64, are wrong)

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
    values = [np.asarray(x.data if isinstance(x, Tensor) else x) for x in inputs]
    # as they lie in memory
    values = [
        x.astype(_WIDEST[x.dtype.kind], copy=False) if x.dtype.kind in _WIDEST else x
        for x in values
    ]
    if not parameters and not any(x.dtype.kind in _WIDEST for x in values):
        raise DTypeError(
            "check_gradients: no input is an array of floating or complex numbers "
            f"({', '.join(str(x.dtype) for x in values) or 'none given'}), nor are there "
            "parameters, so there is nothing to check"
        )
    prove(function, values, parameters, order, rtol, seed)


def name_of(function: Any) -> str:
    """Return how messages call a function."""
    if isinstance(function, partial):
        return name_of(function.func)
    if isinstance(function, Primitive):
        return function.name
    name = str(getattr(function, "__name__", type(function).__name__))
    return "the function" if name == "<lambda>" else name


def prove(
    function: Function,
    values: Sequence[Array],
    parameters: Sequence[Tensor] = (),
    order: int = 2,
    rtol: float = 1e-6,
    seed: int = 0,
    *,
    name: str = "",
    known_dtypes: bool = False,
) -> None:
    """Do as ``check_gradients`` for arrays of double precision.

    Which dtype results have in single precision is not looked at where it is known.
    """
    before = [np.array(x, order="C") for x in values]
    rng = np.random.default_rng(seed)
    try:
        _require_same_again(function, values, before)
        subject = Subject(function, values, parameters)
        smooth = _check_slopes(subject, level=1, rtol=rtol, rng=rng)
        _check_rules(subject, rng)
        _require_unchanged(values, before)
        check_single_precision(subject, rng, smooth, known_dtypes=known_dtypes)
        for level in range(2, order + 1):
            function_of_slope = _slope(subject, rng)
            subject = Subject(function_of_slope, values, parameters)
            _check_slopes(subject, level=level, rtol=rtol, rng=rng)
        _require_unchanged(values, before)
    except GradientCheckError as error:
        raise GradientCheckError(f"{name or name_of(function)}: {error}") from None
    except ValueError as error:
        if str(error) not in _WRITTEN:
            raise
        raise GradientCheckError(
            f"{name or name_of(function)}: a forward or a rule writes into an input or its "
            "cotangent, which are not its own; let it make an array"
        ) from error
    finally:
        _restore(values, before)


def _unequal(now: Array, then: Array) -> bool:
    return not np.array_equal(now, then, equal_nan=now.dtype.kind in _WIDEST)


def _require_unchanged(values: Sequence[Array], before: Sequence[Array]) -> None:
    for position, (now, then) in enumerate(zip(values, before, strict=True)):
        if _unequal(now, then):
            raise GradientCheckError(f"input {position} was changed")


def _restore(values: Sequence[Array], before: Sequence[Array]) -> None:
    for now, then in zip(values, before, strict=True):
        if _unequal(now, then):
            now[...] = then


def _require_same_again(
    function: Function, values: Sequence[Array], before: Sequence[Array]
) -> None:
    """Raise unless the function returns one tensor, the same each time and from other layouts."""
    results: list[Array] = []
    kept: list[Array] = []
    for arrays in (values, values, before):
        result = function(*leaves_of(arrays))
        if not isinstance(result, Tensor):
            raise DTypeError(
                f"check_gradients: the function returned a {type(result).__name__}; return one "
                "tensor, such as concatenate([x.reshape(-1) for x in results])"
            )
        results.append(result.data)
        kept.append(result.data.copy())
        _require_unchanged(values, before)
    first, again, packed = results
    if _unequal(first, again):
        raise GradientCheckError(
            "the function doesn't give the same result each time, so nothing can be compared; "
            "seed its random numbers, and set models to eval()"
        )
    if any(map(_unequal, results, kept)) or (
        np.shares_memory(first, again)
        and not any(np.may_share_memory(first, x) for x in (*values, *before))
    ):
        raise GradientCheckError("a result is overwritten when the function is called again")
    if first.shape != packed.shape or not np.allclose(first, packed, 1e-9, 1e-9, equal_nan=True):
        raise GradientCheckError(
            f"the result depends on how the inputs lie in memory: {worst(first, packed)}"
        )


def worst(ours: Array, expected: Array) -> str:
    """Return where two arrays differ the most."""
    if ours.shape != expected.shape:
        return f"shape {ours.shape}, not {expected.shape}"
    if not ours.size:
        return "empty"
    far = np.abs(ours - expected)
    index = np.unravel_index(np.argmax(np.where(np.isnan(far), np.inf, far)), far.shape)
    return f"at {[int(i) for i in index]} {ours[index]:.10g}, not {expected[index]:.10g}"


def _random(rng: np.random.Generator, like: Any) -> Array:
    """Return random numbers of the shape of ``like``, complex where that is."""
    u = rng.uniform(-1, 1, like.shape)
    return np.asarray(u + 1j * rng.uniform(-1, 1, like.shape) if like.dtype.kind == "c" else u)


def _direction(rng: np.random.Generator, x: Array) -> Array:
    """Return a random direction, longer where values are so large that steps would be lost."""
    return np.asarray(_random(rng, x) * np.maximum(1, np.nan_to_num(np.abs(x)) / 16))


def _gradients(
    output: Tensor, wrt: list[Tensor], u: Array | Tensor, create_graph: bool = False
) -> list[Tensor]:
    """Return the gradients of <u, output>: zeros where the output is a constant."""
    if not output.requires_grad:
        return [as_tensor(np.zeros_like(t.data)) for t in wrt]
    found = gradients(
        output, wrt, u, create_graph=create_graph, retain_graph=True, allow_unused=True
    )
    return list(found)


def _check_slopes(subject: Subject, *, level: int, rtol: float, rng: np.random.Generator) -> bool:
    """Raise if a gradient is wrong; return whether differences find the function smooth here."""
    output, wrt = subject.output()
    here: Array = output.data
    if not np.isfinite(here).all():
        if level > 1:  # where the slope is infinite there is no second one
            return False
        raise GradientCheckError(
            f"order 1: {int(np.sum(~np.isfinite(here)))} of {here.size} results are not finite; "
            "give inputs within the domain, as by operands(low=, high=)"
        )
    u = _random(rng, output)
    u.flags.writeable = False  # a rule that writes into its cotangent is caught in the act
    directions = [_direction(rng, x) for x in subject.variables]
    # the differences come first: what a forward left behind is then that of another point
    expected = [
        float(central(subject.parts(u, {i: v}), STEP).sum()) for i, v in enumerate(directions)
    ]
    found = _gradients(output, wrt, u)
    for name, g, target in zip(subject.names, found, wrt, strict=True):
        if g.shape != target.shape or g.dtype != target.dtype:
            raise GradientCheckError(
                f"order {level}, {name}: the gradient has shape {g.shape} ({g.dtype}), "
                f"the input {target.shape} ({target.dtype})"
            )
    ours = [g.data for g in found]
    scale = float(np.abs(u * here).sum())
    for i, v in enumerate(directions):
        slope = claimed(ours, {i: v})
        if not abs(slope - expected[i]) <= allowance(rtol, [slope, expected[i]], scale, STEP):
            break
    else:
        return True
    wrong = wrong_moves(subject, u, here, ours, rtol, level)
    if wrong:

        def pull(cotangent: Array) -> list[Array]:
            return [g.data for g in _gradients(output, wrt, cotangent)]

        raise GradientCheckError(
            f"order {level}, {explain(subject, wrong, here, u, pull, rtol, level)}"
        )
    if level == 1 and sum(np.sum(subject.values[i] == 0) for i in subject.places) > 1:
        beside = _beside_zero(subject)
        if np.isfinite(beside.output()[0].data).all():
            _check_slopes(beside, level=1, rtol=rtol, rng=rng)
    return False


def _beside_zero(subject: Subject) -> Subject:
    """Return the same where what is 0 has moved a little: ties are there still, kinks at 0 not."""
    values = [
        np.where(x == 0, x.dtype.type(1 / 64), x) if i in subject.places else x
        for i, x in enumerate(subject.values)
    ]
    return Subject(subject.function, values, subject.parameters)


def _check_rules(subject: Subject, rng: np.random.Generator) -> None:
    """Raise unless rules are linear in the cotangent, however it lies, and each does alone."""
    output, wrt = subject.output()
    u, v = _random(rng, output), _random(rng, output)
    both = np.empty((*output.shape, 2), u.dtype)[..., 0]  # with gaps
    both[...] = 1024 * u + v
    for cotangent in (u, v, both):
        cotangent.flags.writeable = False
    results = [[g.data for g in _gradients(output, wrt, c)] for c in (u, v, both)]
    for i, (gu, gv, found) in enumerate(zip(*results, strict=True)):
        name, expected = subject.names[i], 1024 * gu + gv
        if not _nearly(found, expected, both):
            raise GradientCheckError(
                f"order 1, {name}: the gradient is not linear in the cotangent, or depends on "
                f"its layout: {worst(found, expected)}"
            )
        if len(subject.places) > 1 and i < len(subject.places):
            alone = _alone(subject, subject.places[i], u)
            if not _nearly(alone, gu, u):
                raise GradientCheckError(
                    f"order 1, {name}: the gradient is another when only this input is "
                    f"differentiated: {worst(alone, gu)}"
                )


def _nearly(found: Array, expected: Array, cotangent: Array) -> bool:
    """Return whether only rounding tells two gradients apart, that of differences included."""
    scale = float(np.abs(expected[np.isfinite(expected)]).sum() + np.abs(cotangent).sum())
    return np.allclose(found, expected, 1e-11, 1e-11 * scale, equal_nan=True)


def _alone(subject: Subject, place: int, u: Array) -> Array:
    """Return the gradient of one input where the others are constants."""
    leaves = [as_tensor(x) for x in subject.values]
    leaves[place].requires_grad = True
    return _gradients(subject.function(*leaves), [leaves[place]], u)[0].data


def _slope(subject: Subject, rng: np.random.Generator) -> Function:
    """Return the function of the same inputs that gives the slope of this one.

    It is that of <u, f> + |f|^2 / 2, the latter scaled down where f is large: there the cotangent
    depends on the inputs, so that a rule that hides its cotangent is found.
    """
    function = subject.function
    output, _ = subject.output()
    u = _random(rng, output)
    scale = 1 / max(1.0, float(np.max(np.abs(output.data), initial=0)))
    directions = [_random(rng, x) for x in subject.variables]

    def slope(*tensors: Tensor) -> Tensor:
        wrt = [*(t for t in tensors if t.requires_grad), *subject.parameters]
        output = function(*tensors)
        if output.shape != u.shape:  # as when a tie is broken that unique() counted once
            return as_tensor(np.nan)
        found = _gradients(output, wrt, u + scale * output, create_graph=True)
        total = as_tensor(0.0)
        for g, v in zip(found, directions, strict=True):
            # Re(conj(g) v) in the parts, so that the slope of real functions stays real
            total = total + (np.real(g) * v.real).sum()
            if v.dtype.kind == "c":
                total = total + (np.imag(g) * v.imag).sum()
        return total

    return slope
