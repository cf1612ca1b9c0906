"""What must be as it was, so that a program stands for the function: settings, objects, lists."""

import builtins
import dis
import operator
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import errors
from autograd_lite.capturing.observing.reaching import Place, Reached
from autograd_lite.primitive import Primitive
from autograd_lite.tensor import Tensor

_REFLECTING = frozenset(
    {"getattr", "vars", "__dict__", "attrgetter", "hasattr", "fields", "asdict"}
)
_CORE = (errors.__file__.removesuffix("errors.py"), np.__file__.removesuffix("__init__.py"))
"""The folders of files whose functions read no settings of users."""

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, np.dtype)


class Term(NamedTuple):
    """Something that is compared at each call, by identity.

    Attributes
    ----------
    said : str
        Its name in messages, with ``{}`` for that of the place.
    at : Place or None
    kind : str
        That of a place, or ``"length"``, ``"ids"``, ``"keys"``, ``"class"``, ``"tracked"``.
    holder, key
        Where it is found.
    value : Any
        What was found there.
    """

    said: str
    at: Place | None
    kind: str
    holder: Any
    key: Any
    value: Any

    @property
    def what(self) -> str:
        """Its name in messages."""
        return self.said.replace("{}", "a container" if self.at is None else self.at.name)


def terms_of(
    reached: Reached,
    codes: Iterable[CodeType],
    own: set[int],
    ids: Mapping[int, list[int]],
) -> list[Term]:
    """Return what must stay the same between calls.

    Parameters
    ----------
    reached : Reached
        What the function could reach before the call.
    codes : iterable of CodeType
        The functions that ran.
    own : set of int
        The ids of places (``id(place)``) that the program itself sets.
    ids : mapping
        The ids of the elements of each container before the call, by the id of the container.
    """
    users = _users(codes)
    relevance = _Relevance(users, reached)
    terms = [
        Term("{}", place, place.kind, place.holder, place.key, place.value)
        for place in reached.places
        if id(place) not in own and _is_compared(place) and relevance(place)
    ]
    for key, (container, at) in reached.containers.items():
        if isinstance(container, (tuple, frozenset)) or not relevance(at):
            continue
        if isinstance(container, set) or (type(container) in (list, deque) and len(container) > 32):
            terms.append(Term("{}", at, "ids", container, None, ids[key]))
        elif isinstance(container, Mapping) and key not in reached.namespaces:
            before = [*container][: len(ids[key])]  # what the function adds comes last
            terms.append(Term("the keys of {}", at, "keys", container, None, before))
        else:
            terms.append(Term("the length of {}", at, "length", container, None, len(ids[key])))
    for tensor, at in reached.tensors.values():
        terms.append(Term("{}.requires_grad", at, "tracked", tensor, None, tensor.tracked))
    terms += _same_arrays(reached, relevance)
    terms += _inherited(reached, relevance)
    return terms + _of_functions(reached, users)


def _same_arrays(reached: Reached, relevance: "_Relevance") -> list[Term]:
    """Return that the same array stands at two places: whoever compares them by ``is`` knows."""
    first: dict[int, Place] = {}
    terms = []
    for place in reached.places:
        if not isinstance(place.value, np.ndarray) or place.kind in ("constant", "argument"):
            continue
        if type(place.holder) is Tensor or not relevance(place):
            continue
        other = first.setdefault(id(place.value), place)
        if other.identity != place.identity:
            said = f"whether {place.name} is {{}}"
            terms.append(Term(said, other, "same", (other, place), None, None))
    return terms


def advanced(reached: Reached, codes: Iterable[CodeType]) -> str | None:
    """Return the name of an iterator that the function can have taken something from, if any."""
    if not reached.iterators:
        return None
    relevance = _Relevance(_users(codes), reached)
    found = next((at for at in reached.iterators if relevance(at)), None)
    if found is None or found.kind != "argument":
        return None if found is None else found.name
    return "that it is given"


def _users(codes: Iterable[CodeType]) -> set[CodeType]:
    return {code for code in codes if not code.co_filename.startswith(_CORE)}


