"""Eigenvectors and singular vectors of equal values, and matrices whose op has no result."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients, linalg

NAN = np.nan
Q = np.linalg.qr(np.array([[1.0, 2, 3], [0, 1, 4], [5, 6, 0]]))[0]
DOUBLE = Q @ np.diag([1.0, 1.0, 2.0]) @ Q.T
DOUBLE = (DOUBLE + DOUBLE.T) / 2  # its eigenvalues of 1 are 1e-16 apart
SIMPLE = np.diag([1.0, 2.0, 4.0]) + 0.1


@pytest.fixture(autouse=True)
def _divisions_by_zero_are_wanted() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


def slope(f: Callable[..., Any], a: Any) -> Any:
    return np.asarray(ag.grad(f)(np.array(a, float)))


def hessian(f: Callable[..., Any], a: Any) -> Any:
    return np.asarray(ag.hessian(f)(np.array(a, float)))


def differences(f: Callable[..., Any], a: Any, symmetric: bool = True) -> Any:
    """Return the gradient of a function of the symmetrised input."""
    found, h = np.zeros_like(a), 1e-6
    for i in np.ndindex(a.shape):
        step = np.zeros_like(a)
        step[i] = h
        step = (step + step.T) / 2 if symmetric else step
        found[i] = (f(a + step) - f(a - step)) / (2 * h)
    return found


# ---------------------------------------------------------------- eigenvectors


@pytest.mark.parametrize("a", [np.eye(3), DOUBLE, 1e-8 * DOUBLE, 0.1 * np.eye(3)])
def test_gradients_that_need_eigenvectors_of_equal_values_are_nan(a: Any) -> None:
    def root(
        a: Any,
    ) -> Any:  # the matrix's square root, in a way that has no derivative
        w, v = np.linalg.eigh(a)
        return (v * np.sqrt(w) @ v.T)[0, 1]

    assert np.isnan(slope(root, a)).all()
    assert np.isnan(slope(lambda a: np.sum(np.linalg.eigh(a)[1][:, 0] ** 3), a)).all()
    assert np.isnan(slope(lambda a: np.linalg.eigh(a)[1][0, 0], a)).all()
    assert np.isnan(hessian(root, a)).all()


@pytest.mark.parametrize("a", [np.eye(3), DOUBLE, 1e-8 * DOUBLE, np.zeros((3, 3))])
@pytest.mark.parametrize("values", [np.linalg.eigvalsh, lambda a: np.linalg.eigh(a)[0]])
def test_functions_of_eigenvalues_alone_are_right(a: Any, values: Any) -> None:
    w, v = np.linalg.eigh(a)
    for f, df in ((np.exp, np.exp), (np.square, lambda w: 2 * w), (lambda w: w, np.ones_like)):
        np.testing.assert_allclose(
            slope(lambda a, f=f: np.sum(f(values(a))), a), (v * df(w)) @ v.T, atol=1e-14
        )


@pytest.mark.parametrize("a", [np.eye(2), np.diag([1.0, 1.0, 2.0])])
def test_their_second_derivatives_are_right_or_nan(a: Any) -> None:
    def squares(a: Any) -> Any:
        return np.sum(np.linalg.eigvalsh(a) ** 2)

    n = len(a)
    found = hessian(squares, a).reshape(n * n, n * n)
    expected = hessian(lambda a: np.sum(((a + a.T) / 2) ** 2), a).reshape(n * n, n * n)
    assert np.isnan(found).any()
    np.testing.assert_allclose(np.where(np.isnan(found), expected, found), expected, atol=1e-14)


def test_other_vectors_have_their_derivatives() -> None:
    def last(a: Any) -> Any:
        v = np.linalg.eigh(a)[1][:, -1]
        return v[0] * v[1]

    np.testing.assert_allclose(slope(last, DOUBLE), differences(last, DOUBLE), atol=1e-9)
    assert np.isfinite(np.asarray(ag.jacobian(lambda a: np.linalg.eigh(a)[1][:, -1])(DOUBLE))).all()
    assert np.isfinite(hessian(lambda a: np.linalg.eigvalsh(a)[-1], DOUBLE)).all()


def test_one_matrix_of_a_batch_does_not_spoil_the_others() -> None:
    def f(a: Any) -> Any:
        return np.sum(np.linalg.eigh(a)[1][..., 0] ** 3)

    found = slope(f, [DOUBLE, SIMPLE])
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], differences(f, SIMPLE), atol=1e-8)
    found = slope(lambda a: np.sum(np.linalg.eigh(a)[1][1, :, 0] ** 3), [DOUBLE, SIMPLE])
    assert not found[0].any()
    np.testing.assert_allclose(found[1], differences(f, SIMPLE), atol=1e-8)


def test_eigenvalues_of_any_matrix() -> None:
    square = np.array([[1.0, 1.0], [0.0, 2.0]])

    def f(a: Any) -> Any:
        return np.sum(np.linalg.eigvals(a) ** 2).real

    np.testing.assert_allclose(slope(f, square), 2 * square.T)
    np.testing.assert_allclose(slope(f, np.eye(3)), 2 * np.eye(3))
    assert np.isnan(slope(lambda a: np.linalg.eig(a)[1].real[0, 0], np.eye(3))).all()
    # one that can't be diagonalised
    shear = np.array([[1.0, 1.0], [0.0, 1.0]])
    found = slope(f, [shear, square])
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], 2 * square.T)
    found = slope(lambda a: np.sum(np.linalg.eigvals(a)[1] ** 2).real, [shear, square])
    assert not found[0].any()


# ---------------------------------------------------------------- singular vectors

LOW = np.outer([1.0, 2.0, 3.0], [1.0, 1.0])  # of rank 1


@pytest.mark.parametrize("a", [np.eye(3), Q, np.eye(3)[:, :2], np.eye(3)[:2]])
def test_gradients_that_need_singular_vectors_of_equal_values_are_nan(a: Any) -> None:
    for part in (0, 2):
        f = lambda a, part=part: np.sum(np.linalg.svd(a, False)[part] ** 3)  # noqa: E731
        assert np.isnan(slope(f, a)).all()
    u, s, vh = np.linalg.svd(a, False)
    found = slope(lambda a: np.sum(np.linalg.svd(a, compute_uv=False) ** 3), a)
    np.testing.assert_allclose(found, (u * (3 * s**2)) @ vh, atol=1e-14)
    np.testing.assert_allclose(slope(lambda a: np.linalg.norm(a, "nuc"), a), u @ vh, atol=1e-14)


def test_the_vectors_of_a_singular_value_of_0() -> None:
    for a in (LOW, LOW.T):
        part = 0 if a is LOW else 2
        row = (slice(None), 1) if a is LOW else (1,)
        assert np.isnan(slope(lambda a: np.sum(np.linalg.svd(a, False)[part][row] ** 3), a)).all()  # noqa: B023
        assert np.isfinite(slope(lambda a: np.linalg.svd(a, False)[0][0, 0], a)).all()
        found = slope(lambda a: np.linalg.norm(a, 2), a)
        np.testing.assert_allclose(found, a / np.linalg.norm(a))
        assert np.isfinite(hessian(lambda a: np.linalg.norm(a, 2), a)).all()


# ---------------------------------------------------------------- matrices whose op has no result

REGULAR = np.array([[2.0, 0.5], [1.0, 3.0]])
ONE = np.ones((2, 1))
BROKEN: list[Any] = [
    (np.linalg.det, "nan"),
    (np.linalg.inv, "nan"),
    (lambda a: np.linalg.solve(a, np.stack([ONE, ONE])), "nan"),
    (lambda a: np.linalg.slogdet(a)[1], "nan"),
    (lambda a: np.linalg.qr(a)[1], "nan"),
    (lambda a: np.linalg.matrix_power(a, -2), "nan"),
    (lambda a: np.linalg.matrix_power(a, 3), "nan"),
    (np.linalg.det, "inf"),
    (np.linalg.det, "zeros"),
    (lambda a: np.linalg.slogdet(a)[1], "zeros"),
    (lambda a: np.linalg.qr(a)[1], "zeros"),
    (np.linalg.svd, "zeros"),
    (lambda a: np.linalg.svd(a)[0], "zeros"),
    (lambda a: np.linalg.eig(a)[1].real, "zeros"),
    (np.linalg.pinv, "zeros"),
]
MATRICES = {"nan": [[NAN, 1.0], [1.0, 2.0]], "inf": [[np.inf, 1.0], [1.0, 2.0]]}


@pytest.mark.parametrize(("f", "kind"), BROKEN)
def test_a_matrix_that_is_not_used_leaves_the_others_alone(f: Any, kind: str) -> None:
    def chosen(x: Any) -> Any:
        return np.sum((x[0] if isinstance(x, tuple) else x)[0] ** 2)

    a = np.array([REGULAR, MATRICES.get(kind, np.zeros((2, 2)))])
    expected = slope(lambda a: chosen(f(a)), np.array([REGULAR, REGULAR]))[0]
    found = slope(lambda a: chosen(f(a)), a)
    np.testing.assert_allclose(found[0], expected, rtol=1e-12)
    assert not found[1].any()
    expected = hessian(lambda a: chosen(f(a)), np.array([REGULAR, REGULAR]))[0, :, :, 0]
    found = hessian(lambda a: chosen(f(a)), a)
    np.testing.assert_allclose(found[0, :, :, 0], expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("f", [np.linalg.det, np.linalg.inv, lambda a: np.linalg.slogdet(a)[1]])
def test_only_the_matrix_that_is_used_has_a_gradient_of_nan(f: Any) -> None:
    found = slope(lambda a: np.sum(f(a)), [MATRICES["nan"], REGULAR])
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], slope(lambda a: np.sum(f(a)), REGULAR), rtol=1e-12)


def test_determinants_overflow_only_as_a_whole() -> None:
    for f in (np.linalg.det, lambda a: np.prod(np.diagonal(a))):
        assert not slope(f, np.diag([1e200, 1e200, 0.0, 0.0])).any()
        found = slope(f, np.diag([1e200, 1e200, 1e-200, 1e-200]))
        np.testing.assert_allclose(np.diagonal(found), [1e-200, 1e-200, 1e200, 1e200])


# ---------------------------------------------------------------- triangles


def test_the_other_triangle_is_not_read() -> None:
    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    for f in (
        lambda a: np.sum(np.sqrt(np.linalg.cholesky(a))),
        lambda a: np.sum(np.sqrt(np.linalg.cholesky(a, upper=True))),
        lambda a: np.sum(np.sqrt(np.tril(a))),
        lambda a: np.sum(np.sqrt(np.abs(np.linalg.qr(a)[1]))),
    ):
        symmetric = "cholesky" in str(f.__code__.co_names)
        np.testing.assert_allclose(slope(f, a), differences(f, a, symmetric), atol=1e-8)


def test_recorded_gradients_are_the_same() -> None:
    x = Tensor(np.stack([DOUBLE, SIMPLE]), requires_grad=True)
    y = np.sum(linalg.eigh(x).eigenvectors[..., 0] ** 3)
    found = gradients(y, x, create_graph=True).data
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
