"""Comparison of gradients with finite differences along a random direction, to any order."""

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

    The output is projected on random numbers u, and the input is moved along random numbers v:
    :math:`\langle v, \nabla \langle u, f \rangle \rangle` must equal the slope that a central
    difference of fourth order finds. One direction detects a wrong gradient with probability 1,
    at the cost of a few calls, whatever the sizes. For second order, the slope that
    ``create_graph=True`` computes is checked in the same way, and so on.

    Where the two differ, each element is checked on its own. At a kink, a derivative may lie
    anywhere between those of the two sides. Elements that tie share the whole derivative. Where
    neither side has a derivative, as at a jump, nothing is checked. The error then names the
    wrong element.

    There are further checks:

    - A rule must be linear in its cotangent, whatever the cotangent's size and layout.
    - Its gradient must be the same each time, and when only its own input is differentiated.
    - Inputs and cotangents must not be changed.
    - Results must not depend on how the inputs lie in memory.
    - In float32, no op may turn float32 into float64, results that float32 can hold must not
      overflow, and results and gradients must agree with those of float64 within rounding.

    Parameters
    ----------
    function : callable
        Takes a tensor for each input, and returns a tensor of any shape. It must return the same
        result each time.
    *inputs : array_like
        Those with a floating or complex dtype are differentiated, in float64 or complex128. The
        results must be finite. Keep inputs farther than 1e-3 from kinks, or right on them.
    parameters : sequence of Tensor of float64
        Leaves that the function uses but doesn't take, such as ``model.parameters()``.
    order : int
        The highest order of derivatives to check: 1 for a ``first_order_only`` op.
    rtol : float
        The relative error that a slope may have. Slopes below 1e-3 count as 1e-3, so scale
        functions to the order of 1.
    seed : int
        The seed of the random numbers.

    Raises
    ------
    GradientCheckError
        If a gradient is wrong, or another of these checks fails.
    DTypeError
        If a parameter isn't of float64, no input or parameter can be differentiated, or the
        function doesn't return a tensor.
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
    values = [  # astype keeps the layout
        x.astype(_WIDEST[x.dtype.kind], copy=False) if x.dtype.kind in _WIDEST else x
        for x in values
    ]
    if not parameters and not any(x.dtype.kind in _WIDEST for x in values):
        raise DTypeError(
            "check_gradients: no input is an array of floating or complex numbers "
            f"({', '.join(str(x.dtype) for x in values) or 'none given'}), and there are no "
            "parameters, so there is nothing to check; give floating inputs"
        )
    prove(function, values, parameters, order, rtol, seed)


