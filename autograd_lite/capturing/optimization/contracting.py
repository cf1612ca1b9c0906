"""``fast=True``: products of matrices with the same factor, and sums of products, become one.

``x[0] @ w``, ``x[1] @ w`` ... are one product of more rows. ``x.T @ d + y.T @ e + ...`` is one
product of more columns and rows, and the sums of the rows of ``d``, ``e`` ... are one sum.
"""

import operator
from collections.abc import Iterable
from math import prod
from typing import Any

import numpy as np

from autograd_lite.capturing.optimization.moving import FEWEST, Moving
from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Constant,
    Input,
    Method,
    Value,
    is_c_ordered,
    like,
    ufunc_of,
)

_MOST_PRODUCTS = 131_072
"""Up to how many multiplications a product is small."""

_MOST_BYTES = 65_536
"""Up to which size arrays whose rows are added up are small."""


def merge_products(moving: Moving) -> None:
    """Merge products with the same second factor."""
    found = []
    for i, call in moving.remaining():
        if moving.can_move(call) and _is_product(call):
            a, b = call.args
            found.append((i, (b, a.shape, a.root if a.is_view else moving.like(a))))
    for group in moving.groups(found):
        place = moving.place(group)
        calls = [moving.steps[i] for i in group]
        rows = None if place is None else _rows(moving, [c.args[0] for c in calls], calls[0])
        if rows is None or place is None:
            continue
        order, left, before = rows
        results = [calls[i].results[0] for i in order]
        if moving.stacks.fits(results):
            whole, parts = moving.stacks.parted(results, calls[0], flat=True)
            product = like(calls[0], np.matmul, (left, calls[0].args[1]), whole)
            moving.replace(group, place, [*before, product, parts])


def merge_sums(moving: Moving) -> None:
    """Merge ``g = x.T @ d; g += y.T @ e; ...``, and the same of sums of rows."""
    sums: dict[Value, list[int]] = {}
    for i, step in moving.remaining():
        if type(step) is Call and step.function is np.add and step.kwargs.keys() == {"out"}:
            total, term = step.args
            whole = step.kwargs["out"] is total and type(term) is Value and not total.is_view
            if whole and (term.shape, term.dtype) == (total.shape, total.dtype):
                sums.setdefault(total, []).append(i)
    found = []
    for total, adding in sums.items():
        terms, begun = _terms(moving, total, adding)
        made = [moving.made.get(x, moving.end) for x in terms]
        before = {i for i in moving.used[total] if i <= adding[-1]}
        if len(terms) < FEWEST or before != {*adding} or max(made) >= moving.end:
            continue
        calls = [moving.steps[i] for i in made]
        if all(moving.can_be_term(c, x, total) for c, x in zip(calls, terms, strict=True)):
            found.append((total, calls, [*made, *begun, *adding]))
    # the parts of an argument have their places; others follow them
    for total, calls, group in sorted(found, key=lambda sum_: not _has_parts(sum_[1])):
        alike = all(_does_the_same(calls[0], call) for call in calls)
        new = None if not alike else _sum_of_rows(moving, calls) or _sum_of_products(moving, calls)
        if new is not None:
            new[-1].results, new[-1].structure = [total], total
            moving.replace(group, group[-1], new)


def _terms(moving: Moving, total: Value, adding: list[int]) -> tuple[list[Value], list[int]]:
    """Return the terms of a sum, and the position of the call that adds the first two."""
    later = [moving.steps[i].args[1] for i in adding]
    position = moving.made.get(total, moving.end)
    begin = moving.steps[position] if position < moving.end else None
    if type(begin) is Call and begin.function is np.add and not begin.kwargs:
        first = [x for x in begin.args if type(x) is Value and x.shape == total.shape]
        if len(first) == 2 and all(x.dtype == total.dtype for x in first):
            return [*first, *later], [position]
    return [total, *later], []


def _sum_of_rows(moving: Moving, calls: list[Call]) -> list[Call] | None:
    if not _sums_rows(calls[0]):
        return None
    rows = _rows(moving, [call.args[0] for call in calls], calls[0])
    if rows is None:
        return None
    _, whole, before = rows
    total = like(calls[0], calls[0].function, (whole,))
    total.kwargs = calls[0].kwargs
    return [*before, total]


