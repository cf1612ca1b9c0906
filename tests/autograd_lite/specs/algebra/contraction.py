"""Einstein sums."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands

from .products import fixed

EINSUMS: list[tuple[str, *tuple[tuple[int, ...], ...]]] = [
    ("i,i", (3,), (3,)),
    ("i,j->ji", (3,), (2,)),
    ("ij,jk", (2, 3), (3, 2)),
    ("ba", (2, 3)),
    ("ij->", (2, 3)),
    ("ii", (3, 3)),
    ("ii->i", (3, 3)),
    ("iij->ij", (2, 2, 3)),
    ("iji,j->i", (2, 3, 2), (3,)),
    ("iiii->i", (2, 2, 2, 2)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
    ("...i,i...", (2, 3), (3, 2)),
    ("i...->...", (2, 3)),
    ("i...i", (2, 3, 2)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)),
    ("ij,jk,kl->", (2, 3), (3, 2), (2, 2)),
    ("ij,ij->ij", (1, 3), (2, 1)),
    ("ij,ij->i", (1, 3), (2, 3)),
    ("i,i->", (1,), (3,)),
    ("ij,k->k", (2, 3), (2,)),
    (",i->i", (), (3,)),
    (",,", (), (), ()),
    ("ij,jk->ik", (2, 0), (0, 3)),
    ("i,i->i", (0,), (1,)),
    (" i j , j -> i ", (2, 3), (3,)),
    ("...", (2, 3)),
]


@st.composite
def summed(draw: st.DrawFn) -> Case:
    subscripts, *shapes = draw(st.sampled_from(EINSUMS))
    params = {"subscripts": subscripts, "optimize": draw(st.sampled_from([False, True, "greedy"]))}
    return Case(draw(operands(len(shapes), shapes=st.just(tuple(shapes)))), params)


def einsum(*operands: Any, subscripts: str, optimize: Any) -> Any:
    return np.einsum(subscripts, *operands, optimize=optimize)


def with_lists(a: Any, b: Any) -> Any:
    return np.einsum(a, [0, ..., 30], b, [..., 30, 51], [0, ..., 51])


def with_lists_alone(a: Any, b: Any) -> Any:
    return np.einsum(a, [30, 0], b, [30, 51])


SPECS = [
    Spec(einsum, cases=summed(), complex=True, name="einsum"),
    Spec(with_lists, cases=fixed((2, 1, 3), (2, 3, 2)), complex=True, name="einsum of lists"),
    Spec(
        with_lists_alone, cases=fixed((2, 3), (2, 2)), complex=True, name="einsum of lists, alone"
    ),
]