def name_of(function: Any) -> str:
    """Return the name of a function for messages."""
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
    """Check the gradients for arrays of double precision; see ``check_gradients``.

    With ``known_dtypes``, the dtypes of results in single precision aren't checked.
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
            "cotangent, which it must not change; make a new array instead"
        ) from error
    finally:
        _restore(values, before)


def _unequal(now: Array, then: Array) -> bool:
    return not np.array_equal(now, then, equal_nan=now.dtype.kind in _WIDEST)


def _require_unchanged(values: Sequence[Array], before: Sequence[Array]) -> None:
    for position, (now, then) in enumerate(zip(values, before, strict=True)):
        if _unequal(now, then):
            raise GradientCheckError(
                f"input {position} was changed by a forward or a rule; make a new array instead"
            )


def _restore(values: Sequence[Array], before: Sequence[Array]) -> None:
    for now, then in zip(values, before, strict=True):
        if _unequal(now, then):
            now[...] = then


def _require_same_again(
    function: Function, values: Sequence[Array], before: Sequence[Array]
) -> None:
    """Raise unless the function returns one tensor, equal each time and for all layouts."""
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
        raise GradientCheckError(
            "a result is overwritten when the function is called again; return a new array"
        )
    if first.shape != packed.shape or not np.allclose(first, packed, 1e-9, 1e-9, equal_nan=True):
        raise GradientCheckError(
            f"the result depends on how the inputs lie in memory: {worst(first, packed)}"
        )


def worst(ours: Array, expected: Array) -> str:
    """Return where two arrays differ most, and how."""
    if ours.shape != expected.shape:
        return f"shape {ours.shape}, not {expected.shape}"
    if not ours.size:
        return "empty"
    far = np.abs(ours - expected)
    index = np.unravel_index(np.argmax(np.where(np.isnan(far), np.inf, far)), far.shape)
    return f"at {[int(i) for i in index]} {ours[index]:.10g}, not {expected[index]:.10g}"


def _random(rng: np.random.Generator, like: Any) -> Array:
    """Return random numbers with the shape of ``like``, complex if it is."""
    u = rng.uniform(-1, 1, like.shape)
    return np.asarray(u + 1j * rng.uniform(-1, 1, like.shape) if like.dtype.kind == "c" else u)


def _direction(rng: np.random.Generator, x: Array) -> Array:
    """Return a random direction, longer where values are so large that rounding loses steps."""
    return np.asarray(_random(rng, x) * np.maximum(1, np.nan_to_num(np.abs(x)) / 16))


def _gradients(
    output: Tensor, wrt: list[Tensor], u: Array | Tensor, create_graph: bool = False
) -> list[Tensor]:
    """Return the gradients of <u, output>: zeros if the output is a constant."""
    if not output.requires_grad:
        return [as_tensor(np.zeros_like(t.data)) for t in wrt]
    found = gradients(
        output, wrt, u, create_graph=create_graph, retain_graph=True, allow_unused=True
    )
    return list(found)


def _check_slopes(subject: Subject, *, level: int, rtol: float, rng: np.random.Generator) -> bool:
    """Raise if a gradient is wrong; return whether the function looks smooth here."""
    output, wrt = subject.output()
    here: Array = output.data
    if not np.isfinite(here).all():
        if level > 1:  # an infinite slope has no derivative
            return False
        raise GradientCheckError(
            f"order 1: {int(np.sum(~np.isfinite(here)))} of {here.size} results are not finite; "
            "give inputs within the domain, for example by operands(low=, high=)"
        )
    u = _random(rng, output)
    u.flags.writeable = False  # so a rule that writes into its cotangent fails
    directions = [_direction(rng, x) for x in subject.variables]
    # differences come first: any state that a forward keeps is then that of another point
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
    """Return the subject with its zeros moved a little: ties remain, but kinks at 0 don't."""
    values = [
        np.where(x == 0, x.dtype.type(1 / 64), x) if i in subject.places else x
        for i, x in enumerate(subject.values)
    ]
    return Subject(subject.function, values, subject.parameters)


def _check_rules(subject: Subject, rng: np.random.Generator) -> None:
    """Raise unless rules are linear in cotangents of any layout, and independent of each other."""
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
                    f"order 1, {name}: the gradient is different when only this input is "
                    f"differentiated: {worst(alone, gu)}"
                )


def _nearly(found: Array, expected: Array, cotangent: Array) -> bool:
    """Return whether two gradients differ only by rounding, also of terms that cancel."""
    scale = float(np.abs(expected[np.isfinite(expected)]).sum() + np.abs(cotangent).sum())
    return np.allclose(found, expected, 1e-11, 1e-11 * scale, equal_nan=True)


def _alone(subject: Subject, place: int, u: Array) -> Array:
    """Return the gradient of one input where the others are constants."""
    leaves = [as_tensor(x) for x in subject.values]
    leaves[place].requires_grad = True
    return _gradients(subject.function(*leaves), [leaves[place]], u)[0].data


def _slope(subject: Subject, rng: np.random.Generator) -> Function:
    """Return the function of the same inputs that computes the slope of this one.

    It is the slope of <u, f> + |f|^2 / 2, where the second term is scaled down if f is large. That
    term makes the cotangent depend on the inputs, which detects a rule that detaches its cotangent.
    """
    function = subject.function
    output, _ = subject.output()
    u = _random(rng, output)
    scale = 1 / max(1.0, float(np.max(np.abs(output.data), initial=0)))
    directions = [_random(rng, x) for x in subject.variables]

    def slope(*tensors: Tensor) -> Tensor:
        wrt = [*(t for t in tensors if t.requires_grad), *subject.parameters]
        output = function(*tensors)
        if output.shape != u.shape:  # for example if the move breaks a tie in unique()
            return as_tensor(np.nan)
        found = _gradients(output, wrt, u + scale * output, create_graph=True)
        total = as_tensor(0.0)
        for g, v in zip(found, directions, strict=True):
            # Re(conj(g) v), written with the parts to keep the slopes of real functions real
            total = total + (np.real(g) * v.real).sum()
            if v.dtype.kind == "c":
                total = total + (np.imag(g) * v.imag).sum()
        return total

    return slope
