"""What gradients are at kinks, ties, borders of domains and infinities; none is NaN by accident."""

import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import DTypeError
from autograd_lite.numpy_protocols import dispatch

INF, NAN = np.inf, np.nan
LN2 = float(np.log(2))
HALF = np.sqrt(0.5)


@pytest.fixture(autouse=True)
def _divisions_by_zero_are_wanted() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def slopes(function: Callable[..., Tensor], *inputs: Any) -> list[Any]:
    """Return the gradients of the sum of the function's values."""
    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    return [g.tolist() for g in gradients(function(*leaves).sum(), leaves, allow_unused=True)]


def check(function: Any, inputs: Any, expected: Any) -> None:
    for got, wanted in zip(slopes(function, *inputs), expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-13)


@pytest.mark.parametrize(
    ("function", "points", "expected"),
    [
        (ag.abs, [-2, 0, 2, NAN], [-1, 0, 1, NAN]),
        (ag.fabs, [-2, 0, 2], [-1, 0, 1]),
        (ag.sign, [-2, 0, 2, NAN], [0, 0, 0, 0]),
        (ag.relu, [-1, 0, 1, INF, -INF, NAN], [0, 0, 1, 1, 0, 0]),
        (ag.elu, [-INF, -1000, 0, 1, INF], [0, 0, 1, 1, 1]),
        (lambda x: ag.elu(x, 0.5), [0], [0.5]),
        (ag.leaky_relu, [-1, 0, 1], [0.01, 0.01, 1]),
        (ag.softplus, [-INF, -1000, 0, 1000, INF], [0, 0, 0.5, 1, 1]),
        (ag.silu, [-INF, -1000, 0, 1000, INF], [0, 0, 0.5, 1, 1]),
        (ag.gelu, [-INF, -1000, 0, 1000, INF], [0, 0, 0.5, 1, 1]),
        (lambda x: ag.gelu(x, approximate=True), [-1000, 0, 1000], [0, 0.5, 1]),
        (ag.sqrt, [0, 4, INF, -1], [INF, 0.25, 0, NAN]),
        (ag.cbrt, [0, -8], [INF, 1 / 12]),
        (ag.log, [0, 4], [INF, 0.25]),
        (ag.log1p, [-1, 1], [INF, 0.5]),
        (ag.reciprocal, [0, 2, INF], [-INF, -0.25, 0]),
        (ag.exp, [-INF, 1000], [0, INF]),
        (ag.arcsin, [-1, 0, 1, 2], [INF, 1, INF, NAN]),
        (ag.arccos, [-1, 0, 1], [-INF, -1, -INF]),
        (ag.arccosh, [1, 1e200], [INF, 1e-200]),
        (ag.arcsinh, [0, 1e200, -1e200], [1, 1e-200, 1e-200]),
        (ag.arctanh, [-1, 0, 1], [INF, 1, INF]),
        (ag.arctan, [0, 1e200, INF], [1, 0, 0]),
        (ag.tanh, [-1e200, 0, INF], [0, 1, 0]),
        (ag.sinh, [0, 800], [1, INF]),
        (ag.sinc, [0, 1, 0.5], [0, -1, -4 / np.pi]),
        (ag.erf, [-30, 0, 30, INF], [0, 2 / np.sqrt(np.pi), 0, 0]),
        (ag.nan_to_num, [NAN, INF, 1], [0, 0, 1]),
        (ag.i0, [0], [0]),
        (ag.logit, [0, 0.5, 1], [INF, 4, INF]),
        (lambda x: ag.clip(x, 0, 1), [-1, 0, 0.5, 1, 2, NAN], [0, 1, 1, 1, 0, 0]),
        (lambda x: x**0, [0, -2, INF], [0, 0, 0]),
        (lambda x: x**1, [0, -2], [1, 1]),
        (lambda x: x**2, [0, -2], [0, -4]),
        (lambda x: x**0.5, [0, 4, -1], [INF, 0.25, NAN]),
        (lambda x: x**1.5, [0, 4], [0, 3]),
        (lambda x: x**-1, [0, -2], [-INF, -0.25]),
        (lambda x: 0.0**x, [0, 1, 2], [0, 0, 0]),
        (lambda x: ag.modf(x)[0], [-1.5, 0, 2], [1, 1, 1]),
        (lambda x: ag.frexp(x)[0], [1, 8], [0.5, 0.0625]),
        (lambda x: ag.divmod(x, 3)[1], [-5, 6], [1, 1]),
    ],
)
def test_of_one_tensor(function: Any, points: Any, expected: Any) -> None:
    check(function, [np.array(points, float)], [expected])


