"""Another order: calls that ignore the same floating-point errors come one after the other.

Each change of how they are handled costs a call. Independent branches of a function, such as the
gates of an LSTM, are computed in step with each other, so that they share one.
"""

import heapq
from itertools import pairwise
from math import prod
from typing import Any

from autograd_lite.capturing.program.calls import Call, Thing, values_in

_MOST_BYTES = 65_536

_Key = tuple[tuple[str, str], ...]


def grouped(steps: list[Any], *, in_layers: bool = False) -> list[Any]:
    """Return the steps in an order that changes how errors are handled less often.

    Calls that write stay where they are, as do questions, and no call passes one of them.

    Parameters
    ----------
    steps : list of Call or Guard
    in_layers : bool
        Let calls come as early as they can, so that those that don't depend on each other are
        neighbours.
    """
    order = _in_layers if in_layers and not any(map(_is_large, steps)) else _in_order
    result: list[Any] = []
    start = 0
    for end, step in enumerate([*steps, None]):
        fixed = not isinstance(step, Call) or step.writes or not step.results
        if fixed or step.phase != steps[start].phase or type(step.structure) is Thing:
            result += order(steps[start:end])
            start = end
            if fixed and step is not None:
                result.append(step)
                start = end + 1
    return result


def _is_large(step: Any) -> bool:
    """Return True for a call whose result is better used soon, as long as it is in a cache."""
    results = step.results if isinstance(step, Call) else ()
    return any(prod(x.shape) * x.dtype.itemsize > _MOST_BYTES for x in results if not x.is_view)


def _in_layers(calls: list[Call]) -> list[Call]:
    """Return calls, none of which writes, by how many others come before them at least."""
    layers: dict[Any, int] = {}
    for call in calls:
        layer = max((layers.get(x, 0) for x in call.operands), default=0) + 1
        layers.update((x, layer) for x in call.results)
    return sorted(calls, key=lambda call: (layers[call.results[0]], sorted(call.errors.items())))


def _in_order(calls: list[Call]) -> list[Call]:
    """Return calls, none of which writes, in another order."""
    keys = [tuple(call.errors.items()) for call in calls]
    changes = sum(a != b for a, b in pairwise(keys))
    if changes <= 2:
        return calls
    made = {value: i for i, call in enumerate(calls) for value in call.results}
    waiting: list[int] = []
    users: list[list[int]] = [[] for _ in calls]
    for i, call in enumerate(calls):
        needed = {made[v] for v in values_in((call.args, call.kwargs)) if v in made}
        waiting.append(len(needed))
        for j in needed:
            users[j].append(i)
    ready: dict[_Key, list[int]] = {}
    for i, count in enumerate(waiting):
        if not count:
            ready.setdefault(keys[i], []).append(i)
    result: list[Call] = []
    key = keys[0]
    while len(result) < len(calls):
        if not ready.get(key):
            key = min((heap[0], other) for other, heap in ready.items() if heap)[1]
        i = heapq.heappop(ready[key])
        result.append(calls[i])
        for j in users[i]:
            waiting[j] -= 1
            if not waiting[j]:
                heapq.heappush(ready.setdefault(keys[j], []), j)
    return result
