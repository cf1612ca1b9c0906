"""The checker is checked: it accepts right rules, and finds every kind of wrong one."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import autograd_lite as ag
from autograd_lite import Primitive, Tensor, as_tensor
from autograd_lite.errors import DTypeError, GradientCheckError, GraphError, UnsupportedError
from autograd_lite.testing import (
    Case,
    Spec,
    arrange,
    broadcastable_shapes,
    cases,
    check_gradients,
    floating_dtypes,
    layouts,
    operands,
    values,
)

X = np.array([[0.3, -1.2], [0.7, 1.9]])
CASE = Case((X,))


def sine(rule: Callable[..., Any], forward: Callable[..., Any] = np.sin) -> Primitive:
    return Primitive("sine", forward, [rule], elementwise=True)


def constant(x: Any) -> Any:
    """Hide from the second derivative that something depends on x."""
    return np.array(x.data) if isinstance(x, Tensor) else x


def overwrite_input(x: Any) -> Any:
    y = np.sin(x)
    x[...] = 0
    return y


def in_place(g: Any, y: Any, x: Any) -> Any:
    g *= np.cos(x)
    return g


def test_right_rules_pass() -> None:
    right = sine(lambda g, y, x: g * np.cos(x))
    check_gradients(right, X, order=4)
    Spec(right, np.sin, cases(operands())).check(CASE)


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, y, x: g * np.sin(x),
        lambda g, y, x: -g * np.cos(x),
        lambda g, y, x: g * np.cos(x) * 1.0001,
        lambda g, y, x: g * 0,
        lambda g, y, x: (g * np.cos(x))[::-1],
        lambda g, y, x: g * np.cos(x) + 1e-3,
        lambda g, y, x: np.cos(x),
        lambda g, y, x: g * np.nan,
    ],
)
def test_a_wrong_first_derivative_is_found(rule: Callable[..., Any]) -> None:
    with pytest.raises(GradientCheckError, match="order 1, input 0"):
        check_gradients(sine(rule), X)


def test_one_wrong_element_is_found() -> None:
    def rule(g: Any, y: Any, x: Any) -> Any:
        return g * np.cos(x) * np.where(x == X[1, 0], 1.001, 1)

    with pytest.raises(GradientCheckError, match="order 1, input 0"):
        check_gradients(sine(rule), X)


def test_a_second_derivative_that_is_silently_constant_is_found() -> None:
    hidden = sine(lambda g, y, x: g * np.cos(constant(x)))
    check_gradients(hidden, X, order=1)
    with pytest.raises(GradientCheckError, match="order 2, input 0"):
        check_gradients(hidden, X)


def test_a_rule_that_hides_its_cotangent_is_found() -> None:
    hidden = sine(lambda g, y, x: constant(g) * np.cos(x))
    check_gradients(hidden, X, order=1)
    with pytest.raises(GradientCheckError, match="order 2, input 0"):
        check_gradients(hidden, X)


def test_the_wrong_one_of_several_inputs_is_named() -> None:
    product = Primitive(
        "product",
        np.multiply,
        [lambda g, y, a, b: g * b, lambda g, y, a, b: g * b],
        elementwise=True,
    )
    with pytest.raises(GradientCheckError, match="input 1"):
        check_gradients(product, X, X + 1)


def test_broadcasting_that_is_not_undone_is_found() -> None:
    product = Primitive("product", np.multiply, [lambda g, y, a, b: g * b] * 2)
    with pytest.raises(Exception, match=r"product .* returned shape \(2, 2\)"):
        check_gradients(product, X, X[0])


def test_a_rule_that_changes_its_cotangent_is_found() -> None:
    with pytest.raises(GradientCheckError, match=r"sine: .* writes into an input or its cotangent"):
        check_gradients(sine(in_place), X)


@pytest.mark.parametrize("function", [lambda x: x > 0, lambda x: np.argsort(x, axis=None)])
def test_what_has_no_derivative_passes(function: Callable[..., Any]) -> None:
    check_gradients(function, X)


def test_an_op_with_its_keywords_given_is_named() -> None:
    cube = Primitive("cube", lambda x, n: x**n, [lambda g, y, x, n: g * x], elementwise=True)
    with pytest.raises(GradientCheckError, match=r"^cube: order 1"):
        check_gradients(partial(cube, n=3), X)


def test_a_forward_that_changes_its_input_is_found() -> None:
    broken = Primitive("broken", overwrite_input, [lambda g, y, x: g * np.cos(x)])
    with pytest.raises(GradientCheckError, match="input 0 was changed"):
        check_gradients(broken, X)


def test_parameters_of_a_model_are_checked_too() -> None:
    w = Tensor([1.0, 2.0], requires_grad=True)
    check_gradients(lambda x: (x * w).tanh(), X, parameters=[w])
    assert w.data.tolist() == [1.0, 2.0]
    assert w.grad is None
    with pytest.raises(GradientCheckError, match="parameter 0"):
        check_gradients(lambda x: x * w * as_tensor(w.data), X, parameters=[w])
    assert w.data.tolist() == [1.0, 2.0]


def test_parameters_must_be_of_float64() -> None:
    w = Tensor([1.0], requires_grad=True, dtype=np.float32)
    with pytest.raises(DTypeError, match=r"float32.*dtype=np\.float64"):
        check_gradients(lambda x: x * w, X, parameters=[w])


def test_inputs_that_are_not_floating_are_constants() -> None:
    check_gradients(lambda x, i: x[i] ** 2, X, np.array([1, 1, 0]))
    with pytest.raises(DTypeError, match=r"no input .*int64.* nothing to check"):
        check_gradients(lambda x: x**2, np.arange(3))


def test_functions_that_can_not_be_checked_are_refused() -> None:
    with pytest.raises(DTypeError, match="returned a tuple; return one tensor"):
        check_gradients(lambda x: (x, x), X)
    with pytest.raises(GradientCheckError, match="same result each time"):
        check_gradients(lambda x: x * np.random.default_rng().random(), X)
    once = Primitive("once", np.square, [lambda g, y, x: g * 2 * x], first_order_only=True)
    check_gradients(once, X, order=1)
    with pytest.raises(UnsupportedError, match=r"once has no second derivative.* order=1"):
        check_gradients(once, X)
    any_rule: Any = constant
    with pytest.raises(GraphError, match="rules of square must be a list"):
        Primitive("square", np.square, any_rule)


@pytest.mark.parametrize(
    ("op", "reference", "message"),
    [
        (sine(lambda g, y, x: g * np.cos(x)), np.cos, "values"),
        (sine(lambda g, y, x: g * np.cos(x)), lambda x: np.sin(x).T[:1], "shape"),
        (
            sine(lambda g, y, x: g * np.cos(x), lambda x: np.sin(x).astype(np.float64)),
            np.sin,
            "dtype float64, not float32",
        ),
        (sine(lambda g, y, x: np.abs(g) * np.cos(x)), np.sin, "linear"),
        (sine(lambda g, y, x: g * np.sin(x)), np.sin, "order 1"),
    ],
)
def test_a_spec_finds_each_broken_promise(op: Any, reference: Any, message: str) -> None:
    with pytest.raises(GradientCheckError, match=message):
        Spec(op, reference, cases(operands())).check(CASE)


def test_a_spec_finds_warnings() -> None:
    def noisy(x: Any) -> Any:
        return np.sin(x) + 0 * np.log(np.zeros_like(x) + 1e-300) * 0 + 0 * np.sqrt(0 * x - 1)

    op = sine(lambda g, y, x: g * np.cos(x), noisy)
    with pytest.raises(RuntimeWarning):
        Spec(op, np.sin, cases(operands())).check(CASE)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(inputs=operands(3, low=-1, high=1))
def test_operands_broadcast_and_lie_apart(inputs: tuple[Any, ...]) -> None:
    np.broadcast_shapes(*(x.shape for x in inputs))
    flat = np.sort(np.concatenate([x.reshape(-1) for x in inputs]))
    assert flat.size == 0 or (flat[0] > -1 and flat[-1] < 1)
    assert (np.abs(flat) > 0.003).all()
    assert (np.diff(flat) > 0.006).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(layout=layouts(), shapes=broadcastable_shapes(1), dtype=floating_dtypes())
def test_arranged_arrays_are_equal(layout: Any, shapes: Any, dtype: Any) -> None:
    (x,) = values(shapes, seed=1)
    arranged = arrange(x.astype(dtype), layout)
    assert arranged.dtype == dtype
    assert arranged.shape == x.shape
    np.testing.assert_array_equal(arranged, x.astype(dtype))
    if layout == "read-only":
        assert not arranged.flags.writeable
    if x.size > 1 and min(x.shape) > 1 and layout in ("strided", "reversed"):
        assert not arranged.flags.c_contiguous


def test_a_large_output_hides_no_wrong_gradient() -> None:
    with pytest.raises(GradientCheckError):
        check_gradients(lambda x: 1e5 + x.detach() * x, np.ones(3), order=1)


BUFFER = np.empty(4)

MESSAGES = {
    "the worst element": (
        lambda: sine(lambda g, y, x: g * np.cos(x) * np.where(x == X[1, 0], 1.5, 1)),
        [X],
        r"^sine: order 1, input 0: the derivative of output \[1, 0\] by element \[1, 0\], where it "
        r"is 0\.7, is 1\.14726328\d+, and 0\.764842187\d+ by finite differences \(1 of the 4 "
        r"elements of shape \(2, 2\), float64, are wrong\)$",
    ),
    "a sign": (lambda: sine(lambda g, y, x: -g * np.cos(x)), [X], "4 of the 4 .*a sign is wrong$"),
    "NaN": (lambda: sine(lambda g, y, x: g * np.nan), [X], "is nan, and .*NaN comes of 0"),
    "a constant": (
        lambda: lambda x: x.detach() * 2 + 0 * x,
        [X],
        "is 0, and 2 .*is something a con",
    ),
    "no axes": (
        lambda: Primitive("thrice", lambda x: 3 * x, [lambda g, y, x: 6 * g]),
        [2.0],
        "thrice: .*derivative of the output by the input, where it is 2, is 6, and 3 .*once",
    ),
    "a kink": (
        lambda: sine(lambda g, y, x: g * np.where(x == 0, 7, x > 0), lambda x: np.maximum(x, 0)),
        [[0.0, 1.0]],
        r"element \[0\], where it is 0, is 7, and from 0 to 1 by finite differences.* a kink: a",
    ),
    "a tie": (
        lambda: Primitive(
            "larger", np.maximum, [lambda g, y, a, b: g * (a >= b), lambda g, y, a, b: g * (b >= a)]
        ),
        [X[0], X[0]],
        r"larger: .*the 2 elements that are all -1\.2, moved together, is 2, and 1 by .*sum to",
    ),
    "a tie of zeros": (
        lambda: Primitive(
            "larger", np.maximum, [lambda g, y, a, b: g * (a >= b), lambda g, y, a, b: g * (b >= a)]
        ),
        [np.zeros(2), np.zeros(2)],
        r"moved together, is 2, and 1 by .*sum to",
    ),
    "second order": (
        lambda: sine(lambda g, y, x: g * np.cos(constant(x))),
        [X],
        "order 2, input 0: the derivative of the slope, as computed with create_graph=True, by",
    ),
    "imaginary parts": (
        lambda: Primitive("square", np.square, [lambda g, y, x: g * 2 * x.real]),
        [X * (1 + 1j)],
        r"by the imaginary part of element \[",
    ),
    "one of many": (
        lambda: sine(lambda g, y, x: g * np.cos(x) * np.where(x == 3, 1.1, 1)),
        [np.append(np.linspace(0, 1, 3000), 3.0)],
        r"output \[3000\] by element \[3000\], where it is 3, .*at least 1 of the 3001 elements",
    ),
    "not linear": (
        lambda: sine(lambda g, y, x: np.clip(g, -9, 9) * np.cos(x)),
        [X],
        "not linear in the cotangent, or depends on its layout: at",
    ),
    "not finite": (lambda: lambda x: x * np.inf, [X], "4 of 4 results are not finite; give inputs"),
    "a buffer": (
        lambda: sine(lambda g, y, x: g * np.cos(x), lambda x: np.sin(x, out=BUFFER)),
        [np.arange(4.0)],
        "a result is overwritten when the function is called again",
    ),
    "promotion": (
        lambda: sine(lambda g, y, x: g * 2.0, lambda x: x * np.float64(2)),
        [X],
        "sine: in float32, sine makes float64 of float32; its result should have the dtype",
    ),
    "overflow": (
        lambda: sine(lambda g, y, x: g / (1 + np.exp(-x)), lambda x: np.log(1 + np.exp(x))),
        [[1.0, 100.0]],
        r"in float32, the result is inf at \[1\], where float64 gives 100",
    ),
    "overflow of a gradient": (
        lambda: sine(lambda g, y, x: g * np.exp(x) / (1 + np.exp(x)), ag.softplus),
        [[1.0, 100.0]],
        r"in float32, the gradient of input 0 is nan at \[1\], where float64 gives",
    ),
    "layouts": (
        lambda: sine(
            lambda g, y, x: g * np.cos(x), lambda x: np.sin(x) + 1e-3 * x.flags.c_contiguous
        ),
        [X.T],
        r"the result depends on how the inputs lie in memory: at \[",
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_wrong_is_told(name: str) -> None:
    op, inputs, message = MESSAGES[name]
    with pytest.raises(GradientCheckError, match=message), np.errstate(all="ignore"):
        check_gradients(op(), *inputs)


def test_inputs_that_were_changed_are_given_back() -> None:
    x = X.copy()
    broken = Primitive("broken", overwrite_input, [lambda g, y, x: g * np.cos(x)])
    with pytest.raises(GradientCheckError, match="broken: input 0 was changed"):
        check_gradients(broken, x)
    np.testing.assert_array_equal(x, X)


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (np.sqrt, [0.0, 1.0]),
        (lambda x: x**1.5, [0.0, 2.0]),
        (np.sign, [0.0, -2.0]),
        (np.cbrt, [0.0, 1.0]),
        (lambda x: np.sqrt(x * x + 1), [1e15, 1.0]),
    ],
)
def test_ends_of_domains_jumps_and_large_values_pass(function: Any, x: Any) -> None:
    check_gradients(function, x)


def test_operands_without_bounds_are_of_every_kind() -> None:
    seen: set[str] = set()

    @settings(max_examples=200, deadline=None, derandomize=True, database=None)
    @given(operands(2))
    def look(inputs: tuple[Any, ...]) -> None:
        flat = np.concatenate([x.reshape(-1) for x in inputs])
        traits = {
            "empty": any(x.size == 0 for x in inputs),
            "five axes": any(x.ndim == 5 for x in inputs),
            "large": any(x.size >= 28 for x in inputs),
            "far": (abs(flat) > 89).any(),
            "near": ((abs(flat) < 0.01) & (flat != 0)).any(),
            "zero": (flat == 0).any(),
            "whole": ((flat == np.rint(flat)) & (flat != 0)).any(),
            "tied": np.unique(flat).size < flat.size,
        }
        seen.update(trait for trait, there in traits.items() if there)

    look()
    assert len(seen) == 8


@pytest.mark.parametrize(("low", "high"), [(0.5, None), (None, -0.5), (200.0, None), (-1.0, 3.0)])
def test_operands_keep_to_the_bounds_there_are(low: Any, high: Any) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(operands(2, low=low, high=high))
    def look(inputs: tuple[Any, ...]) -> None:
        for x in inputs:
            assert low is None or (x >= low).all()
            assert high is None or (x <= high).all()

    look()


def test_complex_operands_are_drawn() -> None:
    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(operands(complex=True))
    def look(inputs: tuple[Any, ...]) -> None:
        assert inputs[0].dtype == np.complex128
        assert (abs(inputs[0].imag) >= 0.2).all()

    look()
