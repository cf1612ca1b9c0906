"""The graph: how gradients flow through it, and when it is released."""

import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from autograd_lite import Primitive, Tensor, gradients
from autograd_lite.errors import DTypeError, GraphError

from .building import leaf, leaves

# ---------------------------------------------------------------- accumulation


def test_backward_adds_to_the_grad_of_leaves():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    assert_array_equal(x.grad.data, [2.0, 4.0])
    (3 * x).sum().backward()
    assert_array_equal(x.grad.data, [5.0, 7.0])


def test_adding_to_a_grad_leaves_the_earlier_grad_tensor_alone():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    earlier = x.grad
    (3 * x).sum().backward()
    assert_array_equal(earlier.data, [2.0, 4.0])


def test_backward_gives_no_grad_to_intermediates_and_constants():
    x, constant = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    z = x * constant
    z.sum().backward()
    with pytest.warns(UserWarning, match="this is the result of multiply; only leaves get a grad"):
        assert z.grad is None
    assert constant.grad is None
    assert_array_equal(x.grad.data, [3.0, 4.0])


def test_backward_from_a_leaf_gives_it_the_cotangent():
    x = leaf([1.0, 2.0])
    x.backward([3.0, 5.0])
    assert_array_equal(x.grad.data, [3.0, 5.0])


def test_zero_grad_forgets_the_grad():
    x = leaf(2.0)
    (x * x).backward()
    x.zero_grad()
    assert x.grad is None
    (x * x).backward()
    assert x.grad.item() == 4.0


@pytest.mark.parametrize("uses", [2, 3, 5])
def test_a_value_used_several_times_gets_the_sum_of_the_cotangents(uses):
    x = leaf([1.0, 2.0])
    h = x * x
    total = sum((k * h for k in range(1, uses + 1)), start=Tensor(0.0))
    total.sum().backward()
    assert_array_equal(x.grad.data, sum(range(1, uses + 1)) * 2 * x.data)


def test_an_operand_given_twice_gets_both_cotangents():
    x = leaf([1.0, 3.0])
    (x * x - x + x / x).sum().backward()
    assert_allclose(x.grad.data, 2 * x.data - 1, rtol=1e-15)


def test_diamonds_in_a_row_double_the_gradient_each():
    x = leaf(1.0)
    y = x
    for _ in range(50):  # by paths, 2**50 of them
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**50


def test_paths_of_different_lengths_are_added_before_they_go_on():
    x = leaf(0.5)
    h = x * 3
    y = h * ((h + 1) * (h + 2) * h).exp()
    y.backward()
    p = h.item() * (h.item() + 1) * (h.item() + 2)
    slope = 3 * h.item() ** 2 + 6 * h.item() + 2
    assert_allclose(x.grad.item(), 3 * np.exp(p) * (1 + h.item() * slope), rtol=1e-14)


def test_broadcast_operands_get_gradients_of_their_own_shapes():
    a, b, c = leaves((2, 1, 3), (4, 1), ())
    cotangent = np.arange(24.0).reshape(2, 4, 3)
    (a + b - c).backward(cotangent)
    assert_array_equal(a.grad.data, cotangent.sum(axis=1, keepdims=True))
    assert_array_equal(b.grad.data, cotangent.sum(axis=(0, 2))[:, None])
    assert_array_equal(c.grad.data, -cotangent.sum())


def test_rules_of_constants_are_not_called():
    def forbidden(g, y, a, b):
        raise AssertionError("the rule of a constant was called")

    scaled = Primitive("scaled", np.multiply, [lambda g, y, a, b: g * b, forbidden])
    x = leaf([1.0, 2.0])
    scaled(x, Tensor([3.0, 4.0])).backward([1.0, 1.0])
    assert_array_equal(x.grad.data, [3.0, 4.0])


# ---------------------------------------------------------------- gradients()


def test_gradients_at_intermediates_obey_the_chain_rule():
    x, w = leaves((3, 4), (4, 2))
    z = x @ w
    a = z.tanh()
    y = (a * a).sum()
    dx, dw, dz, da = gradients(y, [x, w, z, a])
    assert_allclose(da.data, 2 * a.data, rtol=1e-14)
    assert_allclose(dz.data, da.data * (1 - a.data**2), rtol=1e-14)
    assert_allclose(dx.data, dz.data @ w.data.T, rtol=1e-14)
    assert_allclose(dw.data, x.data.T @ dz.data, rtol=1e-14)


