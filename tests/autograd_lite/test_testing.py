"""The checker is checked: it accepts right rules, and finds every kind of wrong one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

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
    with pytest.raises(ValueError, match="read-only"):
        check_gradients(sine(in_place), X)


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
