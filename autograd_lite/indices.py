"""What ``x[index]`` is given, as the backward pass will need it: plain, and its own."""

import operator
from typing import Any

import numpy as np

from autograd_lite.errors import IndexingError
from autograd_lite.graph import Node
from autograd_lite.operands import check_meaning, is_registered


def plain_index(index: Any) -> Any:
    """Return an index with arrays in the place of tensors, lists and all else that may change.

    An index is needed again in the backward pass, and may be changed until then.
    """
    if type(index) is int:
        return index
    if isinstance(index, tuple):
        return tuple(map(plain_index, index))
    if isinstance(index, Node):  # what has no axes is to NumPy's functions a number, not an array
        return int(index.array) if _is_whole(index) else np.array(index.array)
    if isinstance(index, slice):
        ends = (index.start, index.stop, index.step)
        plain = all(end is None or type(end) is int for end in ends)
        return index if plain else slice(*map(_fixed, ends))
    return index if _is_constant(type(index)) else _copied(index)


def _is_constant(kind: type) -> bool:
    """Return True for the type of an index that is taken as it is: None, a number, an ellipsis."""
    if kind in (type(None), type(...)) or issubclass(kind, np.generic) or is_registered(kind):
        return True
    return hasattr(kind, "__index__") and not hasattr(kind, "__array__")


def _copied(index: Any) -> Any:
    if type(index) is not np.ndarray:
        check_meaning(type(index))
    try:
        array = np.array(index)
    except ValueError as error:
        raise IndexingError(f"an index of nested lists must be rectangular: {error}") from error
    return array if array.size or hasattr(index, "dtype") else array.astype(np.intp)


def _fixed(end: Any) -> Any:
    """Return an end of a slice, of a tensor or array its value now."""
    whole = isinstance(end, (Node, np.ndarray)) and _is_whole(end)
    return operator.index(end) if whole else end


def _is_whole(x: Any) -> bool:
    return not x.shape and x.dtype.kind in "iu"
