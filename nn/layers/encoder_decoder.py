"""Whole transformers: stacks of layers that encode a sequence, and that decode another from it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor, triu
from autograd_lite.errors import ShapeError
from nn.init import glorot
from nn.layers.containers import ModuleList
from nn.layers.normalization import LayerNorm
from nn.layers.transformer import Activation, TransformerDecoderLayer, TransformerEncoderLayer
from nn.module import Module


class TransformerEncoder(Module):
    """A stack of encoder layers.

    Parameters
    ----------
    encoder_layer : TransformerEncoderLayer, or a module that is called as one
        It is copied, so that all layers start with the same values, as in PyTorch. What they draw
        comes from one generator, that of ``encoder_layer``.
    num_layers : int
    norm : Module, optional
        Is applied at the end.

    Attributes
    ----------
    layers : ModuleList
    norm : Module or None

    Raises
    ------
    ShapeError
        If ``num_layers`` isn't a positive integer.

    Notes
    -----
    PyTorch's options ``enable_nested_tensor`` and ``mask_check`` aren't there: they don't change
    results.

    Examples
    --------
    >>> layer = TransformerEncoderLayer(4, 2, 8, batch_first=True, rng=0)
    >>> TransformerEncoder(layer, 2)(np.zeros((3, 5, 4), np.float32)).shape
    (3, 5, 4)
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = _copies("TransformerEncoder", encoder_layer, num_layers)
        self.norm = norm

    def forward(
        self,
        src: TensorLike,
        mask: TensorLike | None = None,
        src_key_padding_mask: TensorLike | None = None,
        is_causal: bool | None = None,
    ) -> Tensor:
        """Return the output of the last layer, of the shape of ``src``; each gets all masks."""
        x: Any = src
        for layer in self.layers:
            x = layer(
                x,
                src_mask=mask,
                src_key_padding_mask=src_key_padding_mask,
                is_causal=bool(is_causal),
            )
        return as_tensor(x if self.norm is None else self.norm(x))

    def signature(self) -> str:
        """Return the number of layers; they are listed below."""
        return f"TransformerEncoder(num_layers={len(self.layers)})"


class TransformerDecoder(Module):
    """A stack of decoder layers.

    Parameters
    ----------
    decoder_layer : TransformerDecoderLayer, or a module that is called as one
    num_layers : int
    norm : Module, optional
        As in :class:`TransformerEncoder`.

    Attributes
    ----------
    layers : ModuleList
    norm : Module or None

    Raises
    ------
    ShapeError
        If ``num_layers`` isn't a positive integer.

    Examples
    --------
    >>> layer = TransformerDecoderLayer(4, 2, 8, batch_first=True, rng=0)
    >>> x = np.zeros((3, 5, 4), np.float32)
    >>> TransformerDecoder(layer, 2)(x, x).shape
    (3, 5, 4)
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        self.layers = _copies("TransformerDecoder", decoder_layer, num_layers)
        self.norm = norm

    def forward(
        self,
        tgt: TensorLike,
        memory: TensorLike,
        tgt_mask: TensorLike | None = None,
        memory_mask: TensorLike | None = None,
        tgt_key_padding_mask: TensorLike | None = None,
        memory_key_padding_mask: TensorLike | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the output of the last layer, of the shape of ``tgt``; each gets all masks."""
        x: Any = tgt
        for layer in self.layers:
            x = layer(
                x,
                memory,
                tgt_mask=tgt_mask,
                memory_mask=memory_mask,
                tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask,
                tgt_is_causal=bool(tgt_is_causal),
                memory_is_causal=memory_is_causal,
            )
        return as_tensor(x if self.norm is None else self.norm(x))

    def signature(self) -> str:
        """Return the number of layers; they are listed below."""
        return f"TransformerDecoder(num_layers={len(self.layers)})"


