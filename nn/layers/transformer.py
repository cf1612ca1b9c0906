"""Layers of transformers: attention, and a small network for each position."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError
from nn.functional import gelu, relu
from nn.init import Initializer
from nn.layers.attention import MultiheadAttention
from nn.layers.construction import require_sizes, uniform_within
from nn.layers.dense import Dense
from nn.layers.dropout import Dropout
from nn.layers.normalization import LayerNorm
from nn.module import Module

Activation: TypeAlias = str | Callable[[Tensor], Tensor]


class _Block(Module):
    """What layers of encoders and of decoders have in common."""

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        call = f"{type(self).__name__}({d_model}, {nhead}, {dim_feedforward})"
        require_sizes(call, d_model, nhead, dim_feedforward)
        generator = np.random.default_rng(rng)
        self.norm_first, self._eps = norm_first, layer_norm_eps
        self.activation = _activation(call, activation)
        self.self_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=generator
        )
        into, back = _default(d_model), _default(dim_feedforward)
        self.linear1 = Dense(
            d_model,
            dim_feedforward,
            bias,
            weight_init=into,
            bias_init=into,
            dtype=dtype,
            rng=generator,
        )
        self.dropout = Dropout(dropout, rng=generator)
        self.linear2 = Dense(
            dim_feedforward,
            d_model,
            bias,
            weight_init=back,
            bias_init=back,
            dtype=dtype,
            rng=generator,
        )
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout1 = Dropout(dropout, rng=generator)
        self.dropout2 = Dropout(dropout, rng=generator)

    def _added(self, x: Any, f: Callable[[Any], Any], norm: Module, drop: Module) -> Any:
        """Return ``x`` with what ``f`` makes of it, normalized either first or at the end."""
        return x + drop(f(norm(x))) if self.norm_first else norm(x + drop(f(x)))

    def _network(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))

    def signature(self) -> str:
        """Return the constructor call."""
        options = [
            ("dim_feedforward", self.linear1.outputs, 2048),
            ("dropout", self.dropout.p, 0.1),
            ("activation", self.activation, relu),
            ("layer_norm_eps", self._eps, 1e-5),
            ("batch_first", self.self_attn.batch_first, False),
            ("norm_first", self.norm_first, False),
            ("bias", self.linear1.bias is not None, True),
        ]
        shown = "".join(
            f", {name}={getattr(x, '__name__', repr(x))}"
            for name, x, default in options
            if x != default
        )
        kind, attention = type(self).__name__, self.self_attn
        return f"{kind}({attention.embed_dim}, {attention.num_heads}{shown})"


class TransformerEncoderLayer(_Block):
    """A layer of an encoder: self-attention, then a network for each position.

    ``x = norm1(x + self_attn(x))`` and ``x = norm2(x + linear2(activation(linear1(x))))``, with
    dropout after both sums' second terms and after the activation.

    Parameters
    ----------
    d_model : int
        The number of features.
    nhead : int
        The number of heads of the attention.
    dim_feedforward : int
        The number of units of the network.
    dropout : float
        The probability with which values, and weights of the attention, are dropped in training.
    activation : {"relu", "gelu"} or callable
    layer_norm_eps : float
        As in :class:`LayerNorm`.
    batch_first : bool
        The axes are (batch, sequence, features) instead of (sequence, batch, features).
    norm_first : bool
        Normalize what goes into the attention and the network, and not the sums.
    bias : bool
        Let all layers inside have biases.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values, which are PyTorch's, and then what is dropped; an int is a seed.

    Attributes
    ----------
    self_attn : MultiheadAttention
    linear1, linear2 : Dense
    norm1, norm2 : LayerNorm
    dropout, dropout1, dropout2 : Dropout

    Raises
    ------
    ShapeError
        If a size isn't a positive integer, or ``nhead`` doesn't divide ``d_model``.
    DomainError
        If ``dropout`` isn't between 0 and 1, or there is no such activation.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    Vaswani and others, Attention is all you need, 2017, section 3.1. To normalize first: Xiong and
    others, On layer normalization in the transformer architecture, 2020.

    Examples
    --------
    >>> layer = TransformerEncoderLayer(4, 2, 8, batch_first=True, rng=0)
    >>> layer(np.zeros((3, 5, 4), np.float32), is_causal=True).shape
    (3, 5, 4)
    """

    def forward(
        self,
        src: TensorLike,
        src_mask: TensorLike | None = None,
        src_key_padding_mask: TensorLike | None = None,
        is_causal: bool = False,
    ) -> Tensor:
        """Return the output, of the shape of ``src``.

        Parameters
        ----------
        src : Tensor or array_like, shape (L, N, d_model)
            (N, L, d_model) with ``batch_first``, or (L, d_model) without a batch.
        src_mask, src_key_padding_mask, is_causal
            As ``attn_mask``, ``key_padding_mask`` and ``is_causal`` of
            :class:`MultiheadAttention`: True leaves a key out.
        """

        def attend(x: Any) -> Any:
            return self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal
            )[0]

        x = self._added(as_tensor(src), attend, self.norm1, self.dropout1)
        out: Tensor = self._added(x, self._network, self.norm2, self.dropout2)
        return out


class TransformerDecoderLayer(_Block):
    """A layer of a decoder: self-attention, attention to a memory, a network for each position.

    Parameters
    ----------
    d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first
        As in :class:`TransformerEncoderLayer`.
    bias, dtype, rng
        Likewise.

    Attributes
    ----------
    self_attn, multihead_attn : MultiheadAttention
        That to the sequence itself, and that to the memory.
    linear1, linear2 : Dense
    norm1, norm2, norm3 : LayerNorm
    dropout, dropout1, dropout2, dropout3 : Dropout

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :class:`TransformerEncoderLayer` does.

    Examples
    --------
    >>> layer = TransformerDecoderLayer(4, 2, 8, batch_first=True, rng=0)
    >>> memory = np.zeros((3, 6, 4), np.float32)
    >>> layer(np.zeros((3, 5, 4), np.float32), memory, tgt_is_causal=True).shape
    (3, 5, 4)
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        generator = np.random.default_rng(rng)
        super().__init__(
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            dtype=dtype,
            rng=generator,
        )
        self.multihead_attn = MultiheadAttention(
            d_model, nhead, dropout, bias, batch_first=batch_first, dtype=dtype, rng=generator
        )
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
        self.dropout3 = Dropout(dropout, rng=generator)

    def forward(
        self,
        tgt: TensorLike,
        memory: TensorLike,
        tgt_mask: TensorLike | None = None,
        memory_mask: TensorLike | None = None,
        tgt_key_padding_mask: TensorLike | None = None,
        memory_key_padding_mask: TensorLike | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the output, of the shape of ``tgt``.

        Parameters
        ----------
        tgt : Tensor or array_like, shape (L, N, d_model)
            (N, L, d_model) with ``batch_first``, or (L, d_model) without a batch.
        memory : Tensor or array_like, shape (S, N, d_model)
            Likewise; the output of an encoder.
        tgt_mask, tgt_key_padding_mask, tgt_is_causal
            Those of the attention to ``tgt`` itself, as in :class:`MultiheadAttention`: True leaves
            a key out.
        memory_mask, memory_key_padding_mask, memory_is_causal
            Those of the attention to ``memory``.
        """

        def attend(x: Any) -> Any:
            return self.self_attn(
                x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal
            )[0]

        def remember(x: Any) -> Any:
            return self.multihead_attn(
                x,
                memory,
                memory,
                memory_key_padding_mask,
                False,
                memory_mask,
                is_causal=memory_is_causal,
            )[0]

        x = self._added(as_tensor(tgt), attend, self.norm1, self.dropout1)
        x = self._added(x, remember, self.norm2, self.dropout2)
        out: Tensor = self._added(x, self._network, self.norm3, self.dropout3)
        return out


def _activation(call: str, activation: Activation) -> Callable[[Tensor], Tensor]:
    if callable(activation):
        return activation
    named: dict[str, Callable[[Tensor], Tensor]] = {"relu": relu, "gelu": gelu}
    if not isinstance(activation, str) or activation not in named:
        raise DomainError(
            f"{call}: there is no activation {activation!r}; give 'relu', 'gelu' or a function"
        )
    return named[activation]


def _default(inputs: int) -> Initializer:
    return uniform_within(1 / sqrt(inputs))
