"""Linear algebra at its edges: singular matrices, equal eigenvalues, norms of 0, and errors."""

from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients, linalg
from autograd_lite.errors import (
    DomainError,
    LinearAlgebraError,
    ShapeError,
    UnsupportedError,
)
from autograd_lite.testing import check_gradients

RNG = np.random.default_rng(0)
SINGULAR = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [1.0, 1.0, 3.0]])


def leaf(values: Any) -> Tensor:
    return Tensor(np.asarray(values, float), requires_grad=True)


def slope(function: Any, values: Any) -> Any:
    x = leaf(values)
    return gradients(function(x), x, allow_unused=True).data


def second(function: Any, values: Any, direction: Any) -> Any:
    """Return the Hessian times a direction."""
    x = leaf(values)
    g = gradients(function(x), x, create_graph=True)
    if not g.requires_grad:
        return np.zeros_like(x.data)
    return gradients((g * direction).sum(), x, allow_unused=True).data


# ---------------------------------------------------------------- determinants


@pytest.mark.parametrize(
    "matrix",
    [SINGULAR, np.ones((3, 3)), np.zeros((3, 3)), np.eye(3), np.diag([2.0, 1.0, 0.0])],
    ids=["rank 2", "rank 1", "rank 0", "equal singular values", "diagonal"],
)
def test_det_has_two_derivatives_at_every_rank(matrix: Any) -> None:
    check_gradients(linalg.det, matrix, rtol=1e-7)
    check_gradients(linalg.det, matrix * (1 + 2j), rtol=1e-7)


def test_det_of_one_value_and_of_two_by_two_zeros() -> None:
    assert slope(linalg.det, [[0.0]]).item() == 1
    np.testing.assert_allclose(second(linalg.det, np.zeros((2, 2)), np.eye(2)), np.eye(2))


def test_det_has_higher_derivatives_where_there_is_an_inverse() -> None:
    check_gradients(linalg.det, RNG.uniform(-1, 1, (3, 3)) + np.eye(3), order=4)