@pytest.mark.parametrize(
    ("function", "a", "b", "to_a", "to_b"),
    [
        (ag.maximum, [1, 2, NAN], [1, 1, 1], [0.5, 1, 0], [0.5, 0, 0]),
        (ag.minimum, [1, 2, NAN], [1, 1, 1], [0.5, 0, 0], [0.5, 1, 0]),
        (ag.fmax, [1, 2, NAN, 1, NAN], [1, 1, 1, NAN, NAN], [0.5, 1, 0, 1, 0.5], None),
        (ag.fmin, [1, 2, NAN, 1, NAN], [1, 1, 1, NAN, NAN], [0.5, 0, 0, 1, 0.5], None),
        (ag.power, [0, 0, 0, 0, 0], [0, 1, 0.5, 2, INF], [0, 1, INF, 0, 0], [0, 0, 0, 0, 0]),
        (ag.power, [-2, -2, 2], [2, 3, 0], [-4, 12, 0], [NAN, NAN, LN2]),
        (ag.hypot, [0, 0, 1e200, 1e-200], [0, 3, 1e200, 1e-200], [0, 0, HALF, HALF], None),
        (ag.arctan2, [0, 0, 0], [0, -1, 1], [0, -1, 1], [0, 0, 0]),
        (ag.arctan2, [1e200, 1e-150], [1e200, 1e-150], [5e-201, 5e149], [-5e-201, -5e149]),
        (ag.logaddexp, [-INF, INF, INF, -INF], [-INF, INF, 0, 0], [0, 0.5, 1, 0], [0, 0.5, 0, 1]),
        (ag.logaddexp2, [-INF, INF, INF, -INF], [-INF, INF, 0, 0], [0, 0.5, 1, 0], None),
        (ag.logaddexp, [1000], [0], [1], [0]),
        (ag.copysign, [0, 2, -2, 2], [-1, -1, -1, -0.0], [0, -1, 1, -1], [0, 0, 0, 0]),
        (ag.heaviside, [-1, 0, 1], [0.5, 0.5, 0.5], [0, 0, 0], [0, 1, 0]),
        (ag.fmod, [5, -5, 5, 6], [3, 3, -3, 3], [1, 1, 1, 1], [-1, 1, 1, -2]),
        (ag.remainder, [5, -5, 5, 6], [3, 3, -3, 3], [1, 1, 1, 1], [-1, 2, 2, -2]),
        (ag.divide, [0, 1], [2, INF], [0.5, 0], [0, 0]),
        (ag.nextafter, [1], [2], [1], [0]),
    ],
)
def test_of_two_tensors(function: Any, a: Any, b: Any, to_a: Any, to_b: Any) -> None:
    inputs = np.array(a, float), np.array(b, float)
    found = slopes(function, *inputs)
    np.testing.assert_allclose(found[0], to_a, rtol=1e-14)
    if to_b is not None:
        np.testing.assert_allclose(found[1], to_b, rtol=1e-14)


@pytest.mark.parametrize(
    ("function", "low", "x", "high", "expected"),
    [
        (ag.clip, 0, 0, 1, (1, 0, 0)),
        (ag.clip, 0, 1, 1, (1, 0, 0)),
        (ag.clip, 0, -1, 1, (0, 1, 0)),
        (ag.clip, 0, 2, 1, (0, 0, 1)),
        (ag.clip, 2, 0.5, 1, (0, 0, 1)),
        (ag.clip, 2, 3, 1, (0, 0, 1)),
    ],
)
def test_bounds(function: Any, low: Any, x: Any, high: Any, expected: Any) -> None:
    assert slopes(function, float(x), float(low), float(high)) == list(expected)