class Transformer(Module):
    """An encoder, and a decoder that attends to what it gives.

    Parameters
    ----------
    d_model : int
        The number of features.
    nhead : int
        The number of heads of each attention.
    num_encoder_layers, num_decoder_layers : int
    dim_feedforward, dropout, activation
        As in :class:`TransformerEncoderLayer`.
    custom_encoder, custom_decoder : Module, optional
        To be used in the place of the usual ones.
    layer_norm_eps, batch_first, norm_first, bias
        As in :class:`TransformerEncoderLayer`.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values, and then what is dropped; an int is a seed. All matrices are drawn
        by Glorot's uniform distribution, as in PyTorch.

    Attributes
    ----------
    encoder : TransformerEncoder
    decoder : TransformerDecoder
        Both end with a LayerNorm.

    Raises
    ------
    ShapeError, DomainError, DTypeError
        As :class:`TransformerEncoderLayer` does.

    Notes
    -----
    Vaswani and others, Attention is all you need, 2017.

    Examples
    --------
    >>> model = Transformer(4, 2, 1, 1, 8, batch_first=True, rng=0)
    >>> source, target = np.zeros((3, 6, 4), np.float32), np.zeros((3, 5, 4), np.float32)
    >>> model(source, target, tgt_is_causal=True).shape
    (3, 5, 4)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        generator = np.random.default_rng(rng)
        options: dict[str, Any] = {
            "dim_feedforward": dim_feedforward,
            "dropout": dropout,
            "activation": activation,
            "layer_norm_eps": layer_norm_eps,
            "batch_first": batch_first,
            "norm_first": norm_first,
            "bias": bias,
            "dtype": dtype,
            "rng": generator,
        }

        def norm() -> LayerNorm:
            return LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)

        self.d_model, self.nhead = d_model, nhead
        self.encoder: Module = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(d_model, nhead, **options), num_encoder_layers, norm()
        )
        self.decoder: Module = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(d_model, nhead, **options), num_decoder_layers, norm()
        )
        for weight in self.parameters():
            if weight.ndim > 1:
                weight.data = glorot(generator, weight.shape, weight.dtype)

    def forward(
        self,
        src: TensorLike,
        tgt: TensorLike,
        src_mask: TensorLike | None = None,
        tgt_mask: TensorLike | None = None,
        memory_mask: TensorLike | None = None,
        src_key_padding_mask: TensorLike | None = None,
        tgt_key_padding_mask: TensorLike | None = None,
        memory_key_padding_mask: TensorLike | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Tensor:
        """Return the decoder's output for ``tgt``, of its shape.

        Parameters
        ----------
        src : Tensor or array_like, shape (S, N, d_model)
            (N, S, d_model) with ``batch_first``, or (S, d_model) without a batch.
        tgt : Tensor or array_like, shape (T, N, d_model)
            Likewise.
        src_mask, tgt_mask, memory_mask, src_key_padding_mask, tgt_key_padding_mask
            As in :class:`MultiheadAttention`: True leaves a key out.
        memory_key_padding_mask, src_is_causal, tgt_is_causal, memory_is_causal
            Likewise. For decoding, ``tgt_is_causal=True`` is enough.
        """
        memory = self.encoder(
            src,
            mask=src_mask,
            src_key_padding_mask=src_key_padding_mask,
            is_causal=src_is_causal,
        )
        out: Tensor = self.decoder(
            tgt,
            memory,
            tgt_mask=tgt_mask,
            memory_mask=memory_mask,
            tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask,
            tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )
        return out

    @staticmethod
    def generate_square_subsequent_mask(sz: int, *, dtype: npt.DTypeLike = np.float32) -> Tensor:
        """Return a mask that leaves out what comes later: -inf above the diagonal, and 0.

        Examples
        --------
        >>> Transformer.generate_square_subsequent_mask(2)
        Tensor([[  0., -inf],
                [  0.,   0.]], dtype=float32)
        """
        return triu(np.full((sz, sz), -np.inf, dtype), 1)

    def signature(self) -> str:
        """Return the sizes; the layers are listed below."""
        return f"Transformer(d_model={self.d_model}, nhead={self.nhead})"


def _copies(name: str, layer: Module, count: int) -> ModuleList:
    """Return copies of a layer, with parameters of their own, which share its generators."""
    if not isinstance(count, int | np.integer) or count < 1:
        raise ShapeError(f"{name}: num_layers must be a positive integer: {count}")
    shared = {
        id(value): value
        for module in layer.modules()
        for value in vars(module).values()
        if isinstance(value, np.random.Generator)
    }
    return ModuleList(deepcopy(layer, dict(shared)) for _ in range(count))