def test_gradient_of_det_at_zero_size() -> None:
    x = Tensor(np.zeros((2, 0, 0)), requires_grad=True)
    assert gradients(linalg.det(x).sum(), x).shape == (2, 0, 0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_slogdet_of_a_singular_matrix_leaves_the_others_of_a_batch_alone(dtype: type) -> None:
    x = Tensor(np.array([np.ones((2, 2)), np.diag([1, 2])], dtype), requires_grad=True)
    sign, logabsdet = linalg.slogdet(x)
    assert (sign[0].item(), logabsdet[0].item()) == (0, -np.inf)
    (g,) = gradients(logabsdet.sum(), [x], create_graph=True)
    assert g.dtype == dtype
    np.testing.assert_array_equal(g.data, [np.zeros((2, 2)), np.diag([1, 0.5])])
    (second,) = gradients((g * g).real.sum(), [x])
    np.testing.assert_array_equal(second.data, [np.zeros((2, 2)), np.diag([-2, -0.25])])


# ---------------------------------------------------------------- equal values


def test_functions_of_equal_eigenvalues_have_the_right_gradient() -> None:
    np.testing.assert_allclose(slope(lambda a: linalg.eigvalsh(a).sum(), np.eye(3)), np.eye(3))
    np.testing.assert_allclose(
        slope(lambda a: (linalg.eigvalsh(a) ** 3).sum(), 2 * np.eye(3)), 12 * np.eye(3)
    )
    np.testing.assert_allclose(
        slope(lambda a: linalg.eigvals(a).real.sum(), np.eye(3)), np.eye(3), atol=1e-15
    )


def test_functions_of_equal_singular_values_have_the_right_gradient() -> None:
    q = np.linalg.qr(RNG.standard_normal((3, 3)))[0]
    np.testing.assert_allclose(slope(lambda a: linalg.svdvals(a).sum(), q), q)
    np.testing.assert_allclose(slope(lambda a: (linalg.svdvals(a) ** 2).sum(), q), 2 * q)


def test_the_gradient_of_hermitian_functions_is_hermitian() -> None:
    a = np.array([[4.0, 1.0], [1.0, 3.0]])
    u = RNG.standard_normal((2, 2))
    for function in (linalg.cholesky, lambda a: linalg.eigh(a).eigenvectors):
        g = slope(lambda a, function=function: (function(a) * u).sum(), a)
        np.testing.assert_allclose(g, g.T)


# ---------------------------------------------------------------- norms

VECTOR_ORDERS = [0, 0.5, 1, 2, 3, 2.5, np.inf, -np.inf, -1]
MATRIX_ORDERS = ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("order", VECTOR_ORDERS)
def test_the_norm_of_a_vector_of_0_has_a_gradient_of_0(order: float) -> None:
    assert not slope(lambda x: linalg.norm(x, order) + 0 * x.sum(), np.zeros(3)).any()


@pytest.mark.parametrize("order", MATRIX_ORDERS)
def test_the_norm_of_a_matrix_of_0_has_a_gradient_of_0(order: Any) -> None:
    assert not slope(lambda x: linalg.norm(x, order), np.zeros((3, 2))).any()


@pytest.mark.parametrize("order", [1, 1.5, 2, 2.5, 3])
def test_a_value_of_0_among_others_gives_finite_gradients(order: float) -> None:
    x = [3.0, 0.0, -4.0]
    assert slope(lambda x: linalg.norm(x, order), x)[1] == 0
    found = second(lambda x: linalg.norm(x, order), x, [1.0, 0.0, 1.0])
    assert np.isfinite(found).all()


def test_the_second_derivative_of_the_euclidean_norm_at_an_axis() -> None:
    np.testing.assert_allclose(second(linalg.norm, [0.0, 2.0], [1.0, 0.0]), [0.5, 0.0])


def test_extremes_share_the_gradient_of_a_norm() -> None:
    np.testing.assert_array_equal(
        slope(lambda x: linalg.norm(x, np.inf), [2.0, -2.0, 1.0]), [0.5, -0.5, 0.0]
    )
    np.testing.assert_array_equal(
        slope(lambda x: linalg.norm(x, -np.inf), [2.0, -1.0, 1.0]), [0.0, -0.5, 0.5]
    )
    np.testing.assert_allclose(slope(lambda x: linalg.norm(x, 2), np.eye(2)), np.eye(2) / 2)


def test_norms_neither_overflow_nor_vanish_in_their_gradients() -> None:
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(
            slope(lambda x: linalg.norm(x, 3), [3e100, 4e100]),
            slope(lambda x: linalg.norm(x, 3), [3.0, 4.0]),
        )


@pytest.mark.parametrize("order", [1, 2, np.inf])
def test_the_norm_of_nothing_is_0(order: float) -> None:
    for shape in [(0,), (0, 3), (3, 0)]:
        x = Tensor(np.zeros(shape), requires_grad=True)
        assert linalg.norm(x, order).item() == 0
        assert gradients(linalg.norm(x, order), x).shape == shape


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (linalg.inv, (2, 0, 0)),
        (linalg.cholesky, (0, 0)),
        (lambda a: linalg.eigh(a).eigenvectors, (2, 0, 0)),
        (lambda a: linalg.eig(a).eigenvectors, (0, 0)),
        (lambda a: linalg.svd(a).U, (3, 0)),
        (lambda a: linalg.svd(a).Vh, (0, 3)),
        (lambda a: linalg.qr(a, "complete").Q, (3, 0)),
        (lambda a: linalg.qr(a).R, (0, 3)),
        (linalg.pinv, (0, 3)),
        (lambda a: linalg.lstsq(a, np.zeros(0))[0], (0, 3)),
    ],
)
def test_matrices_of_no_size(function: Any, shape: tuple[int, ...]) -> None:
    x = Tensor(np.zeros(shape), requires_grad=True)
    y = function(x)
    assert gradients(y, x, np.ones(y.shape), allow_unused=True).shape == shape