def _sum_of_products(moving: Moving, calls: list[Call]) -> list[Call] | None:
    if not _is_product(calls[0]):
        return None
    xs = [x for call in calls if (x := _transposed(call.args[0])) is not None]
    ys = [call.args[1] for call in calls]
    if len(xs) < len(calls):
        return None
    rows = _rows(moving, xs, calls[0], ys)
    if rows is None:
        return None
    order, left, before = rows
    ys = [ys[i] for i in order]
    if not moving.stacks.fits(ys):
        return None
    right, joining = moving.stacks.joined(ys, calls[0], flat=True)
    turned = like(calls[0], Attribute("T"), (left,))
    view = left.transposed(turned)
    turned.results, turned.structure = [view], view
    return [*before, joining, turned, like(calls[0], np.matmul, (view, right))]


def _rows(
    moving: Moving, xs: list[Value], step: Call, *others: list[Value]
) -> tuple[list[int], Value, list[Call]] | None:
    """Return the order of matrices, one matrix of all their rows, and the calls that make it.

    Other columns of values are to be in the same order.
    """
    given = _parts_of_input(xs, step)
    if given is not None:
        return given
    order = moving.stacks.in_order([xs, *others])
    if order is None:
        return None
    whole, joining = moving.stacks.joined([xs[i] for i in order], step, flat=True)
    return order, whole, [joining]


def _is_product(call: Call) -> bool:
    """Return True for a small product of two matrices."""
    if call.function is not np.matmul or call.kwargs:
        return False
    a, b = call.args
    if type(a) is not Value or type(b) is not Value or not a.ndim == b.ndim == 2:
        return False
    small = 0 < prod(a.shape) * b.shape[1] <= _MOST_PRODUCTS
    return small and a.dtype == b.dtype == call.results[0].dtype


def _sums_rows(call: Call) -> bool:
    function = call.function
    if ufunc_of(function) is not np.add or function.__name__ != "reduce" or len(call.args) != 1:
        return False
    plain = call.kwargs.keys() <= {"axis", "keepdims"} and not call.kwargs.get("keepdims", False)
    (x,) = call.args
    if not plain or type(x) is not Value or x.ndim != 2 or x.dtype != call.results[0].dtype:
        return False
    small = prod(x.shape) * x.dtype.itemsize <= _MOST_BYTES
    return small and call.kwargs.get("axis", 0) in (0, (0,))


def _does_the_same(call: Call, other: Call) -> bool:
    shapes, others = ([getattr(x, "shape", x) for x in c.args] for c in (call, other))
    alike = other.function == call.function and other.kwargs == call.kwargs
    return alike and other.errors == call.errors and shapes == others


def _transposed(x: Value) -> Value | None:
    """Return the matrix of which this is the transpose, if it is known as one."""
    source = x.source
    if type(source) is Constant:
        return Value(source.array.T, Constant(source.array.T))
    by_view = type(source) is Call and source.function in (Attribute("T"), Attribute("mT"))
    return source.args[0] if by_view else None


def _has_parts(calls: Iterable[Call]) -> bool:
    """Return True for products with parts of an argument."""
    xs = [_transposed(call.args[0]) if _is_product(call) else None for call in calls]
    return _parts_of_input(xs, next(iter(calls))) is not None


def _parts_of_input(xs: list[Any], step: Call) -> tuple[list[int], Value, list[Call]] | None:
    """Return the order of matrices ``x[0], x[1] ...`` of an argument, and one of all their rows."""
    sources: list[Any] = [x.source if x is not None else None for x in xs]
    if not all(type(call) is Call and call.function is operator.getitem for call in sources):
        return None
    whole = sources[0].args[0]
    indices = [call.args[1] for call in sources]
    if not all(call.args[0] is whole and type(call.args[1]) is int for call in sources):
        return None
    fits = type(whole) is Value and type(whole.source) is Input and whole.ndim == 3
    if not fits or not is_c_ordered(whole) or sorted(indices) != [*range(whole.shape[0])]:
        return None
    shape = whole.shape[0] * whole.shape[1], whole.shape[2]
    call = like(step, Method("reshape"), (whole, shape))
    flat = Value(np.empty(shape, whole.dtype), call, whole.root)
    call.results, call.structure = [flat], flat
    return sorted(range(len(xs)), key=indices.__getitem__), flat, [call]