def test_gradients_at_an_intermediate_counts_only_what_goes_through_it():
    x = leaf(3.0)
    h = x * 2
    dh, dx = gradients(h * x, [h, x])
    assert dh.item() == 3.0
    assert dx.item() == 12.0


def test_gradients_at_the_output_itself_is_the_cotangent():
    x = leaf([1.0, 2.0])
    y = x * x
    dy, dx = gradients(y, [y, x], [3.0, 5.0])
    assert_array_equal(dy.data, [3.0, 5.0])
    assert_array_equal(dx.data, [6.0, 20.0])


def test_gradients_changes_no_grad():
    x = leaf(3.0)
    x.grad = Tensor(7.0)
    gradients(x * x, x)
    assert x.grad.item() == 7.0


def test_gradients_of_one_tensor_is_not_a_tuple():
    x = leaf(3.0)
    assert isinstance(gradients(x * x, x), Tensor)
    assert isinstance(gradients(x * x, [x]), tuple)


def test_gradients_keeps_the_order_asked_for():
    a, b, c = leaf(2.0), leaf(3.0), leaf(5.0)
    found = gradients(a * b * c, [c, a, b])
    assert [g.item() for g in found] == [6.0, 15.0, 10.0]


def test_gradients_of_a_tensor_asked_for_twice_are_equal():
    a, b = leaf(2.0), leaf(3.0)
    found = gradients(a * b, [a, b, a])
    assert [g.item() for g in found] == [3.0, 2.0, 3.0]


def test_gradients_calls_only_the_rules_on_the_paths():
    called = []

    def recorded(name):
        def rule(g, y, x):
            called.append(name)
            return g * 2

        return Primitive(name, lambda x: 2 * x, [rule], elementwise=True)

    first, second, other = recorded("first"), recorded("second"), recorded("other")
    x, w = leaf(1.0), leaf(1.0)
    h = first(x)
    assert gradients(second(h) + other(w), h).item() == 2.0
    assert called == ["second"]


def test_gradients_of_inputs_that_the_output_does_not_depend_on():
    x, unused = leaf([1.0, 2.0]), leaf(np.ones((2, 3)))
    with pytest.raises(GraphError, match=r"doesn't depend on wrt\[1\].*allow_unused=True"):
        gradients((x * x).sum(), [x, unused])
    dx, du = gradients((x * x).sum(), [x, unused], allow_unused=True)
    assert_array_equal(dx.data, [2.0, 4.0])
    assert_array_equal(du.data, np.zeros((2, 3)))


def test_gradients_with_respect_to_a_constant_is_an_error():
    x = leaf(1.0)
    with pytest.raises(GraphError, match=r"wrt\[1\] is not a tensor that requires a gradient"):
        gradients(x * x, [x, Tensor(1.0)])


def test_gradients_are_constants_unless_their_graph_is_asked_for():
    x = leaf(3.0)
    assert not gradients(x * x, x).requires_grad
    assert gradients(x * x, x, create_graph=True).requires_grad


def test_float32_stays_float32_through_a_float64_part():
    x = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    y = (x * np.array([3.0, 4.0])).sum()
    assert y.dtype == np.float64
    y.backward()
    assert x.grad.dtype == np.float32
    assert_array_equal(x.grad.data, [3.0, 4.0])


# ---------------------------------------------------------------- release


def test_a_second_backward_needs_the_graph_retained():
    x = leaf(3.0)
    y = x * x
    y.backward()
    with pytest.raises(GraphError, match=r"below this multiply was released.*retain_graph=True"):
        y.backward()
    assert x.grad.item() == 6.0


def test_retain_graph_allows_another_pass():
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12.0
    with pytest.raises(GraphError, match="released"):
        gradients(y, x)


def test_create_graph_retains_unless_told_otherwise():
    x = leaf(3.0)
    y = x * x
    gradients(y, x, create_graph=True)
    gradients(y, x, create_graph=True, retain_graph=False)
    with pytest.raises(GraphError, match="released"):
        y.backward()


def test_a_partly_released_graph_leaves_every_grad_untouched():
    a, b = leaf(2.0), leaf(3.0)
    shared = a * 5
    first, second = shared * 2, shared * b
    first.backward()
    before = a.grad
    with pytest.raises(GraphError, match="released"):
        second.backward()
    assert a.grad is before
    assert a.grad.item() == 10.0
    assert b.grad is None


