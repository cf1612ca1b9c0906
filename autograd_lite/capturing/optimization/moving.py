"""Which calls may be made earlier or later, together with others that do the same."""

from collections.abc import Iterable
from typing import Any, final

import numpy as np

from autograd_lite.capturing.optimization.fewer_calls import first_write, is_generator, uses
from autograd_lite.capturing.optimization.likeness import Likeness
from autograd_lite.capturing.optimization.memory import takes_out
from autograd_lite.capturing.optimization.stacks import Stacks
from autograd_lite.capturing.program.calls import Call, Constant, Input, Value, is_c_ordered

FEWEST = 3
"""How many calls are worth to be made one."""


@final
class Moving:
    """The steps of a program, some of which are replaced by merged ones.

    Positions are those of the steps as they were. A merged call takes that of its first member, if
    all operands are there by then, or that of its last one, if no result is used before.

    Attributes
    ----------
    steps : list of Call or Guard
        As they were.
    end : int
        The position of the first call that writes into an array of the user.
    stacks : Stacks
        Where values are kept.
    like : Likeness
    made : dict
        The positions at which values are whole.
    used : dict
        The positions of all steps that use a value, or views of it; one is there twice if the
        step uses it twice.
    draws : bool
        Whether random numbers are drawn.
    """

    def __init__(self, steps: list[Any], away: set[Value], arrays: dict[Value, Any]) -> None:
        self.steps = steps
        self.end = first_write(steps)
        self.stacks = Stacks(arrays, self._can_be_placed)
        self.like = Likeness()
        self.made: dict[Value, int] = {}
        self.used: dict[Value, list[int]] = {}
        self.draws = False
        self._away = away
        self._kept = arrays
        self._written: set[Value] = set()
        self._new: dict[int, list[Any]] = {}
        for position, step in enumerate(steps):
            for value in uses(step):
                self.used.setdefault(value.root, []).append(position)
            if isinstance(step, Call):
                for value in step.results:
                    self.made.setdefault(value, position)
                for root in step.writes:
                    self.draws = self.draws or is_generator(root)
                    if root in arrays:
                        self.made[root] = position  # it isn't whole before
                    else:
                        self._written.add(root)
        self._first_used = {root: positions[0] for root, positions in self.used.items()}

    def result(self) -> list[Any]:
        """Return the steps as they are now."""
        return [s for i, step in enumerate(self.steps) for s in self._new.get(i, (step,))]

    def remaining(self) -> Iterable[tuple[int, Any]]:
        """Yield the steps that haven't been replaced, with their positions."""
        for i in range(self.end):
            if i not in self._new:
                yield i, self.steps[i]

    # ------------------------------------------------------------------ what is possible

    def _can_be_placed(self, x: Value) -> bool:
        """Return True if it can be chosen where a value is kept."""
        if x in self._away or x in self._written or x.is_view or x.scalar or x.dtype.hasobject:
            return False
        if not is_c_ordered(x) or 0 in x.shape:
            return False
        if type(x.source) is Constant:
            return True
        if x in self._kept:
            return self._kept[x].base is None
        position = self.made.get(x, self.end)
        if position in self._new or position >= self.end:
            return False
        return takes_out(self.steps[position])

    def can_move(self, call: Any) -> bool:
        """Return True for a call that only computes a new array, from what nobody changes."""
        if type(call) is not Call or call.writes or len(call.results) != 1:
            return False
        (value,) = call.results
        own = not (value in self._away or value in self._written or value in self._kept)
        return (
            own
            and call.structure is value
            and not (value.is_view or value.scalar)
            and is_c_ordered(value)
            and self._reads_constants(call)
        )

    def can_be_term(self, call: Any, x: Value, total: Value) -> bool:
        """Return True for a call that makes a term of a sum, which nothing else uses."""
        if type(call) is not Call or call.results != [x] or call.writes or x.is_view:
            return False
        only = x is total or not (x in self._written or x in self._away or len(self.used[x]) > 1)
        return only and self._reads_constants(call)

    def _reads_constants(self, call: Call) -> bool:
        """Return True if the operands aren't changed before the user's arrays are."""
        return all(x.root not in self._written or is_input(x) for x in call.operands)

    def dies(self, x: Value, uses: int) -> bool:
        """Return True if a value isn't used any more after so many uses."""
        return len(self.used[x]) == uses and type(x.source) is Call and x not in self._kept

    # ------------------------------------------------------------------ groups

    def groups(self, found: Iterable[tuple[int, Any]]) -> list[list[int]]:
        """Return the positions of calls that can be made together.

        Parameters
        ----------
        found : iterable of (int, key)
            Calls with the same key do the same to different arrays.
        """
        groups: list[list[int]] = []
        latest: dict[Any, tuple[list[int], int, int]] = {}
        for position, key in found:
            call = self.steps[position]
            own_made = self._ready(call)
            own_used = self._first_used.get(call.results[0], self.end)
            group, made, used = latest.get(key, ([], -1, self.end))
            made, used = max(made, own_made), min(used, own_used)
            if not group or not (made < group[0] or used > position):
                group, made, used = [], own_made, own_used
                groups.append(group)
            group.append(position)
            latest[key] = group, made, used
        return [group for group in groups if len(group) >= FEWEST]

    def place(self, group: list[int]) -> int | None:
        """Return the position of the merged call; None if there is none."""
        calls = [self.steps[i] for i in group]
        if max(map(self._ready, calls)) < group[0]:
            return group[0]
        used = min(self._first_used.get(call.results[0], self.end) for call in calls)
        return group[-1] if used > group[-1] else None

    def _ready(self, call: Call) -> int:
        """Return the position after which all operands are there."""
        operands = call.operands
        if call.function is np.matmul and is_input(operands[0]):
            operands = operands[1:]  # of a part of an argument, the whole is taken
        return max((self.made.get(x, -1) for x in operands), default=-1)

    def replace(self, group: Iterable[int], place: int, new: list[Any]) -> None:
        """Replace steps by others, which stand at one of their positions."""
        for i in group:
            step = self.steps[i]
            for x in uses(step):
                self._first_used[x.root] = min(self._first_used[x.root], place)
            for x in step.results if isinstance(step, Call) else ():
                self.made[x] = place
            self._new[i] = []
        self._new[place] = new


def is_input(x: Value) -> bool:
    """Return True for an array of the user, which is written after all calls that move."""
    return type(x.root.source) is Input