def test_a_norm_of_count_is_a_constant() -> None:
    count = linalg.norm(leaf([1.0, 0.0, 3.0]), 0)
    assert count.item() == 2
    assert not count.requires_grad


# ---------------------------------------------------------------- ranks


def test_pinv_and_lstsq_have_the_derivatives_of_their_rank() -> None:
    def low(x: Any) -> Any:  # of rank 1, whatever x is
        return ag.outer(x, x[:2] + 1)

    check_gradients(lambda x: linalg.pinv(low(x), rtol=1e-10), np.array([1.0, 2.0, 3.0]))
    b = np.array([1.0, -1.0, 0.5])
    check_gradients(lambda x: linalg.lstsq(low(x), b, 1e-10)[0], np.array([1.0, 2.0, 3.0]))


def test_lstsq_tells_the_rank_and_has_no_residuals_below_it() -> None:
    x, residuals, rank, s = linalg.lstsq(leaf(np.ones((3, 2))), np.ones(3))
    assert (rank, residuals.shape, s.shape, x.shape) == (1, (0,), (2,), (2,))


def test_matrix_rank_is_a_constant() -> None:
    rank = np.linalg.matrix_rank(leaf(SINGULAR))
    assert rank.item() == 2
    assert not rank.requires_grad


@pytest.mark.parametrize("p", [None, 2, -2])
@pytest.mark.parametrize("a", [np.diag([1.0, 0.0]), np.zeros((2, 2)), np.diag([1.0, 0.0])[:, ::-1]])
def test_cond_of_a_singular_matrix(a: Any, p: Any) -> None:
    found = linalg.cond(leaf(a), p)
    assert found.item() == np.linalg.cond(a, p)
    np.testing.assert_array_equal(slope(lambda x: linalg.cond(x, p), a), np.zeros((2, 2)))


def test_cond_of_a_singular_matrix_in_norms_that_need_its_inverse() -> None:
    with pytest.raises(LinearAlgebraError, match="inv of shape"):
        linalg.cond(leaf(np.diag([1.0, 0.0])), 1)


@pytest.mark.parametrize("create_graph", [False, True])
def test_qr_has_no_derivative_where_columns_are_dependent(create_graph: bool) -> None:
    r = linalg.qr(leaf([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]), "r")
    with pytest.raises(LinearAlgebraError, match=r"qr has no derivative.*columns"):
        r.sum().backward(create_graph=create_graph)


def test_third_derivatives_of_det_need_an_inverse() -> None:
    x = leaf(np.zeros((3, 3)))
    g = gradients(linalg.det(x), x, create_graph=True)
    h = gradients(g.sum(), x, create_graph=True)
    with pytest.raises(LinearAlgebraError, match="no third derivative"):
        h.sum().backward()


# ---------------------------------------------------------------- results


def test_results_are_named() -> None:
    x = leaf([[2.0, 1.0], [1.0, 3.0]])
    assert np.linalg.eigh(x)._fields == ("eigenvalues", "eigenvectors")
    assert np.linalg.eig(x)._fields == ("eigenvalues", "eigenvectors")
    assert np.linalg.svd(x)._fields == ("U", "S", "Vh")
    assert np.linalg.qr(x)._fields == ("Q", "R")
    assert np.linalg.slogdet(x)._fields == ("sign", "logabsdet")


