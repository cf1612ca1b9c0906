"""Functions that split tensors, or return parts of them."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import index
from typing import Any, SupportsIndex

import numpy as np

from autograd_lite.errors import DomainError, ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.shaping import axes_of, ravel
from autograd_lite.functions.selecting.selecting import rows_first
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.manipulation import splitting
from autograd_lite.tensor import Tensor, TensorLike, apply, compute

__all__ = [
    "array_split",
    "delete",
    "dsplit",
    "hsplit",
    "sliding_window_view",
    "split",
    "trim_zeros",
    "unstack",
    "vsplit",
]

Sections = int | Sequence[int]


@implements(np.array_split)
def array_split(ary: TensorLike, indices_or_sections: Sections, axis: int = 0) -> list[Tensor]:
    """Split a tensor along an axis into parts of nearly equal length; see :func:`split`.

    With a number of parts that doesn't divide the length, the first parts are longer by one.

    Examples
    --------
    >>> array_split([1.0, 2.0, 3.0], 2)
    [Tensor([1., 2.]), Tensor([3.])]
    """
    x = as_tensor(ary)
    (axis,) = axes_of("split", x, axis)
    if np.ndim(indices_or_sections):
        borders = [0, *map(index, np.asarray(indices_or_sections)), x.shape[axis]]
    else:
        sections = index(np.asarray(indices_or_sections)[()])
        if sections <= 0:
            raise ShapeError(f"an axis can't be split into {sections} parts; give 1 or more")
        length, longer = divmod(x.shape[axis], sections)
        lengths = (length + (part < longer) for part in range(sections))
        borders = list(accumulate(lengths, initial=0))
    before = (slice(None),) * axis
    return [x[(*before, slice(start, stop))] for start, stop in pairwise(borders)]


@implements(np.split)
def split(ary: TensorLike, indices_or_sections: Sections, axis: int = 0) -> list[Tensor]:
    """Split a tensor along an axis.

    Parameters
    ----------
    ary : Tensor or array_like
    indices_or_sections : int or sequence of int
        The number of parts, all of equal length, or the indices at which new parts begin.
    axis : int

    Returns
    -------
    list of Tensor
        The parts, which share the memory of the tensor.

    Raises
    ------
    ShapeError
        If the axis can't be divided into that many equal parts, or there is no such axis.

    Examples
    --------
    >>> split([1.0, 2.0, 3.0, 4.0], [1, 3])
    [Tensor([1.]), Tensor([2., 3.]), Tensor([4.])]
    """
    x = as_tensor(ary)
    length = x.shape[axes_of("split", x, axis)[0]]
    sections = np.asarray(indices_or_sections)
    if not sections.ndim and sections > 0 and length % sections:
        raise ShapeError(
            f"split: an axis of length {length} can't be split into {indices_or_sections} equal "
            "parts; array_split allows unequal ones"
        )
    return array_split(x, indices_or_sections, axis)


def _split_along(name: str, ary: TensorLike, sections: Sections, axis: int) -> list[Tensor]:
    x = as_tensor(ary)
    if x.ndim <= axis:
        raise ShapeError(f"{name} of shape {x.shape}: it needs {axis + 1} axes or more")
    return split(x, sections, axis)


@implements(np.hsplit)
def hsplit(ary: TensorLike, indices_or_sections: Sections) -> list[Tensor]:
    """Split a tensor along its second axis, or a vector along its only axis; see :func:`split`.

    Raises
    ------
    ShapeError
        As for :func:`split`, or if there are no axes.

    Examples
    --------
    >>> hsplit([[1.0, 2.0]], 2)
    [Tensor([[1.]]), Tensor([[2.]])]
    """
    x = as_tensor(ary)
    return _split_along("hsplit", x, indices_or_sections, 1 if x.ndim > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: TensorLike, indices_or_sections: Sections) -> list[Tensor]:
    """Split a tensor along the first of two or more axes; see :func:`split`.

    Raises
    ------
    ShapeError
        As for :func:`split`, or if there are fewer than two axes.

    Examples
    --------
    >>> vsplit([[1.0], [2.0]], 2)
    [Tensor([[1.]]), Tensor([[2.]])]
    """
    x = as_tensor(ary)
    if x.ndim < 2:
        raise ShapeError(f"vsplit of shape {x.shape}: it needs 2 axes or more")
    return split(x, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: TensorLike, indices_or_sections: Sections) -> list[Tensor]:
    """Split a tensor along its third axis; see :func:`split`.

    Raises
    ------
    ShapeError
        As for :func:`split`, or if there are fewer than three axes.

    Examples
    --------
    >>> [x.shape for x in dsplit(np.zeros((2, 3, 4)), 2)]
    [(2, 3, 2), (2, 3, 2)]
    """
    return _split_along("dsplit", ary, indices_or_sections, 2)


@implements(np.unstack)
def unstack(x: TensorLike, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """Return the slices of a tensor along an axis, without that axis; :func:`stack` joins them.

    Raises
    ------
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> unstack([[1.0, 2.0], [3.0, 4.0]], axis=1)
    (Tensor([1., 3.]), Tensor([2., 4.]))
    """
    tensor = as_tensor(x)
    (axis,) = axes_of("unstack", tensor, axis)
    before = (slice(None),) * axis
    return tuple(tensor[(*before, i)] for i in range(tensor.shape[axis]))


@implements(np.delete)
def delete(arr: TensorLike, obj: Any, axis: int | None = None) -> Tensor:
    """Return the tensor without the given positions along an axis.

    Parameters
    ----------
    arr : Tensor or array_like
    obj : int, slice, or sequence of int or bool
        The positions to leave out.
    axis : int or None
        ``None``: flatten ``arr`` first.

    Raises
    ------
    IndexingError
        If a position is out of bounds.
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> delete([1.0, 2.0, 3.0], [0, -1])
    Tensor([2.])
    """
    x = ravel(arr) if axis is None else as_tensor(arr)
    (along,) = axes_of("delete", x, 0 if axis is None else axis)
    keep = np.zeros(x.shape[along], bool)
    keep[compute(np.delete, np.arange(len(keep)), obj).data] = True
    kept = x[(*(slice(None),) * along, keep)]
    return rows_first(kept) if np.size(obj) == 1 else kept


@implements(np.trim_zeros, gives_arrays=True)
def trim_zeros(filt: TensorLike, trim: str = "fb", axis: Any = None) -> Tensor:
    """Return the tensor without the zeros at its borders.

    Parameters
    ----------
    filt : Tensor or array_like
    trim : {"fb", "f", "b"}
        Trim both ends of each axis, only the front, or only the back.
    axis : int, tuple of int, or None
        The axes to trim; ``None``: all of them.

    Raises
    ------
    DomainError
        If ``trim`` is something else.
    AxisError
        If there is no such axis.

    Examples
    --------
    >>> trim_zeros([0.0, 1.0, 0.0, 2.0, 0.0])
    Tensor([1., 0., 2.])
    """
    x = as_tensor(filt)
    ends = str(trim).lower()
    if ends not in ("f", "b", "fb", "bf"):
        raise DomainError(f"trim_zeros: trim must be 'f', 'b' or 'fb', not {trim!r}")
    trimmed = axes_of("trim_zeros", x, range(x.ndim) if axis is None else axis)
    if not trimmed:
        return x
    places = np.nonzero(x.data)
    found = [slice(None)] * x.ndim
    for i in trimmed:
        if len(places[i]):
            front = int(places[i].min()) if "f" in ends else None
            found[i] = slice(front, int(places[i].max()) + 1 if "b" in ends else None)
        else:
            found[i] = slice(0)
    return x[tuple(found)]


@implements(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(
    x: TensorLike, window_shape: int | Sequence[int], axis: int | Sequence[int] | None = None
) -> Tensor:
    """Return the contents of a window that slides along some axes, without a copy.

    Parameters
    ----------
    x : Tensor or array_like
    window_shape : int or tuple of int
        The lengths of the window along the axes.
    axis : int, tuple of int, or None
        The axes along which it slides; ``None``: all of them.

    Returns
    -------
    Tensor, shape (positions of the window..., axes of the window...)

    Raises
    ------
    ShapeError
        If the window is longer than the tensor, or its number of axes isn't that of ``axis``.

    Examples
    --------
    >>> sliding_window_view([1.0, 2.0, 3.0, 4.0], 2).mean(axis=-1)
    Tensor([1.5, 2.5, 3.5])
    """
    tensor = as_tensor(x)
    window = (window_shape,) if isinstance(window_shape, SupportsIndex) else tuple(window_shape)
    axes = tuple(range(tensor.ndim)) if axis is None else axis
    chosen = axes_of("sliding_window_view", tensor, axes, repeated=True)
    params = {"window_shape": window, "axis": chosen}
    return apply(splitting.sliding_windows, (tensor,), params)
