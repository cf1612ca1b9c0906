"""Embeddings: a learned row for each of so many things."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.functional.embedding import embedding, row_of
from nn.functional.embedding_bag import Mode, embedding_bag
from nn.init import Initializer, standard_normal
from nn.layers.construction import parameter, require_floating, require_sizes
from nn.module import Module


class Embedding(Module):
    """A table of rows, picked by integers.

    Parameters
    ----------
    num_embeddings : int
        The number of rows.
    embedding_dim : int
        The length of a row.
    padding_idx : int, optional
        A row that starts as zeros, and isn't trained. A negative one counts from the end.
    max_norm : float, optional
        Rows that are picked and whose norm is larger are scaled down to it in ``forward``, in
        place.
    norm_type : float
        The p of this p-norm.
    scale_grad_by_freq : bool
        Divide the gradient of each row by how often it was picked in the call.
    weight_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`; standard normal by default.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values; an int is a seed.

    Attributes
    ----------
    weight : Tensor, shape (num_embeddings, embedding_dim)

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DomainError
        If there is no row ``padding_idx``.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    PyTorch's option ``sparse`` isn't there: gradients are dense. Its delta is the gradient at the
    rows that were picked.

    Examples
    --------
    >>> layer = Embedding(10, 3, rng=0)
    >>> layer([[1, 2, 4], [4, 3, 9]]).shape
    (2, 3, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        *,
        weight_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        call = f"Embedding({num_embeddings}, {embedding_dim})"
        self.padding_idx, self.weight = _table(
            call, num_embeddings, embedding_dim, padding_idx, weight_init, dtype, rng
        )

    @classmethod
    def from_pretrained(
        cls,
        embeddings: TensorLike,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
    ) -> Self:
        """Return a layer with a copy of these rows.

        Parameters
        ----------
        embeddings : Tensor or array_like, shape (num_embeddings, embedding_dim)
            Floating; the layer has its dtype.
        freeze : bool
            Don't train them.
        padding_idx, max_norm, norm_type, scale_grad_by_freq
            As in the constructor; the row of the padding stays what it is.

        Raises
        ------
        ShapeError
            If it isn't a table.
        DTypeError
            If it isn't real and floating.

        Examples
        --------
        >>> layer = Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])
        >>> layer([1]), layer.weight.requires_grad
        (Tensor([[3., 4.]]), False)
        """
        rows = as_tensor(embeddings).detach().data
        if rows.ndim != 2 or 0 in rows.shape:
            raise ShapeError(
                "Embedding.from_pretrained: the rows must be (num_embeddings, embedding_dim); they "
                f"have shape {rows.shape}"
            )
        if rows.dtype.kind != "f":
            raise DTypeError(f"Embedding.from_pretrained: {rows.dtype} must be real and floating")
        layer = cls(
            rows.shape[0],
            rows.shape[1],
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            weight_init=lambda rng, shape, dtype: rows,
            dtype=rows.dtype,
        )
        layer.weight = Tensor(rows, requires_grad=not freeze)
        return layer

    def forward(self, input: TensorLike) -> Tensor:
        """Return the rows, shape (*input.shape, embedding_dim), for integers of any shape.

        Raises
        ------
        DTypeError
            If they aren't integers.
        DomainError
            If one isn't that of a row.
        """
        return embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def signature(self) -> str:
        """Return the constructor call."""
        return _signature(
            self,
            ("padding_idx", self.padding_idx, None),
            ("max_norm", self.max_norm, None),
            ("norm_type", self.norm_type, 2),
            ("scale_grad_by_freq", self.scale_grad_by_freq, False),
        )


class EmbeddingBag(Module):
    """Sums, means or maxima of rows of a table, one for each bag of integers.

    Parameters
    ----------
    num_embeddings : int
        The number of rows.
    embedding_dim : int
        The length of a row.
    max_norm, norm_type, scale_grad_by_freq
        As in :class:`Embedding`.
    mode : {"mean", "sum", "max"}
    include_last_offset : bool
        The last of the ``offsets`` isn't the begin of a bag, but the end of the last one.
    padding_idx : int, optional
        A row that starts as zeros, is left out of the bags, and isn't trained.
    weight_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`; standard normal by default.
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values; an int is a seed.

    Attributes
    ----------
    weight : Tensor, shape (num_embeddings, embedding_dim)

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DomainError
        If there is no such mode, or no row ``padding_idx``.
    DTypeError
        If ``dtype`` isn't real and floating.

    Examples
    --------
    >>> layer = EmbeddingBag(10, 3, mode="sum", rng=0)
    >>> layer([1, 2, 4, 4, 3, 9], [0, 4]).shape
    (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: Mode = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        weight_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        call = f"EmbeddingBag({num_embeddings}, {embedding_dim})"
        if mode not in ("sum", "mean", "max"):
            raise DomainError(f"{call}: there is no mode {mode!r}; choose mean, sum or max")
        self.mode: Mode = mode
        self.include_last_offset = include_last_offset
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.padding_idx, self.weight = _table(
            call, num_embeddings, embedding_dim, padding_idx, weight_init, dtype, rng
        )

    def forward(
        self,
        input: TensorLike,
        offsets: TensorLike | None = None,
        per_sample_weights: TensorLike | None = None,
    ) -> Tensor:
        """Return what the bags give, shape (bags, embedding_dim).

        Parameters
        ----------
        input : Tensor or array_like of int, shape (bags, length) or (n,)
        offsets : Tensor or array_like of int, shape (bags,), optional
        per_sample_weights : Tensor or array_like, shape of ``input``, optional
            All as in :func:`nn.functional.embedding_bag`, which tells the errors, too.
        """
        return embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def signature(self) -> str:
        """Return the constructor call."""
        return _signature(
            self,
            ("max_norm", self.max_norm, None),
            ("norm_type", self.norm_type, 2),
            ("scale_grad_by_freq", self.scale_grad_by_freq, False),
            ("mode", self.mode, "mean"),
            ("include_last_offset", self.include_last_offset, False),
            ("padding_idx", self.padding_idx, None),
        )


def _table(
    call: str,
    rows: int,
    columns: int,
    padding_idx: int | None,
    init: Initializer | None,
    dtype: npt.DTypeLike,
    rng: np.random.Generator | int | None,
) -> tuple[int | None, Tensor]:
    """Return the row of the padding, counted from the start, and the table, where it is 0."""
    require_sizes(call, rows, columns)
    require_floating(call.partition("(")[0], dtype)
    padding = None if padding_idx is None else row_of(call, padding_idx, rows)
    table = parameter(
        init or standard_normal, np.random.default_rng(rng), (int(rows), int(columns)), dtype
    )
    if padding is not None:
        table.data[padding] = 0
    return padding, table


def _signature(layer: Embedding | EmbeddingBag, *options: tuple[str, Any, Any]) -> str:
    shown = "".join(f", {name}={x!r}" for name, x, default in options if x != default)
    rows, columns = layer.weight.shape
    return f"{type(layer).__name__}({rows}, {columns}{shown})"
