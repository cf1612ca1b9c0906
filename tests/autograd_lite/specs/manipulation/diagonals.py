"""Diagonals, triangles, products of all with all, and powers."""

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.manipulation import diagonals
from autograd_lite.testing import Case, Spec, operands

from ..drawing import SHAPES

MATRICES = SHAPES.filter(lambda shapes: len(shapes[0]) > 1)


@st.composite
def read(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=MATRICES))
    axis1, axis2 = draw(st.permutations(range(x.ndim)))[:2]
    params = {"offset": draw(st.integers(-3, 3)), "axis1": axis1, "axis2": axis2 - x.ndim}
    return Case((x,), params)


@st.composite
def placed(draw: st.DrawFn) -> Case:
    (x,), params = draw(read())
    shape = np.diagonal(x, **params).shape
    return Case(draw(operands(1, shapes=st.just((shape,)))), {"shape": x.shape, **params})


def place(x, shape, offset, axis1, axis2):
    out = np.zeros(shape, x.dtype)
    places = np.diagonal(np.arange(out.size).reshape(shape), offset, axis1, axis2)
    out.reshape(-1)[places] = x
    return out


@st.composite
def of_rank(draw: st.DrawFn, least: int, most: int) -> Case:
    ranks = SHAPES.filter(lambda shapes: least <= len(shapes[0]) <= most)
    return Case(draw(operands(1, shapes=ranks)), {"k": draw(st.integers(-3, 3))})


@st.composite
def multiplied(draw: st.DrawFn) -> Case:
    (a,), (b,) = draw(SHAPES), draw(SHAPES)
    return Case(draw(operands(2, low=0.5, shapes=st.just((a[:2], b)))))


@st.composite
def powers(draw: st.DrawFn) -> Case:
    n = draw(st.integers(0, 3))
    (x,) = draw(operands(1, shapes=st.just(((n,),))))
    count = draw(st.none() | st.integers(0, 5))
    return Case((x,), {"N": count, "increasing": draw(st.booleans())})


SPECS = [
    Spec(np.diagonal, cases=read(), complex=True),
    Spec(diagonals.from_diagonal, place, placed(), complex=True),
    Spec(np.diag, cases=of_rank(1, 2), complex=True),
    Spec(np.diagflat, cases=of_rank(0, 3), complex=True),
    Spec(np.tril, cases=of_rank(1, 3), complex=True),
    Spec(np.triu, cases=of_rank(1, 3), complex=True),
    Spec(np.kron, cases=multiplied(), complex=True),
    Spec(np.vander, cases=powers(), complex=True),
]
