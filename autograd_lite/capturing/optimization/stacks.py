"""Arrays that are kept side by side in memory, and so are one array with an axis more."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, final

import numpy as np

from autograd_lite.capturing.program.calls import PLACED, Call, Constant, Value, like

_ALIGNMENT = 64

_MOST_BYTES = 33_554_432
"""How much memory may be taken for values that have places of their own."""


@final
class _Slots:
    """Memory for some arrays of the same kind; it may be a part of more memory."""

    __slots__ = ("dtype", "length", "memory", "offset", "shape", "upper")

    def __init__(self, length: int, like: Value) -> None:
        self.length = length
        self.shape = like.shape
        self.dtype = like.dtype
        self.upper: _Slots | None = None
        self.offset = 0
        self.memory: Any = None

    def top(self) -> "tuple[_Slots, int]":
        """Return the largest memory that this is a part of, and where it starts there."""
        slots, offset = self, 0
        while slots.upper is not None:
            slots, offset = slots.upper, offset + slots.offset
        return slots, offset

    def array(self) -> Any:
        """Return all of it as one array."""
        top, offset = self.top()
        if top.memory is None:
            size = prod(top.shape) * top.length * top.dtype.itemsize
            memory = np.zeros(size + _ALIGNMENT, np.uint8)
            start = -memory.ctypes.data % _ALIGNMENT
            memory = memory[start : start + size]
            top.memory = memory.view(top.dtype).reshape(top.length, *top.shape)
        return top.memory[offset : offset + self.length]


@final
class Stacks:
    """Decides where values are kept, so that calls can be given several of them as one array.

    Parameters
    ----------
    arrays : dict
        The arrays of values that have a place already. Those that own their memory can be moved.
    can_be_placed : callable
        Returns True for a value whose place can be chosen.
    """

    def __init__(self, arrays: dict[Value, Any], can_be_placed: Callable[[Value], bool]) -> None:
        self._arrays = arrays
        self._can_be_placed = can_be_placed
        self._places: dict[Value, tuple[_Slots, int]] = {}
        self._wholes: list[tuple[Value, _Slots, int, int]] = []
        self._size = 0

    def in_order(self, columns: list[list[Value]]) -> list[int] | None:
        """Return the order in which the values of each column lie, or can, side by side.

        Returns
        -------
        list of int or None
            None if there is no such order.
        """
        order = [*range(len(columns[0]))]
        for column in columns:
            if all(x in self._places for x in column):
                places = [self._place(x) for x in column]
                first = {slots: i for i, (slots, _) in reversed([*enumerate(places)])}
                order.sort(key=lambda i: (first[places[i][0]], places[i][1]))
                break
        fit = all(self.fits([column[i] for i in order]) for column in columns)
        return order if fit else None

    def fits(self, xs: Sequence[Value]) -> bool:
        """Return True if values lie, or can lie, side by side in this order."""
        if len({*xs}) < len(xs):
            return False
        return self._are_a_part(xs) or (self._size < _MOST_BYTES and self._pieces(xs) is not None)

    def _place(self, x: Value) -> tuple[_Slots, int]:
        slots, i = self._places[x]
        top, offset = slots.top()
        return top, offset + i

    def _are_a_part(self, xs: Sequence[Value]) -> bool:
        if not all(x in self._places for x in xs):
            return False
        slots, start = self._place(xs[0])
        return all(self._place(x) == (slots, start + i) for i, x in enumerate(xs))

    def _pieces(self, xs: Sequence[Value]) -> list[Any] | None:
        """Return values without a place, and whole memories, that make up the sequence."""
        pieces: list[Any] = []
        i = 0
        while i < len(xs):
            if xs[i] in self._places:
                slots, _ = self._place(xs[i])
                part = xs[i : i + slots.length]
                if self._place(xs[i]) != (slots, 0) or len(part) < slots.length:
                    return None
                if not self._are_a_part(part):
                    return None
                pieces.append(slots)
                i += slots.length
            elif self._can_be_placed(xs[i]):
                pieces.append(xs[i])
                i += 1
            else:
                return None
        return pieces

    def _put_side_by_side(self, xs: Sequence[Value]) -> tuple[_Slots, int]:
        if self._are_a_part(xs):
            return self._place(xs[0])
        pieces = self._pieces(xs)
        if pieces is None:
            raise LookupError("these values can't lie side by side")
        slots, offset = _Slots(len(xs), xs[0]), 0
        for piece in pieces:
            if type(piece) is _Slots:
                piece.upper, piece.offset = slots, offset
                offset += piece.length
            else:
                self._places[piece] = slots, offset
                self._size += prod(piece.shape) * piece.dtype.itemsize
                offset += 1
        return slots, 0

    def joined(self, xs: Sequence[Value], step: Call, *, flat: bool = False) -> tuple[Value, Call]:
        """Return the value that values are together, and the call that says so.

        Parameters
        ----------
        xs : sequence of Value
            Which :meth:`fits`.
        step : Call
            What it is needed for.
        flat : bool
            Let the first two axes be one.
        """
        slots, start = self._put_side_by_side(xs)
        whole = self._whole(xs, slots, start, flat=flat)
        return whole, like(step, PLACED, (tuple(xs),), whole)

    def parted(
        self,
        xs: Sequence[Value],
        step: Call,
        over: Sequence[Value] | None = None,
        *,
        flat: bool = False,
    ) -> tuple[Value, Call]:
        """Return the value that has values as its parts, and the call that says so.

        Parameters
        ----------
        xs : sequence of Value
            Which :meth:`fits`.
        step : Call
            What computes it.
        over : sequence of Value or None
            Joined values whose places they can take.
        flat : bool
            Let the first two axes be one.
        """
        if over is not None and not any(x in self._places for x in xs):
            slots, start = self._place(over[0])
            self._places.update((x, (slots, start + i)) for i, x in enumerate(xs))
        else:
            slots, start = self._put_side_by_side(xs)
        whole = self._whole(xs, slots, start, flat=flat)
        call = like(step, PLACED, (whole,))
        call.results, call.structure = [*xs], tuple(xs)
        return whole, call

    def _whole(self, xs: Sequence[Value], slots: _Slots, start: int, *, flat: bool) -> Value:
        shape = len(xs), *xs[0].shape
        if flat:
            shape = shape[0] * shape[1], *shape[2:]
        whole = Value(np.empty(shape, xs[0].dtype), None)
        self._wholes.append((whole, slots, start, len(xs)))
        return whole

    def arrays(self) -> dict[Value, Any]:
        """Return the arrays of all values that have a place."""
        arrays = {**self._arrays}
        for x, (slots, i) in self._places.items():
            array = slots.array()[i, ...]
            if type(x.source) is Constant:
                np.copyto(array, x.source.array)
                continue
            old = self._arrays.get(x)
            if old is not None:
                moved = {y: _moved(a, old, array) for y, a in self._arrays.items() if a.base is old}
                arrays.update(moved)
            arrays[x] = array
        for whole, slots, start, count in self._wholes:
            arrays[whole] = slots.array()[start : start + count].reshape(whole.shape)
        return arrays


def _moved(part: Any, old: Any, new: Any) -> Any:
    """Return the part of an array that a part of another one, like it, corresponds to."""
    start = part.__array_interface__["data"][0] - old.__array_interface__["data"][0]
    flat = new.reshape(-1).view(np.uint8)
    return np.ndarray(part.shape, part.dtype, flat, start, part.strides)