class _Relevance:
    """Whether the functions that ran can have looked at a place, by the names that they use."""

    def __init__(self, users: set[CodeType], reached: Reached) -> None:
        self.mentioned = {name for code in users for name in code.co_names}
        self._free = {name for code in users for name in code.co_freevars}
        self._users = users
        reflecting = {code for code in users if not _REFLECTING.isdisjoint(code.co_names)}
        listing = {code for code in reflecting if _lists_itself(code)}
        self._listed = {
            kind: listing & _methods(kind) for kind in {type(x) for x, _ in reached.objects}
        }
        self._everything = reflecting != set().union(*self._listed.values())
        self._known: dict[int, bool] = {}

    def __call__(self, place: Place | None) -> bool:
        if place is None:
            return True
        known = self._known.get(id(place))
        if known is None:
            known = self(place.parent) and self._by_name(place)
            self._known[id(place)] = known
        return known

    def _by_name(self, place: Place) -> bool:
        if place.kind in ("attribute", "slot"):
            if type(place.holder) in (Tensor, Primitive):
                return True
            if self._everything or place.key in self.mentioned:
                return True
            return place.parent is not None and bool(self._listed.get(type(place.parent.value)))
        if place.kind in ("cell", "global"):
            return place.key in self.mentioned or place.key in self._free
        if place.kind == "constant" and isinstance(place.value, FunctionType) and place.key:
            code = place.value.__code__
            inner = {constant for constant in code.co_consts if isinstance(constant, CodeType)}
            return code in self._users or not inner.isdisjoint(self._users)
        return True


def _methods(kind: type) -> set[CodeType]:
    functions = (x for base in kind.__mro__ for x in vars(base).values() if type(x) is FunctionType)
    return {function.__code__ for function in functions}


@lru_cache(maxsize=64)
def _lists_itself(code: CodeType) -> bool:
    """Return True if a method reflects by ``vars(self)`` only: then its own attributes matter."""
    if _REFLECTING & {*code.co_names} != {"vars"} or not code.co_argcount:
        return False
    owner = code.co_varnames[0]
    steps = [step for step in dis.get_instructions(code) if step.opname not in _NOTHING]
    for i, step in enumerate(steps):
        if step.argval == "vars":
            given, call = steps[i + 1 : i + 3]
            loads = given.opname.startswith("LOAD_FAST") and given.argval == owner
            if not (
                step.opname == "LOAD_GLOBAL" and loads and (call.opname, call.arg) == ("CALL", 1)
            ):
                return False
        elif step.argval == owner and not step.opname.startswith("LOAD"):
            return False
    return True


_NOTHING = frozenset({"CACHE", "PRECALL", "PUSH_NULL"})


def _is_compared(place: Place) -> bool:
    """Return False for what can't change, and for arrays, which are fetched at each call."""
    if place.kind in ("constant", "argument") or type(place.holder) is Tensor:
        return False
    value = place.value
    return not isinstance(value, np.ndarray) or value.dtype.kind not in "biufc"


def _of_functions(reached: Reached, users: set[CodeType]) -> list[Term]:
    """Return what functions are made of, and the builtins that no global hides."""
    terms = []
    for code, function in reached.functions.items():
        if code not in users:
            continue
        for part in ("__code__", "__defaults__", "__kwdefaults__"):
            what = f"{part} of {function.__name__}"
            terms.append(Term(what, None, "slot", function, part, getattr(function, part)))
        for name in code.co_names:
            if name not in function.__globals__ and hasattr(builtins, name):
                terms.append(Term(name, None, "absent", function.__globals__, name, None))
    return terms


