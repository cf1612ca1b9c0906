"""A program put to work: a function that does what the captured function does."""

import operator
from collections import deque
from itertools import starmap
from typing import Any, final

from autograd_lite.capturing.observing.outcome import Effect, left, repeated, values_of
from autograd_lite.capturing.optimization.accumulating import (
    accumulated,
    scipys_blas,
    with_faster_products,
)
from autograd_lite.capturing.optimization.fewer_calls import (
    Step,
    is_generator,
    shared,
    without_dead,
)
from autograd_lite.capturing.program.calls import Call, Value, same_bits
from autograd_lite.capturing.replay.binding import Names
from autograd_lite.capturing.replay.computing import Computation
from autograd_lite.capturing.replay.fetching import Fetching
from autograd_lite.capturing.replay.leaving import Leaving
from autograd_lite.capturing.replay.threads import LARGE, Pools, largest_product, may_use_two, pools


@final
class Replay:
    """What a recorded call has become: a function that does the same.

    Attributes
    ----------
    call : callable
        ``(args, kwargs) -> result``; raises ``MissError`` if the program isn't for this call.
    computation : Computation
    """

    def __init__(
        self, recorded: Any, arguments: Any, *, fast: bool = False, keep_grads: bool = True
    ) -> None:
        self._pools: Pools | None = None
        if fast and not keep_grads:
            recorded = self._without_gradients(recorded)
        self._recorded = recorded
        self._arguments = arguments
        trace = recorded.trace
        wanted = left(recorded)
        steps = without_dead(trace.steps, wanted)
        steps, self._stands = shared(steps, {value.root for value in wanted})
        if fast:
            steps = self._faster(steps, {self._stands.get(value, value) for value in wanted})
        outputs = [*dict.fromkeys(self._stands.get(value, value) for value in wanted)]
        steps = without_dead(steps, outputs)
        read = {
            value.root if is_generator(value) else value
            for step in steps
            for value in (
                (*step.operands, *step.writes) if isinstance(step, Call) else (step.value,)
            )
        } | set(outputs)
        written = {root for step in steps if isinstance(step, Call) for root in step.writes}
        self.inputs = [value for value in trace.inputs if value in read or value in written]
        self._names = Names()
        self._names.space.update(equal=same_bits, deque=deque, starmap=starmap, call=operator.call)
        self._fetching = Fetching(recorded, arguments, self._names, self.inputs, written)
        lent = {
            self._stands.get(value, value)
            for effect in recorded.effects
            if effect.kind == "grad"
            for value in values_of(effect.description)
        }
        lent -= {self._stands.get(v, v).root for v in left(recorded, grads=False)}
        self.computation = Computation(steps, self.inputs, outputs, self._names, lent, fast=fast)
        variables = {value: f"o{i}" for i, value in enumerate(outputs)}
        found = {value: variables[self._stands.get(value, value)] for value in wanted}
        leaving = Leaving(recorded, arguments, self._names, self._fetching, found)
        self.call = self._names.function("replay", self._lines(leaving, [*variables.values()]))

    def _faster(self, steps: list[Step], wanted: set[Value]) -> list[Step]:
        """Return the steps as ``fast=True`` has them: sums in another order, by BLAS."""
        if largest_product(steps) >= LARGE:
            return steps  # for several threads
        scipys_blas()  # loaded, so that its threads are counted
        self._pools = pools()
        if may_use_two(self._pools):
            steps = accumulated(steps, wanted)
        return with_faster_products(steps)

    @staticmethod
    def _without_gradients(recorded: Any) -> Any:
        """Return what was recorded with gradients that only an update reads left out."""
        trace = recorded.trace
        given = {*left(recorded, grads=False)}
        formed = without_dead(trace.steps, [*given])
        made = {value for step in formed if isinstance(step, Call) for value in step.results}

        everything = [recorded.result, *(effect.description for effect in recorded.effects)]
        again = {number for description in everything for number in repeated(description)}

        def only_updates_read(effect: Effect) -> bool:
            if effect.kind != "grad" or effect.description[0] != "tensor":
                return False
            if effect.description[1] in again:
                return False
            values = {*values_of(effect.description)}
            return bool(values) and values <= made and values.isdisjoint(given)

        effects = [
            e._replace(description=("withheld", None)) if only_updates_read(e) else e
            for e in recorded.effects
        ]
        return recorded._replace(effects=effects)

    def _lines(self, leaving: Leaving, outputs: list[str]) -> list[str]:
        checks = self._fetching.lines()
        fetched = ", ".join(f"i{i}" for i in range(len(self.inputs)))
        forgetting = leaving.forgetting()
        run = f"({''.join(f'{v}, ' for v in outputs)}), last = run({fetched})"
        if self.computation.guards and forgetting:
            # whoever forgets gradients, forgets them before whatever it is that failed
            lines = [
                "try:",
                f"    {run}",
                "except MissError:",
                "    raise",
                "except BaseException:",
            ]
            lines += [*("    " + line for line in forgetting), "    raise"]
        else:
            lines = [*forgetting, run]
        made, result = leaving.lines()
        lines += made
        if self.computation.atomic and self._fetching.written:
            lines.append("deque(starmap(call, last), 0)")
        lines.append(f"return {result}")
        if self._pools is not None:
            self._names.space["pools"] = self._pools
            lines = [
                "threads = pools.limit()",
                "try:",
                *("    " + line for line in lines),
                "finally:",
                "    pools.restore(threads)",
            ]
        return ["def replay(args, kwargs):", *("    " + line for line in checks + lines)]
