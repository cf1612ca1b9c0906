"""An array that writes down every NumPy call that it is part of, and carries its real values.

It speaks NumPy's protocols, as NumPy's arrays do, so that whatever computes with arrays computes
with it. What leaves NumPy (a number, a truth value, a conversion to an array) is given, and noted
as a question whose answer must be the same when the calls are replayed.
"""

import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_lite.capturing.program.calls import Attribute, Method, Value
from autograd_lite.capturing.tracing.listening import unheard
from autograd_lite.operands import register_array_type

_KNOWN_BEFOREHAND = frozenset({"itemsize", "nbytes", "strides", "flags", "device"})
_IN_PLACE = frozenset({"fill", "sort", "partition", "put", "setfield"})
_CHANGING = frozenset({"resize", "setflags", "byteswap"})
_OUT = {
    **dict.fromkeys(("amax", "amin", "argmax", "argmin", "max", "min", "ptp"), 2),
    **dict.fromkeys(("all", "any", "choose", "concatenate", "dot", "median", "outer"), 2),
    **dict.fromkeys(("around", "round", "nanmax", "nanmin", "nanmedian", "stack"), 2),
    **dict.fromkeys(("clip", "compress", "cumprod", "cumsum", "mean", "prod", "std", "sum"), 3),
    **dict.fromkeys(("take", "var", "nancumprod", "nancumsum", "nanmean", "nanprod"), 3),
    **dict.fromkeys(("nansum", "nanstd", "nanvar", "percentile", "quantile"), 3),
    **dict.fromkeys(("nanpercentile", "nanquantile"), 3),
    "trace": 5,
}
"""Where the array to write into stands, by position: in NumPy's functions, and in methods."""
_META_FUNCTIONS = frozenset(
    {
        np.shape,
        np.ndim,
        np.size,
        np.result_type,
        np.can_cast,
        np.common_type,
        np.iscomplexobj,
        np.isrealobj,
        np.may_share_memory,
        np.shares_memory,
        np.min_scalar_type,
    }
)
_WRITING = frozenset({np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis})
"""Functions that write into their first argument."""


def _binary(function: Callable[..., Any]) -> tuple[Any, Any]:
    @unheard
    def method(self: Any, other: Any) -> Any:
        result = self.trace.operate(function, self, other)
        if self.value.nbytes >= _LARGE:
            mine, others = _references(self), _references(other)
            _check_order(result, (self, mine), (other, others))
        return result

    @unheard
    def reflected(self: Any, other: Any) -> Any:
        return self.trace.operate(function, other, self)

    return method, reflected


_LARGE = 256 * 1024
"""From how many bytes on NumPy's operators compute in the memory of an operand without a name."""

_references: Any = getattr(sys, "getrefcount", lambda x: 0)


class _Probe:
    @unheard
    def __add__(self, other: Any) -> int:
        mine = _references(self)
        return int(mine)


_UNNAMED = _Probe() + 0
"""How many references an operand has that has no name, counted as it is counted above."""


def _check_order(result: Any, *operands: tuple[Any, int]) -> None:
    """Refuse a result that NumPy computes in the memory of an operand, in that one's order."""
    for x, references in operands:
        if references > _UNNAMED or type(x) is not Traced or type(result) is not Traced:
            continue
        a, y = x.value, result.value
        alike = isinstance(a, np.ndarray) and a.shape == y.shape and a.dtype == y.dtype
        if alike and a.flags.owndata and a.strides != y.strides:
            x.trace.fail(
                "computes with large arrays of different memory orders, one of which has no name, "
                "so that NumPy uses its memory again; give it a name"
            )
            object.__setattr__(result, "value", np.empty_like(a))
            result.value[...] = y
            return


def _in_place(function: Callable[..., Any]) -> Any:
    @unheard
    def method(self: Any, other: Any) -> Any:
        if not isinstance(self.value, np.ndarray):
            return self.trace.operate(function, self, other)
        return self.trace.operate_in_place(function, self, other)

    return method


def _unary(function: Callable[..., Any]) -> Any:
    @unheard
    def method(self: Any) -> Any:
        return self.trace.operate(function, self)

    return method


def _attribute(name: str) -> Any:
    """Return a property that is an array again."""
    function = Attribute(name)
    return property(lambda self: self.trace.call(function, (self,), {}))