def test_a_part_that_was_not_passed_through_survives():
    a, b = leaf(2.0), leaf(3.0)
    first, second = a * 5, b * 7
    first.backward()
    (second * b).backward()
    assert b.grad.item() == 42.0


def test_backward_frees_the_intermediates_while_the_output_lives():
    x = leaf([1.0, 2.0])
    h = x * 2
    early = weakref.ref(h)
    y = (h * h).sum()
    del h
    assert early() is not None
    y.backward()
    assert early() is None
    assert y.item() == 20.0


# ---------------------------------------------------------------- higher order


def test_derivatives_of_a_power_to_fourth_order():
    x = leaf([1.5, -2.0])
    expected = [4 * x.data**3, 12 * x.data**2, 24 * x.data, np.full(2, 24.0)]
    y = x**4
    for values in expected:
        y = gradients(y.sum(), x, create_graph=True)
        assert_allclose(y.data, values, rtol=1e-13)


def test_mixed_partials_to_third_order():
    x, y = leaf(1.5), leaf(0.5)
    f = x**2 * y**3 * (x * y).exp()
    fx, fy = gradients(f, [x, y], create_graph=True)
    fxy, fxx = gradients(fx, [y, x], create_graph=True)
    fyx = gradients(fy, x, create_graph=True)
    third = [
        gradients(second, wrt, retain_graph=True).item()
        for second, wrt in [(fxx, y), (fxy, x), (fyx, x)]
    ]
    a, b = x.item(), y.item()
    e = np.exp(a * b)
    # by hand: f_x = e (2 a b^3 + a^2 b^4)
    assert_allclose(fx.item(), e * (2 * a * b**3 + a**2 * b**4), rtol=1e-13)
    assert_allclose(fxy.item(), e * (6 * a * b**2 + 6 * a**2 * b**3 + a**3 * b**4), rtol=1e-13)
    assert_allclose(fyx.item(), fxy.item(), rtol=1e-13)
    by_hand = e * (6 * b**2 + 18 * a * b**3 + 9 * a**2 * b**4 + a**3 * b**5)
    assert_allclose(third, [by_hand] * 3, rtol=1e-13)


def test_backward_through_a_gradient_adds_the_gradient_penalty():
    x = leaf([1.0, 2.0])
    slope = gradients((x**3).sum(), x, create_graph=True)
    (slope**2).sum().backward()  # d/dx (3 x^2)^2 = 36 x^3
    assert_allclose(x.grad.data, 36 * x.data**3, rtol=1e-14)


def test_a_cotangent_that_requires_a_gradient_is_differentiated_too():
    x, v = leaf([1.0, 2.0]), leaf([3.0, 5.0])
    product = gradients(x**3, x, v, create_graph=True)  # v * 3 x^2, linear in v
    assert_allclose(gradients(product.sum(), v).data, 3 * x.data**2, rtol=1e-14)


def test_replacing_data_before_a_recorded_pass_is_an_error():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    x.data = [5.0, 6.0]
    with pytest.raises(GraphError, match="input of multiply was replaced"):
        gradients(y, x, create_graph=True)


# ---------------------------------------------------------------- what gradients() does not change


def test_gradients_at_an_intermediate_keep_the_graph_below_it():
    x = leaf([1.0, 2.0])
    z = x * 3
    z.backward(gradients((z**2).sum(), z))
    assert_array_equal(x.grad.data, [18.0, 36.0])


def test_an_error_about_unused_tensors_releases_nothing():
    x, unused = leaf([1.0, 2.0]), leaf(1.0)
    loss = (x * x).sum()
    with pytest.raises(GraphError, match=r"doesn't depend on wrt\[1\]"):
        gradients(loss, [x, unused])
    first, second = gradients(loss, [x, unused], allow_unused=True)
    assert_array_equal(first.data, [2.0, 4.0])
    assert second.item() == 0


def test_gradients_of_something_else_than_a_tensor_is_an_error():
    with pytest.raises(GraphError, match="float has no graph"):
        gradients(3.0, leaf(1.0))


def test_a_complex_cotangent_is_an_error():
    x = leaf([1.0, 2.0])
    for cotangent in ([1j, 2.0], Tensor([1j, 2.0])):
        with pytest.raises(DTypeError, match="complex128 can't become float64"):
            (x * 2).backward(cotangent)
