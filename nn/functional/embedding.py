"""Embeddings: rows of a table, picked by their indices."""

from typing import Any

import numpy as np

from autograd_lite import Primitive, Tensor, TensorLike, as_tensor, no_grad
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError

# rows of w, by integers of any shape. `row` is one that gets no gradient; `by_count` divides the
# gradient of a row by how often it was picked
picked = Primitive(
    "embedding",
    lambda w, index, row=None, by_count=False: np.take(w, index, axis=0),
    [
        lambda g, y, w, index, row=None, by_count=False: gathered(
            g, index, length=w.shape[0], row=row, by_count=by_count
        ),
        None,
    ],
)


def _gathered(g: Any, index: Any, length: int, row: int | None, by_count: bool) -> Any:
    width = g.shape[-1]
    dtype = (
        np.dtype(np.float32) if g.dtype == np.float16 else g.dtype
    )  # float16 can't count to 2049
    out = filled(0, (length * width,), dtype, g, index)
    flat = index.reshape(-1, 1) * width + np.arange(width)
    # one dimension is the case that NumPy is fast at: six times as fast as adding up rows
    np.add.at(out, flat.reshape(-1), _weighed(g, index, length, by_count).reshape(-1))
    out = out.reshape(length, width)
    if row is not None:
        out[row] = 0
    return out if dtype == g.dtype else out.astype(g.dtype)


def _gathered_rule(
    g: Any, y: Any, x: Any, index: Any, length: int, row: int | None, by_count: bool
) -> Any:
    rows = picked(g, index)
    if row is not None:
        rows = rows * (index != row)[..., None]
    return _weighed(rows, index, length, by_count)


# the transpose: zeros, with the rows of g added at their indices
gathered: Primitive = Primitive("embedding_gradient", _gathered, [_gathered_rule, None])


def _weighed(g: Any, index: Any, length: int, by_count: bool) -> Any:
    """Divide each row by how often its index is there."""
    if not by_count:
        return g
    counts = filled(0, (length,), np.intp, index)
    np.add.at(counts, index.reshape(-1), 1)
    return g / np.take(counts, index)[..., None].astype(g.dtype)


def filled(value: Any, shape: tuple[int, ...], dtype: Any, *sources: Any) -> Any:
    """Return a new array to write into, of the kind of the first source that isn't NumPy's own.

    Where a source is traced for a captured function, so must be what is written into.
    """
    like = next((x for x in sources if type(x) is not np.ndarray), sources[0])
    return np.full_like(like, value, dtype=dtype, order="C", shape=shape)


def embedding(
    input: TensorLike,
    weight: TensorLike,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
) -> Tensor:
    """Return the rows of a table that are picked by indices.

    Parameters
    ----------
    input : Tensor or array_like of int
        The indices, of any shape.
    weight : Tensor or array_like, shape (num_embeddings, embedding_dim)
    padding_idx : int, optional
        A row that gets no gradient. A negative one counts from the end.
    max_norm : float, optional
        Rows that are picked and whose norm is larger are first scaled down to this norm, in place;
        that isn't recorded.
    norm_type : float
        The p of this p-norm.
    scale_grad_by_freq : bool
        Divide the gradient of each row by how often its index is in ``input``.

    Returns
    -------
    Tensor, shape (*input.shape, embedding_dim)

    Raises
    ------
    DTypeError
        If the indices aren't integers.
    DomainError
        If an index isn't that of a row, or an option is out of range.
    ShapeError
        If ``weight`` isn't a table.
    GraphError
        If ``max_norm`` is given with a weight that isn't a leaf, which can't be changed in place.

    Notes
    -----
    The gradient is dense: there are no sparse arrays here. Rows that are picked several times get
    the sum of their gradients.

    Examples
    --------
    >>> table = Tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> embedding([2, 1, 2], table).sum().backward()
    >>> table.grad
    Tensor([[0., 0.],
            [1., 1.],
            [2., 2.]])
    """
    index, table = checked("embedding", input, weight)
    if padding_idx is not None:
        padding_idx = row_of("embedding", padding_idx, table.shape[0])
    if max_norm is not None:
        _shorten(table, index, max_norm, norm_type)
    return as_tensor(picked(table, index, row=padding_idx, by_count=bool(scale_grad_by_freq)))


def checked(name: str, input: TensorLike, weight: TensorLike) -> tuple[Tensor, Tensor]:
    """Return indices and a table as tensors.

    Raises
    ------
    DTypeError, DomainError, ShapeError
        As :func:`embedding` has it.
    """
    index, table = as_tensor(input), as_tensor(weight)
    if table.ndim != 2 or table.dtype.kind != "f":
        raise ShapeError(
            f"{name}: the weight must be floating, of shape (num_embeddings, embedding_dim); it is "
            f"{table.dtype} {table.shape}"
        )
    if index.dtype.kind not in "iu":
        if index.size:
            raise DTypeError(f"{name}: indices must be integers; they are {index.dtype}")
        index = index.astype(np.intp)  # an empty list
    length = table.shape[0]
    if index.size and not (index.data.min() >= 0 and index.data.max() < length):
        raise DomainError(
            f"{name}: indices must lie between 0 and {length - 1}; these go from "
            f"{index.data.min()} to {index.data.max()}"
        )
    if index.dtype != np.intp:  # int8 couldn't count to the end of the table
        index = index.astype(np.intp)
    return index, table


def row_of(name: str, padding_idx: int, length: int) -> int:
    """Return the row of the padding, counted from the start.

    Raises
    ------
    DomainError
        If there is no such row.
    """
    whole = isinstance(padding_idx, int | np.integer) and not isinstance(padding_idx, bool)
    if not whole or not -length <= padding_idx < length:
        raise DomainError(
            f"{name}: padding_idx must be that of one of the {length} rows; it is {padding_idx!r}"
        )
    return int(padding_idx) % length


def _shorten(table: Tensor, index: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale down the rows that are picked, where they are longer than ``max_norm``."""
    if not max_norm > 0 or not norm_type > 0:
        raise DomainError(
            f"embedding: max_norm and norm_type must be positive: {max_norm}, {norm_type}"
        )
    if table.op is not None:
        raise GraphError(
            "embedding with max_norm changes the weight in place, so it must be a leaf"
        )
    data: Any = table.data
    with no_grad():
        rows = np.take(data, index.data, axis=0)
        norms = np.linalg.norm(rows, norm_type, axis=-1, keepdims=True)
        excess = norms > max_norm
        # PyTorch's small term keeps the norm below the bound in spite of rounding
        factor = np.where(excess, max_norm / (norms + 1e-7), 1).astype(data.dtype)
        data[index.data] = rows * factor
        table.data = data  # tells the graphs that were recorded earlier
