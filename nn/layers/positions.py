"""Layers that tell where in a sequence a row stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn.functional.positions import sinusoidal_encoding
from nn.layers.construction import require_floating, require_sizes
from nn.layers.dropout import Dropout
from nn.module import Module


class PositionalEncoding(Module):
    """Adds sines and cosines of the positions: :func:`nn.functional.sinusoidal_encoding`.

    Attention itself doesn't know the order of its keys.

    Parameters
    ----------
    d_model : int
        The number of features.
    dropout : float
        The probability with which a value of the sum is dropped in training.
    max_len : int
        The length of the longest sequence.
    batch_first : bool
        The axes are (batch, sequence, features) instead of (sequence, batch, features).
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws what is dropped; an int is a seed.

    Attributes
    ----------
    encoding : Tensor, shape (max_len, d_model)
        A constant, which isn't saved.

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DomainError
        If ``dropout`` isn't between 0 and 1.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    Vaswani and others, Attention is all you need, 2017, section 3.5. PyTorch has no such layer;
    this one takes the arguments of the one in its tutorials, with no dropout by default.

    Examples
    --------
    >>> PositionalEncoding(2, dtype=np.float64)(np.zeros((2, 1, 2)))
    Tensor([[[0.        , 1.        ]],
    <BLANKLINE>
            [[0.84147098, 0.54030231]]])
    """

    encoding: Tensor

    def __init__(
        self,
        d_model: int,
        dropout: float = 0.0,
        max_len: int = 5000,
        batch_first: bool = False,
        *,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        require_sizes(f"PositionalEncoding({d_model}, max_len={max_len})", d_model, max_len)
        require_floating("PositionalEncoding", dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.batch_first = batch_first
        encoding = sinusoidal_encoding(max_len, d_model, dtype=dtype)
        self.register_buffer("encoding", encoding, persistent=False)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the sum, of the shape of ``x``.

        Parameters
        ----------
        x : Tensor or array_like, shape (L, N, d_model)
            (N, L, d_model) with ``batch_first``, or (L, d_model) without a batch.

        Raises
        ------
        ShapeError
            If ``x`` has other axes, or is longer than ``max_len``.
        """
        tensor = as_tensor(x)
        longest, features = self.encoding.shape
        if tensor.ndim not in (2, 3) or tensor.shape[-1] != features:
            axes = "N, L" if self.batch_first else "L, N"
            raise ShapeError(
                f"x must be ({axes}, {features}), or (L, {features}) without a batch; it has shape "
                f"{tensor.shape}"
            )
        behind = tensor.ndim == 3 and not self.batch_first
        length = tensor.shape[0 if behind else -2]
        if length > longest:
            raise ShapeError(
                f"x has {length} positions, of shape {tensor.shape}; max_len is {longest}"
            )
        encoding = self.encoding[:length]
        out: Tensor = self.dropout(tensor + (encoding[:, None] if behind else encoding))
        return out

    def signature(self) -> str:
        """Return the constructor call."""
        longest, features = self.encoding.shape
        options = [
            ("dropout", self.dropout.p, 0),
            ("max_len", longest, 5000),
            ("batch_first", self.batch_first, False),
        ]
        shown = "".join(f", {name}={x!r}" for name, x, default in options if x != default)
        return f"PositionalEncoding({features}{shown})"
