"""Where a program's inputs are at a call, and whether they fit."""

from typing import Any, final

import numpy as np

from autograd_lite.capturing.observing.reaching import Place
from autograd_lite.capturing.observing.terms import expression, standing_at
from autograd_lite.capturing.optimization.fewer_calls import is_generator
from autograd_lite.capturing.program.calls import Value, owner_of
from autograd_lite.capturing.replay.binding import MissError, Names
from autograd_lite.tensor import Tensor
from autograd_lite.writes import note_update, stamps_of_all

_FEW_PAIRS = 256
"""Up to how many comparisons of two arrays are written out; a set of their ids takes longer."""


@final
class Fetching:
    """Generates the lines that check a call, and look up the inputs ``i0``, ``i1`` ...

    Attributes
    ----------
    inputs, written : list of Value
        What the program reads or writes, and what of that it writes.
    stamped : set of int
        The inputs whose stamps ``s0``, ``s1`` ... stand in the generated code, by position.
    """

    def __init__(
        self, recorded: Any, arguments: Any, names: Names, inputs: list[Value], written: set[Value]
    ) -> None:
        self._recorded = recorded
        self._arguments = arguments
        self._names = names
        self.inputs = inputs
        self.written = [value for value in inputs if value in written]
        self.stamped: set[int] = set()
        self._owners: dict[int, Any] = {}
        names.space.update(
            Tensor=Tensor,
            ndarray=np.ndarray,
            recheck=self._recheck,
            apart=self._apart,
            all_apart=self._all_apart,
            known=[None] * len(inputs),
        )

    def lines(self) -> list[str]:
        """Return lines that raise ``MissError`` if the program isn't for the call."""
        names, recorded = self._names, self._recorded
        lines = [
            f"if {check}: raise MissError('the arguments')"
            for check in self._arguments.checks(names)
        ]
        terms = [expression(term, names) for term in recorded.terms]
        for start in range(0, len(terms), 40):
            condition = " and ".join(terms[start : start + 40])
            lines.append(f"if not ({condition}): raise MissError('the settings')")
        for place, had in recorded.graded.items():
            unlike = "is None" if had else "is not None"
            tensor = self.tensor_at(place, place.value)
            lines.append(
                f"if {tensor}._grad {unlike}: raise MissError('the presence of a gradient')"
            )
        for i, value in enumerate(self.inputs):
            lines += self._fetch(i, value)
        lines += self._kept_apart()
        return [
            "try:",
            *("    " + line for line in lines),
            "except (AttributeError, LookupError, TypeError, ValueError):",
            "    raise MissError('the settings') from None",
        ]

    def expression(self, place: Place) -> str:
        """Return the expression for what stands at a place."""
        names = self._names
        if place.kind == "argument":
            text: str = self._arguments.path(place.key, names)
            return text
        if place.kind == "constant":
            return names(place.value)
        holder = self._holder(place) if place.kind == "slot" else names(place.holder)
        return standing_at(place.kind, holder, place.key, names)

    def _holder(self, place: Place) -> str:
        """Return the expression for the tensor, or other object, that has a slot."""
        parent = place.parent
        if parent is not None and (parent.kind == "argument" or parent in self._recorded.moving):
            return self.expression(parent)
        if parent is not None and parent.kind == "slot" and parent.key == "_grad":
            return self.expression(parent)
        return self._names(place.holder)

    def tensor_at(self, place: Place, tensor: Any) -> str:
        """Return the expression for a tensor that stands at a place."""
        if place.kind == "argument" or place in self._recorded.moving:
            return self.expression(place)
        return self._names(tensor)

    def _fetch(self, i: int, value: Value) -> list[str]:
        """Return the lines that look up an input, and check that it fits."""
        place = value.source.place
        lines = []
        moving = place.kind == "slot" and (
            place.parent in self._recorded.moving or getattr(place.parent, "key", "") == "_grad"
        )
        if moving:
            holder = self._holder(place)
            lines.append(f"t = {holder}")
            lines.append("if type(t) is not Tensor or t.tracked: raise MissError('a tensor')")
            lines.append(f"i{i} = t.array")
        else:
            lines.append(f"i{i} = {self.expression(place)}")
        if value.weak:
            return [*lines, f"if type(i{i}) is not float: raise MissError('a number')"]
        if is_generator(value):
            rng = self._names(value.source.array)
            return [*lines, f"if i{i} is not {rng}: raise MissError('a generator')"]
        if self._is_checked(place):
            if value in self.written:
                lines.append(f"if not i{i}.flags.writeable: raise MissError('read-only')")
            return lines
        if moving or getattr(place.parent, "kind", "") == "argument":
            if not value.scalar:
                shape, strides = value.shape, value.strides
                dtype = self._names(value.dtype)
                lines.append(
                    f"if type(i{i}) is not ndarray or i{i}.shape != {shape!r} or i{i}.strides != "
                    f"{strides!r} or (i{i}.dtype is not {dtype} and i{i}.dtype != {dtype}): "
                    "raise MissError('an array')"
                )
                if value in self.written:
                    lines.append(f"if not i{i}.flags.writeable: raise MissError('read-only')")
            else:
                kind = self._names(value.dtype.type)
                lines.append(f"if type(i{i}) is not {kind}: raise MissError('a scalar')")
            return lines
        return [*lines, f"if i{i} is not known[{i}]: recheck({i}, i{i})"]

    @staticmethod
    def _is_checked(place: Place) -> bool:
        """Return True for an array that is compared among the arguments."""
        parent = place.parent
        return place.kind == "argument" or (
            parent is not None
            and parent.kind == "argument"
            and type(place.holder) is Tensor
            and place.key == "array"
        )

    def _kept_apart(self) -> list[str]:
        """Return lines that check that what is written shares no memory with other inputs."""
        moving = [i for i, value in enumerate(self.inputs) if self.is_moving(value)]
        if any(self.inputs[i] in self.written for i in moving):
            every = "".join(f"i{i}, " for i in range(len(self.inputs)))
            return [f"all_apart(({every}))"]
        if not self.written:
            return []
        fixed = [f"i{i}" for i, value in enumerate(self.inputs) if value in self.written]
        if len(moving) * len(fixed) <= _FEW_PAIRS:
            return [
                f"if i{i}.base is not None or {' or '.join(f'i{i} is {x}' for x in fixed)}: "
                f"apart(i{i}, {i})"
                for i in moving
            ]
        ids = f"ids = {{{', '.join(f'id({x})' for x in fixed)}}}"
        checks = [f"if i{i}.base is not None or id(i{i}) in ids: apart(i{i}, {i})" for i in moving]
        return [ids, *checks] if moving else []

    def is_moving(self, value: Value) -> bool:
        """Return True for an array that may be another one at each call."""
        place = value.source.place
        return not (value.scalar or is_generator(value)) and (
            place.kind == "argument"
            or getattr(place.parent, "kind", "") == "argument"
            or place.parent in self._recorded.moving
            or getattr(place.parent, "key", "") == "_grad"
        )

    def _all_apart(self, arrays: Any) -> None:
        """Check the same where arrays are written that may be others at each call."""
        for i, value in enumerate(self.inputs):
            if value not in self.written or is_generator(value):
                continue
            for other, array in zip(self.inputs, arrays, strict=True):
                apart = other.root is value.root or not isinstance(array, np.ndarray)
                if not apart and np.may_share_memory(arrays[i], array):
                    raise MissError("shared memory")

    def _recheck(self, i: int, array: Any) -> None:
        """Check an array that was another one before: parameters may be replaced."""
        value = self.inputs[i]
        if not value.scalar and (
            type(array) is not np.ndarray
            or array.shape != value.shape
            or array.strides != value.strides
            or array.dtype != value.dtype
        ):
            raise MissError("an array")
        if value.scalar and (isinstance(array, np.ndarray) or array.dtype != value.dtype):
            raise MissError("a scalar")
        if value in self.written and not array.flags.writeable:
            raise MissError("read-only")
        known = self._names.space["known"]
        if self.written and not value.scalar:
            self._apart(array, i)
            if value in self.written:
                self._owners[i] = owner_of(array)
                for other, old in zip(self.inputs, known, strict=True):
                    apart = other.root is value.root or not isinstance(old, np.ndarray)
                    if not apart and np.may_share_memory(array, old):
                        raise MissError("shared memory")
        if i in self.stamped:
            plain = array.base is None
            self._names.space[f"s{i}"] = stamps_of_all(array) if plain else _Noting(array)
        known[i] = array

    def _apart(self, array: Any, i: int) -> None:
        """Check that an input shares no memory with another one that is written."""
        owner = owner_of(array)
        for j, other in self._owners.items():
            if j == i or self.inputs[i].root is self.inputs[j].root:
                continue
            foreign = owner.base is not None or other.base is not None
            if owner is other or (foreign and np.may_share_memory(array, other)):
                raise MissError("shared memory")


@final
class _Noting:
    """Stands for the stamps of an array that doesn't own its memory."""

    __slots__ = ("_array",)

    last_written = property(None, lambda self, now: None)

    def __init__(self, array: Any) -> None:
        self._array = array

    @property
    def updated(self) -> int:
        """When all of the array was written last; setting it notes that down."""
        return 0

    @updated.setter
    def updated(self, now: int) -> None:
        note_update(self._array, now)
