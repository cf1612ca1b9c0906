"""Linear systems, determinants, powers, decompositions and norms."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.algebra import linear_algebra
from autograd_lite.testing import Case, Spec, arrange, layouts
from autograd_lite.testing.spec import _complexified


@st.composite
def matrices(
    draw: st.DrawFn,
    rows: int | None = None,
    columns: int | None = None,
    *,
    stacked: bool = True,
    count: int = 1,
    least: int = 1,
    **choices: st.SearchStrategy[Any],
) -> Case:
    """Draw matrices with singular values from 1 to 2, apart from each other; square by default."""
    m = draw(st.integers(least, 3)) if rows is None else rows
    n = m if columns is None else columns
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    stack = draw(st.sampled_from([(), (2,), (2, 1), (0,)])) if stacked else ()
    found = tuple(arrange(matrix(rng, (*stack, m, n)), draw(layouts())) for _ in range(count))
    return Case(found, {name: draw(choice) for name, choice in choices.items()})


def matrix(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    u, s, vh = np.linalg.svd(rng.standard_normal(shape), full_matrices=False)
    apart = np.linspace(2, 1, s.shape[-1]) if s.shape[-1] > 1 else np.full(1, 1.5)
    return np.asarray((u * apart) @ vh)


@st.composite
def systems_of_equations(draw: st.DrawFn) -> Case:
    n, k = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    shapes = [((), (n,)), ((), (n, k)), ((2,), (n,)), ((2, 1), (3, n, k)), ((), (2, n, k))]
    stack, right = draw(st.sampled_from([*shapes, ((2,), (1, n, k))]))
    return Case((matrix(rng, (*stack, n, n)), rng.uniform(-1, 1, right)))


@st.composite
def overdetermined(draw: st.DrawFn) -> Case:
    m, n = draw(st.sampled_from([(3, 2), (2, 3), (2, 2), (3, 1), (1, 2)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    right = draw(st.sampled_from([(m,), (m, 2), (m, 1)]))
    return Case((matrix(rng, (m, n)), rng.uniform(-1, 1, right)), {})


SIZES = [(1, 1), (2, 2), (3, 3), (3, 2), (2, 3), (3, 1), (1, 2)]


def of_every_form(**choices: st.SearchStrategy[Any]) -> st.SearchStrategy[Case]:
    return st.sampled_from(SIZES).flatmap(lambda size: matrices(*size, **choices))


def adjoint(x: Any) -> Any:
    return np.conjugate(x).mT


def hermitian(x: Any) -> Any:
    """Return a Hermitian matrix: eigenvalues are apart where singular values of x are."""
    return x @ adjoint(x)


def of_hermitian(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, **params: function(hermitian(x), **params)


def weighted(x: Any, axis: int = -1) -> Any:
    """Return x times 1, 2, 3 along an axis, so that not all are treated alike."""
    weights = np.arange(1.0, x.shape[axis] + 1)
    return x * (weights if axis == -1 else weights[:, None]).astype(np.finfo(x.dtype).dtype)


def eigenvectors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what doesn't depend on the phase of eigenvectors: their weighted projections."""

    def invariant(x: Any, **params: Any) -> Any:
        w, v = function(hermitian(x), **params)
        return w, weighted(v) @ adjoint(v)

    return invariant


def general_eigenvectors(x: Any) -> Any:
    """As ``eigenvectors``, with the eigenvalues for weights: their order isn't determined."""
    w, v = np.linalg.eig(x)
    w = w * (1 + 0j) if w.dtype.kind != "c" else w
    return (w * w).sum(axis=-1), (v * np.exp(w)[..., None, :]) @ adjoint(v)


def powers_of_eigenvalues(x: Any) -> Any:
    w = np.linalg.eigvals(x)
    w = w * (1 + 0j) if w.dtype.kind != "c" else w
    return w.sum(axis=-1), (w**3).sum(axis=-1)


def singular_vectors(x: Any, full_matrices: bool, hermitian: bool = False) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices, hermitian=hermitian)
    k = s.shape[-1]
    left, right = weighted(u[..., :k]), vh[..., :k, :]
    found = [s, left @ adjoint(u[..., :k]), left @ right, weighted(adjoint(right)) @ right]
    if full_matrices:  # what completes them, as a projection
        found += [u[..., k:] @ adjoint(u[..., k:]), adjoint(vh[..., k:, :]) @ vh[..., k:, :]]
    return found


