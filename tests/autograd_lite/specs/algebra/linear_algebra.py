"""Inverses, linear systems, determinants and powers."""

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.algebra import linear_algebra
from autograd_lite.testing import Case, Spec, arrange, layouts


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


@st.composite
def tensor_equations(draw: st.DrawFn) -> Case:
    axes, shape = draw(st.sampled_from([(None, (3, 2, 6)), ((0,), (6, 3, 2)), (None, (6, 2, 3))]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    a = matrix(rng, (6, 6)).reshape(shape)
    b = rng.uniform(-1, 1, (3, 2) if shape[:2] == (3, 2) or axes else (6,))
    return Case((a, b), {"axes": axes})


BOOLEANS = st.booleans()


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
]