@pytest.mark.parametrize("required", [False, True])
def test_values_are_numpys(required: bool) -> None:
    a = RNG.standard_normal((3, 3))
    x = Tensor(a, requires_grad=required)
    hermitian = Tensor(a + a.T, requires_grad=required)
    for ours, theirs in [
        (linalg.svd(x, compute_uv=False), np.linalg.svd(a, compute_uv=False)),
        (linalg.svd(x)[2], np.linalg.svd(a)[2]),
        (linalg.eigh(hermitian)[1], np.linalg.eigh(a + a.T)[1]),
        (linalg.eigvalsh(hermitian, "U"), np.linalg.eigvalsh(a + a.T)),
        (linalg.eig(x)[1], np.linalg.eig(a)[1]),
        (linalg.eigvals(x), np.linalg.eigvals(a)),
        (linalg.lstsq(x, a[0])[0], np.linalg.lstsq(a, a[0])[0]),
        (linalg.cond(x, "fro"), np.linalg.cond(a, "fro")),
        (linalg.cond(x, -2), np.linalg.cond(a, -2)),
        (linalg.matrix_power(x, 0), np.eye(3)),
    ]:
        np.testing.assert_allclose(ours.data, theirs, rtol=1e-10, atol=1e-12)
    (h, tau), theirs_raw = linalg.qr(x.detach(), "raw"), np.linalg.qr(a, "raw")
    np.testing.assert_allclose(h.data, theirs_raw[0])
    np.testing.assert_allclose(tau.data, theirs_raw[1])


def test_eigenvalues_are_complex_always() -> None:
    for required in (False, True):
        x = Tensor(np.eye(2, dtype=np.float32), requires_grad=required)
        assert linalg.eigvals(x).dtype == np.complex64
        assert linalg.eig(x).eigenvectors.dtype == np.complex64


def test_a_chain_is_multiplied_in_the_cheapest_order() -> None:
    a, b, c = (leaf(np.ones(shape)) for shape in [(2, 50), (50, 50), (50, 1)])
    y = linalg.multi_dot([a, b, c])
    assert y.inputs is not None
    assert y.inputs[0] is a  # a @ (b @ c)


def test_the_namespace_is_numpys() -> None:
    assert set(np.linalg.__all__) - {"LinAlgError"} <= set(linalg.__all__)
    assert all(hasattr(linalg, name) for name in linalg.__all__)


# ---------------------------------------------------------------- einsum


def test_einsum_of_many_axes_and_a_path() -> None:
    a, b, c = (RNG.standard_normal((2, 2)) for _ in range(3))
    path = ["einsum_path", (0, 2), (0, 1)]
    x = leaf(a)
    y = np.einsum("ij,jk,kl->il", x, b, c, optimize=path)
    np.testing.assert_allclose(y.data, a @ b @ c)
    np.testing.assert_allclose(gradients(y.sum(), x).data, np.ones((2, 2)) @ (b @ c).T)
    assert np.einsum_path("ij,jk->ik", x, b)[0][0] == "einsum_path"