def orthonormal(x: Any, mode: str) -> Any:
    found = np.linalg.qr(x, mode)
    if mode == "r":
        return found
    q, r = found
    k = min(x.shape[-2:])
    return q[..., :k], r, q[..., k:] @ adjoint(q[..., k:])


def least_squares(a: Any, b: Any) -> Any:
    x, residuals, rank, s = np.linalg.lstsq(a, b)
    assert rank == min(a.shape)
    return x, residuals, s


def products_of(*arrays: Any) -> Any:
    return np.linalg.multi_dot(arrays)


@st.composite
def chains(draw: st.DrawFn) -> Case:
    sides = draw(st.lists(st.integers(0, 4), min_size=3, max_size=5))
    shapes = list(pairwise(sides))
    if draw(st.booleans()):
        shapes[0] = shapes[0][1:]
    if draw(st.booleans()):
        shapes[-1] = shapes[-1][:1]
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return Case(tuple(rng.uniform(-1, 1, shape) for shape in shapes))


def smooth(inputs: tuple[Any, ...], ord: Any, axes: tuple[int, ...]) -> bool:
    """Return True if no norm is near a kink, real or made complex: at 0, or of two that compete."""
    return all(_smooth(x, ord, axes) for x in (*inputs, *_complexified(inputs)))


def _smooth(x: Any, ord: Any, axes: tuple[int, ...]) -> bool:
    sizes = np.abs(x)
    if ord in (2, -2, "nuc") and len(axes) == 2:
        return _apart(np.linalg.svd(np.moveaxis(x, axes, (-2, -1)), compute_uv=False), -1)
    if ord in ("fro", "f", None):
        return True
    if len(axes) == 1:
        rivals, along = sizes, axes[0]
    else:
        summed, along = axes if ord in (1, -1) else axes[::-1]
        rivals = sizes.sum(axis=summed, keepdims=True)
    return bool(np.all(sizes > 0.1)) and _apart(rivals, along)


def _apart(values: Any, axis: int) -> bool:
    return bool(np.all(np.diff(np.sort(values, axis), axis=axis) > 0.03))


def smooth_matrix_norm(case: Case) -> bool:
    return smooth(case.inputs, case.params["ord"], (-2, -1))


def smooth_cond(case: Case) -> bool:
    (x,), p = case.inputs, case.params["p"]
    (z,) = _complexified(case.inputs)
    return all(_smooth(y, p, (-2, -1)) for y in (x, z, np.linalg.inv(x), np.linalg.inv(z)))


def smooth_norm(case: Case) -> bool:
    axis = case.params.get("axis")
    if axis is None:
        return True
    return smooth(case.inputs, case.params["ord"], axis if isinstance(axis, tuple) else (axis,))


ORDERS = st.sampled_from([None, "fro", "f", "nuc", 1, -1, 2, -2, np.inf, -np.inf])


@st.composite
def measured(draw: st.DrawFn) -> Case:
    m, n = draw(st.sampled_from(SIZES))
    case = draw(matrices(m, n))
    (x,) = case.inputs
    keepdims = draw(st.booleans())
    if draw(st.booleans()) and x.size:
        choices = [None, 0, 1, 2, 3, 0.5, -1, 2.5, np.inf, -np.inf]
        axis = draw(st.integers(-x.ndim, x.ndim - 1))
        params = {"ord": draw(st.sampled_from(choices[:1] + choices[2:])), "axis": axis}
    else:
        axes = draw(st.permutations(range(x.ndim)))[:2]
        given = draw(st.sampled_from([tuple(axes), (-2, -1), (-1, -2)]))
        if not all(x.shape[axis] for axis in given):
            given = (-2, -1)
        params = {"ord": draw(ORDERS), "axis": given}
        if params["ord"] is None and draw(st.booleans()):
            params["axis"] = None
    return Case(case.inputs, {**params, "keepdims": keepdims})


@st.composite
def vectors(draw: st.DrawFn) -> Case:
    (x,) = draw(matrices(2, 3)).inputs
    x = np.copysign(0.1 + np.abs(x), x)  # no kink is near
    axis = draw(st.sampled_from([None, -1, (-2, -1), (-1,), ()]))
    order = draw(st.sampled_from([1, 2, 3, 0.5]))
    return Case((x,), {"axis": axis, "ord": order, "keepdims": draw(st.booleans())})


