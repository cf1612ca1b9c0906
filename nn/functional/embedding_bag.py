"""Bags of embeddings: sums, means or maxima of rows of a table."""

from typing import Any, Literal, TypeAlias

import numpy as np

from autograd_lite import Tensor, TensorLike, as_tensor, where
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.functional.embedding import checked, embedding, filled, gathered, row_of

Mode: TypeAlias = Literal["sum", "mean", "max"]


def embedding_bag(
    input: TensorLike,
    weight: TensorLike,
    offsets: TensorLike | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: Mode = "mean",
    per_sample_weights: TensorLike | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """Return the sum, mean or maximum of the rows that each bag of indices picks.

    Parameters
    ----------
    input : Tensor or array_like of int, shape (bags, length) or (n,)
        The indices; bags of one length, or one bag after the other.
    weight : Tensor or array_like, shape (num_embeddings, embedding_dim)
    offsets : Tensor or array_like of int, shape (bags,), optional
        Where each bag begins, if ``input`` has one axis. The first is 0; they don't fall.
    max_norm, norm_type, scale_grad_by_freq
        As in :func:`embedding`.
    mode : {"mean", "sum", "max"}
        The maximum is that of each column; of equal values the first one gets the gradient.
    per_sample_weights : Tensor or array_like, shape of ``input``, optional
        What to multiply the rows by; for sums only.
    include_last_offset : bool
        The last of ``offsets`` isn't the begin of a bag, but the end of the last one.
    padding_idx : int, optional
        A row that is left out of the bags, and gets no gradient.

    Returns
    -------
    Tensor, shape (bags, embedding_dim)
        A bag of nothing gives zeros.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If indices or offsets aren't integers.
    DomainError
        If an index isn't that of a row, offsets are out of order, or an option is out of range.

    Examples
    --------
    >>> table = [[1.0, 1.0], [2.0, 4.0], [3.0, 9.0]]
    >>> embedding_bag([[0, 1], [1, 2]], table, mode="sum")
    Tensor([[ 3.,  5.],
            [ 5., 13.]])
    >>> embedding_bag([0, 1, 2], table, [0, 1])
    Tensor([[1. , 1. ],
            [2.5, 6.5]])
    """
    name = "embedding_bag"
    index, table = checked(name, input, weight)
    if mode not in ("sum", "mean", "max"):
        raise DomainError(f"{name}: there is no mode {mode!r}; choose mean, sum or max")
    bag, bags = _bags(name, index, offsets, include_last_offset)
    flat = index.reshape(-1)
    options = (padding_idx, max_norm, norm_type, scale_grad_by_freq)
    rows = embedding(flat, table, *options)
    keep: Any = np.ones_like(flat.data, dtype=np.bool_)
    if padding_idx is not None:
        keep = flat.data != row_of(name, padding_idx, table.shape[0])
    if per_sample_weights is not None:
        factors = as_tensor(per_sample_weights)
        if mode != "sum":
            raise DomainError(f"{name}: per_sample_weights are for mode='sum', not {mode!r}")
        if factors.shape != index.shape:
            raise ShapeError(
                f"{name}: per_sample_weights must be {index.shape}, as the indices; they have "
                f"shape {factors.shape}"
            )
        rows = rows * factors.reshape(-1, 1)
    if mode == "max" and flat.size:
        return _largest(rows, keep, bag, bags)
    if padding_idx is not None:
        rows = rows * keep[:, None]
    total = as_tensor(gathered(rows, bag, length=bags, row=None, by_count=False))
    if mode != "mean":  # of nothing, the maximum is 0 as well
        return total
    counts = filled(0, (bags,), np.intp, bag, keep)
    np.add.at(counts, bag, keep)
    mean: Tensor = total / np.maximum(counts, 1)[:, None].astype(total.dtype)
    return mean


def _bags(
    name: str, index: Tensor, offsets: TensorLike | None, include_last_offset: bool
) -> tuple[Any, int]:
    """Return in which bag each index is, and how many bags there are."""
    if offsets is None:
        if index.ndim != 2:
            raise ShapeError(
                f"{name}: indices must be (bags, length), or (n,) with offsets; they have shape "
                f"{index.shape}"
            )
        bags, length = index.shape
        return np.repeat(np.arange(bags), length), bags
    starts = as_tensor(offsets)
    if index.ndim != 1 or starts.ndim != 1:
        raise ShapeError(
            f"{name}: offsets (bags,) go with indices (n,); they have shapes {starts.shape} and "
            f"{index.shape}"
        )
    if starts.dtype.kind not in "iu":
        raise DTypeError(f"{name}: offsets must be integers; they are {starts.dtype}")
    begin = starts.data
    if include_last_offset and not begin.size:
        raise ShapeError(f"{name}: with include_last_offset there is at least one offset")
    if begin.size and (begin[0] != 0 or begin.max() > index.size or (begin[1:] < begin[:-1]).any()):
        raise DomainError(
            f"{name}: offsets must begin with 0 and not fall, up to the {index.size} indices; they "
            f"are {begin.tolist()}"
        )
    bags = starts.size - bool(include_last_offset)
    if index.size and not bags:
        raise DomainError(f"{name}: without a bag there can't be indices; offsets are empty")
    return np.searchsorted(begin[:bags], np.arange(index.size), side="right") - 1, bags


def _largest(rows: Tensor, keep: Any, bag: Any, bags: int) -> Tensor:
    """Return the maximum of each column of each bag, picked by the position of the first one."""
    n, width = rows.shape
    values: Any = np.where(keep[:, None], rows.data, -np.inf)
    top = filled(-np.inf, (bags, width), values.dtype, values, bag)
    np.maximum.at(top, bag, values)
    attained = (values == top[bag]) & keep[:, None]
    position = filled(n, (bags, width), np.intp, attained, bag)
    np.minimum.at(position, bag, np.where(attained, np.arange(n)[:, None], n))
    found = rows[np.minimum(position, n - 1), np.arange(width)]
    return where(position < n, found, found.dtype.type(0))
