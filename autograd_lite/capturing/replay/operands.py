"""What ufuncs are given: the same numbers, in the form that NumPy takes fastest."""

import math
from collections.abc import Callable, Mapping
from typing import Any, final

import numpy as np

from autograd_lite.capturing.optimization.memory import is_elementwise
from autograd_lite.capturing.program.calls import Call, Constant, Value
from autograd_lite.capturing.replay.binding import Names


@final
class Operands:
    """Makes the expressions for the arguments of calls.

    Parameters
    ----------
    names : Names
    of : callable
        Returns the expression for any argument.
    arrays : mapping
        The arrays of the values that stay where they are.
    """

    def __init__(self, names: Names, of: Callable[[Any], str], arrays: Mapping[Value, Any]) -> None:
        self._names = names
        self._of = of
        self._arrays = arrays
        self._numbers: dict[Any, str] = {}

    def __call__(self, call: Call, args: list[Any], out: Value | None) -> list[str]:
        """Return the expressions for arguments.

        Parameters
        ----------
        call : Call
        args : list
            The arguments that are still to be written down.
        out : Value or None
            What the call writes into, if it is given that.
        """
        if not isinstance(call.function, np.ufunc):
            return [self._of(x) for x in args]
        values = [x for x in args if type(x) is Value]
        dtypes = {x.dtype for x in values}
        same_shape = out is not None and is_elementwise(call)
        if len(dtypes) != 1 or all(x.scalar for x in values):
            return [self._of(x) for x in args]
        (dtype,) = dtypes
        expressions = []
        for x in args:
            if type(x) in (int, float) and dtype.kind == "f":
                expressions.append(self._number(x, dtype))
            elif type(x) is Value and x.scalar and isinstance(x.source, Constant) and not x.weak:
                expressions.append(self._number(x.source.array, dtype))
            elif same_shape and type(x) is Value and _lacks_ones(x, out):
                expressions.append(self._reshaped(x, out))
            else:
                expressions.append(self._of(x))
        return expressions

    def _number(self, x: Any, dtype: Any) -> str:
        """Return a number beside arrays as an array, which needs no conversion in each call."""
        key = x.tobytes() if isinstance(x, np.generic) else (x, math.copysign(1, x)), dtype
        if key not in self._numbers:
            with np.errstate(all="ignore"):
                array = np.array(x, dtype)
            same_kind = isinstance(x, np.generic) or np.isfinite(array) == math.isfinite(x)
            self._numbers[key] = self._names(array) if same_kind else self._of(x)
        return self._numbers[key]

    def _reshaped(self, x: Value, out: Any) -> str:
        """Return an array with as many axes as the result: then there is nothing to broadcast."""
        index = (None,) * (out.ndim - x.ndim)
        if x not in self._arrays:
            return f"{self._of(x)}[{self._names(index)}]"
        key = x, out.ndim
        if key not in self._numbers:
            self._numbers[key] = self._names(self._arrays[x][index])
        return self._numbers[key]


def _lacks_ones(x: Value, out: Any) -> bool:
    """Return True for an array like another one that has axes of length 1 before its own."""
    missing = out.ndim - x.ndim
    return missing > 0 and out.shape == (1,) * missing + x.shape and not x.scalar