def _out(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the array that a function, or method, is told to write into."""
    position = _OUT.get(name, len(args))
    return kwargs.get("out", args[position] if position < len(args) else None)


class _Flags:
    """The flags of an array, which capture has to know of if they are set."""

    def __init__(self, array: Any) -> None:
        object.__setattr__(self, "_of_array", (array.value.flags, array))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of_array[0], name)

    def __getitem__(self, key: str) -> Any:
        return self._of_array[0][key]

    def __repr__(self) -> str:
        return repr(self._of_array[0])

    def __setattr__(self, name: str, x: Any) -> None:
        flags, array = self._of_array
        array.trace.set_flag(name, x, array.node)
        setattr(flags, name, x)

    def __setitem__(self, key: str, x: Any) -> None:
        flags, array = self._of_array
        array.trace.set_flag(key.lower(), x, array.node)
        flags[key] = x


@register_array_type
class Traced:
    """An array, or a NumPy scalar, of a function that is being traced.

    Attributes
    ----------
    value : array or NumPy scalar
        The real values.
    node : Value
        What the program knows of it.
    trace : Trace
        Where the calls are written down.
    """

    __slots__ = ("__weakref__", "node", "trace", "value")

    def __init__(self, value: Any, node: Value, trace: Any) -> None:
        fix = object.__setattr__
        fix(self, "value", value)
        fix(self, "node", node)
        fix(self, "trace", trace)

    # whoever asks isinstance() takes the same branch as with the real array
    __class__ = property(operator.attrgetter("value.__class__"))

    # looked up without Python code, because nothing is asked of them more often
    shape = property(operator.attrgetter("value.shape"))
    ndim = property(operator.attrgetter("value.ndim"))
    size = property(operator.attrgetter("value.size"))
    dtype = property(operator.attrgetter("value.dtype"))
    base = property(operator.attrgetter("value.base"))  # the array that owns the memory
    __wrapped_memory__ = property(operator.attrgetter("value"))

    T, mT = _attribute("T"), _attribute("mT")
    real, imag = _attribute("real"), _attribute("imag")

    # ------------------------------------------------------------------ NumPy's protocols

    @unheard
    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        for x in (*inputs, *kwargs.get("out", ())):
            kind = type(x)
            if kind not in self.trace.kinds and not isinstance(x, np.generic):
                answering = getattr(kind, "__array_ufunc__", None)
                if answering is not None and answering is not np.ndarray.__array_ufunc__:
                    return NotImplemented
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        writes = kwargs.get("out", ())
        if method == "at":
            writes = inputs[:1]
        if len(writes) == 1 and method != "at":
            kwargs["out"] = writes[0]
        return self.trace.call(function, inputs, kwargs, writes=writes)

    @unheard
    def __array_function__(
        self, func: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        for kind in types:
            if kind not in self.trace.kinds and not issubclass(kind, np.ndarray):
                return NotImplemented
        if func in _META_FUNCTIONS:
            return func(*self.trace.real(args), **self.trace.real(kwargs))
        writes: tuple[Any, ...] = ()
        out = _out(func.__name__, args, kwargs)
        if out is not None:
            writes = out if type(out) is tuple else (out,)
        elif func in _WRITING:
            writes = args[:1]
        return self.trace.call(func, args, kwargs, writes=writes)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        array = self.trace.asked("array", self)
        return array.__array__(*args, **kwargs)

    def __array_wrap__(self, *args: Any) -> Any:
        return args[0]

    # ------------------------------------------------------------------ operators

    __add__, __radd__ = _binary(operator.add)
    __sub__, __rsub__ = _binary(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul)
    __truediv__, __rtruediv__ = _binary(operator.truediv)
    __floordiv__, __rfloordiv__ = _binary(operator.floordiv)
    __mod__, __rmod__ = _binary(operator.mod)
    __pow__, __rpow__ = _binary(operator.pow)
    __matmul__, __rmatmul__ = _binary(operator.matmul)
    __and__, __rand__ = _binary(operator.and_)
    __or__, __ror__ = _binary(operator.or_)
    __xor__, __rxor__ = _binary(operator.xor)
    __lshift__, __rlshift__ = _binary(operator.lshift)
    __rshift__, __rrshift__ = _binary(operator.rshift)
    __divmod__, __rdivmod__ = _binary(divmod)
    __lt__, __gt__ = _binary(operator.lt)[0], _binary(operator.gt)[0]
    __le__, __ge__ = _binary(operator.le)[0], _binary(operator.ge)[0]
    __eq__, __ne__ = _binary(operator.eq)[0], _binary(operator.ne)[0]
    __hash__ = None  # type: ignore[assignment]

    __iadd__ = _in_place(operator.add)
    __isub__ = _in_place(operator.sub)
    __imul__ = _in_place(operator.mul)
    __itruediv__ = _in_place(operator.truediv)
    __ifloordiv__ = _in_place(operator.floordiv)
    __imod__ = _in_place(operator.mod)
    __ipow__ = _in_place(operator.pow)
    __imatmul__ = _in_place(operator.matmul)
    __iand__ = _in_place(operator.and_)
    __ior__ = _in_place(operator.or_)
    __ixor__ = _in_place(operator.xor)

    __neg__ = _unary(operator.neg)
    __pos__ = _unary(operator.pos)
    __abs__ = _unary(abs)
    __invert__ = _unary(operator.invert)

    # ------------------------------------------------------------------ as a container

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self.value)))

    def __getitem__(self, index: Any) -> Any:
        return self.trace.call(operator.getitem, (self, index), {})

    def __setitem__(self, index: Any, value: Any) -> None:
        self.trace.call(operator.setitem, (self, index, value), {}, writes=(self,))

    def __contains__(self, x: Any) -> bool:
        return bool((self == x).any())

    # ------------------------------------------------------------------ what Python asks

    def __bool__(self) -> bool:
        answer: bool = self.trace.asked("bool", self)
        return answer

    def __int__(self) -> int:
        answer: int = self.trace.asked("int", self)
        return answer

    def __index__(self) -> int:
        operator.index(self.value)  # an error where the real array has none
        return int(self)

    def __float__(self) -> float:
        answer: float = self.trace.asked("float", self)
        return answer

    def __complex__(self) -> complex:
        answer: complex = self.trace.asked("complex", self)
        return answer

    def __round__(self, *digits: Any) -> Any:
        self.trace.asked("item", self)
        return round(self.value, *digits)

    def __repr__(self) -> str:
        self.trace.asked("array", self)
        return repr(self.value)

    def __str__(self) -> str:
        self.trace.asked("array", self)
        return str(self.value)

    def __format__(self, spec: str) -> str:
        self.trace.asked("array", self)
        return format(self.value, spec)

    def __copy__(self) -> Any:
        return self.copy(order="K")

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy(order="K")

    def __reduce_ex__(self, protocol: Any) -> Any:
        self.trace.asked("array", self)
        return self.value.__reduce_ex__(protocol)

    # ------------------------------------------------------------------ attributes, methods

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.value, name)
        if name in _KNOWN_BEFOREHAND:
            return _Flags(self) if name == "flags" else found
        if name in ("item", "tolist", "tobytes"):
            question = "item" if name == "item" and self.value.size == 1 else "array"
            self.trace.asked(question, self)
            return found
        if name.startswith("__") or not callable(found):
            self.trace.asked("array", self)
            return found
        writes = (self,) if name in _IN_PLACE else ()
        trace = self.trace

        def method(*args: Any, **kwargs: Any) -> Any:
            if name in _CHANGING:
                trace.fail(f"calls {name}() of an array")
            out = _out(name, (self, *args), kwargs)
            into = writes if out is None else (out,)
            return trace.call(Method(name), (self, *args), kwargs, writes=into)

        return method

    def __setattr__(self, name: str, x: Any) -> None:
        self.trace.fail(f"sets the attribute {name!r} of an array")
        setattr(self.value, name, x)


class _Asked(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is not TypeOf:
            return super().__call__(*args, **kwargs)
        if len(args) == 1 and type(args[0]) is Traced:
            return type(args[0].value)
        return type(*args, **kwargs)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, type)

    def __subclasscheck__(cls, other: Any) -> bool:
        return issubclass(other, type)


class TypeOf(type, metaclass=_Asked):
    """Stands for ``type`` in the user's functions: the type of a traced array is the real one's."""
