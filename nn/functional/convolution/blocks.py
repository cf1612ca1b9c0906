"""Work in blocks: windows are copied into memory that stays in the cache, and is used again."""

from collections.abc import Callable, Iterable, Iterator
from math import prod
from typing import Any

import numpy as np

Part = tuple[slice, slice]
"""Some images, and some of their rows."""

_BLOCK = 1 << 20
_MOST_BLOCKS = 64


def blocks(shape: tuple[int, ...], itemsize: int) -> list[Part]:
    """Split what is made of images into blocks of about a megabyte, which stay in the cache.

    Parameters
    ----------
    shape : tuple of int
        Images, rows, and what there is for each row.
    itemsize : int

    Returns
    -------
    list of (slice, slice)
        Several images with all their rows, or some rows of one image.

    Examples
    --------
    >>> blocks((3, 8, 2**14), 4)
    [(slice(0, 2, None), slice(0, 8, None)), (slice(2, 3, None), slice(0, 8, None))]
    """
    images, rows, *others = shape
    row = itemsize
    for n in others:
        row *= n
    most = max(_BLOCK, images * rows * row // _MOST_BLOCKS)
    together = max(1, most // max(1, rows * row))
    high = rows if together > 1 else max(1, min(rows, most // max(1, row)))
    return [
        (slice(i, min(i + together, images)), slice(j, min(j + high, rows)))
        for i in range(0, images, together)
        for j in range(0, rows, high)
    ]


def dense(x: Any) -> Any:
    """Return ``x`` in C order: as it is, or a copy. Products of other arrays may take long."""
    return x if x.flags.c_contiguous else x.copy()


def copied(several: Iterable[Any]) -> Iterator[Any]:
    """Yield copies of arrays in C order, each in the memory of the one before.

    The first array is the largest. One that is in C order already is yielded itself.
    """
    memory: Any = None
    for x in several:
        if x.flags.c_contiguous:
            yield x
            continue
        if memory is None:
            memory = np.empty_like(x, shape=x.size, order="C")
        copy = shaped(memory, x.shape)
        np.copyto(copy, x)
        yield copy


def new(make: Callable[..., Any], shape: tuple[int, ...], *operands: Any) -> Any:
    """Return a new array for the product of the operands, by ``np.empty_like`` or ``zeros_like``.

    It is of the kind of that operand that isn't an array of NumPy's own, if one isn't: what is
    written into it may be of that kind.
    """
    kind = next((x for x in operands if type(x) is not np.ndarray), operands[0])
    dtype = np.result_type(*(x.dtype for x in operands))
    return make(kind, shape=shape, dtype=dtype, order="C")


def shaped(memory: Any, shape: tuple[int, ...]) -> Any:
    """Return an array of this shape at the beginning of some memory."""
    return memory[: prod(shape)].reshape(shape)
