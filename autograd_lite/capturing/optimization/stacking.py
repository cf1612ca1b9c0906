"""``fast=True``: small calls that do the same to different arrays are made as one.

A loop in Python, such as that of a recurrent network over time, makes the same calls again and
again, each on a few kilobytes. Where they don't depend on each other, their operands are kept side
by side in memory, as one array with an axis more, and one call computes all results. (Compilers
call it superword-level parallelism; Larsen and Amarasinghe, 2000.)

- Elementwise calls become one for all of their arrays.
- Products with the same second factor become one, of more rows.
- Sums of products, and of sums of rows, become one of more terms: the gradients of weights.
- Questions whether arrays are finite become one about all of them.
"""

import operator
from collections import Counter
from collections.abc import Iterable
from math import prod
from typing import Any, final

import numpy as np

from autograd_lite.capturing.optimization.fewer_calls import first_write, is_generator, uses
from autograd_lite.capturing.optimization.likeness import Likeness
from autograd_lite.capturing.optimization.memory import is_elementwise, takes_out
from autograd_lite.capturing.optimization.stacks import Stacks, like
from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Constant,
    Guard,
    Input,
    Method,
    Value,
    is_c_ordered,
    ufunc_of,
)

_FEWEST = 3
"""How many calls are worth to be made one."""

_MOST_BYTES = 16_384
"""Up to which size of its result a call costs more than what it computes."""

_MOST_PRODUCTS = 131_072
"""Up to how many multiplications a product of matrices does."""

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
    if len(steps) > _MOST_STEPS:
        return steps, arrays
    stacking = _Stacking(steps, away, arrays)
    stacking.merge()
    return stacking.steps(), stacking.stacks.arrays()


