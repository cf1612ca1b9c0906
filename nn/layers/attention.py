"""Attention with several heads, as a layer."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor, concatenate, matmul, zeros
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.attention import added, attention_weights, projected
from nn.functional.dropout import dropout as drop
from nn.init import Initializer, glorot, glorot_normal
from nn.init import zeros as zero_values
from nn.layers.construction import parameter, require_floating, require_sizes, uniform_within
from nn.layers.dense import Dense
from nn.module import Module


class MultiheadAttention(Module):
    """Attention in several heads: each looks at projections of its own, and all are joined.

    ``concatenate([softmax(q_h k_h^T / sqrt(D)) v_h for each head h]) @ out_proj``, where ``q_h``,
    ``k_h`` and ``v_h`` have ``D = embed_dim / num_heads`` features.

    Parameters
    ----------
    embed_dim : int
        The number of features of the queries, and of the output.
    num_heads : int
        It divides ``embed_dim``.
    dropout : float
        The probability with which a weight of the attention is dropped in training.
    bias : bool
        Add biases to all projections.
    add_bias_kv : bool
        Add one more key and value, which are learned, to every sequence.
    add_zero_attn : bool
        Add one more key and value of zeros.
    kdim, vdim : int, optional
        The numbers of features of keys and of values; ``embed_dim`` by default.
    batch_first : bool
        The axes are (batch, sequence, features) instead of (sequence, batch, features).
    weight_init, bias_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`. By default PyTorch's: Glorot's
        uniform distribution for the weights of queries, keys and values, which are one matrix if
        they have the same sizes; uniform in ±1/sqrt(embed_dim) for ``out_proj``; zeros for biases.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values, and then what is dropped; an int is a seed.

    Attributes
    ----------
    in_proj_weight : Tensor, shape (3 * embed_dim, embed_dim), or None
        The weights of queries, keys and values, one above the other.
    q_proj_weight, k_proj_weight, v_proj_weight : Tensor or None
        In its place, of shapes (embed_dim, embed_dim), (embed_dim, kdim) and (embed_dim, vdim), if
        ``kdim`` or ``vdim`` isn't ``embed_dim``.
    in_proj_bias : Tensor, shape (3 * embed_dim,), or None
    bias_k, bias_v : Tensor, shape (1, 1, embed_dim), or None
        The key and value of ``add_bias_kv``; they are drawn by Glorot's normal distribution.
    out_proj : Dense

    Raises
    ------
    ShapeError
        If a size isn't a positive integer, or ``num_heads`` doesn't divide ``embed_dim``.
    DomainError
        If ``dropout`` isn't between 0 and 1.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    Vaswani and others, Attention is all you need, 2017, section 3.2.2. Its deltas are those of
    queries, keys and values: ``name``, ``name#2`` and ``name#3``.

    Examples
    --------
    >>> layer = MultiheadAttention(4, 2, batch_first=True, rng=0)
    >>> x = np.ones((1, 3, 4), np.float32)
    >>> y, weights = layer(x, x, x)
    >>> y.shape, weights.shape
    ((1, 3, 4), (1, 3, 3))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.embed_dim, self.num_heads, self.dropout = embed_dim, num_heads, dropout
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.batch_first, self.add_zero_attn = batch_first, add_zero_attn
        call = f"MultiheadAttention({embed_dim}, {num_heads})"
        require_sizes(call, embed_dim, num_heads, self.kdim, self.vdim)
        require_floating("MultiheadAttention", dtype)
        if embed_dim % num_heads:
            raise ShapeError(f"{call}: num_heads must divide embed_dim")
        if not 0 <= dropout <= 1:
            raise DomainError(f"{call}: dropout must be between 0 and 1: {dropout}")
        self.rng = np.random.default_rng(rng)
        weights, biases = weight_init or glorot, bias_init or zero_values
        # the weights and biases of the projections come last, for these make the deltas
        extra = (1, 1, embed_dim)
        self.bias_k = parameter(glorot_normal, self.rng, extra, dtype) if add_bias_kv else None
        self.bias_v = parameter(glorot_normal, self.rng, extra, dtype) if add_bias_kv else None
        sizes = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
        together = set(sizes.values()) == {embed_dim}
        shape = (embed_dim, 3 * embed_dim)
        self.in_proj_weight = (
            parameter(weights, self.rng, shape, dtype, (1, 0)) if together else None
        )
        self.q_proj_weight, self.k_proj_weight, self.v_proj_weight = (
            None if together else parameter(weights, self.rng, (size, embed_dim), dtype, (1, 0))
            for size in sizes.values()
        )
        self.in_proj_bias = parameter(biases, self.rng, shape[1:], dtype) if bias else None
        self.out_proj = Dense(
            embed_dim,
            embed_dim,
            bias,
            weight_init=weight_init or uniform_within(1 / sqrt(embed_dim)),
            bias_init=biases,
            dtype=dtype,
            rng=self.rng,
        )

    def forward(
        self,
        query: TensorLike,
        key: TensorLike,
        value: TensorLike,
        key_padding_mask: TensorLike | None = None,
        need_weights: bool = True,
        attn_mask: TensorLike | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Return the attention's output, and its weights.

        Parameters
        ----------
        query : Tensor or array_like, shape (L, N, embed_dim)
            (N, L, embed_dim) with ``batch_first``, or (L, embed_dim) without a batch.
        key : Tensor or array_like, shape (S, N, kdim)
            Likewise.
        value : Tensor or array_like, shape (S, N, vdim)
            Likewise.
        key_padding_mask : Tensor or array_like, shape (N, S), or (S,) without a batch, optional
            Truth values: True where a key is *ignored*. Numbers are added to the scores.
        need_weights : bool
            Return the weights.
        attn_mask : Tensor or array_like, shape (L, S) or (N * num_heads, L, S), optional
            Truth values: True where a query must *not* look at a key. Numbers are added to the
            scores.
        average_attn_weights : bool
            Return the mean over the heads.
        is_causal : bool
            If there is no ``attn_mask``, leave out the keys behind the query's own position. A
            mask that is given says it itself. (PyTorch demands both.)

        Returns
        -------
        output : Tensor, of the shape of ``query``
        weights : Tensor, shape (N, L, S) or (N, num_heads, L, S), or None
            Without N if there is no batch. Extra keys, as of ``add_zero_attn``, are part of S.

        Raises
        ------
        ShapeError
            If the shapes don't fit together.
        DTypeError
            If something is complex, or a mask consists of integers.

        Notes
        -----
        A query whose keys are all left out gets zeros, also in the weights, and so the bias of
        ``out_proj``. PyTorch returns NaN there if it is asked for the weights, else the same.
        """
        q, k, v = as_tensor(query), as_tensor(key), as_tensor(value)
        self._check(q, k, v)
        batched = q.ndim == 3
        q, k, v = self._projections(q, k, v)
        q, k, v = (self._heads(x) for x in (q, k, v))
        if self.bias_k is not None and self.bias_v is not None:
            k, v = (self._with_one_more(x, b) for x, b in ((k, self.bias_k), (v, self.bias_v)))
        if self.add_zero_attn:
            nothing = zeros((*k.shape[:-2], 1, k.shape[-1]), dtype=k.dtype)
            k, v = (concatenate([x, nothing], axis=-2) for x in (k, v))
        sequence = as_tensor(key).shape[1 if batched and self.batch_first else 0]
        mask = self._mask(key_padding_mask, attn_mask, q, k.shape[-2], sequence, is_causal)
        weights = attention_weights(q, k, mask)
        if self.training and self.dropout:
            weights = drop(weights, self.dropout, rng=self.rng)
        output = self.out_proj(self._joined(matmul(weights, v)))
        if not need_weights:
            return output, None
        return output, weights.mean(axis=-3) if average_attn_weights else weights

    def _check(self, q: Tensor, k: Tensor, v: Tensor) -> None:
        axes = "N, L" if self.batch_first else "L, N"
        if q.ndim not in (2, 3) or not q.ndim == k.ndim == v.ndim:
            raise ShapeError(
                f"query, key and value must all be ({axes}, features), or (L, features) without a "
                f"batch; they have shapes {q.shape}, {k.shape} and {v.shape}"
            )
        for name, x, size in (
            ("query", q, self.embed_dim),
            ("key", k, self.kdim),
            ("value", v, self.vdim),
        ):
            if x.shape[-1] != size:
                raise ShapeError(
                    f"{name} must have {size} values along its last axis; it has shape {x.shape}"
                )
        batch = 0 if self.batch_first else 1
        if k.shape[:-1] != v.shape[:-1] or (q.ndim == 3 and q.shape[batch] != k.shape[batch]):
            raise ShapeError(
                "key and value must be equally long, and all three of one batch; query has shape "
                f"{q.shape}, key {k.shape} and value {v.shape}, with axes ({axes}, features)"
            )

    def _projections(self, *inputs: Tensor) -> list[Any]:
        own = (self.q_proj_weight, self.k_proj_weight, self.v_proj_weight)
        found = []
        for position, (x, weight) in enumerate(zip(inputs, own, strict=True)):
            given = (x, self.in_proj_weight if weight is None else weight, self.in_proj_bias)
            operands = given[:2] if self.in_proj_bias is None else given
            found.append(projected(*operands, start=position * self.embed_dim, size=self.embed_dim))
        return found

    def _heads(self, x: Tensor) -> Tensor:
        """Return (N, heads, L, features of a head), or without N."""
        parts = x.reshape(*x.shape[:-1], self.num_heads, self.embed_dim // self.num_heads)
        return parts.transpose(self._order(parts.ndim))

    def _joined(self, x: Tensor) -> Tensor:
        """Undo ``_heads``."""
        order = self._order(x.ndim)
        parts = x.transpose([order.index(axis) for axis in range(x.ndim)])
        return parts.reshape(*parts.shape[:-2], self.embed_dim)

    def _order(self, ndim: int) -> tuple[int, ...]:
        if ndim == 3:
            return (1, 0, 2)
        return (0, 2, 1, 3) if self.batch_first else (1, 2, 0, 3)

    def _with_one_more(self, x: Tensor, row: Tensor) -> Tensor:
        """Return keys or values with one more, the same for all of the batch."""
        one = row.reshape(self.num_heads, 1, self.embed_dim // self.num_heads)
        more = one + zeros((*x.shape[:-2], 1, 1), dtype=x.dtype)
        return concatenate([x, more], axis=-2)

    def _mask(
        self,
        padding: TensorLike | None,
        attention: TensorLike | None,
        q: Tensor,
        keys: int,
        sequence: int,
        is_causal: bool,
    ) -> Tensor | None:
        """Return what to add to the scores (..., heads, L, keys); extra keys take part."""
        *batch, heads, queries, _ = q.shape
        bias: Tensor | None = None
        if attention is not None:
            bias = added("attn_mask", attention, q.dtype, takes_part=False)
            whole = (*batch, heads, queries, sequence)
            if bias.shape == (*[n * heads for n in batch or [1]], queries, sequence):
                bias = bias.reshape(whole)
            elif bias.shape != (queries, sequence):
                raise ShapeError(
                    f"attn_mask must be {(queries, sequence)}, one row for each query, or "
                    f"{(int(np.prod(batch)) * heads, queries, sequence)}; it has shape {bias.shape}"
                )
        elif is_causal:
            seen = np.tri(queries, sequence, dtype=np.bool_)
            bias = added("attn_mask", seen, q.dtype, takes_part=True)
        if padding is not None:
            ignored = added("key_padding_mask", padding, q.dtype, takes_part=False)
            if ignored.shape != (*batch, sequence):
                raise ShapeError(
                    f"key_padding_mask must be {(*batch, sequence)}, one value for each key; it "
                    f"has shape {ignored.shape}"
                )
            ignored = ignored.reshape(*batch, 1, 1, sequence)
            with np.errstate(over="ignore"):  # two masks of the lowest number add up to -inf
                bias = ignored if bias is None else bias + ignored
        if bias is not None and keys > sequence:
            bias = concatenate(
                [bias, zeros((*bias.shape[:-1], keys - sequence), dtype=bias.dtype)], axis=-1
            )
        return bias

    def signature(self) -> str:
        """Return the constructor call."""
        options = [
            ("dropout", self.dropout, 0),
            ("bias", self.in_proj_bias is not None, True),
            ("add_bias_kv", self.bias_k is not None, False),
            ("add_zero_attn", self.add_zero_attn, False),
            ("kdim", self.kdim, self.embed_dim),
            ("vdim", self.vdim, self.embed_dim),
            ("batch_first", self.batch_first, False),
        ]
        shown = "".join(f", {name}={x!r}" for name, x, default in options if x != default)
        return f"MultiheadAttention({self.embed_dim}, {self.num_heads}{shown})"
