"""Trees: nested dicts, lists, tuples, dataclasses and modules, with numbers as their leaves.

Other mappings and sequences, such as a deque, are containers too. A leaf can be differentiated: it
is a tensor, array or Python number that is floating or complex. A module is any object with
``named_parameters()``. Its leaves are the tensors in it that require a gradient; everything else in
it is part of its structure.
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
"""``(path, leaf, *leaves of the other trees) -> replacement``."""


def tree_map(function: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply a function to every leaf of nested containers, and keep their structure.

    Parameters
    ----------
    function : callable
        ``(leaf, *leaves of the others) -> replacement``.
    tree : dict, list, tuple, dataclass, module, or a leaf
        Nested to any depth. Leaves are tensors, arrays and Python numbers that are floating or
        complex; in modules, the parameters. Everything else stays as it is.
    *others : like ``tree``
        Trees with the same structure, such as gradients.

    Returns
    -------
    like ``tree``
        New containers, with the results of ``function`` as leaves.

    Raises
    ------
    ShapeError
        If another tree has another structure.
    GraphError
        If ``tree`` is a module without parameters, such as a gradient. The first tree decides
        where the leaves are, so give the model first.
    ForeignOperandError
        If a leaf holds floating numbers of another library, such as a pandas Series.

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
            f"tree_map of a {type(tree).__name__} without parameters: none of its tensors requires "
            "a gradient; if it is a gradient, give the model first: "
            "tree_map(lambda p, g: ..., model, gradient)"
        )
    return result


def flatten(tree: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return all leaves of nested containers as one vector, and a function that undoes this.

    Parameters
    ----------
    tree : dict, list, tuple, dataclass, module, or a leaf
        The leaves are those of :func:`tree_map`. Everything else, such as an integer, isn't part
        of the vector, and ``unflatten`` returns it unchanged.

    Returns
    -------
    vector : array, or Tensor if any leaf is one, shape (n,)
        The n values of all leaves, in the dtype to which the leaves' dtypes promote. It is
        recorded if a leaf requires a gradient, as parameters of modules do; ``vector.numpy()``
        has its values.
    unflatten : callable
        Takes such a vector and returns a tree like ``tree``, with the dtypes of its leaves. From
        an array it makes arrays, numbers and tensors as they were in ``tree``, in memory of their
        own; tensors require a gradient if they did. From a tensor it makes tensors, through which
        derivatives flow back to the vector.

    Raises
    ------
    DTypeError
        If no leaf is floating or complex, or if some are floating and others complex. From
        ``unflatten``, if the vector is complex and the leaves were real.
    ShapeError
        From ``unflatten``, if the vector doesn't have shape (n,).
    ForeignOperandError
        If a leaf holds floating numbers of another library, such as a pandas Series.

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
        return Tensor(0.0, requires_grad=True)  # unlike a parameter, always a leaf

    structure = visit(take, tree, static=no_numbers)
    if not places:
        raise DTypeError(
            f"flatten of a {type(tree).__name__} in which nothing is floating or complex; in a "
            "module, only tensors that require a gradient count, so for the gradient of a module "
            "differentiate by the vector: grad(lambda v: loss(unflatten(v)))(vector)"
        )
    kinds = {place.dtype.kind: place.path for place in places}
    if len(kinds) > 1:
        raise DTypeError(
            f"flatten can't combine complex numbers, at {kinds['c'] or 'the tree'}, with real "
            f"ones, at {kinds['f'] or 'the tree'}; give real and imaginary parts as two leaves"
        )
    dtype = np.result_type(*(place.dtype for place in places))
    vector = np.concatenate([x.reshape(-1).astype(dtype) for x in leaves])

    def unflatten(vector: Any) -> Any:
        v = vector if isinstance(vector, Tensor) else as_array(vector)
        size = places[-1].end
        if v.shape != (size,):
            raise ShapeError(
                f"unflatten of shape {v.shape}; it takes a vector as flatten returned it, of "
                f"shape ({size},)"
            )
        if v.dtype.kind == "c" and dtype.kind != "c":
            raise DTypeError(
                f"unflatten of {v.dtype} where flatten was given real numbers; give it a vector of "
                f"{dtype}"
            )
        following = iter(places)
        return visit(lambda path, leaf: next(following).part_of(v), structure)

    return vector, unflatten


class _Place(NamedTuple):
    """The place of a leaf in a vector, and the leaf's type, shape and dtype."""

    path: str
    kind: type
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int
    end: int
    requires_grad: bool

    def part_of(self, vector: Any) -> Any:
        """Return the leaf with its values from a vector, in memory of its own."""
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
    """Apply a function to every leaf, as ``tree_map`` does, and tell it the path of the leaf.

    Parameters
    ----------
    function : callable
        ``(path, leaf, *leaves of the others) -> replacement``.
    tree, *others : tree
        Trees of the same structure.
    parameter : callable, optional
        Applied instead of ``function`` to parameters of modules.
    static : callable
        ``value -> replacement`` for values outside of modules that aren't leaves.
    path : str
        The name of the tree itself, with which paths begin.

    Raises
    ------
    ShapeError
        If another tree has another structure.
    """
    if is_leaf(tree):  # most trees are a single leaf
        return function(path, tree, *others)
    return _Visitor(function, parameter or function, static).visit(path, tree, others)


def skeleton(tree: Any) -> Any:
    """Return a tree of the same structure, whose leaves stay leaves when variables retire."""
    return visit(lambda path, leaf: Tensor(0.0, requires_grad=True), tree)


def is_leaf(x: Any) -> bool:
    """Return True for a tensor, array or number that is floating or complex."""
    if isinstance(x, (Tensor, np.ndarray, np.generic)):
        return x.dtype.kind in "fc"
    return type(x) in (float, complex)


def no_numbers(x: Any) -> Any:
    """Return a value that isn't a leaf unchanged, but refuse numbers of another library.

    Raises
    ------
    ForeignOperandError
        For a floating series, quantity, sparse matrix ...: it would silently count as a constant.
    """
    kind = type(x)
    if kind in _NO_CONTAINERS or not holds_numbers(kind):
        return x
    dtype = str(getattr(x, "dtype", "float" if hasattr(kind, "__array__") else "")).lower()
    if not any(name in dtype for name in ("float", "complex", "decimal")):
        return x
    raise ForeignOperandError(f"as a leaf of a tree, {foreign(kind)}")


def is_module(x: Any) -> bool:
    """Return True for an object with ``named_parameters()``."""
    return callable(getattr(type(x), "named_parameters", None)) and hasattr(x, "__dict__")


_NO_CONTAINERS = frozenset({np.ndarray, float, int, bool, str, complex, type(None), np.float64})


def holds_tensor(trees: Iterable[Any]) -> bool:
    """Return True if one of the trees contains a tensor or a module."""
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
    """One walk over a tree; a module or parameter that it meets twice is replaced only once."""

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
        """Copy a module or a part of one; shared tensors stay shared, and cycles end."""
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
    """Yield for each child: its key, its step of the path, itself, and the others' children."""
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
    """Return a container like ``x`` with other children; a dataclass's ``__init__`` isn't run."""
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
    else:  # an immutable container is made from its children, as a tuple is
        new = type(x)(children if isinstance(x, Mapping) else children.values())
    return new
