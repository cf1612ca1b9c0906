"""Containers: the numbers in nested dicts, lists, tuples, dataclasses and modules, and their paths.

Other mappings and sequences, such as a deque, are containers too. A leaf is what can be
differentiated: a tensor, array or Python number that is floating or complex. A module is any object
with ``named_parameters()``; its leaves are the tensors in it that require a gradient, and all else
in it is part of its structure.
"""

import copy
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.errors import DTypeError, ForeignOperandError, GraphError, ShapeError
from autograd_lite.operands import as_array, constant, foreign, holds_numbers
from autograd_lite.tensor import Tensor

__all__ = ["flatten", "tree_map"]

Visit = Callable[..., Any]
"""``(path, leaf, *leaves of the other trees) -> what takes its place``."""


def tree_map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply ``function`` to every number in nested containers, and return them in the same ones.

    Parameters
    ----------
    function : callable
        ``(leaf, *leaves of the others) -> what takes its place``.
    tree : dict, list, tuple, dataclass, module, or a leaf
        Nested as you like. Leaves are tensors, arrays and Python numbers that are floating or
        complex; of modules, the parameters. All else stays as it is.
    *others : like ``tree``
        Trees with the same structure, such as gradients.

    Raises
    ------
    ShapeError
        If another tree has another structure.
    GraphError
        If ``tree`` is a module without parameters, such as a gradient: where the leaves are is
        what the first tree says, so give the model first.

    Examples
    --------
    >>> tree_map(lambda w, g: w - 0.5 * g, {"w": 3.0, "name": "a"}, {"w": 2.0, "name": None})
    {'w': 2.0, 'name': 'a'}
    """
    mapped = False

    def apply(path: str, *leaves: Any) -> Any:
        nonlocal mapped
        mapped = True
        return function(*leaves)

    result = visit(apply, tree, *others, static=no_numbers)
    if is_module(tree) and not mapped:
        raise GraphError(
            f"tree_map of a {type(tree).__name__} without parameters, for none of its tensors "
            "requires a gradient; of a gradient, give the model first: "
            "tree_map(lambda p, g: ..., model, gradient)"
        )
    return result


def flatten(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return all numbers in nested containers as one vector, and the function that puts them back.

    Parameters
    ----------
    tree : dict, list, tuple, dataclass, module, or a leaf
        Its leaves are those of :func:`tree_map`. All else, such as integers, has no part in the
        vector, and comes back as it is.

    Returns
    -------
    vector : array, or Tensor if any leaf is one
        With one axis, of the dtype to which those of the leaves promote. It is recorded where a
        leaf requires a gradient, as parameters of modules do; ``vector.numpy()`` is its values.
    unflatten : callable
        Takes such a vector and returns a tree like the first, of the dtypes that its leaves had:
        of an array, arrays, numbers and tensors as they were, in memory of their own, tensors
        that require a gradient where they did; of a tensor, tensors, through which derivatives
        flow back to it.

    Raises
    ------
    DTypeError
        If nothing is floating or complex, or something is floating and something else complex.
    ShapeError
        From ``unflatten``, if the vector has another length, or not one axis.

    Examples
    --------
    >>> import numpy as np
    >>> vector, unflatten = flatten({"a": np.array([[1.0, 2.0]]), "b": 3.0, "name": "line"})
    >>> vector
    array([1., 2., 3.])
    >>> unflatten(10 * vector)
    {'a': array([[10., 20.]]), 'b': 30.0, 'name': 'line'}
    """
    leaves: list[Any] = []
    places: list[_Place] = []

    def take(path: str, leaf: Any) -> Tensor:
        x = leaf if isinstance(leaf, Tensor) else as_array(constant(leaf))
        start = places[-1].end if places else 0
        leaves.append(x)
        places.append(
            _Place(path, type(leaf), x.shape, x.dtype, start, start + x.size, _requires_grad(leaf))
        )
        return Tensor(0.0, requires_grad=True)  # a leaf of the structure for ever

    structure = visit(take, tree, static=no_numbers)
    if not places:
        raise DTypeError(
            f"flatten of a {type(tree).__name__} in which nothing is floating or complex; of a "
            "module only what requires a gradient counts, so instead of the gradient of a module "
            "take the gradient by the vector: grad(lambda v: loss(unflatten(v)))(vector)"
        )
    kinds = {place.dtype.kind: place.path for place in places}
    if len(kinds) > 1:
        raise DTypeError(
            f"flatten of complex numbers, at {kinds['c'] or 'the tree'}, and real ones, at "
            f"{kinds['f'] or 'the tree'}, together; give real and imaginary parts as two leaves"
        )
    dtype = np.result_type(*(place.dtype for place in places))
    vector = np.concatenate([x.reshape(-1).astype(dtype) for x in leaves])

    def unflatten(vector: Any) -> Any:
        v = vector if isinstance(vector, Tensor) else as_array(vector)
        size = places[-1].end
        if v.shape != (size,):
            raise ShapeError(
                f"unflatten of shape {v.shape}; it takes a vector as flatten gave it, of shape "
                f"({size},)"
            )
        if v.dtype.kind == "c" and dtype.kind != "c":
            raise DTypeError(f"unflatten of {v.dtype} where flatten was given real numbers")
        following = iter(places)
        return visit(lambda path, leaf: next(following).part_of(v), structure)

    return vector, unflatten