@st.composite
def tensor_equations(draw: st.DrawFn) -> Case:
    axes, shape = draw(st.sampled_from([(None, (3, 2, 6)), ((0,), (6, 3, 2)), (None, (6, 2, 3))]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    a = matrix(rng, (6, 6)).reshape(shape)
    b = rng.uniform(-1, 1, (3, 2) if shape[:2] == (3, 2) or axes else (6,))
    return Case((a, b), {"axes": axes})


BOOLEANS = st.booleans()
TRIANGLES = st.sampled_from(["L", "U"])

SPECS = [
    Spec(np.linalg.inv, cases=matrices(), complex=True),
    Spec(np.linalg.solve, cases=systems_of_equations(), complex=True),
    Spec(np.linalg.det, cases=matrices(), complex=True),
    Spec(
        linear_algebra.cofactors,
        lambda a: np.linalg.det(a)[..., None, None] * np.linalg.inv(a).mT,
        matrices(),
        complex=True,
    ),
    Spec(
        linear_algebra.cofactor_slopes,
        linear_algebra.cofactor_slopes.forward,
        matrices(count=2, least=3),
        complex=True,
    ),
    Spec(
        lambda a: tuple(np.linalg.slogdet(a)), cases=matrices(), complex=True, name="linalg.slogdet"
    ),
    Spec(np.linalg.pinv, cases=of_every_form(), complex=True),
    Spec(
        lambda a, **params: np.linalg.pinv(hermitian(a), **params),
        cases=matrices(hermitian=st.just(True), rtol=st.sampled_from([None, 1e-8])),
        complex=True,
        name="pinv of Hermitian",
    ),
    Spec(least_squares, cases=overdetermined(), complex=True, name="linalg.lstsq"),
    Spec(
        np.linalg.matrix_power, cases=matrices(n=st.sampled_from([-2, -1, 1, 2, 5])), complex=True
    ),
    Spec(products_of, cases=chains(), complex=True, name="linalg.multi_dot"),
    Spec(np.linalg.tensorsolve, cases=tensor_equations(), complex=True),
    Spec(
        lambda a: np.linalg.tensorinv(a.reshape((2, 3, 6)), ind=2),
        cases=matrices(6, stacked=False),
        complex=True,
        name="linalg.tensorinv",
    ),
    Spec(
        of_hermitian(np.linalg.cholesky),
        cases=matrices(upper=BOOLEANS),
        complex=True,
        name="linalg.cholesky",
    ),
    Spec(
        orthonormal,
        cases=of_every_form(mode=st.sampled_from(["reduced", "complete", "r"])),
        complex=True,
        name="linalg.qr",
    ),
    Spec(
        eigenvectors(np.linalg.eigh),
        cases=matrices(UPLO=TRIANGLES),
        complex=True,
        name="linalg.eigh",
    ),
    Spec(
        of_hermitian(np.linalg.eigvalsh),
        cases=matrices(UPLO=TRIANGLES),
        complex=True,
        name="linalg.eigvalsh",
    ),
    Spec(general_eigenvectors, cases=matrices(), complex=True, name="linalg.eig"),
    Spec(powers_of_eigenvalues, cases=matrices(), complex=True, name="linalg.eigvals"),
    Spec(
        singular_vectors,
        cases=of_every_form(full_matrices=BOOLEANS),
        complex=True,
        name="linalg.svd",
    ),
    Spec(
        of_hermitian(singular_vectors),
        cases=matrices(full_matrices=BOOLEANS, hermitian=st.just(True)),
        complex=True,
        name="svd of Hermitian",
    ),
    Spec(np.linalg.svdvals, cases=of_every_form(), complex=True),
    Spec(np.linalg.norm, cases=measured().filter(smooth_norm), complex=True),
    Spec(np.linalg.vector_norm, cases=vectors(), complex=True),
    Spec(
        np.linalg.matrix_norm,
        cases=of_every_form(ord=ORDERS.filter(bool), keepdims=BOOLEANS).filter(smooth_matrix_norm),
        complex=True,
    ),
    Spec(
        np.linalg.cond,
        # before 2.3, NumPy gives some of complex matrices as complex numbers
        lambda a, p: np.real(np.linalg.cond(a, p)),
        cases=matrices(least=2, p=ORDERS).filter(smooth_cond),
        complex=True,
    ),
]
