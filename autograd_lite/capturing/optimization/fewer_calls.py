"""Fewer calls: dead results are dropped, and what is computed twice is computed once."""

import operator
from collections.abc import Iterable
from typing import Any

from autograd_lite.capturing.observing.terms import same
from autograd_lite.capturing.optimization.folding import (
    copied,
    fold,
    is_new,
    only_factor,
    whole_view,
)
from autograd_lite.capturing.optimization.implying import without_implied
from autograd_lite.capturing.program.calls import (
    Attribute,
    Call,
    Guard,
    Input,
    Thing,
    Value,
    mapped,
    values_in,
)

Step = Call | Guard


def without_dead(steps: Iterable[Step], wanted: Iterable[Value]) -> list[Step]:
    """Return the steps that something wanted depends on, that write, or that ask.

    Parameters
    ----------
    steps : iterable of Call or Guard
    wanted : iterable of Value
        What the program returns or puts somewhere.
    """
    live: set[Any] = set(wanted)
    roots: set[Value] = {value.root for value in live}
    kept: list[Step] = []
    for step in reversed([*steps]):
        if type(step) is Guard:
            needed: Iterable[Any] = (step.value,)
        elif type(step) is Call:
            if live.isdisjoint(step.results):  # most results are arrays
                structure = step.structure
                makes = step.results or step.writes or type(structure) is Thing
                whole = makes and structure in live
                writes = any(type(w.source) is Input or w in roots for w in step.writes)
                if not (whole or writes or _things(structure) & live):
                    continue
            needed = step.operands
        kept.append(step)
        for value in needed:
            live.add(value)
            if type(value) is Value:
                roots.add(value.root)
    return kept[::-1]


def _things(structure: Any) -> set[Any]:
    if type(structure) is Thing:
        return {structure}
    if isinstance(structure, (tuple, list)):
        return {thing for part in structure for thing in _things(part)}
    return set()


def shared(steps: Iterable[Step], apart: set[Value]) -> tuple[list[Step], dict[Value, Value]]:
    """Return the steps with equal calls made once, and which value stands for which.

    Questions whose answers are known, and calls that depend on nothing, are left out too.

    Parameters
    ----------
    steps : iterable of Call or Guard
    apart : set of Value
        Roots that have to be arrays of their own, because they are given away.
    """
    steps, apart = [*steps], {*apart}
    written = {root for step in steps if isinstance(step, Call) for root in step.writes}
    own = written | apart
    results = [value for step in steps if isinstance(step, Call) for value in step.results]
    viewed = {value.root for value in results if value.is_view}  # from a buffer: only once
    stands: dict[Value, Value] = {}
    seen: dict[Any, Call] = {}
    asked: dict[Any, Guard] = {}
    versions: dict[Value, int] = {}
    kept: list[Step] = []

    def replaced(x: Any) -> Any:
        return stands.get(x, x) if type(x) is Value else x

    for step in steps:
        if type(step) is Guard:
            step.value = replaced(step.value)
            if not _is_known(step, asked):
                kept.append(step)
            continue
        if not stands.keys().isdisjoint(step.operands):
            step.args, step.kwargs = mapped(replaced, step.args), mapped(replaced, step.kwargs)
        for value in step.results:
            value.root = stands.get(value.root, value.root)
        if _is_real_part_of_real(step):
            (stands[step.results[0]],) = step.operands
            continue
        if _puts_back(step):
            continue
        viewed_whole = whole_view(step)
        if viewed_whole is not None and viewed_whole.root not in apart:
            stands[step.results[0]] = viewed_whole
            continue
        for root in step.writes:
            versions[root] = versions.get(root, 0) + 1
        original = copied(step)
        if original is not None and not {original.root, step.results[0].root} & written:
            (copy,) = step.results
            if _stands_for(original, copy, apart, viewed):
                stands[copy] = original
                copy.root = original.root
                continue
        views = all(value.root is not value for value in step.results)
        alone = any(v.root in apart or (v.root in written and not views) for v in step.results)
        if step.writes or not step.results or alone:
            kept.append(step)
            continue
        if not any(value.root in own for value in (*step.results, *step.operands)):
            factor = only_factor(step)
            if factor is not None:
                stands[step.results[0]] = factor
                step.results[0].root = factor.root
                continue
            if fold(step):
                continue
        key = _key(step, {} if views and len(step.operands) == 1 else versions)
        other = None if key is None else seen.get(key)
        if other is None or other.errors != step.errors:
            if key is not None:
                seen[key] = step
            kept.append(step)
            continue
        for mine, theirs in zip(step.results, other.results, strict=True):
            stands[mine] = theirs
            mine.root = theirs.root
    return without_implied(kept), stands