UNDEFINED = [
    (ag.sqrt, [0.0, -1.0]),
    (ag.log, [0.0, -1.0]),
    (ag.log2, [0.0, -1.0]),
    (ag.log10, [0.0, -1.0]),
    (ag.log1p, [-1.0, -2.0]),
    (ag.cbrt, [0.0, NAN]),
    (ag.reciprocal, [0.0, NAN]),
    (ag.exp, [1000.0, NAN]),
    (ag.exp2, [2000.0, NAN]),
    (ag.expm1, [1000.0, NAN]),
    (ag.sinh, [1000.0, -1000.0]),
    (ag.cosh, [1000.0, -1000.0]),
    (ag.square, [INF, NAN]),
    (ag.sin, [INF, NAN]),
    (ag.cos, [INF, NAN]),
    (ag.tan, [INF, NAN]),
    (ag.tanh, [NAN, NAN]),
    (ag.sigmoid, [NAN, NAN]),
    (ag.softplus, [NAN, NAN]),
    (ag.gelu, [NAN, NAN]),
    (ag.silu, [NAN, NAN]),
    (ag.elu, [NAN, NAN]),
    (ag.abs, [NAN, INF]),
    (ag.arcsin, [1.0, 2.0]),
    (ag.arccos, [-1.0, 2.0]),
    (ag.arccosh, [1.0, 0.0]),
    (ag.arctanh, [1.0, 2.0]),
    (ag.sinc, [NAN, INF]),
    (ag.erf, [NAN, NAN]),
    (ag.lgamma, [0.0, -1.0]),
    (ag.logit, [0.0, 1.0]),
    (lambda x: x**0.5, [0.0, -1.0]),
    (lambda x: x**-2, [0.0, NAN]),
    (lambda x: x ** np.array([0.5, -1.0]), [-1.0, 0.0]),
    (lambda x: 1 / x, [0.0, NAN]),
    (lambda x: ag.sin(x) / x, [0.0, NAN]),
    (lambda x: x * ag.log(x), [0.0, -1.0]),
    (lambda x: x * ag.exp(x), [1000.0, NAN]),
    (lambda x: ag.sqrt(x * x - 1), [1.0, 0.0]),
    (lambda x: ag.hypot(x, x) / x, [0.0, NAN]),
    (lambda x: ag.arctan2(x, x), [0.0, INF]),
    (lambda x: ag.logaddexp(x, -x), [NAN, INF]),
]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("function", "points"), UNDEFINED)
def test_where_lets_nothing_through_from_the_branch_not_taken(
    function: Any, points: Any, order: int
) -> None:
    x = Tensor(points, requires_grad=True)
    taken = np.array([False, False])
    y = ag.where(taken, function(x), 0.5 * ag.where(taken, x, 3.0)) + ag.nan_to_num(x) * 0
    found = y
    for _ in range(order):
        found = gradients(found.sum(), x, create_graph=True, allow_unused=True)
        if not found.requires_grad:
            break
    np.testing.assert_array_equal(found.data, [0, 0])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ag.maximum(ag.log(x), -100),
        lambda x: ag.clip(ag.log(x), -100, None),
        lambda x: ag.relu(ag.log(x)),
        lambda x: ag.sqrt(x)[1:],
    ],
)
def test_a_zero_cotangent_stays_zero(function: Any) -> None:
    assert slopes(function, [0.0, 1.0])[0][0] == 0


def test_missing_data_that_is_masked_leaves_the_gradient_alone() -> None:
    x = np.array([1.0, NAN, 3.0])
    (slope,) = slopes(lambda w: ag.where(np.isnan(x), 0, (w * x - 2) ** 2), 1.0)
    assert slope == -2 + 6


def test_an_infinite_derivative_is_told_where_it_counts() -> None:
    assert slopes(ag.sqrt, [0.0, 0.0]) == [[INF, INF]]
    assert slopes(lambda x: ag.sqrt(x) * 0.0, [0.0]) == [[0]]


def test_a_second_derivative_survives_a_first_of_zero() -> None:
    x = Tensor(1.0, requires_grad=True)
    slope = gradients((x * x - 1) ** 2, x, create_graph=True)
    assert slope.item() == 0
    assert gradients(slope, x).item() == 8


@pytest.mark.parametrize(("order", "expected"), [(1, 0), (2, -(np.pi**2) / 3), (4, np.pi**4 / 5)])
def test_derivatives_of_sinc_at_zero(order: int, expected: float) -> None:
    x = Tensor([0.0, 1e-9, -1e-5], requires_grad=True)
    found = ag.sinc(x)
    for _ in range(order):
        found = gradients(found.sum(), x, create_graph=True)
    np.testing.assert_allclose(found.data, expected, rtol=1e-7, atol=1e-4)


def test_complex_numbers_at_zero() -> None:
    for function in (ag.abs, ag.sign, ag.angle):
        z = Tensor([0j, 3 + 4j], requires_grad=True)
        found = gradients(np.real(function(z)).sum(), z).data
        assert found[0] == 0
        assert np.isfinite(found[1])


def test_single_precision_reaches_as_far_as_its_numbers() -> None:
    x = Tensor(np.array([1e30, 1e-30], np.float32), requires_grad=True)
    for function, expected in [
        (ag.arcsinh, [1e-30, 1]),
        (ag.log, [1e-30, 1e30]),
        (ag.sqrt, [5e-16, 5e14]),
        (lambda x: ag.hypot(x, x), [np.sqrt(2), np.sqrt(2)]),
        (lambda x: x / x, [0, 0]),
    ]:
        found = gradients(function(x).sum(), x)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.data, expected, rtol=1e-5)


