"""Indices, converted for the backward pass: plain values that nobody else can change."""

import operator
from typing import Any

import numpy as np

from autograd_lite.errors import IndexingError
from autograd_lite.graph import Node
from autograd_lite.operands import check_meaning, is_registered


def plain_index(index: Any) -> Any:
    """Return an index with copies in place of tensors, lists, and everything else that may change.

    The backward pass needs the index again, and its owner may change it before then.

    Raises
    ------
    IndexingError
        If nested lists in the index are ragged.
    ForeignOperandError
        If a part of the index means more than its numbers.
    """
    if type(index) is int:
        return index
    if isinstance(index, tuple):
        return tuple(map(plain_index, index))
    if isinstance(index, Node):  # NumPy's functions take an index without axes as a number
        return int(index.array) if _is_whole(index) else np.array(index.array)
    if isinstance(index, slice):
        ends = (index.start, index.stop, index.step)
        plain = all(end is None or type(end) is int for end in ends)
        return index if plain else slice(*map(_fixed, ends))
    return index if _is_constant(type(index)) else _copied(index)


def _is_constant(kind: type) -> bool:
    """Return True for the type of an index that can't change: None, a number, an ellipsis."""
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
    """Return an end of a slice; if it is a tensor or an array, its present value."""
    whole = isinstance(end, (Node, np.ndarray)) and _is_whole(end)
    return operator.index(end) if whole else end


def _is_whole(x: Any) -> bool:
    return not x.shape and x.dtype.kind in "iu"
