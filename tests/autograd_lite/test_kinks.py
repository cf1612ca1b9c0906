"""Second derivatives through kinks are right or NaN; 0 times infinity is 0 in every rule."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Primitive, Tensor, gradients

INF, NAN = np.inf, np.nan
AB = np.array([[0.0, 0.0], [3.0, 4.0]])
SECOND = np.array([False, True])


@pytest.fixture(autouse=True)
def _divisions_by_zero_are_wanted() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def hessian(f: Callable[..., Any], x: Any) -> np.ndarray[Any, Any]:
    found = np.asarray(ag.hessian(f)(np.array(x, float)))
    n = np.size(x)
    return found.reshape(n, n)


def slope(f: Callable[..., Any], *x: Any) -> Any:
    return np.asarray(ag.grad(f)(*(np.array(v, float) for v in x)))


def lengths(x: Any) -> Any:
    return np.sqrt(np.sum(x * x, axis=-1))


# ---------------------------------------------------------------- right, or NaN

# each entry is f, a point, and the true second derivative of f**2 there
SQUARED: list[Any] = [
    (np.linalg.norm, [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.linalg.norm(x, 1), [0.0], [[2.0]]),
    (lambda x: np.linalg.norm(x, 3), [0.0], [[2.0]]),
    (lambda x: np.linalg.norm(x, np.inf), [0.0], [[2.0]]),
    (lambda x: np.linalg.norm(x, -np.inf), [0.0], [[2.0]]),
    (lambda x: np.linalg.norm(x[:, None], axis=1)[0], [0.0, 1.0], [[2.0, 0], [0, 0]]),
    *[
        (lambda x, ord=ord: np.linalg.norm(x[:, None], ord), [0.0], [[2.0]])
        for ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)
    ],
    (lambda x: np.linalg.norm(x[:, None], 2), [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.linalg.svd(x[:, None], compute_uv=False)[0], [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.sqrt(x[0] * x[0]), [0.0], [[2.0]]),
    (lambda x: np.sqrt(x @ x), [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.sqrt(np.sum(x * x)), [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.sqrt(np.einsum("i,i", x, x)), [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.sqrt(ag.mean_squared_error(x, np.ones(2))), [1.0, 1.0], np.eye(2)),
    (lambda x: np.abs(x[0]), [0.0], [[2.0]]),
    (lambda x: np.fabs(x[0]), [0.0], [[2.0]]),
    (lambda x: np.copysign(x[0], -1.0), [0.0], [[2.0]]),
    (lambda x: np.abs(x[0] + 1j * x[1]), [0.0, 0.0], 2 * np.eye(2)),
    (lambda x: np.abs(np.fft.fft(x))[0], [0.0, 0.0], np.full((2, 2), 2.0)),
    (np.std, [1.0, 1.0], [[0.5, -0.5], [-0.5, 0.5]]),
    (np.nanstd, [1.0, 1.0, NAN], [[0.5, -0.5, 0], [-0.5, 0.5, 0], [0, 0, 0]]),
    (lambda x: np.sqrt(x[0]), [0.0], [[0.0]]),
    (lambda x: x[0] ** 0.5, [0.0], [[0.0]]),
    (lambda x: np.cbrt(x[0]) ** 1.5, [0.0], [[0.0]]),
    (lambda x: x[0] ** 1.5, [0.0], [[0.0]]),
    (lambda x: np.sinc(x[0]), [0.0], [[-2 * np.pi**2 / 3]]),
    (lambda x: np.sqrt(np.linalg.norm(x * x)), [0.0], [[2.0]]),
    (lambda x: np.sqrt(np.std(x * x)), [0.0, 0.0], np.zeros((2, 2))),
    (lambda x: np.exp(np.hypot(x[0] ** 2, 0.0) / 2), [0.0], [[2.0]]),
    (lambda x: np.exp(np.linalg.norm(np.diag(x) @ np.diag(x), 2) / 2), [0.0], [[2.0]]),
    (np.linalg.norm, [0.0, 2.0], 2 * np.eye(2)),
    (lambda x: np.linalg.norm(x, 3), [0.0, 2.0], np.diag([0.0, 2.0])),
    (lambda x: np.hypot(x[0], x[1]), [0.0, 2.0], 2 * np.eye(2)),
]


@pytest.mark.parametrize(("f", "x", "expected"), SQUARED)
def test_the_second_derivative_of_a_square_is_right_or_nan(f: Any, x: Any, expected: Any) -> None:
    found = hessian(lambda x: f(x) ** 2, x)
    right = np.where(np.isnan(found), expected, found)
    np.testing.assert_allclose(right, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("f", "x", "expected"), SQUARED)
def test_a_kink_without_weight_has_a_second_derivative_of_0(f: Any, x: Any, expected: Any) -> None:
    assert not hessian(lambda x: 0.0 * f(x), x).any()
    assert not hessian(lambda x: np.where(False, f(x), 0.0) ** 2, x).any()
    assert not hessian(lambda x: np.stack([f(x), 1.0])[1:].sum() ** 2, x).any()
    assert not hessian(lambda x: np.sum(np.eye(2)[0, 1] * f(x)) ** 2, x).any()


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.linalg.norm, [0.0, 0.0]),
        (lambda x: np.sqrt(x @ x), [0.0, 0.0]),
        (lambda x: np.hypot(x[0], x[1]), [0.0, 0.0]),
        (lambda x: np.arctan2(x[0], x[1]), [0.0, 0.0]),
        (lambda x: np.angle(x[0] + 1j * x[1]), [0.0, 0.0]),
        (lambda x: np.linalg.norm(x.reshape(2, 1), 2), [0.0, 0.0]),
        (lambda x: np.sum(x) * np.linalg.norm(x), [0.0, 0.0]),
        (lambda x: np.sqrt(np.linalg.norm(x, 3)), [0.0, 0.0]),
        (lambda x: np.cbrt(x).sum(), [0.0, 0.0]),
        (np.std, [0.1, 0.1, 0.1]),
    ],
)
def test_the_second_derivative_at_a_kink_is_nan(f: Any, x: Any) -> None:
    assert np.isnan(np.diagonal(hessian(f, x))).all()


def test_the_second_derivative_of_abs_relu_and_maximum_is_0_by_convention() -> None:
    for f in (np.abs, np.fabs, ag.relu, lambda x: np.maximum(x, -x)):
        assert not hessian(lambda x, f=f: f(x).sum(), [0.0, 0.0]).any()
    assert not hessian(lambda x: np.sum(ag.relu(x) ** 2), [0.0]).any()


def test_the_second_derivative_by_a_factor_that_varies_is_nan_too() -> None:
    found = ag.hessian(lambda z, x: z * np.linalg.norm(x), (0, 1))(1.0, np.zeros(2))
    assert np.isnan(found[1][0]).all()
    assert found[0][0] == 0


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.where(SECOND, lengths(x), 0) ** 2),
        lambda x: np.sum(np.where(SECOND, np.linalg.norm(x, axis=-1), 0) ** 2),
        lambda x: np.sum([0.0, 1.0] * lengths(x) ** 2),
        lambda x: np.sum(lengths(x)[1:] ** 2),
        lambda x: np.sum(lengths(x)[SECOND] ** 2),
        lambda x: np.sum(np.delete(np.linalg.norm(x, axis=-1), 0) ** 2),
        lambda x: np.sum(np.diag([0.0, 1.0]) @ np.linalg.norm(x, axis=-1)) ** 2,
        lambda x: np.einsum("i,i", [0.0, 1.0], lengths(x)) ** 2,
        lambda x: np.linalg.svd(x[..., None], compute_uv=False)[1, 0] ** 2,
    ],
)
def test_a_kink_that_is_not_used_leaves_the_others_alone(f: Any) -> None:
    np.testing.assert_allclose(hessian(f, AB), np.diag([0.0, 0, 2, 2]), atol=1e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda d: (np.linalg.norm(d, axis=-1)[np.triu_indices(3, 1)] ** -6).sum(),
        lambda d: ((1 - np.eye(3)) / (np.sqrt((d * d).sum(-1)) + np.eye(3)) ** 6).sum() / 2,
        lambda d: np.where(np.eye(3) > 0, 0, np.sqrt((d * d).sum(-1)) ** -6).sum() / 2,
        lambda d: (np.hypot(d[..., 0], d[..., 1])[np.tril_indices(3, -1)] ** -6).sum(),
    ],
)
def test_energies_of_distances_have_finite_second_derivatives(f: Any) -> None:
    x = np.array([[0.0, 0.0], [2.0, 0.0], [0.5, 1.0]])

    def reference(x: Any) -> Any:
        pairs = ((0, 1), (0, 2), (1, 2))
        return sum(((x[i] - x[j]) @ (x[i] - x[j])) ** -3 for i, j in pairs)

    np.testing.assert_allclose(
        hessian(lambda x: f(x[:, None] - x), x), hessian(reference, x), rtol=1e-10, atol=1e-12
    )


def test_differences_that_are_always_0_have_no_kink() -> None:
    x = np.array([[0.0, 0.0], [2.0, 0.0], [0.5, 1.0]])

    def reference(x: Any) -> Any:
        pairs = ((0, 1), (0, 2), (1, 2))
        return 2 * sum(np.exp(-np.linalg.norm(x[i] - x[j])) for i, j in pairs)

    for length in (np.linalg.norm, lambda d, axis: np.sqrt((d * d).sum(axis))):
        found = hessian(lambda x, f=length: np.sum(np.exp(-f(x[:, None] - x, axis=-1))), x)
        np.testing.assert_allclose(found, hessian(reference, x), rtol=1e-10, atol=1e-12)


def test_one_kink_leaves_the_other_variables_alone() -> None:
    found = hessian(lambda x: np.sum(np.sqrt(x * x) ** 2), [0.0, 1.0])
    np.testing.assert_array_equal(found, [[NAN, 0], [0, 2]])


def test_a_kink_that_was_overwritten_is_not_used() -> None:
    def f(x: Any) -> Any:
        r = ag.zeros(2)
        r[0], r[1] = np.sqrt(x[0] * x[0]), x[1]
        r[0] = 0.0
        return np.sum(r**2)

    np.testing.assert_array_equal(hessian(f, [0.0, 1.0]), np.diag([0.0, 2.0]))


def test_third_derivatives_go_through_kinks_that_are_not_used() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.where(SECOND, lengths(x), 0.0) ** 4)

    def g(x: Any) -> Any:
        return (x[1] @ x[1]) ** 2

    third, expected = (
        ag.grad(lambda x, h=h: np.sum(ag.grad(lambda x: np.sum(ag.grad(h)(x)))(x)))(AB)
        for h in (f, g)
    )
    np.testing.assert_allclose(np.asarray(third), np.asarray(expected), rtol=1e-12)


# ---------------------------------------------------------------- 0 times infinity

ZEROS = np.zeros(2)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x @ x,
        lambda x: np.dot(x, x),
        lambda x: np.vdot(x, x),
        lambda x: np.inner(x, x),
        lambda x: np.tensordot(x, x, 1),
        lambda x: np.einsum("i,i", x, x),
        lambda x: np.einsum("i,i,i", x, x, x),
        lambda x: x @ np.eye(2) @ x,
        lambda x: np.trace(x[:, None].T @ x[:, None]),
        lambda x: np.trace(np.outer(x, x)),
        lambda x: np.convolve(x, x)[0],
        lambda x: np.correlate(x, x)[0],
        lambda x: np.linalg.matrix_power(np.diag(x), 2).sum(),
        np.linalg.norm,
        lambda x: np.linalg.norm(x, 3),
        lambda x: np.linalg.norm(x, 1),
        lambda x: np.linalg.norm(np.diag(x), "nuc"),
        lambda x: np.linalg.det(np.diag(x)),
        lambda x: np.abs(np.fft.fft(x)).sum(),
        np.var,
        np.std,
        np.nanvar,
        np.prod,
        np.cov,
        lambda x: np.sum((ag.softmax(x) - 0.5) ** 2),
        lambda x: np.linalg.solve(np.eye(2), x * x).sum(),
        lambda x: np.linalg.solve(np.diag([2.0, 4.0]), np.diag(x) ** 2).sum(),
        lambda x: ag.mean_squared_error(x, ZEROS),
        lambda x: ag.mean_squared_error(ZEROS, x),
        lambda x: ag.mean_squared_error(x, ZEROS, "sum"),
        lambda x: ag.cross_entropy(x[None] + [[1000.0, 0.0]], [0]),
        lambda x: ag.cross_entropy(x[None] + [[1000.0, 0.0]], [[1.0, 0.0]]),
        lambda x: ag.binary_cross_entropy_with_logits(np.add(x, [1e3, -1e3]), [1.0, 0.0]),
    ],
)
def test_the_root_of_a_function_that_is_flat_at_0_has_a_gradient_of_0(f: Any) -> None:
    assert not slope(lambda x: np.sqrt(f(x)), ZEROS).any()
    assert not np.asarray(ag.jacobian(lambda x: np.sqrt(f(x))[None])(ZEROS)).any()


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.prod(x) ** 2, [0.0, 1e200, 1e200]),
        (lambda x: np.prod(x, axis=1) @ [0.0, 1.0], [[0.0, 1e200, 1e200], [0.0, 0.0, 3.0]]),
        (lambda x: np.sum(np.cumprod(x) ** 2), [0.0, 1e200, 1e200, 3.0]),
        (lambda x: np.linalg.det(np.diag(x)) ** 2, [1e200, 1e200, 0.0]),
    ],
)
def test_a_derivative_that_overflows_has_no_effect_where_its_cotangent_is_0(f: Any, x: Any) -> None:
    assert not slope(f, np.array(x)).any()


def test_a_running_product_whose_stretches_overflow_has_its_derivatives() -> None:
    found = slope(lambda x: 1e-300 * np.cumprod(x)[3], np.array([1e-300, 1e200, 1e200, 1.0]))
    np.testing.assert_allclose(found, [1e100, 0, 0, 1e-200], rtol=1e-12)


X = np.array([[NAN, 1.0], [2.0, 3.0], [INF, -INF]])
KEPT = np.array([False, True, False])


@pytest.mark.parametrize(
    "product",
    [
        lambda w, x: x @ w,
        lambda w, x: np.einsum("ij,j->i", x, w),
        lambda w, x: (x @ w[:, None])[:, 0],
        lambda w, x: np.tensordot(x, w, 1),
        lambda w, x: np.inner(x, w),
        lambda w, x: np.sum(x * w, axis=-1),
        lambda w, x: np.linalg.norm(x * w, axis=-1) * 2,
        lambda w, x: np.prod(x * w, axis=-1),
        lambda w, x: np.var(x * w, axis=-1),
    ],
)
def test_rows_of_data_that_are_left_out_leave_derivatives_alone(product: Any) -> None:
    w = np.array([1.0, 2.0])

    def masked(w: Any) -> Any:
        return np.sum(np.where(KEPT, product(w, X), 0) ** 2)

    other = np.where(KEPT[:, None], X, 1.0)
    expected = ag.grad(lambda w: np.sum(product(w, other)[1] ** 2))
    np.testing.assert_allclose(slope(masked, w), np.asarray(expected(w)), rtol=1e-12)
    expected = ag.hessian(lambda w: np.sum(product(w, other)[1] ** 2))
    np.testing.assert_allclose(hessian(masked, w), np.asarray(expected(w)), rtol=1e-12)


def test_a_true_nan_stays() -> None:
    assert np.isnan(slope(lambda w: np.sum(np.where([True, True, False], X @ w, 0)), [1.0, 2.0])[0])
    assert np.isnan(slope(lambda x: np.sqrt(x @ x), [NAN, 0.0])).any()
    # inf - inf
    assert np.isnan(slope(lambda x: np.sum(np.sqrt(np.array([[1.0], [-1.0]]) @ x)), [0.0])).all()
    # a cotangent that is 0 only as a sum of parts that aren't
    y = slope(lambda x: (ag.log_softmax(x)[:2] * [1.0, -1.0]).sum(), [1.0, 2.0, NAN])
    assert np.isnan(y).all()
    a, b = np.array([1.0, NAN, 1.0]), np.array([1.0, 2.0, 3.0])
    assert np.isnan(slope(lambda b: np.sum(np.sqrt(np.cross(a, b) ** 2)[1:]), b)[0])


def test_an_infinite_derivative_stays() -> None:
    a = np.array([[1.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(slope(lambda x: np.sum(np.sqrt(a @ x)), [0.0, 2.0]), [INF, 0.5])
    np.testing.assert_allclose(
        slope(lambda x: np.sum(np.sqrt(a @ (1 - x))), [1.0, -1.0]), [-INF, -0.5]
    )
    np.testing.assert_allclose(slope(lambda x: np.sqrt(np.sum(x)), [0.0, 0.0]), [INF, INF])
    np.testing.assert_allclose(slope(lambda x: np.sqrt(np.prod(x)), [0.0, 4.0]), [INF, 0])


def test_a_rule_that_cannot_absorb_keeps_its_nan() -> None:
    product = Primitive(
        "product", lambda x: (x * x).sum(), [lambda g, y, x: np.asarray(2 * x, float) * float(g)]
    )
    assert np.isnan(slope(lambda x: np.sqrt(product(x)), ZEROS)).all()
    plain = Primitive("plain", lambda x: (x * x).sum(), [lambda g, y, x: g * (2 * x)])
    assert not slope(lambda x: np.sqrt(plain(x)), ZEROS).any()
    assert np.isnan(hessian(lambda x: plain(x) ** 0.5, ZEROS)).all()


def test_recorded_gradients_equal_those_of_a_plain_pass() -> None:
    for f in (lambda x: np.sqrt(x @ x), lambda x: np.sqrt(x @ x) ** 2, np.linalg.norm):
        x = Tensor(ZEROS, requires_grad=True)
        assert not gradients(f(x), x, create_graph=True).data.any()


# ---------------------------------------------------------------- forward mode and columns


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (np.linalg.norm, ZEROS),
        (lambda x: np.linalg.norm(x) ** 2, ZEROS),
        (lambda x: np.linalg.norm(x, 3), ZEROS),
        (lambda x: np.sqrt(x @ x), ZEROS),
        (lambda x: np.hypot(x[0], x[1]), ZEROS),
        (lambda x: np.arctan2(x[0], x[1]), ZEROS),
        (lambda x: np.abs(x).sum(), ZEROS),
        (np.std, ZEROS),
        (lambda x: np.linalg.norm(np.diag(x), "nuc"), ZEROS),
        (lambda x: np.sqrt(ag.mean_squared_error(x, ZEROS)), ZEROS),
        (lambda x: np.sum(np.where(SECOND, np.sqrt(x), 0)), np.array([0.0, 4.0])),
        (lambda x: np.sum(np.linalg.eigh(np.diag(x))[0] ** 2), np.ones(2)),
    ],
)
def test_every_way_to_a_first_derivative_makes_the_same_choice(f: Any, x: Any) -> None:
    backward = slope(f, x)
    forward = [float(np.asarray(ag.jvp(f, (x,), (v,))[1])) for v in np.eye(2)]
    np.testing.assert_allclose(forward, backward)
    several = np.asarray(ag.jacobian(lambda x: np.stack([f(x)] * 5))(x))  # column by column
    np.testing.assert_allclose(several, [backward] * 5)


def test_second_derivatives_by_columns_equal_those_by_rows() -> None:
    def f(x: Any, c: Any) -> Any:
        return np.linalg.norm(x[:2] - c) ** 2 + np.linalg.norm(x[2:] - c) ** 2

    x, c = np.array([1.0, 1.0, 3.0, 3.0]), np.array([1.0, 1.0])
    columns = np.asarray(ag.jacobian(lambda c: ag.grad(f)(x, c))(c))
    np.testing.assert_array_equal(np.isnan(columns), [[True] * 2] * 2 + [[False] * 2] * 2)
    np.testing.assert_allclose(columns[2:], -2 * np.eye(2))

    def apart(c: Any) -> Any:  # two points that coincide
        d = np.linalg.norm(x[2:] * c - x[2:] * c[::-1]) ** 2 * np.ones(3)
        return d

    found = np.asarray(ag.jacobian(lambda c: ag.jacobian(apart)(c).reshape(-1))(np.ones(2)))
    assert np.isnan(found).all()


def test_forwards_over_backwards_finds_kinks_too() -> None:
    for f in (lambda x: np.linalg.norm(x) ** 2, lambda x: np.sqrt(x @ x) ** 2):
        for v in ([1.0, 0.0], [1.0, 2.0]):
            _, found = ag.jvp(ag.grad(f), (ZEROS,), (np.array(v),))
            assert np.isnan(np.asarray(found)).any()
            assert np.isnan(np.asarray(ag.hvp(f, (ZEROS,), (np.array(v),))[0])).any()

    def masked(x: Any) -> Any:
        return np.sum(np.where(SECOND, lengths(x), 0) ** 2) + np.linalg.norm(x[0])

    found = ag.jvp(ag.grad(masked), (AB,), (np.array([[0.0, 0.0], [1.0, 2.0]]),))[1]
    np.testing.assert_allclose(np.asarray(found), [[0, 0], [2, 4]], atol=1e-14)