class _Place(NamedTuple):
    """Where in a vector a leaf is, and what it was."""

    path: str
    kind: type
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int
    end: int
    requires_grad: bool

    def part_of(self, vector: Any) -> Any:
        """Return the leaf as it is in a vector, in memory of its own."""
        part: Any = vector[self.start : self.end].reshape(self.shape).astype(self.dtype)
        if isinstance(part, Tensor) and part.tracked:
            return part
        array = part.array.copy() if isinstance(part, Tensor) else part
        if isinstance(vector, Tensor) or issubclass(self.kind, Tensor):
            return _leaf(array, self.requires_grad)
        if issubclass(self.kind, np.ndarray):
            return array
        return array[()] if issubclass(self.kind, np.generic) else array.item()


def _requires_grad(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.requires_grad


def _leaf(array: Any, requires_grad: bool) -> Tensor:
    leaf = Tensor.of(array)
    leaf.requires_grad = requires_grad
    return leaf


def visit(
    function: Visit,
    tree: Any,
    *others: Any,
    parameter: Visit | None = None,
    static: Visit = lambda x: x,
    path: str = "",
) -> Any:
    """Do what ``tree_map`` does, with a function that is told the leaf's path first.

    Parameters
    ----------
    parameter : callable, optional
        What to apply in modules, if it is something else.
    static : callable
        Says what takes the place of what is no leaf, outside of modules.
    path : str
        How the tree itself is called.
    """
    if is_leaf(tree):  # as most are
        return function(path, tree, *others)
    return _Visitor(function, parameter or function, static).visit(path, tree, others)


def skeleton(tree: Any) -> Any:
    """Return a tree of the same structure, in which every leaf is one for ever."""
    return visit(lambda path, leaf: Tensor(0.0, requires_grad=True), tree)


def is_leaf(x: Any) -> bool:
    """Return True for what can be differentiated."""
    if isinstance(x, (Tensor, np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return type(x) in (float, complex)


def no_numbers(x: Any) -> Any:
    """Return what is no leaf as it is, unless it is another library's numbers.

    Raises
    ------
    ForeignOperandError
        For a floating series, quantity, sparse matrix ...: passed through, it would be left out
        of what is differentiated without a word.
    """
    kind = type(x)
    if kind in _NO_CONTAINERS or not holds_numbers(kind):
        return x
    dtype = str(getattr(x, "dtype", "float" if hasattr(kind, "__array__") else "")).lower()
    if not any(name in dtype for name in ("float", "complex", "decimal")):
        return x
    raise ForeignOperandError(f"as a leaf of a tree, {foreign(kind)}")


def is_module(x: Any) -> bool:
    """Return True for an object that tells its parameters."""
    return callable(getattr(type(x), "named_parameters", None)) and hasattr(x, "__dict__")


_NO_CONTAINERS = frozenset({np.ndarray, float, int, bool, str, complex, type(None), np.float64})


def holds_tensor(trees: Iterable[Any]) -> bool:
    """Return True if there is a tensor, or a module, in one of these trees."""
    stack = [x for x in trees if type(x) not in _NO_CONTAINERS]
    seen = set()
    while stack:
        x = stack.pop()
        if isinstance(x, Tensor) or is_module(x):
            return True
        children = _children(x)
        if children and id(x) not in seen:
            seen.add(id(x))
            stack.extend(c for c in children.values() if type(c) not in _NO_CONTAINERS)
    return False


class _Visitor:
    """One walk over a tree: a container that is met twice, in modules, is one all the same."""

    def __init__(self, function: Visit, parameter: Visit, static: Visit) -> None:
        self.function = function
        self.parameter = parameter
        self.static = static
        self.made: dict[int, Any] = {}

    def visit(self, path: str, x: Any, others: tuple[Any, ...]) -> Any:
        if is_leaf(x):
            return self.function(path, x, *others)
        if is_module(x):
            return self.module(path, x, others)
        children = _children(x)
        if children is None:
            return self.static(x)
        parts = _parts(path, x, children, others)
        return _rebuilt(x, {k: self.visit(path + step, c, o) for k, step, c, o in parts})

    def module(self, path: str, x: Any, others: tuple[Any, ...]) -> Any:
        """Copy a module or what is in it: tensors in two places stay one, and cycles end."""
        if id(x) in self.made:
            return self.made[id(x)]
        if isinstance(x, Tensor):
            self.made[id(x)] = self.parameter(path, x, *others) if x.requires_grad else x
            return self.made[id(x)]
        children: Any = vars(x) if is_module(x) else _children(x)
        if children is None:
            return x
        parts = _parts(path, x, children, others)
        if not is_module(x):
            return _rebuilt(x, {k: self.module(path + step, c, o) for k, step, c, o in parts})
        new: Any = copy.copy(x)
        self.made[id(x)] = new
        for key, step, child, theirs in parts:
            new.__dict__[key] = self.module(path + step, child, theirs)
        return new


_NOT_NESTED = (str, bytes, bytearray, memoryview, range)


def _is_sequence(x: Any) -> bool:
    return isinstance(x, Sequence) and not isinstance(x, _NOT_NESTED)


def _children(x: Any) -> dict[Any, Any] | None:
    if isinstance(x, dict):
        return x
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return {f.name: getattr(x, f.name) for f in dataclasses.fields(x) if hasattr(x, f.name)}
    if _is_sequence(x):
        return dict(enumerate(x))
    return dict(x) if isinstance(x, Mapping) else None


def _parts(
    path: str, x: Any, children: dict[Any, Any], others: tuple[Any, ...]
) -> Iterator[tuple[Any, str, Any, tuple[Any, ...]]]:
    """Yield each child: its key, how the path goes on, itself, and those of the other trees."""
    theirs = []
    for other in others:
        if type(other) is not type(x):
            raise ShapeError(
                f"{path or 'the tree'} is a {type(other).__name__} where a {type(x).__name__} of "
                "the same structure is needed"
            )
        found = vars(other) if is_module(other) else _children(other) or {}
        if found.keys() != children.keys():
            raise ShapeError(
                f"{path or 'the tree'} has {_named(other, found)}, where the same structure has "
                f"{_named(x, children)}"
            )
        theirs.append(found)
    indexed = not (is_module(x) or dataclasses.is_dataclass(x))
    for key, child in list(children.items()):
        step = f"[{_quoted(key)}]" if indexed else f".{key}"
        yield key, step, child, tuple(found[key] for found in theirs)


def _named(x: Any, children: dict[Any, Any]) -> str:
    if _is_sequence(x):
        return f"length {len(x)}"
    return ", ".join(map(_quoted, children)) or "nothing in it"


def _quoted(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) else repr(key)


def _rebuilt(x: Any, children: dict[Any, Any]) -> Any:
    """Return a container like ``x`` of other children; no ``__init__`` of a dataclass runs."""
    if isinstance(x, tuple):
        fields = children.values()
        make = getattr(x, "_make", type(x))
        return make(fields)
    if isinstance(x, MappingProxyType):
        return MappingProxyType(children)
    new = copy.copy(x)
    if dataclasses.is_dataclass(x):
        for key, child in children.items():
            object.__setattr__(new, key, child)
    elif hasattr(new, "__setitem__"):
        for key, child in children.items():
            new[key] = child
    else:  # what can't be changed is made of what is in it, as a tuple is
        new = type(x)(children if isinstance(x, Mapping) else children.values())
    return new