def _stands_for(original: Value, copy: Value, apart: set[Value], viewed: set[Value]) -> bool:
    """Return True if nobody can tell a copy from the original."""
    if copy not in apart:
        # views of a buffer are taken once, those of an input in each call
        return not (copy in viewed and isinstance(original.root.source, Input))
    if not is_new(original) or original in apart:
        return False
    apart.add(original)  # it is given away itself, since nothing else happens to it
    return True


def _is_known(guard: Guard, asked: dict[Any, Guard]) -> bool:
    """Return True if the question was asked before; else note it down."""
    if type(guard.value) is not Value or not guard.value.scalar:
        return False
    other = asked.setdefault((guard.value, guard.question), guard)
    return other is not guard and same(other.answer, guard.answer)


def _puts_back(call: Call) -> bool:
    """Return True for ``x[i] = x[i]``, the last part of ``x[i] += y``: it changes nothing."""
    if call.function is not operator.setitem:
        return False
    x, index, value = call.args
    if type(value) is not Value or not value.is_view:
        return False
    view = value.source
    if not isinstance(view, Call) or view.function is not operator.getitem:
        return False
    if any(type(part) is Value for part in values_in(index)):
        return False
    return view.args[0] is x and repr(view.args[1]) == repr(index)


def _is_real_part_of_real(call: Call) -> bool:
    return (
        type(call.function) is Attribute
        and call.function.name == "real"
        and call.results != []
        and call.results[0].scalar
        and call.operands[0].dtype.kind != "c"
    )


def _key(call: Call, versions: dict[Value, int]) -> Any:
    """Return what is equal for calls that give the same; None if there is no such thing."""
    try:
        hash(call.function)
    except TypeError:
        return None
    return call.function, _token(call.args, versions), _token(call.kwargs, versions)


def _token(x: Any, versions: dict[Value, int]) -> Any:
    kind = type(x)
    if kind is Value:
        return x, versions.get(x.root, 0)
    if kind is dict:
        return tuple([(key, _token(child, versions)) for key, child in x.items()])
    if kind is slice:
        x = x.start, x.stop, x.step
    if isinstance(x, (tuple, list)):
        return kind, *[_token(child, versions) for child in x]
    if kind in _EXACT:
        return kind, x
    return kind, repr(x) if not callable(x) else id(x)


_EXACT = frozenset({bool, int, str, type(None)})
"""Types whose values are the same if they are equal; 0.0 and -0.0 aren't."""


def first_write(steps: Iterable[Step]) -> int:
    """Return the position of the first call that writes into an array of the user."""
    count = 0
    for count, step in enumerate(steps):
        if isinstance(step, Call) and any(
            isinstance(root.source, Input) and not is_generator(root) for root in step.writes
        ):
            return count
    return count + 1


def is_generator(value: Value) -> bool:
    """Return True for a random generator among the inputs."""
    return isinstance(value.source, Input) and value.source.generator


def uses(step: Step) -> list[Value]:
    """Return the values that a step reads, or asks about."""
    if isinstance(step, Guard):
        return [*values_in(step.value)]
    return step.operands