def test_einsum_of_integers_is_numpys() -> None:
    a = np.arange(6, dtype=np.int8).reshape(2, 3)
    y = ag.einsum("ij->j", a)
    assert y.dtype == np.int8
    x = Tensor(np.ones(3, np.float32), requires_grad=True)
    assert ag.einsum("ij,j->", a, x).dtype == np.float32


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk", [(2, 3)]),
        ("ij", [(2,)]),
        ("i", [(2, 3)]),
        ("i,i", [(2,), (3,)]),
        ("i->ii", [(2,)]),
        ("i->j", [(2,)]),
        ("...i->i", [(2, 3)]),
        ("i1", [(2, 3)]),
        ("ii", [(2, 3)]),
        ("ii,i->", [(1, 3), (3,)]),
    ],
)
def test_subscripts_that_do_not_fit(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    for required in (False, True):
        with pytest.raises(ShapeError, match="einsum"):
            ag.einsum(subscripts, *(Tensor(np.ones(s), requires_grad=required) for s in shapes))


@pytest.mark.parametrize("operands", [(), ([1.0], [52]), ([1.0], [-1]), ([1.0], ["i"])])
def test_operands_that_do_not_fit(operands: Any) -> None:
    with pytest.raises(ShapeError, match="einsum"):
        ag.einsum(*operands)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("function", "shapes"),
    [
        (linalg.inv, [(2, 2)]),
        (linalg.solve, [(2, 2), (2,)]),
        (lambda a: linalg.matrix_power(a, -1), [(2, 2)]),
        (lambda a: linalg.cholesky(a - 1), [(2, 2)]),
        (linalg.inv, [(2, 3)]),
        (linalg.det, [(2, 3)]),
        (linalg.eigh, [(2,)]),
        (linalg.svd, [()]),
        (linalg.qr, [(3,)]),
    ],
)
def test_matrices_that_it_is_not_defined_for(function: Any, shapes: Any) -> None:
    with pytest.raises(LinearAlgebraError, match="of shape") as caught:
        function(*(leaf(np.ones(shape)) for shape in shapes))
    assert isinstance(caught.value, np.linalg.LinAlgError | ValueError)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: linalg.norm(np.ones(3), "fro"), DomainError, "not an order of a norm of vectors"),
        (lambda: linalg.norm(np.ones((3, 3)), 3), DomainError, "not an order of a norm of matri"),
        (lambda: linalg.norm(np.ones((3, 3, 3)), 2), ShapeError, "one or two"),
        (lambda: linalg.matrix_norm(np.ones(3)), ShapeError, "two axes"),
        (lambda: linalg.matrix_power(np.ones((2, 3)), 2), ShapeError, "one length"),
        (lambda: linalg.multi_dot([np.ones((2, 2))]), ShapeError, "two matrices or more"),
        (lambda: linalg.multi_dot([np.ones((2, 3)), np.ones((2, 3))]), ShapeError, "matmul"),
        (lambda: linalg.qr(leaf(np.ones((2, 2))), "raw"), UnsupportedError, "raw.*reduced"),
        (lambda: linalg.solve(np.eye(2), np.ones(3)), ShapeError, "as many rows"),
        (lambda: linalg.tensorinv(np.ones((2, 2)), 0), ShapeError, "positive"),
        (lambda: linalg.tensorsolve(np.ones((2, 3)), np.ones(2)), ShapeError, "as many values"),
        (lambda: linalg.cross(np.ones(2), np.ones(3)), ShapeError, "length 3"),
        (lambda: linalg.outer(np.ones((2, 2)), np.ones(3)), ShapeError, "vectors"),
        (lambda: ag.cross(np.ones(4), np.ones(3)), ShapeError, "length 2 or 3"),
        (lambda: ag.vecdot(1.0, np.ones(3)), ShapeError, "axis of vectors"),
        (lambda: ag.matvec(np.ones(3), np.ones(3)), ShapeError, "matrix"),
        (lambda: ag.vecmat(np.ones(3), np.ones(3)), ShapeError, "matrix"),
        (lambda: ag.dot(np.ones((2, 3)), np.ones((2, 3))), ShapeError, "matmul"),
        (lambda: ag.tensordot(np.ones(3), np.ones(2), 1), ShapeError, "same lengths"),
        (lambda: ag.tensordot(np.ones(3), np.ones(3), 2), ShapeError, "sum over 2"),
        (lambda: ag.tensordot(np.ones(3), np.ones(3), ([0], [1])), ShapeError, "tensordot"),
        (lambda: ag.inner(np.ones(3), np.ones(2)), ShapeError, "same lengths"),
    ],
)
def test_operands_that_do_not_fit_are_told(call: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_vectors_of_length_2_have_cross_products() -> None:
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    assert ag.cross(a, b).item() == -2
    np.testing.assert_array_equal(ag.cross(a, [0.0, 0.0, 1.0]).data, [2, -1, 0])
    check_gradients(ag.cross, np.ones((3, 2)), RNG.standard_normal((1, 2)))
    check_gradients(ag.cross, RNG.standard_normal((3, 2)), RNG.standard_normal(3))


def test_methods() -> None:
    x = leaf([[3.0, 0.0], [0.0, 4.0]])
    assert x.trace().item() == 7
    np.testing.assert_array_equal(x.dot([1.0, 1.0]).data, [3, 4])
    assert x.norm().item() == 5
    np.testing.assert_array_equal(x.norm(1, axis=0).data, [3, 4])


def test_qr_of_a_vector_names_the_shape_that_was_given():
    with pytest.raises(LinearAlgebraError, match=r"qr of shape \(3,\)"):
        np.linalg.qr(leaf([1.0, 2.0, 3.0]))
