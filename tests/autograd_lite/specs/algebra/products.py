"""Products of vectors and matrices."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.algebra import products
from autograd_lite.testing import Case, Spec, broadcastable_shapes, cases, operands


@st.composite
def multiplied(draw: st.DrawFn) -> Case:
    """Operands of @ of every rank: vectors, matrices, stacks that broadcast."""
    n, k, m = (draw(st.integers(0, 3)) for _ in range(3))
    stacks = draw(broadcastable_shapes(2, max_dims=2, max_side=2))
    left = draw(st.sampled_from([(k,), (n, k), (*stacks[0], n, k)]))
    right = draw(st.sampled_from([(k,), (k, m), (*stacks[1], k, m)]))
    return Case(draw(operands(2, shapes=st.just((left, right)))))


@st.composite
def layer(draw: st.DrawFn) -> Case:
    inputs, outputs = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    batch = draw(st.lists(st.integers(0, 3), max_size=2))
    shapes = ((*batch, inputs), (inputs, outputs), (outputs,))
    return Case(draw(operands(3, shapes=st.just(shapes))))


@st.composite
def dotted(draw: st.DrawFn, second: int = -2) -> Case:
    """Operands of every rank; the last axis of the one is as long as one of the other."""
    length = draw(st.integers(0, 3))
    side = st.integers(0, 2)
    left = (*draw(st.lists(side, max_size=2)), length)
    right = draw(st.lists(side, max_size=2))
    right.insert(max(len(right) + 1 + second, 0), length)
    left, other = draw(st.sampled_from([(left, tuple(right)), ((), tuple(right)), (left, ())]))
    return Case(draw(operands(2, shapes=st.just((left, other)))))


def fixed(*shapes: tuple[int, ...], **params: Any) -> st.SearchStrategy[Case]:
    # differences of large products have few digits in single precision
    drawn = operands(len(shapes), low=-3, high=3, shapes=st.just(shapes))
    return drawn.map(lambda inputs: Case(inputs, params))


@st.composite
def with_core(draw: st.DrawFn, left: str, right: str, axis: bool = False) -> Case:
    """Operands that broadcast, but for axes that the letters name."""
    lengths = {letter: draw(st.integers(0, 3)) for letter in "mn"}
    stacks = draw(broadcastable_shapes(2, max_dims=2, max_side=2))
    shapes = tuple(
        (*stack, *(lengths[letter] for letter in core))
        for stack, core in zip(stacks, (left, right), strict=True)
    )
    inputs = draw(operands(2, shapes=st.just(shapes)))
    if not axis:
        return Case(inputs)
    at = draw(st.integers(-1 - min(len(stack) for stack in stacks), -1))
    return Case(tuple(np.moveaxis(x, -1, at) for x in inputs), {"axis": at})


@st.composite
def tensors(draw: st.DrawFn) -> Case:
    shapes, axes = draw(
        st.sampled_from(
            [
                (((2, 3), (4,)), 0),
                (((2, 3), (3, 2)), 1),
                (((2, 3, 2), (3, 2)), 2),
                (((2, 3), (2, 4)), (0, 0)),
                (((2, 3, 4), (4, 1, 2)), ([0, -1], [-1, 0])),
                (((2, 0), (0, 3)), 1),
                (((), ()), 0),
                (((2,), (3,)), ((), ())),
            ]
        )
    )
    return Case(draw(operands(2, shapes=st.just(shapes))), {"axes": axes})


@st.composite
def crossed(draw: st.DrawFn) -> Case:
    stacks = draw(broadcastable_shapes(2, max_dims=2, max_side=2))
    shapes = tuple((*stack, 3) for stack in stacks)
    inputs = draw(operands(2, low=-3, high=3, shapes=st.just(shapes)))
    ranks = [x.ndim for x in inputs]
    if draw(st.booleans()):
        at = draw(st.integers(-min(ranks), -1))
        return Case(tuple(np.moveaxis(x, -1, at) for x in inputs), {"axis": at})
    a, b, c = (draw(st.integers(-rank, rank - 1)) for rank in (*ranks, max(ranks)))
    moved = np.moveaxis(inputs[0], -1, a), np.moveaxis(inputs[1], -1, b)
    return Case(moved, {"axisa": a, "axisb": b, "axisc": c})


@st.composite
def traced(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=broadcastable_shapes(1).filter(lambda s: len(s[0]) > 1)))
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    axes = {"axis1": first - draw(st.sampled_from([0, x.ndim])), "axis2": second}
    return Case((x,), {"offset": draw(st.integers(-2, 2)), **axes})


square = operands(1, shapes=st.just(((2, 3, 3),))).map(Case)


SPECS = [
    Spec(products.matmul, np.matmul, multiplied(), complex=True),
    Spec(products.linear, lambda x, w, b: x @ w + b, layer(), complex=True),
    Spec(np.dot, cases=dotted(), complex=True),
    Spec(np.inner, cases=dotted(second=-1), complex=True),
    Spec(np.outer, cases=cases(operands(2)), complex=True),
    Spec(
        np.vdot,
        cases=st.one_of(fixed((3,), (3,)), fixed((2, 3), (3, 2)), fixed((), ()), fixed((0,), (0,))),
        complex=True,
    ),
    Spec(np.vecdot, cases=with_core("n", "n"), complex=True),
    Spec(
        lambda a, b, axis: np.vecdot(a, b, axis=axis),
        cases=with_core("n", "n", axis=True),
        complex=True,
        name="vecdot with axis",
    ),
    Spec(np.linalg.vecdot, cases=with_core("n", "n", axis=True), complex=True),
    Spec(np.matvec, cases=with_core("mn", "n"), complex=True),
    Spec(np.vecmat, cases=with_core("n", "nm"), complex=True),
    Spec(np.tensordot, cases=tensors(), complex=True),
    Spec(np.linalg.tensordot, cases=tensors(), complex=True),
    Spec(np.cross, cases=crossed(), complex=True),
    Spec(np.linalg.cross, cases=fixed((2, 3, 1), (3, 4), axis=-2), complex=True),
    Spec(np.trace, cases=traced(), complex=True),
    Spec(np.linalg.trace, cases=square, complex=True),
    Spec(np.linalg.diagonal, cases=square, complex=True),
    Spec(np.linalg.outer, cases=fixed((2,), (3,)), complex=True),
    Spec(np.linalg.matmul, cases=fixed((2, 3), (3, 2)), complex=True),
    Spec(np.linalg.matrix_transpose, cases=square, complex=True),
]