def test_valid_extremes_do_not_warn() -> None:
    extremes = np.array([-1e4, -800.0, -1e-300, 0.0, 1e-300, 800.0, 1e4])
    with warnings.catch_warnings(), np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("error")
        for function in (
            ag.sigmoid, ag.softplus, ag.silu, ag.gelu, ag.elu, ag.relu, ag.tanh, ag.erf, ag.erfc,
            ag.sinc, ag.abs, ag.sign, ag.arctan, ag.arcsinh, ag.leaky_relu, ag.cbrt,
            lambda x: ag.gelu(x, approximate=True), lambda x: ag.clip(x, min=0),
            lambda x: ag.logaddexp(x, -x), lambda x: ag.hypot(x, x),
        ):  # fmt: skip
            assert np.isfinite(function(Tensor(extremes)).data).all()
            (slope,) = slopes(function, extremes[[0, 1, 5, 6]])
            assert np.isfinite(slope).all()


def test_clip_keeps_integers() -> None:
    assert ag.clip([1, 5, 9], max=6).dtype.kind == "i"
    assert ag.clip(np.array([1, 5], np.int8), 2, 4).data.dtype == np.int8
    assert ag.clip(Tensor([1.0, 5.0], dtype=np.float32), 2).dtype == np.float32


def test_erf_is_exact_to_the_last_digits() -> None:
    x = np.linspace(-6, 26, 5001)
    np.testing.assert_allclose(ag.erf(x).data, [math.erf(v) for v in x], rtol=2e-15)
    np.testing.assert_allclose(ag.erfc(x).data, [math.erfc(v) for v in x], rtol=2e-15)
    assert ag.erf(np.array([INF, -INF, 0])).tolist() == [1, -1, 0]
    assert ag.erf(Tensor([1.0], dtype=np.float32)).dtype == np.float32
    assert np.isnan(ag.erf(NAN).item())
    for function in (ag.erf, ag.erfc):
        with pytest.raises(DTypeError, match="complex128"):
            function(1j)


def test_every_ufunc_is_differentiable_or_constant() -> None:
    ufuncs = {f for f in vars(np).values() if isinstance(f, np.ufunc)}
    known = set(dispatch.UFUNCS) | set(dispatch.CONSTANT_UFUNCS) | set(dispatch.FUNCTIONS)
    assert {f.__name__ for f in ufuncs - known} == set()


def test_functions_answer_for_themselves() -> None:
    assert (ag.sin.__name__, ag.sin.__module__) == (
        "sin",
        "autograd_lite.functions.mathematics.trigonometric",
    )
    assert "Examples" in str(ag.less.__doc__)
    assert ag.acos is ag.arccos
    assert isinstance(ag.isnan(1.0), Tensor)


@pytest.mark.parametrize(
    ("function", "point", "second"),
    [
        (lambda x: np.logaddexp(x, 1.0), 1.0, 0.25),
        (lambda x: np.logaddexp(1.0, x), 1.0, 0.25),
        (lambda x: np.logaddexp(x, x * x), 1.0, 1.25),
        (lambda x: np.logaddexp2(x, 1.0), 1.0, LN2 / 4),
        (ag.softplus, 0.0, 0.25),
    ],
    ids=["logaddexp", "its second", "both", "logaddexp2", "softplus"],
)
def test_second_derivatives_where_values_are_equal(
    function: Callable[..., Tensor], point: float, second: float
) -> None:
    assert ag.grad(ag.grad(function))(point).item() == pytest.approx(second, rel=1e-14)


# ---------------------------------------------------------------- complex numbers on their cuts

CUT = [(2, 0.0), (2, -0.0), (-2, 0.0), (-2, -0.0), (0.5, 0.0), (0.5, -0.0), (-0.5, -0.0)]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("along", "across"), CUT)
@pytest.mark.parametrize(
    "function",
    [
        np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh, np.sqrt,
        np.log, np.log2, np.log10, np.log1p, lambda z: z**0.5, lambda z: z**-1.5,
        lambda z: z ** (0.3 + 0.2j), lambda z: np.float_power(z, 0.5),
    ],
)  # fmt: skip
def test_on_a_cut_derivatives_are_those_of_the_side_that_the_value_is_on(
    function: Callable[..., Any], along: float, across: float, turned: bool
) -> None:
    def at(step: float) -> Any:
        moved = along + step
        return np.array(complex(across, moved) if turned else complex(moved, across))

    def slope(z: Any) -> Any:
        z = Tensor(z, requires_grad=True)
        return np.conj(gradients(np.real(function(z)), z).data)

    h = 1e-6
    direction = 1j if turned else 1
    expected = (function(at(h)) - function(at(-h))) / (2 * h)
    np.testing.assert_allclose(slope(at(0)) * direction, expected, rtol=1e-6)
    z = Tensor(at(0), requires_grad=True)
    first = np.conj(gradients(np.real(function(z)), z, create_graph=True))
    second = np.conj(gradients(np.real(first), z).data)
    expected = (slope(at(h)) - slope(at(-h))) / (2 * h)
    np.testing.assert_allclose(second * direction, expected, rtol=1e-6, atol=1e-9)
