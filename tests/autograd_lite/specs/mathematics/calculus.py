"""Differences, integrals, convolution."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.ops.mathematics import calculus
from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from ..drawing import NOT_EMPTY, SHAPES, one_of_each

NOT_SCALAR = SHAPES.filter(lambda shapes: shapes[0])


@st.composite
def differenced(draw: st.DrawFn) -> Case:
    (x,) = draw(operands(1, shapes=NOT_SCALAR))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = draw(st.integers(0, 2))
    ends = draw(operands(2, shapes=st.just((tuple(shape), ()))))
    return Case((x, *ends), {"n": draw(st.integers(0, 3)), "axis": axis})


def diff(x: Any, before: Any, after: Any, n: int, axis: int) -> Any:
    extended = np.diff(x, n, axis, prepend=before, append=after)
    return np.diff(x, n, axis=axis).sum() + extended


@st.composite
def joined(draw: st.DrawFn) -> Case:
    x, begin, end = draw(one_of_each(*[operands(1)] * 3))
    given = draw(st.sampled_from([(), ("to_begin",), ("to_end",), ("to_begin", "to_end")]))
    return Case((x, begin, end), {"given": given})


def ediff1d(x: Any, begin: Any, end: Any, given: Any) -> Any:
    ends = {"to_begin": begin, "to_end": end}
    return np.ediff1d(x, **{name: ends[name] for name in given}) + (begin.sum() + end.sum())


@st.composite
def sampled(draw: st.DrawFn) -> Case:
    order = draw(st.sampled_from([1, 2]))
    shapes = broadcastable_shapes(1, max_dims=2, min_side=order + 1, max_side=4)
    (x,) = draw(operands(1, shapes=shapes.filter(lambda shapes: shapes[0])))
    if draw(st.booleans()):
        axes = draw(st.permutations(range(x.ndim)))[: draw(st.integers(1, x.ndim))]
        chosen: Any = tuple(axis - draw(st.sampled_from([0, x.ndim])) for axis in axes)
        chosen = chosen[0] if len(chosen) == 1 else chosen
    else:
        axes, chosen = range(x.ndim), None
    lengths = [(x.shape[axis],) if draw(st.booleans()) else () for axis in axes]
    spacings = draw(operands(len(axes), low=0.5, high=3, shapes=st.just(tuple(lengths))))
    spacings = tuple(np.sort(h) if h.ndim else h for h in spacings)
    count = draw(st.sampled_from([0, len(axes)]))
    return Case((x, *spacings[:count]), {"axis": chosen, "edge_order": order})


def gradient(f: Any, *spacings: Any, axis: Any, edge_order: int) -> Any:
    return np.gradient(f, *spacings, axis=axis, edge_order=edge_order)


@st.composite
def integrated(draw: st.DrawFn) -> Case:
    (y,) = draw(operands(1, shapes=NOT_EMPTY.filter(lambda shapes: shapes[0])))
    axis = draw(st.integers(-y.ndim, y.ndim - 1))
    shape = draw(st.sampled_from([None, y.shape, (y.shape[axis],)]))
    (x,) = draw(operands(1, shapes=st.just((() if shape is None else shape,))))
    return Case((y, x), {"axis": axis})


def trapezoid(y: Any, x: Any, axis: int) -> Any:
    if not x.ndim:
        return np.trapezoid(y, dx=x, axis=axis) + np.trapezoid(y, axis=axis)
    return np.trapezoid(y, x, axis=axis)


@st.composite
def two_vectors(draw: st.DrawFn, modes: Any = ("full", "same", "valid")) -> Case:
    lengths = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    a, v = draw(operands(2, shapes=st.just(tuple((n,) for n in lengths))))
    return Case((a, v), {"mode": draw(st.sampled_from(modes))})


@st.composite
def longer_first(draw: st.DrawFn) -> Case:
    (a, v), params = draw(two_vectors(("full", "valid")))
    return Case((a, v) if a.size >= v.size else (v, a), params)


def convolved_by_hand(a: Any, v: Any, mode: str) -> Any:
    full = sum(
        np.concatenate([np.zeros(i, a.dtype), a * v[i], np.zeros(v.size - 1 - i, a.dtype)])
        for i in range(v.size)
    )
    return full if mode == "full" else full[v.size - 1 : full.size - v.size + 1]


SPECS = [
    Spec(diff, cases=differenced(), complex=True, name="diff"),
    Spec(ediff1d, cases=joined(), complex=True, name="ediff1d"),
    Spec(gradient, cases=sampled(), name="gradient"),
    Spec(
        lambda f, axis, edge_order: gradient(f, axis=axis, edge_order=edge_order),
        cases=sampled().filter(lambda case: len(case.inputs) == 1),
        complex=True,
        name="gradient of complex",
    ),
    Spec(trapezoid, cases=integrated(), complex=True, name="trapezoid"),
    Spec(calculus.convolve, convolved_by_hand, longer_first(), complex=True),
    Spec(np.convolve, cases=two_vectors(), complex=True),
    Spec(np.correlate, cases=two_vectors(), complex=True),
]
