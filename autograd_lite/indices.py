"""What ``x[index]`` is given, as the backward pass will need it: plain, and its own."""

import operator
from typing import Any

import numpy as np

from autograd_lite.errors import IndexingError
from autograd_lite.graph import Node


def plain_index(index: Any) -> Any:
    """Return an index with arrays in the place of tensors and lists; they are copies.

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
    if isinstance(index, (list, np.ndarray)):
        return _copied(index)
    return index


def _copied(index: Any) -> Any:
    try:
        array = np.array(index)
    except ValueError as error:
        raise IndexingError(f"an index of nested lists must be rectangular: {error}") from error
    return array if array.size or isinstance(index, np.ndarray) else array.astype(np.intp)


def _fixed(end: Any) -> Any:
    """Return an end of a slice, of a tensor or array its value now."""
    whole = isinstance(end, (Node, np.ndarray)) and _is_whole(end)
    return operator.index(end) if whole else end


def _is_whole(x: Any) -> bool:
    return not x.shape and x.dtype.kind in "iu"
