"""``fast=True``: small calls that do the same to different arrays are made as one.

A loop in Python, such as that of a recurrent network over time, makes the same calls again and
again, each on a few kilobytes. Where they don't depend on each other, their operands are kept side
by side in memory, as one array with an axis more, and one call computes all results. (Compilers
call it superword-level parallelism; Larsen and Amarasinghe, 2000.)

- Elementwise calls become one for all of their arrays.
- Questions whether arrays are finite become one about all of them.
- For products and sums, see :mod:`autograd_lite.capturing.optimization.contracting`.
"""

from collections import Counter
from math import prod
from typing import Any

import numpy as np

from autograd_lite.capturing.optimization.contracting import merge_products, merge_sums
from autograd_lite.capturing.optimization.memory import is_elementwise, takes_out
from autograd_lite.capturing.optimization.moving import FEWEST, Moving
from autograd_lite.capturing.program.calls import Call, Guard, Value, is_c_ordered, like

_MOST_BYTES = 8_192
"""Up to which size of its result a call costs about as much as what it computes."""

_MOST_STEPS = 20_000
"""Up to which length programs are looked at."""


def stacked(
    steps: list[Any], away: set[Value], arrays: dict[Value, Any]
) -> tuple[list[Any], dict[Value, Any]]:
    """Return the steps with calls merged, and the arrays that stay where they are, by value.

    Parameters
    ----------
    steps : list of Call or Guard
    away : set of Value
        Roots that are given away, and so have to be new in each call.
    arrays : dict
        The arrays of values that have a place already.
    """
    if not FEWEST <= len(steps) <= _MOST_STEPS:
        return steps, arrays
    moving = Moving(steps, away, arrays)
    merge_sums(moving)
    merge_products(moving)
    keys = {i: _elementwise(moving, step) for i, step in moving.remaining()}
    while _merge_elementwise(moving, keys):
        pass
    _merge_questions(moving)
    return moving.result(), moving.stacks.arrays()


def _merge_elementwise(moving: Moving, keys: dict[int, Any]) -> bool:
    """Merge calls whose operands aren't among what could be merged too; True if there were any."""
    found = [(i, keys[i]) for i, _ in moving.remaining() if keys[i] is not None]
    groups = moving.groups(found)
    results = {moving.steps[i].results[0] for group in groups for i in group}
    merged = False
    for group in groups:
        if results.isdisjoint(x for i in group for x in moving.steps[i].operands):
            merged = _merge(moving, group) or merged
    return merged


def _elementwise(moving: Moving, call: Any) -> Any:
    """Return what calls have in common that can be made as one; None if this one can't."""
    if not moving.can_move(call) or call.kwargs or not isinstance(call.function, np.ufunc):
        return None
    (value,) = call.results
    small = 0 < value.dtype.itemsize * prod(value.shape) <= _MOST_BYTES and value.shape
    if not small or not is_elementwise(call) or not takes_out(call):
        return None
    parts: list[Any] = []
    varies = False
    for x in call.args:
        if type(x) is not Value:
            parts.append((type(x), repr(x)))
        elif x.shape != value.shape:
            parts.append(x)
        elif x.is_view or not is_c_ordered(x):
            return None
        else:
            varies = True
            parts.append((x.dtype, moving.like(x)))
    common = call.function, tuple(call.errors.items()), value.shape, value.dtype, tuple(parts)
    return common if varies else None


def _merge(moving: Moving, group: list[int]) -> bool:
    """Merge elementwise calls; return False if that isn't possible."""
    place = moving.place(group)
    if place is None:
        return False
    stacks = moving.stacks
    calls = [moving.steps[i] for i in group]
    first, shape = calls[0], calls[0].results[0].shape
    varying = [i for i, x in enumerate(first.args) if type(x) is Value and x.shape == shape]
    order = stacks.in_order([[call.args[i] for call in calls] for i in varying])
    if order is None:
        return False
    calls = [calls[i] for i in order]
    columns = [[call.args[i] for call in calls] for i in varying]
    results = [call.results[0] for call in calls]
    args, before = [*first.args], []
    for i, column in zip(varying, columns, strict=True):
        if not stacks.fits(column):  # the column before needs some of these in another order
            return False
        args[i], joining = stacks.joined(column, first)
        before.append(joining)
    if not stacks.fits(results):
        return False
    uses = Counter(x for call in calls for x in call.operands)
    over = None
    for column in columns:
        if column[0].dtype == results[0].dtype and all(moving.dies(x, uses[x]) for x in column):
            over = column
    whole, parts = stacks.parted(results, first, over)
    moving.replace(group, place, [*before, like(first, first.function, tuple(args), whole), parts])
    return True


def _merge_questions(moving: Moving) -> None:
    """Merge questions whether arrays are finite, as they are asked: of ``vdot(x, x)``.

    The last of them is asked of all arrays, and is answered before anything is written.
    """
    if moving.draws:
        return
    found: dict[Any, list[tuple[int, int, Value]]] = {}
    for i, guard in moving.remaining():
        if type(guard) is not Guard or type(guard.value) is not Value:
            continue
        if (guard.question, guard.answer) not in (("isfinite", True), ("isnan", False)):
            continue
        made = moving.made.get(guard.value, moving.end)
        call = moving.steps[made] if made < moving.end else None
        if type(call) is not Call or call.function is not np.vdot or call.kwargs:
            continue
        x, y = call.args
        if x is y and type(x) is Value and not x.is_view and len(moving.used[guard.value]) == 1:
            key = guard.question, x.shape, x.dtype, moving.like(x)
            found.setdefault(key, []).append((made, i, x))
    for asked in found.values():
        order = moving.stacks.in_order([[x for _, _, x in asked]])
        if len(asked) < FEWEST or order is None:
            continue
        made, last, _ = asked[-1]
        call, guard = moving.steps[made], moving.steps[last]
        whole, joining = moving.stacks.joined([asked[i][2] for i in order], call)
        new = [joining, like(call, np.vdot, (whole, whole), guard.value), guard]
        moving.replace([i for asking in asked for i in asking[:2]], last, new)