def _inherited(reached: Reached, relevance: _Relevance) -> list[Term]:
    """Return the classes of objects, and what objects have from them: methods, settings."""
    terms = []
    for cls, at in reached.classes.items():
        if not relevance(at):
            continue
        for name, value in vars(cls).items():
            special = type(value) is FunctionType and name.startswith("__")
            if special or name in relevance.mentioned:
                terms.append(Term(f"{cls.__name__}.{name}", None, "class", cls, name, value))
    inherited: dict[type, dict[str, Any]] = {}
    for x, at in reached.objects:
        if not relevance(at):
            continue
        cls = type(x)
        terms.append(Term("the class of {}", at, "slot", x, "__class__", cls))
        space = getattr(x, "__dict__", {})
        if cls not in inherited:
            everything = {
                name: vars(base)[name]
                for base in reversed(cls.__mro__)
                for name in relevance.mentioned & vars(base).keys()
            }
            inherited[cls] = {
                name: everything[name]
                for name in sorted(everything)
                if not hasattr(type(everything[name]), "__get__")
            }
        for name, value in inherited[cls].items():
            if name not in space:
                terms.append(Term(f"{{}}.{name}", at, "inherited", x, name, value))
    return terms


def same(x: Any, known: Any) -> bool:
    """Return True for two plain values that no program can tell from each other."""
    if x is known:
        return True
    if type(x) is not type(known) or not isinstance(x, (*PLAIN, tuple)):
        return False
    if isinstance(x, tuple):
        return len(x) == len(known) and all(map(same, x, known))
    in_all_digits = isinstance(x, (float, complex, np.generic))
    return repr(x) == repr(known) if in_all_digits else bool(x == known)


_LOOKUPS: dict[str, Callable[[Any, Any], Any]] = {
    "cell": lambda holder, key: holder.cell_contents,
    "global": operator.getitem,
    "attribute": operator.getitem,
    "item": operator.getitem,
    "slot": getattr,
    "inherited": getattr,
    "class": lambda holder, key: vars(holder)[key],
    "absent": lambda holder, key: "" if key in holder else None,
    "length": lambda holder, key: len(holder),
    "tracked": lambda holder, key: holder.tracked,
}


def holds(term: Term) -> bool:
    """Return True if a term is as it was."""
    try:
        if term.kind == "ids":
            return bool([*map(id, term.holder)] == term.value)
        if term.kind == "keys":
            return bool([*term.holder] == term.value)
        if term.kind == "same":
            return term.holder[0].get() is term.holder[1].get()
        return same(_LOOKUPS[term.kind](term.holder, term.key), term.value)
    except (AttributeError, LookupError, ValueError):
        return False


def is_number(term: Term) -> bool:
    """Return True for a setting that was a float, and is one now."""
    if term.kind not in ("cell", "global", "attribute", "item") or type(term.value) is not float:
        return False
    try:
        return type(_LOOKUPS[term.kind](term.holder, term.key)) is float
    except (LookupError, ValueError):
        return False


_EXPRESSIONS = {
    "length": "len({holder}) == {value!r}",
    "absent": "{key!r} not in {holder}",
    "tracked": "{holder}.tracked is {value!r}",
}


def expression(term: Term, bind: Any) -> str:
    """Return the Python expression that is true if a term is as it was."""
    if term.kind == "same":
        one, other = (standing_at(at.kind, bind(at.holder), at.key, bind) for at in term.holder)
        return f"{one} is {other}"
    kind, holder, key, value = term.kind, bind(term.holder), term.key, term.value
    if kind in _EXPRESSIONS:
        return _EXPRESSIONS[kind].format(holder=holder, key=key, value=value)
    if kind in ("ids", "keys"):
        listed = f"[*map(id, {holder})]" if kind == "ids" else f"[*{holder}]"
        return f"{listed} == {bind(value)}"
    if (kind, key) == ("slot", "__class__"):
        return f"type({holder}) is {bind(value)}"
    found = standing_at(kind, bind(vars(term.holder)) if kind == "class" else holder, key, bind)
    if isinstance(value, (*PLAIN, tuple)) and value is not None and type(value) is not bool:
        known = bind.constant(value)
        return f"((x := {found}) is {known} or same(x, {known}))"
    return f"{found} is {bind(value)}"


def standing_at(kind: str, holder: str, key: Any, bind: Any) -> str:
    """Return the expression for what stands at a place."""
    if kind == "cell":
        return f"{holder}.cell_contents"
    if kind in ("slot", "inherited"):
        return f"{holder}.{key}"
    return f"{holder}[{key!r}]" if type(key) in (int, str) else f"{holder}[{bind(key)}]"