@final
class _Stacking:
    """Finds calls to merge, one kind after the other.

    Positions are those of the steps as they were. A merged call takes that of its first member, if
    all operands are there by then, or that of its last one, if no result is used before.
    """

    def __init__(self, steps: list[Any], away: set[Value], arrays: dict[Value, Any]) -> None:
        self._steps = steps
        self._end = first_write(steps)
        self._away = away
        self._kept = arrays
        self._made: dict[Value, int] = {}
        self._used: dict[Value, list[int]] = {}
        self._first_used: dict[Value, int] = {}
        self._written: set[Value] = set()
        self._new: dict[int, list[Any]] = {}
        self._keys: dict[int, Any] = {}
        self._like = Likeness()
        self._draws = False
        for position, step in enumerate(steps):
            for value in uses(step):
                self._used.setdefault(value.root, []).append(position)
            if isinstance(step, Call):
                for value in step.results:
                    self._made.setdefault(value, position)
                for root in step.writes:
                    self._draws = self._draws or is_generator(root)
                    if root in arrays:
                        self._made[root] = position  # it isn't whole before
                    else:
                        self._written.add(root)
        self._first_used = {root: positions[0] for root, positions in self._used.items()}
        self.stacks = Stacks(arrays, self._can_be_placed)

    def merge(self) -> None:
        """Merge what can be merged."""
        self._merge_sums()
        self._merge_products()
        while self._merge_elementwise():
            pass
        self._merge_questions()

    def steps(self) -> list[Any]:
        """Return the steps as they are now."""
        return [s for i, step in enumerate(self._steps) for s in self._new.get(i, (step,))]

    # ------------------------------------------------------------------ what is possible

    def _can_be_placed(self, x: Value) -> bool:
        """Return True if it can be chosen where a value is kept."""
        if x in self._away or x in self._written or x.is_view or not is_c_ordered(x):
            return False
        if type(x.source) is Constant:
            return True
        if x in self._kept:
            return self._kept[x].base is None
        position = self._made.get(x, self._end)
        if position in self._new or position >= self._end:
            return False
        return takes_out(self._steps[position])

    def _can_move(self, call: Any) -> bool:
        """Return True for a call that only computes a new array, from what nobody changes."""
        if type(call) is not Call or call.writes or len(call.results) != 1:
            return False
        (value,) = call.results
        return (
            call.structure is value
            and not value.is_view
            and not value.scalar
            and value not in self._away
            and value not in self._written
            and value not in self._kept
            and is_c_ordered(value)
            and all(x.root not in self._written or self._is_input(x) for x in call.operands)
        )

    @staticmethod
    def _is_input(x: Value) -> bool:
        """Return True for an array of the user, which is written after all calls that move."""
        return type(x.root.source) is Input

    def _place(self, group: list[int]) -> int | None:
        """Return the position of the merged call; None if there is none."""
        calls = [self._steps[i] for i in group]
        made = max(map(self._ready, calls))
        if made < group[0]:
            return group[0]
        used = min(self._first_used.get(call.results[0], self._end) for call in calls)
        return group[-1] if used > group[-1] else None

    def _ready(self, call: Call) -> int:
        """Return the position after which all operands are there."""
        operands = call.operands
        if call.function is np.matmul and self._is_input(operands[0]):
            operands = operands[1:]  # of a part of an argument, the whole is taken
        return max((self._made.get(x, -1) for x in operands), default=-1)

    def _groups(self, found: Iterable[tuple[int, Any]]) -> list[list[int]]:
        """Return the positions of calls that can be made together.

        Parameters
        ----------
        found : iterable of (int, key)
            Calls with the same key do the same to different arrays.
        """
        groups: list[list[int]] = []
        latest: dict[Any, tuple[list[int], int, int]] = {}
        for position, key in found:
            call = self._steps[position]
            own_made = self._ready(call)
            own_used = self._first_used.get(call.results[0], self._end)
            group, made, used = latest.get(key, ([], -1, self._end))
            made, used = max(made, own_made), min(used, own_used)
            if not group or not (made < group[0] or used > position):
                group, made, used = [], own_made, own_used
                groups.append(group)
            group.append(position)
            latest[key] = group, made, used
        return [group for group in groups if len(group) >= _FEWEST]

    def _replace(self, group: Iterable[int], place: int, new: list[Any]) -> None:
        for i in group:
            for x in self._steps[i].operands:
                self._first_used[x.root] = min(self._first_used[x.root], place)
            for x in self._steps[i].results:
                self._made[x] = place
            self._new[i] = []
        self._new[place] = new

    # ------------------------------------------------------------------ elementwise calls

    def _merge_elementwise(self) -> bool:
        found = []
        for i in range(self._end):
            if i not in self._keys:
                self._keys[i] = self._elementwise(self._steps[i])
            if self._keys[i] is not None and i not in self._new:
                found.append((i, self._keys[i]))
        groups = self._groups(found)
        results = {self._steps[i].results[0] for group in groups for i in group}
        merged = [
            self._merge_group(group)
            for group in groups
            if results.isdisjoint(x for i in group for x in self._steps[i].operands)
        ]
        return any(merged)

    def _elementwise(self, call: Any) -> Any:
        if not self._can_move(call) or call.kwargs or not isinstance(call.function, np.ufunc):
            return None
        (value,) = call.results
        size = value.dtype.itemsize * prod(value.shape)
        if not (
            is_elementwise(call) and takes_out(call) and value.shape and 0 < size <= _MOST_BYTES
        ):
            return None
        parts: list[Any] = []
        for x in call.args:
            if type(x) is not Value:
                parts.append((type(x), repr(x)))
            elif x.shape != value.shape:
                parts.append(x)
            elif x.is_view or not is_c_ordered(x):
                return None
            else:
                parts.append((x is call.args[0], x.dtype, self._like(x)))
        errors = tuple(call.errors.items())
        return call.function, errors, value.shape, value.dtype, tuple(parts)

    def _merge_group(self, group: list[int]) -> bool:
        place = self._place(group)
        if place is None:
            return False
        calls = [self._steps[i] for i in group]
        first, shape = calls[0], calls[0].results[0].shape
        varying = [i for i, x in enumerate(first.args) if type(x) is Value and x.shape == shape]
        order = self.stacks.in_order([[call.args[i] for call in calls] for i in varying])
        if order is None or not self.stacks.fits([calls[i].results[0] for i in order]):
            return False
        calls = [calls[i] for i in order]
        args, before = [*first.args], []
        for i in varying:
            args[i], call = self.stacks.joined([call.args[i] for call in calls], first)
            before.append(call)
        results = [call.results[0] for call in calls]
        columns = [[call.args[i] for call in calls] for i in varying]
        over = next((c for c in columns if self._dies(c, results, group)), None)
        whole, parts = self.stacks.parted(results, first, over)
        self._replace(
            group, place, [*before, like(first, first.function, tuple(args), whole), parts]
        )
        return True

    def _dies(self, column: list[Value], results: list[Value], group: list[int]) -> bool:
        """Return True for operands that only the group uses: results can take their places."""
        used = Counter(x for i in group for x in self._steps[i].operands)
        return column[0].dtype == results[0].dtype and all(
            len(self._used[x]) == used[x] and type(x.source) is Call and x not in self._kept
            for x in column
        )

    # ------------------------------------------------------------------ products

    def _merge_products(self) -> None:
        found = []
        for i in range(self._end):
            call = self._steps[i]
            if i not in self._new and self._can_move(call) and _is_product(call):
                a, b = call.args
                found.append((i, (b, a.shape, a.root if a.is_view else self._like(a))))
        for group in self._groups(found):
            place = self._place(group)
            calls = [self._steps[i] for i in group]
            rows = None if place is None else self._rows([call.args[0] for call in calls], calls[0])
            if rows is None or place is None:
                continue
            order, left, before = rows
            results = [calls[i].results[0] for i in order]
            whole, parts = self.stacks.parted(results, calls[0], None, flat=True)
            product = like(calls[0], np.matmul, (left, calls[0].args[1]), whole)
            self._replace(group, place, [*before, product, parts])

    def _rows(self, xs: list[Value], step: Call) -> tuple[list[int], Value, list[Call]] | None:
        """Return the order of matrices, one matrix of all their rows, and the calls for it."""
        given = _parts_of_input(xs, step)
        if given is not None:
            return given
        order = self.stacks.in_order([xs])
        if order is None:
            return None
        whole, call = self.stacks.joined([xs[i] for i in order], step, flat=True)
        return order, whole, [call]

    # ------------------------------------------------------------------ sums

    def _merge_sums(self) -> None:
        """Merge ``g = x.T @ d; g += y.T @ e; ...``, and the same of sums of rows."""
        sums: dict[Value, list[int]] = {}
        for i in range(self._end):
            step = self._steps[i]
            if type(step) is Call and step.function is np.add and step.kwargs.keys() == {"out"}:
                a, term = step.args
                whole = step.kwargs["out"] is a and type(term) is Value and not a.is_view
                if whole and (term.shape, term.dtype) == (a.shape, a.dtype):
                    sums.setdefault(a, []).append(i)
        found = []
        for a, adding in sums.items():
            terms, begun = self._terms(a, adding)
            made = [self._made.get(x, self._end) for x in terms]
            between = {i for i in self._used[a] if i <= adding[-1]}
            if len(terms) < _FEWEST or between != {*adding} or max(made) >= self._end:
                continue
            calls = [self._steps[i] for i in made]
            if all(map(self._is_term, calls, terms)):
                found.append((a, calls, [*made, *begun, *adding]))
        # the parts of an argument have their places; others follow them
        for a, calls, group in sorted(found, key=lambda sum_: not _has_parts(sum_[1])):
            new = self._sum_of(calls)
            if new is not None:
                new[-1].results, new[-1].structure = [a], a
                self._replace(group, group[-1], new)

    def _terms(self, a: Value, adding: list[int]) -> tuple[list[Value], list[int]]:
        """Return the terms of a sum, and the position of the call that adds the first two."""
        later = [self._steps[i].args[1] for i in adding]
        position = self._made.get(a, self._end)
        begin = self._steps[position] if position < self._end else None
        if type(begin) is Call and begin.function is np.add and not begin.kwargs:
            first = [x for x in begin.args if type(x) is Value and x.shape == a.shape]
            if len(first) == 2 and all(x.dtype == a.dtype for x in first):
                return [*first, *later], [position]
        return [a, *later], []

    def _is_term(self, call: Any, x: Value) -> bool:
        """Return True for a call that makes a term, which only the sum uses."""
        if type(call) is not Call or call.results != [x] or call.writes or x.is_view:
            return False
        if any(y.root in self._written and not self._is_input(y) for y in call.operands):
            return False
        return x in self._written or (len(self._used[x]) == 1 and x not in self._away)

    def _sum_of(self, calls: list[Call]) -> list[Any] | None:
        """Return the calls that compute a sum of results; None if it isn't of a known kind."""
        first = calls[0]
        if not all(_does_the_same(first, call) for call in calls):
            return None
        if _sums_rows(first):
            rows = self._rows([call.args[0] for call in calls], first)
            if rows is None:
                return None
            _, whole, before = rows
            total = like(first, first.function, (whole,), None)
            total.kwargs = first.kwargs
            return [*before, total]
        if not _is_product(first):
            return None
        xs = [x for call in calls if (x := _transposed(call.args[0])) is not None]
        if len(xs) < len(calls):
            return None
        ys = [call.args[1] for call in calls]
        given = _parts_of_input(xs, first)
        order = self.stacks.in_order([xs, ys]) if given is None else given[0]
        if order is None or not self.stacks.fits([ys[i] for i in order]):
            return None
        if given is None:
            left, call = self.stacks.joined([xs[i] for i in order], first, flat=True)
            before = [call]
        else:
            _, left, before = given
        right, call = self.stacks.joined([ys[i] for i in order], first, flat=True)
        turned = like(first, Attribute("T"), (left,), None)
        turned.results = [left.transposed(turned)]
        turned.structure = turned.results[0]
        product = like(first, np.matmul, (turned.structure, right), None)
        return [*before, call, turned, product]

    # ------------------------------------------------------------------ questions

    def _merge_questions(self) -> None:
        """Merge questions whether arrays are finite, as they are asked: of ``vdot(x, x)``."""
        if self._draws:
            return
        found: dict[Any, list[tuple[int, int, Value]]] = {}
        for i in range(self._end):
            guard = self._steps[i]
            if type(guard) is not Guard or type(guard.value) is not Value:
                continue
            if (guard.question, guard.answer) not in (("isfinite", True), ("isnan", False)):
                continue
            made = self._made.get(guard.value, self._end)
            call = self._steps[made] if made < self._end and made not in self._new else None
            if type(call) is not Call or call.function is not np.vdot or call.kwargs:
                continue
            x, y = call.args
            if x is y and type(x) is Value and not x.is_view and len(self._used[guard.value]) == 1:
                key = guard.question, x.shape, x.dtype, self._like(x)
                found.setdefault(key, []).append((made, i, x))
        for asked in found.values():
            order = self.stacks.in_order([[x for _, _, x in asked]])
            if len(asked) < _FEWEST or order is None:
                continue
            made, last, _ = asked[-1]
            call, guard = self._steps[made], self._steps[last]
            whole, joining = self.stacks.joined([asked[i][2] for i in order], call)
            self._replace([i for i, _, _ in asked], last, [])
            for _, i, _ in asked:
                self._new[i] = []
            self._new[last] = [joining, like(call, np.vdot, (whole, whole), guard.value), guard]


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
    two_axes = type(x) is Value and x.ndim == 2 and x.dtype == call.results[0].dtype
    return plain and two_axes and call.kwargs.get("axis", 0) in (0, (0,))


