"""Scaled dot-product attention: averages of values, weighted by how well keys match queries."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from autograd_lite import AllInputs, Primitive, Tensor, TensorLike, as_tensor, matmul, repeat, where
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.functional.dropout import dropout


def _weights(q: Any, k: Any, bias: Any = None, *, scale: float) -> Any:
    scores = np.matmul(q * scale, k.mT)
    if bias is not None:
        scores += bias
    # the maximum is finite even if the whole row is -inf, so that its weights become 0, not NaN
    lowest = np.finfo(scores.dtype).min
    scores -= np.maximum.reduce(scores, axis=-1, keepdims=True, initial=lowest)
    weights = np.exp(scores, out=scores)
    # a product with ones is several times faster than a sum. The largest term of a sum is 1
    total = weights @ np.ones(weights.shape[-1], weights.dtype)
    weights /= np.maximum(total, 1)[..., None]
    return weights


def _weights_rule(
    asked: Sequence[int], g: Any, y: Any, q: Any, k: Any, bias: Any = None, *, scale: float
) -> list[Any]:
    slope = g - np.vecdot(g, y)[..., None]
    slope *= y  # of the scores
    found: list[Any] = []
    for position in asked:
        if position == 0:
            found.append(_summed_to(scale * (slope @ k), q.shape))
        elif position == 1:
            scaled = q * scale
            found.append(_summed_to(slope.mT @ scaled, k.shape))
        else:
            found.append(_summed_to(slope, bias.shape))
    return found


# softmax(scale q k^T + bias), one row for each query
weights_of = Primitive("attention_weights", _weights, AllInputs(_weights_rule))


def attention_weights(
    query: TensorLike,
    key: TensorLike,
    attn_mask: TensorLike | None = None,
    is_causal: bool = False,
    scale: float | None = None,
) -> Tensor:
    """Return how much each query attends to each key: ``softmax(scale * query @ key.mT)``.

    Parameters
    ----------
    query : Tensor or array_like, shape (..., L, E)
    key : Tensor or array_like, shape (..., S, E)
        The axes in front broadcast against those of ``query``.
    attn_mask : Tensor or array_like, optional
        It broadcasts to (..., L, S). Truth values: True where a key takes part. Numbers are added
        to the scores, and are differentiated if they require it.
    is_causal : bool
        Leave out the keys behind the query's own position, besides those that the mask leaves out.
    scale : float, optional
        ``1 / sqrt(E)`` by default.

    Returns
    -------
    Tensor, shape (..., L, S)
        Its rows sum to 1. A row whose keys are all left out is 0.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If something is complex, or the mask consists of integers.

    Examples
    --------
    >>> attention_weights([[1.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]], is_causal=True)
    Tensor([[1. , 0. ],
            [0.5, 0.5]])
    """
    name = "attention_weights"
    q, k = _floating(name, query), _floating(name, key)
    if min(q.ndim, k.ndim) < 2 or q.shape[-1] != k.shape[-1]:
        raise ShapeError(
            f"{name}: query must be (..., L, E) and key (..., S, E); they have shapes {q.shape} "
            f"and {k.shape}"
        )
    try:
        batch = np.broadcast_shapes(q.shape[:-2], k.shape[:-2])
    except ValueError:
        raise ShapeError(
            f"{name}: the axes of query before its last two must broadcast against those of key; "
            f"they have shapes {q.shape} and {k.shape}"
        ) from None
    if scale is None:
        scale = 1 / sqrt(q.shape[-1]) if q.shape[-1] else 1.0
    dtype = np.result_type(q.dtype, k.dtype)
    half = dtype == np.float16
    wide = np.dtype(np.float32) if half else dtype
    bias = _bias(name, attn_mask, is_causal, (*batch, q.shape[-2], k.shape[-2]), wide)
    if half:  # the sums of exponentials and products would leave its range
        q, k = q.astype(wide), k.astype(wide)
    given = (q, k) if bias is None else (q, k, bias)
    weights = as_tensor(weights_of(*given, scale=float(scale)))
    return weights.astype(dtype) if half else weights


def scaled_dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    attn_mask: TensorLike | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    rng: np.random.Generator | int | None = None,
) -> Tensor:
    """Return ``softmax(scale * query @ key.mT) @ value``: a weighted average of the values.

    Parameters
    ----------
    query : Tensor or array_like, shape (..., L, E)
    key : Tensor or array_like, shape (..., S, E)
    value : Tensor or array_like, shape (..., S, Ev)
        The axes in front broadcast: usually they are the batch and the heads.
    attn_mask : Tensor or array_like, optional
        It broadcasts to (..., L, S). Truth values: True where a key takes part. (In
        :class:`nn.MultiheadAttention` True means the opposite, as it does in PyTorch.) Numbers are
        added to the scores, and are differentiated if they require it.
    dropout_p : float
        The probability with which a weight is dropped; there is no mode in which it isn't, so give
        0 to evaluate.
    is_causal : bool
        Leave out the keys behind the query's own position, besides those that the mask leaves out.
    scale : float, optional
        ``1 / sqrt(E)`` by default.
    enable_gqa : bool
        Let several heads of ``query`` share one of ``key`` and ``value``: the third axis from the
        end of ``query`` is a multiple of theirs.
    rng : numpy.random.Generator or int, optional
        Draws the dropped weights.

    Returns
    -------
    Tensor, shape (..., L, Ev)
        A query whose keys are all left out gets 0, and its gradients are 0, as in PyTorch.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If something is complex, or the mask consists of integers.
    DomainError
        If ``dropout_p`` isn't between 0 and 1.

    Notes
    -----
    Vaswani and others, Attention is all you need, 2017, equation (1). Several heads for one key:
    Ainslie and others, GQA: training generalized multi-query transformer models from multi-head
    checkpoints, 2023.

    Examples
    --------
    >>> values = [[1.0], [2.0], [6.0]]
    >>> scaled_dot_product_attention(np.zeros((3, 2)), np.zeros((3, 2)), values, is_causal=True)
    Tensor([[1. ],
            [1.5],
            [3. ]])
    """
    name = "scaled_dot_product_attention"
    q, k, v = (_floating(name, x) for x in (query, key, value))
    if min(k.ndim, v.ndim) < 2 or k.shape[-2] != v.shape[-2]:
        raise ShapeError(
            f"{name}: key must be (..., S, E) and value (..., S, Ev); they have shapes {k.shape} "
            f"and {v.shape}"
        )
    if not 0 <= dropout_p <= 1:
        raise DomainError(f"{name}: dropout_p must be between 0 and 1: {dropout_p}")
    if enable_gqa:
        k, v = (_shared(x, q) for x in (k, v))
    weights = attention_weights(q, k, attn_mask, is_causal, scale)
    if dropout_p:
        weights = dropout(weights, dropout_p, rng=rng)
    return matmul(weights, v)


# ---- a projection by a part of a weight that holds several, one above the other


def _projected(x: Any, w: Any, b: Any = None, *, start: int, size: int) -> Any:
    z = x @ _part(w, start, size).T
    if b is not None:
        z += _part(b, start, size)
    return z


def _projected_weight_rule(
    g: Any, y: Any, x: Any, w: Any, b: Any = None, *, start: int, size: int
) -> Any:
    rows = np.reshape(g, (-1, size)).T @ np.reshape(x, (-1, x.shape[-1]))
    return _padded_to(rows, start, w.shape[0])


def _projected_bias_rule(g: Any, y: Any, x: Any, w: Any, b: Any, *, start: int, size: int) -> Any:
    wide = g.astype(np.float32) if g.dtype == np.float16 else g  # float16 can't count to 2049
    return _padded_to(wide.sum(axis=tuple(range(g.ndim - 1))), start, b.shape[0])


# x @ w.T + b, with `size` rows of w and b from `start` on; either may have only those. The layouts
# of PyTorch, whose weights of attention hold those of query, key and value together
projected = Primitive(
    "projection",
    _projected,
    [
        lambda g, y, x, w, *b, start, size: g @ _part(w, start, size),
        _projected_weight_rule,
        _projected_bias_rule,
    ],
    requirement="these are x, the weight and the bias, in this order; the last axis of x must be "
    "as long as that of the weight",
)


# ---- helpers


def _part(a: Any, start: int, size: int) -> Any:
    return a if a.shape[0] == size else a[start : start + size]


def _padded_to(rows: Any, start: int, length: int) -> Any:
    """Return zeros of this length along the first axis, with ``rows`` from ``start`` on."""
    size, *widths = rows.shape
    if size == length:
        return rows
    before, after = (np.zeros((n, *widths), rows.dtype) for n in (start, length - start - size))
    return np.concatenate([before, rows, after])


def _summed_to(c: Any, shape: tuple[int, ...]) -> Any:
    """Undo the broadcasting of an input of this shape."""
    extra = c.ndim - len(shape)
    axes = [axis for axis in range(c.ndim) if axis < extra or shape[axis - extra] != c.shape[axis]]
    return c.sum(axis=tuple(axes), keepdims=True).reshape(shape) if axes else c


def _floating(name: str, x: TensorLike) -> Tensor:
    tensor = as_tensor(x)
    if tensor.dtype.kind == "c":
        raise DTypeError(f"{name} of {tensor.dtype}: attention is for real numbers")
    return tensor if tensor.dtype.kind == "f" else tensor.astype(np.float64)


def _bias(
    name: str,
    mask: TensorLike | None,
    is_causal: bool,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
) -> Any:
    """Return what to add to the scores, of this shape, for a mask; None if there is nothing."""
    bias: Any = None
    if mask is not None:
        bias = added(name, mask, dtype, takes_part=True)
        try:
            fits = np.broadcast_shapes(bias.shape, shape) == shape
        except ValueError:
            fits = False
        if not fits:
            raise ShapeError(
                f"{name}: a mask of shape {bias.shape} doesn't broadcast to the scores, {shape}: "
                "(..., L, S), one for each query and key"
            )
    if is_causal:
        seen = np.tri(*shape[-2:], dtype=np.bool_)
        causal = np.where(seen, dtype.type(0), dtype.type(-np.inf))
        bias = causal if bias is None else bias + causal
    return bias


def added(name: str, mask: TensorLike, dtype: np.dtype[Any], *, takes_part: bool) -> Tensor:
    """Return a mask as numbers to be added to scores.

    Parameters
    ----------
    name : str
        Who asks, for the error.
    mask : Tensor or array_like
        Truth values, or numbers, which become ``dtype``.
    dtype : dtype
    takes_part : bool
        What the truth value of a key says that takes part; the others get -inf.

    Raises
    ------
    DTypeError
        If the mask consists of anything but truth values or floating numbers.
    """
    tensor = as_tensor(mask)
    if tensor.dtype == np.bool_:
        nothing, out = dtype.type(0), dtype.type(-np.inf)
        return where(tensor, nothing, out) if takes_part else where(tensor, out, nothing)
    if tensor.dtype.kind != "f":
        raise DTypeError(
            f"{name}: a mask of {tensor.dtype} could mean either; give truth values, or floating "
            "numbers to be added to the scores"
        )
    return tensor if tensor.dtype == dtype else tensor.astype(dtype)


def _shared(x: Tensor, q: Tensor) -> Tensor:
    """Repeat the heads of keys or values, so that there are as many as those of the queries."""
    if min(x.ndim, q.ndim) < 3 or not x.shape[-3] or q.shape[-3] % x.shape[-3]:
        raise ShapeError(
            "scaled_dot_product_attention with enable_gqa: the heads of query, its third axis from "
            f"the end, must be a multiple of those of key and value; shapes are {q.shape} and "
            f"{x.shape}"
        )
    times = q.shape[-3] // x.shape[-3]
    return x if times == 1 else repeat(x, times, axis=-3)
