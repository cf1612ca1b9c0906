"""Transforms of functions: right derivatives of every order, nested, and of every container."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import (
    Primitive,
    Tensor,
    checkpoint,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)
from autograd_lite.errors import (
    DomainError,
    DTypeError,
    GraphError,
    IndexingError,
    ShapeError,
    UnsupportedError,
)
from autograd_lite.testing.strategies import values

A = np.random.default_rng(0).standard_normal((4, 3))


def network(p):
    """Return a vector of two, from a nested container."""
    hidden = np.tanh(p["x"] @ p["w"][0]) * p["scale"]
    return np.sin(hidden @ p["w"][1]) + p["x"].sum()


def loss(p):
    return (network(p) ** 2).sum() / 3


def tree(seed, n=3):
    x, w, v, scale = values(((n,), (n, 4), (4, 2), ()), seed)
    return {"x": x, "w": [w, v], "scale": float(scale), "name": "net"}


def flat(t):
    parts = [t["x"], *t["w"], t["scale"]]
    return np.concatenate([np.ravel(p.data if isinstance(p, Tensor) else p) for p in parts])


def moved(t, direction, step):
    return ag.tree_map(lambda a, b: a + step * b, t, direction)


# ---------------------------------------------------------------------- against finite differences


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 4))
def test_directional_derivatives_match_finite_differences(seed, n):
    p, v = tree(seed, n), tree(seed + 1, n)
    h = 1e-5
    along = (loss(moved(p, v, h)) - loss(moved(p, v, -h))) / (2 * h)
    g = grad(loss)(p)
    np.testing.assert_allclose(flat(g) @ flat(v), along, rtol=1e-6, atol=1e-8)
    y, dy = jvp(network, (p,), (v,))
    np.testing.assert_allclose(y, network(p), rtol=1e-14)
    expected = (network(moved(p, v, h)) - network(moved(p, v, -h))) / (2 * h)
    np.testing.assert_allclose(dy, expected, rtol=1e-6, atol=1e-8)
    (hv,) = hvp(loss, (p,), (v,))
    slopes = [flat(grad(loss)(moved(p, v, step))) for step in (h, -h)]
    np.testing.assert_allclose(flat(hv), (slopes[0] - slopes[1]) / (2 * h), rtol=1e-5, atol=1e-7)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 4))
def test_identities(seed, n):
    p, v = tree(seed, n), tree(seed + 1, n)
    u = np.random.default_rng(seed).standard_normal(2)
    _, pullback = vjp(network, p)
    _, dy = jvp(network, (p,), (v,))
    (g,) = pullback(u)
    np.testing.assert_allclose(dy @ u, flat(g) @ flat(v), rtol=1e-10)  # adjoint
    j = jacobian(network)(p)
    rows = np.stack([flat(pullback(unit)[0]) for unit in np.eye(2)])
    whole = np.concatenate([x.reshape(2, -1) for x in (j["x"], *j["w"], j["scale"])], axis=1)
    np.testing.assert_allclose(whole, rows, rtol=1e-12)
    np.testing.assert_allclose(whole @ flat(v), dy, rtol=1e-10)
    h = hessian(lambda x: loss({**p, "x": x}))(p["x"])
    np.testing.assert_allclose(h, h.T, rtol=1e-10, atol=1e-13)
    (hv,) = hvp(lambda x: loss({**p, "x": x}), (p["x"],), (v["x"],))
    np.testing.assert_allclose(h @ v["x"], hv, rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------- values and structures


def test_values_and_gradients_of_plain_numpy():
    value, g = value_and_grad(lambda x: np.sum(np.sin(x) ** 2))(A)
    np.testing.assert_allclose(value, np.sum(np.sin(A) ** 2))
    np.testing.assert_allclose(g, np.sin(2 * A))
    assert type(value) is np.float64
    assert type(g) is np.ndarray


def test_argnums_and_keywords():
    def f(a, b, *, c):
        return a * b**2 * c

    assert grad(f, 1)(2.0, 3.0, c=5.0).item() == 60.0
    assert grad(f, -1)(2.0, 3.0, c=5.0).item() == 60.0
    a, b = grad(f, (0, 1))(2.0, 3.0, c=5.0)
    assert (a.item(), b.item()) == (45.0, 60.0)
    assert [g.item() for g in grad(f, [1])(2.0, 3.0, c=5.0)] == [60.0]
    assert grad(f, np.int64(1))(2.0, 3.0, c=5.0).item() == 60.0
    h = hessian(f, (0, 1))(2.0, 3.0, c=5.0)
    assert [[x.item() for x in row] for row in h] == [[0.0, 30.0], [30.0, 20.0]]


@pytest.mark.parametrize(
    "transform",
    [grad, value_and_grad, elementwise_grad, jacobian, hessian],
    ids=lambda t: t.__name__,
)
def test_argnum_is_another_name(transform):
    def f(a, b):
        return a * b**3

    assert transform(f, argnum=1)(2.0, 3.0) == transform(f, argnums=1)(2.0, 3.0)
    assert transform(f, argnum=[0, 1])(2.0, 3.0) == transform(f, (0, 1))(2.0, 3.0)
    assert transform(f, argnum=0)(2.0, 3.0) == transform(f)(2.0, 3.0)
    with pytest.raises(IndexingError, match=rf"^{transform.__name__}: argnum is another name"):
        transform(f, 0, argnum=1)


def test_elementwise_gradients_are_those_of_the_sum():
    for f, derivative in (
        (np.sin, np.cos),
        (lambda x: x, np.ones_like),
        (lambda x: (x > 0) * x**2, lambda x: (x > 0) * 2 * x),
        (lambda x: x @ np.ones((3, 2)), lambda x: np.full_like(x, 2)),
        (lambda x: {"a": x**2, "b": [np.exp(x)]}, lambda x: 2 * x + np.exp(x)),
    ):
        np.testing.assert_allclose(elementwise_grad(f)(A), derivative(A))
    second = elementwise_grad(elementwise_grad(np.tanh))(A)
    np.testing.assert_allclose(second, -2 * np.tanh(A) * (1 - np.tanh(A) ** 2))
    assert elementwise_grad(lambda x, y: x * y, 1)(A, A).tolist() == A.tolist()
    g, aux = elementwise_grad(lambda x: (x**2, x.sum()), has_aux=True)(A)
    np.testing.assert_allclose(g, 2 * A)
    np.testing.assert_allclose(aux, A.sum())
    with pytest.raises(DTypeError, match=r"^elementwise_grad of a .* returned complex128"):
        elementwise_grad(lambda x: x * 1j)(A)
    with pytest.raises(GraphError, match=r"^elementwise_grad of a .* returned nothing floating"):
        elementwise_grad(lambda x: x > 0)(A)


@pytest.mark.parametrize("argnums", ["x", 1.0, (0, 0), (), 1, [0, "y"]])
def test_argnums_must_name_arguments(argnums):
    with pytest.raises(IndexingError, match=r"grad.*argument|argnums"):
        grad(np.sin, argnums)(1.0)


@pytest.mark.parametrize(
    "transform", [grad, value_and_grad, elementwise_grad, jacobian, hessian, checkpoint]
)
def test_only_functions_can_be_transformed(transform):
    name = transform.__name__
    with pytest.raises(UnsupportedError, match=rf"{name} of a float, .* {name}\(f\)\(x\), with"):
        transform(1.0)

    def named(x):
        """Say what it is."""
        return x

    assert transform(named).__name__ == "named"
    assert transform(named).__doc__ == "Say what it is."


def test_aux():
    g, aux = grad(lambda x: (x**2, {"x": x, "n": 3}), has_aux=True)(2.0)
    assert g.item() == 4.0
    assert aux["n"] == 3
    assert type(aux["x"]) is np.float64
    for transform, expected in ((jacobian, 4.0), (hessian, 2.0)):
        found, aux = transform(lambda x: (x**2, {"x": x, "n": 3}), has_aux=True)(2.0)
        assert (found.item(), aux["x"].item(), aux["n"]) == (expected, 2.0, 3)
        assert type(aux["x"]) is np.float64
    (value, _aux), g = value_and_grad(lambda x: (x**2, None), has_aux=True)(2.0)
    assert (value.item(), g.item()) == (4.0, 4.0)
    y, pullback, aux = vjp(lambda x: (x**2, "aux"), 2.0, has_aux=True)
    assert (y.item(), pullback(1.0)[0].item(), aux) == (4.0, 4.0, "aux")
    assert jvp(lambda x: (x**2, "aux"), (2.0,), (1.0,), has_aux=True)[2] == "aux"


def test_a_pullback_can_be_called_again_and_takes_a_container():
    y, pullback = vjp(lambda a, b: {"sum": a + b, "parts": [a * b, 7]}, A, 2.0)
    assert y["parts"][1] == 7
    for _ in range(2):
        da, db = pullback({"sum": np.ones((4, 3)), "parts": [A, None]})
        np.testing.assert_allclose(da, 1 + 2 * A)
        np.testing.assert_allclose(db, 12 + (A**2).sum())


U = np.array([1.0, 10.0])
V = np.array([3.0, -2.0])


@pytest.mark.parametrize(
    ("f", "cotangents", "by_a", "by_b"),
    [
        (lambda a, b: a, U, U, 0 * U),
        (lambda a, b: b, U, 0 * U, U),
        (lambda a, b: (b, a), (U, V), V, U),
        (lambda a, b: (a, a), (U, V), U + V, 0 * U),
        (lambda a, b: [a, {"sum": a + b, "b": b}], [U, {"sum": V, "b": U}], U + V, V + U),
        (lambda a, b: (a * b, a), (U, V), U * V + V, U * U),
        (lambda a, b: (a, Tensor([1.0, 2.0]), b, 7), (U, V, V, None), U, V),
        (lambda a, b: (a * 1, a, a[::-1]), (U, U, U), U + U + U[::-1], 0 * U),
    ],
)
def test_an_output_may_be_an_argument(f, cotangents, by_a, by_b):
    for kind in (np.asarray, Tensor, lambda x: Tensor(x, requires_grad=True)):
        _, pullback = vjp(f, kind(U), kind(V))
        for _ in range(2):
            a, b = pullback(cotangents)
            np.testing.assert_array_equal(getattr(a, "data", a), by_a)
            np.testing.assert_array_equal(getattr(b, "data", b), by_b)
    with no_grad():
        np.testing.assert_array_equal(vjp(f, U, V)[1](cotangents)[0], by_a)


def test_an_output_may_be_an_argument_of_complex_numbers():
    z, c = U + 1j * V, V - 2j * U
    np.testing.assert_array_equal(vjp(lambda t: t, z)[1](c)[0], c)
    np.testing.assert_array_equal(vjp(lambda t: (t, 1j * t), z)[1]((c, c))[0], c - 1j * c)
    a, b = vjp(lambda a, b: (b, a), z, U)[1]((U, c))
    np.testing.assert_array_equal(a, c)
    np.testing.assert_array_equal(b, U)


def test_other_derivatives_of_the_identity():
    def swapped(a, b):
        return b, a, b

    assert jvp(lambda t: t, (U,), (V,))[1].tolist() == V.tolist()
    assert [t.tolist() for t in jvp(swapped, (U, V), (V, U))[1]] == [[1, 10], [3, -2], [1, 10]]
    (aa, ab), (ba, bb) = jacobian(lambda a, b: (a, b), (0, 1))(U, V)
    for block, expected in ((aa, np.eye(2)), (ab, 0), (ba, 0), (bb, np.eye(2))):
        np.testing.assert_array_equal(block, np.zeros((2, 2)) + expected)
    assert hessian(lambda t: t)(2.0) == 0
    assert hvp(lambda t: t, (2.0,), (3.0,)) == (0.0,)
    assert grad(lambda t: t)(2.0) == 1


def test_pullbacks_of_the_identity_inside_of_other_transforms():
    def twice(t):
        a, b = vjp(lambda s, r: (r, s), t, 2 * t)[1]((t, t**2))
        return (a + b).sum()

    np.testing.assert_array_equal(grad(twice)(U), 2 * U + 1)
    np.testing.assert_array_equal(
        grad(lambda u: vjp(lambda s: (s, s), U)[1]((u, u))[0] @ u)(V), 4 * V
    )
    w = Tensor(V, requires_grad=True)
    (g,) = vjp(lambda t: (t, 3 * t), U)[1]((w, w))
    g.sum().backward()
    np.testing.assert_array_equal(w.grad, [4, 4])


def test_an_output_that_was_assigned_into_and_an_argument():
    def f(x):
        y = x.copy()
        y[0] = x[1]
        return y, x

    np.testing.assert_array_equal(vjp(f, U)[1]((V, U))[0], [1, 3 - 2 + 10])


def test_jacobians_of_containers_are_nested():
    j = jacobian(lambda p, q: {"a": p[0] * q, "b": (q.sum(),)}, (0, 1))((A[0], 2.0), A[1])
    (dp, dq) = j["a"]
    np.testing.assert_allclose(dp[0], np.diag(A[1]))
    assert dp[1].shape == (3,)
    np.testing.assert_allclose(dq, np.diag(A[0]))
    (dp, dq) = j["b"][0]
    assert dp[0].tolist() == [0, 0, 0]
    assert dq.tolist() == [1, 1, 1]


def test_outputs_that_do_not_depend_on_the_input_have_zero_derivatives():
    x = np.ones(3)
    constant = ag.as_tensor([1.0, 2.0])
    assert grad(lambda x: constant.sum())(x).tolist() == [0, 0, 0]
    assert grad(lambda x, y: y.sum())(x, Tensor(x)).tolist() == [0, 0, 0]
    assert jacobian(lambda x: constant)(x).shape == (2, 3)
    assert jvp(lambda x: constant, (x,), (x,))[1].tolist() == [0, 0]
    assert vjp(lambda x: constant, x)[1](np.ones(2))[0].tolist() == [0, 0, 0]
    assert hessian(lambda x: x.sum())(x).tolist() == np.zeros((3, 3)).tolist()
    assert hvp(lambda x: x.sum(), (x,), (x,))[0].tolist() == [0, 0, 0]
    assert jacobian(lambda x: (x > 0) * 1.0)(x).tolist() == np.zeros((3, 3)).tolist()


def test_dtypes_are_kept():
    x = np.ones(2, np.float32)
    assert grad(lambda x: (x**2).sum())(x).dtype == np.float32
    assert jacobian(lambda x: x**2)(x).dtype == np.float32
    assert jacobian(lambda x: x[[0, 0, 1, 1, 0]])(x).dtype == np.float32
    assert jvp(lambda x: x**2, (x,), (np.ones(2),))[1].dtype == np.float32
    assert hessian(lambda x: (x**3).sum())(x).dtype == np.float32


def test_zero_sizes():
    x = np.zeros((0,))
    assert grad(lambda x: x.sum())(x).shape == (0,)
    assert jacobian(lambda x: x * 2)(x).shape == (0, 0)
    assert hessian(lambda x: (x**2).sum())(x).shape == (0, 0)
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)


def test_results_share_no_memory_with_anything():
    x = np.ones(3)
    cotangent = np.ones(3)
    (a, b) = vjp(lambda a, b: a + b, x, x.copy())[1](cotangent)
    assert not np.shares_memory(a, b)
    assert not np.shares_memory(a, cotangent)
    np.testing.assert_array_equal(x, 1)


def test_arguments_that_cannot_vary_are_passed_unchanged():
    def power(x, n, name):
        assert (n, name) == (3, "cube")
        return x**n

    args = (2.0, 3, "cube")
    assert [g if g is None else g.item() for g in vjp(power, *args)[1](1.0)] == [12.0, None, None]
    assert jvp(power, args, (1.0, None, None))[1].item() == 12.0
    found = hvp(power, args, (1.0, 7, None))
    assert (found[0].item(), found[1:]) == (12.0, (None, None))
    for call in (lambda: vjp(power, 3), lambda: jvp(power, (), ())):
        with pytest.raises(DTypeError, match="its arguments, where nothing is floating"):
            call()


# ---------------------------------------------------------------------- nesting


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0).item() == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0).item() == 6.0
    assert grad(lambda x: grad(lambda x: x**2)(x) * x)(3.0).item() == 12.0
    assert (
        jvp(lambda x: x * jvp(lambda y: x * y, (1.0,), (1.0,))[1], (3.0,), (1.0,))[1].item() == 6.0
    )
    assert grad(lambda x: jvp(lambda y: x * y**2, (x,), (x,))[1])(2.0).item() == 24.0
    assert jacobian(lambda x: x * jacobian(lambda y: x * y)(x).sum())(np.ones(2)).shape == (2, 2)


def test_the_same_tensor_twice_is_two_arguments():
    x = Tensor(3.0, requires_grad=True)
    a, b = grad(lambda a, b: a * b**2, (0, 1))(x, x)
    assert (a.item(), b.item()) == (9.0, 18.0)
    (a + b).backward()
    assert x.grad.item() == 2 * 3 + (2 * 3 + 2 * 3)  # of x**2 + 2 x * x


def test_every_depth():
    f = np.sin
    for expected in (np.cos(0.3), -np.sin(0.3), -np.cos(0.3), np.sin(0.3), np.cos(0.3)):
        f = grad(f)
        np.testing.assert_allclose(f(0.3), expected, rtol=1e-12)
    third = jacobian(jacobian(jacobian(lambda x: x**3)))(np.array([2.0, 3.0]))
    expected = np.zeros((2,) * 4)
    expected[0, 0, 0, 0] = expected[1, 1, 1, 1] = 6
    np.testing.assert_allclose(third, expected)
    fourth = hessian(lambda x: hessian(lambda y: (y**4).sum())(x).sum())(np.array([1.0, 2.0]))
    np.testing.assert_allclose(fourth, 24 * np.eye(2))
    along = jvp(grad(lambda x: (x**4).sum()), (A,), (A,))[1]
    np.testing.assert_allclose(along, 12 * A**3)
    np.testing.assert_allclose(
        grad(lambda x: hvp(lambda y: (y**3).sum(), (x,), (x,))[0].sum())(A), 12 * A
    )


@pytest.mark.parametrize("transform", ["grad", "vjp", "jvp", "jacobian", "wide", "hvp", "hessian"])
def test_an_outer_backward_goes_through(transform):
    x = Tensor(A[0], requires_grad=True)
    w = Tensor(2.0, requires_grad=True)

    def f(y):
        return (w * y**3).sum()

    x2, x1 = 12 * A[0], 6 * A[0] ** 2
    found, by_x, by_w = {
        "grad": lambda: (grad(f)(x), x2, x1 / 2),
        "vjp": lambda: (vjp(f, x)[1](1.0)[0], x2, x1 / 2),
        "jvp": lambda: (jvp(f, (x,), (np.ones(3),))[1], x2, x1 / 2),
        "jacobian": lambda: (jacobian(f)(x), x2, x1 / 2),
        "wide": lambda: (jacobian(lambda y: f(y) * np.ones(50))(x) / 50, x2, x1 / 2),
        "hvp": lambda: (hvp(f, (x,), (np.ones(3),))[0], 0 * A[0] + 12, x2 / 2),
        "hessian": lambda: (hessian(f)(x), 0 * A[0] + 12, x2 / 2),
    }[transform]()
    found.sum().backward()
    np.testing.assert_allclose(x.grad, by_x)
    np.testing.assert_allclose(w.grad, by_w.sum())


def test_tangents_and_cotangents_can_be_differentiated():
    v = Tensor(A[0], requires_grad=True)
    jvp(lambda x: x**2, (A[1],), (v,))[1].sum().backward()
    np.testing.assert_allclose(v.grad, 2 * A[1])
    u = Tensor(A[0], requires_grad=True)
    vjp(lambda x: x**3, A[1])[1](u)[0].sum().backward()
    np.testing.assert_allclose(u.grad, 3 * A[1] ** 2)


def test_results_are_constant_under_no_grad():
    x = Tensor(3.0, requires_grad=True)
    with no_grad():
        value, g = value_and_grad(lambda y: x * y**2)(x)
        assert (value.item(), g.item()) == (27.0, 18.0)
        assert not value.requires_grad
        assert not g.requires_grad
        assert not jvp(lambda y: x * y, (x,), (1.0,))[1].requires_grad
        assert grad(grad(lambda y: y**3))(2.0).item() == 12.0


@pytest.mark.parametrize(
    "inner",
    [
        lambda f: grad(f)(3.0),
        lambda f: value_and_grad(f)(3.0)[0],
        lambda f: jacobian(f)(3.0),
        lambda f: jacobian(lambda x: f(x) * np.ones(9))(3.0)[0],
        lambda f: hessian(f)(3.0),
        lambda f: hvp(f, (3.0,), (1.0,))[0],
        lambda f: jvp(f, (3.0,), (1.0,))[1],
        lambda f: vjp(f, 3.0)[0],
        lambda f: vjp(f, 3.0)[1](1.0)[0],
    ],
)
def test_a_result_is_not_recorded_for_the_variables_of_an_inner_transform(inner):
    found = grad(lambda a: inner(lambda x: a**2 * x**3))(2.0)
    assert type(found) is np.float64
    assert found in (2 * 2 * 27, 2 * 2 * 18)


def test_checkpoints_in_the_result_of_a_transform():
    w = Tensor(2.0, requires_grad=True)
    f = checkpoint(lambda x: np.sin(x) * x)
    y, pullback = vjp(lambda x: f(x) * w, 1.0)
    expected = (np.cos(1.0) + np.sin(1.0)) * w.data
    np.testing.assert_allclose(pullback(1.0)[0].data, expected)
    value, slope = value_and_grad(lambda x: f(x) * w)(1.0)
    (y + value + slope).backward()
    np.testing.assert_allclose(w.grad, 3 * np.sin(1.0) + np.cos(1.0))


def test_nothing_is_left_in_grad():
    x = Tensor(3.0, requires_grad=True)
    w = Tensor(3.0, requires_grad=True)
    hessian(lambda y: y**2 * w)(x)
    jvp(lambda y: y * w, (x,), (1.0,))
    assert x.grad is None
    assert w.grad is None


def test_a_graph_from_outside_can_be_used_inside():
    x = Tensor(2.0, requires_grad=True)
    z = x**2
    with no_grad():
        assert grad(lambda y: z * y**2)(3.0).item() == 24.0
    z.backward()  # not released
    assert x.grad.item() == 4.0


# ---------------------------------------------------------------------- complex numbers

Z = np.array([1 + 2j, -0.5 + 0.25j])


def test_complex_gradients_point_uphill():
    g = grad(lambda z: (z * np.conjugate(z)).real.sum())(Z)
    np.testing.assert_allclose(g, 2 * Z)


def test_complex_jacobians_are_derivatives():
    np.testing.assert_allclose(jacobian(np.exp)(Z), np.diag(np.exp(Z)))
    x = Z.real
    np.testing.assert_allclose(jacobian(lambda x: np.exp(x * 1j))(x), np.diag(1j * np.exp(1j * x)))
    np.testing.assert_allclose(jacobian(lambda z: (z * np.conjugate(z)).real)(Z), np.diag(2 * Z))
    third = jacobian(jacobian(lambda z: z**3))(Z)
    np.testing.assert_allclose(np.einsum("iii->i", third), 6 * Z)
    zeros = jacobian(lambda x: ag.as_tensor(Z))(x)
    assert (zeros.dtype, zeros.shape) == (np.complex128, (2, 2))


def test_a_function_that_is_not_holomorphic_has_no_jacobian():
    with pytest.raises(DomainError, match=r"isn't holomorphic.*use\s+jvp"):
        jacobian(np.conjugate)(Z)


def test_complex_jvp_and_vjp_are_adjoint():
    def f(z):
        return z**2 * np.conjugate(z) + z.real

    v, u = np.array([0.3 - 1j, 2 + 1j]), np.array([1j, 0.5 - 2j])
    h = 1e-6
    _, dy = jvp(f, (Z,), (v,))
    np.testing.assert_allclose(dy, (f(Z + h * v) - f(Z - h * v)) / (2 * h), rtol=1e-8)
    (g,) = vjp(f, Z)[1](u)
    np.testing.assert_allclose(np.vdot(u, dy).real, np.vdot(g, v).real, rtol=1e-12)


def test_complex_hvp():
    def f(z):
        return ((z * np.conjugate(z)) ** 2).real.sum()

    v = np.array([0.3 - 1j, 2 + 1j])
    h = 1e-6
    (found,) = hvp(f, (Z,), (v,))
    slopes = [grad(f)(Z + s * v) for s in (h, -h)]
    np.testing.assert_allclose(found, (slopes[0] - slopes[1]) / (2 * h), rtol=1e-7)


# ---------------------------------------------------------------------- errors

once = Primitive(
    "once", lambda x: x**2, [lambda g, y, x: g * 2 * x], elementwise=True, first_order_only=True
)


def test_first_order_ops_have_first_derivatives_and_refuse_second_ones():
    x = np.array([1.0, 3.0])
    assert grad(lambda x: once(x).sum())(x).tolist() == [2.0, 6.0]
    assert jacobian(once)(x).tolist() == [[2.0, 0.0], [0.0, 6.0]]
    assert jacobian(lambda x: once(x[0]) * np.ones(9))(x).shape == (9, 2)
    second = {
        "hessian": lambda f: hessian(f)(x),
        "hvp": lambda f: hvp(f, (x,), (x,)),
        "jvp": lambda f: jvp(f, (x,), (x,)),
        "grad": lambda f: grad(lambda x: grad(f)(x).sum())(x),
        "jacobian": lambda f: jacobian(jacobian(f))(x),
    }
    for name, transform in second.items():
        with pytest.raises(UnsupportedError, match=f"^{name}: once has no second derivative"):
            transform(lambda x: once(x).sum())


@pytest.mark.parametrize(
    ("call", "error", "complaint"),
    [
        (lambda: grad(lambda x: x * 2)(A), ShapeError, r"shape \(4, 3\); reduce.*jacobian.*vjp"),
        (lambda: grad(lambda x: x.sum())(3), DTypeError, r"argument 0.*\(int\); give floats"),
        (lambda: hessian(np.sum)(3), DTypeError, r"^hessian with respect to argument 0"),
        (lambda: grad(np.sum)(np.arange(3)), DTypeError, r"ndarray of int64"),
        (lambda: grad(lambda x: x["a"])({"a": 1}), DTypeError, "dict"),
        (lambda: grad(lambda x: x * 1j)(1.0), DTypeError, "returned complex128"),
        (lambda: grad(lambda x: 3.0)(1.0), GraphError, "returned a float, which has no graph"),
        (lambda: grad(lambda x: x.numpy())(1.0), GraphError, "returned a ndarray"),
        (lambda: grad(lambda x: x > 1)(1.0), DTypeError, "returned bool.* comparisons have no"),
        (lambda: grad(lambda x: x)(x=1.0), IndexingError, "0 are given by position; .* keyword"),
        (lambda: vjp(1.0, 1.0), UnsupportedError, r"vjp of a float.* vjp\(f, x\)"),
        (lambda: jvp(1.0, (1.0,), (1.0,)), UnsupportedError, r"jvp\(f, \(x,\), \(v,\)\)"),
        (lambda: hvp(1.0, (1.0,), (1.0,)), UnsupportedError, r"hvp\(f, \(x,\), \(v,\)\)"),
        (lambda: grad(lambda x: (x, 1))(1.0), GraphError, "or .value, aux. with has_aux"),
        (lambda: grad(lambda x: x, has_aux=True)(1.0), ShapeError, "a tuple .value, aux."),
        (lambda: grad(lambda x: x, 1)(1.0), IndexingError, "argument 1, where 1 are given"),
        (lambda: grad(lambda x: x, (0, 0))(1.0), IndexingError, "each once"),
        (lambda: grad(lambda x: x, ())(1.0), IndexingError, "must name arguments"),
        (lambda: vjp(lambda x: x, A)[1](A[0]), ShapeError, r"vjp: cotangents has shape \(3,\)"),
        (lambda: vjp(lambda x: [x], A)[1](A), ShapeError, "vjp: cotangents is a ndarray where a"),
        (lambda: vjp(lambda x: x, 1.0)[1](1j), DTypeError, "complex128, and needs to be real"),
        (lambda: vjp(lambda x: x, 1.0)[1]("u"), DTypeError, "cotangents must be an array"),
        (lambda: vjp(lambda x: x.data, 1.0), GraphError, "the result of the function is a"),
        (lambda: jvp(lambda x: None, (1.0,), (1.0,)), GraphError, "returned nothing floating"),
        (lambda: jvp(lambda x: x, (1.0,), (1.0, 2.0)), ShapeError, "length 2, where .* length 1"),
        (
            lambda: jvp(lambda p: p["l"][0], ({"l": [A]},), ({"l": [A[0]]},)),
            ShapeError,
            r'jvp: tangents\[0\]\["l"\]\[0\] has shape \(3,\), and needs shape \(4, 3\)',
        ),
        (
            lambda: hvp(lambda p: p["l"][0].sum(), ({"l": [A]},), ({"l": A},)),
            ShapeError,
            r'hvp: tangents\[0\]\["l"\] is a ndarray where a list',
        ),
        (lambda: jvp(np.sin, A, A), DTypeError, "jvp: primals must be a tuple or list"),
        (lambda: hvp(np.sum, (A,), A), DTypeError, r"hvp: tangents must be .* a ndarray"),
        (lambda: grad(np.sum)(np.ma.array([1.0], mask=True)), DTypeError, "masked"),
        (lambda: hvp(lambda x: x, (A,), (A,)), ShapeError, "^hvp of a function that returned"),
        (lambda: hessian(lambda x: x)(A), ShapeError, "^hessian of a function that returned"),
    ],
)
def test_errors_say_what_to_do(call, error, complaint):
    with pytest.raises(error, match=complaint):
        call()


def test_assigning_into_an_argument_is_refused():
    def f(x):
        x[0] = 0.0
        return x.sum()

    for x in (np.ones(3), Tensor(np.ones(3), requires_grad=True)):
        with pytest.raises(GraphError, match="copy"):
            grad(f)(x)
        assert x.tolist() == [1, 1, 1]


def test_an_error_inside_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: x / (1 // 0))(1.0)
    assert ag.is_recording()
    with no_grad():
        with pytest.raises(ZeroDivisionError):
            grad(lambda x: x / (1 // 0))(1.0)
        assert not ag.is_recording()


def test_infinite_slopes_raise_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert jacobian(np.sqrt)(np.zeros(1)).tolist() == [[np.inf]]
        assert jvp(np.sqrt, (0.0,), (1.0,))[1].item() == np.inf