def _does_the_same(call: Call, other: Call) -> bool:
    return (
        other.function == call.function
        and other.kwargs == call.kwargs
        and other.errors == call.errors
        and [getattr(x, "shape", x) for x in other.args]
        == [getattr(x, "shape", x) for x in call.args]
    )


def _transposed(x: Value) -> Value | None:
    """Return the matrix of which this is the transpose, if it is known as one."""
    source = x.source
    if type(source) is Constant:
        return Value(source.array.T, Constant(source.array.T))
    by_view = type(source) is Call and source.function in (Attribute("T"), Attribute("mT"))
    return source.args[0] if by_view else None


def _has_parts(calls: list[Call]) -> bool:
    """Return True for products with parts of an argument."""
    xs = [x for call in calls if _is_product(call) and (x := _transposed(call.args[0])) is not None]
    return _parts_of_input(xs, calls[0]) is not None


def _parts_of_input(xs: list[Value], step: Call) -> tuple[list[int], Value, list[Call]] | None:
    """Return the order of matrices ``x[0], x[1] ...`` of an argument, and one of all their rows."""
    sources = [x.source for x in xs]
    parts = all(type(call) is Call and call.function is operator.getitem for call in sources)
    if not parts or not xs:
        return None
    whole = sources[0].args[0]
    indices = [call.args[1] for call in sources]
    if not all(call.args[0] is whole and type(call.args[1]) is int for call in sources):
        return None
    fits = type(whole) is Value and type(whole.source) is Input and whole.ndim == 3
    if not fits or not is_c_ordered(whole) or sorted(indices) != [*range(whole.shape[0])]:
        return None
    shape = whole.shape[0] * whole.shape[1], whole.shape[2]
    call = like(step, Method("reshape"), (whole, shape), None)
    flat = Value(np.empty(shape, whole.dtype), call, whole.root)
    call.results, call.structure = [flat], flat
    return sorted(range(len(xs)), key=indices.__getitem__), flat, [call]
