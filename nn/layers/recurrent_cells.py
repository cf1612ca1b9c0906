"""One time of a recurrent layer, for loops that do something in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor
from autograd_lite.errors import ShapeError
from nn.functional import gru, input_projection, lstm, rnn
from nn.init import Initializer
from nn.layers.construction import require_floating, require_sizes
from nn.layers.stacked_recurrence import (
    add_parameters,
    dtype_of,
    projecting,
    require_nonlinearity,
    signature_of,
)
from nn.module import Module


class _Cell(Module):
    """What cells share."""

    gates: int
    state_names = "h"
    weight_hh: Tensor
    bias_hh: Tensor | None

    def _make(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        weight_init: Initializer | None,
        bias_init: Initializer | None,
        dtype: npt.DTypeLike,
        rng: np.random.Generator | int | None,
    ) -> None:
        name = type(self).__name__
        require_sizes(f"{name}({input_size}, {hidden_size})", input_size, hidden_size)
        require_floating(name, dtype)
        self.input_size, self.hidden_size = int(input_size), int(hidden_size)
        self.bias = bool(bias)
        add_parameters(
            self,
            "",
            self.input_size,
            self.hidden_size,
            self.hidden_size,
            self.gates,
            self.bias,
            weight_init,
            bias_init,
            dtype,
            np.random.default_rng(rng),
        )

    def pre_activation_parameters(self) -> dict[str, list[Tensor]]:
        """Return what makes the pre-activation."""
        return {"": projecting(self)}

    def _given(self, x: TensorLike, hx: Any) -> tuple[Tensor, list[Any], bool]:
        """Return the projected inputs and the states, with an axis for time and for the batch."""
        name = type(self).__name__
        x = as_tensor(x)
        single = x.ndim == 1
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"{name}: x must be (batch, {self.input_size}), or ({self.input_size},) for a "
                f"single example; it has shape {x.shape}"
            )
        shape = (*x.shape[:-1], self.hidden_size)
        if hx is None:
            hx = [np.zeros(shape, dtype_of(self))] * len(self.state_names)
        elif len(self.state_names) == 1:
            hx = [hx]
        elif not (isinstance(hx, tuple | list) and len(hx) == 2):
            raise ShapeError(f"{name}: the states must be a pair (h, c)")
        states = [as_tensor(state) for state in hx]
        for letter, state in zip(self.state_names, states, strict=True):
            if state.shape != shape:
                raise ShapeError(
                    f"{name}: {letter} must have shape {shape}; it has shape {state.shape}"
                )
        z = input_projection(x, *projecting(self))
        batch = 1 if single else x.shape[0]
        states = [state.reshape(batch, self.hidden_size) for state in states]
        return z.reshape(1, batch, z.shape[-1]), states, single

    def _returned(self, state: Tensor, single: bool) -> Tensor:
        return state.reshape(self.hidden_size) if single else state

    def signature(self) -> str:
        """Return the constructor call."""
        defaults = {"bias": True, "nonlinearity": "tanh"}
        return signature_of(self, [self.input_size, self.hidden_size], defaults)


class RNNCell(_Cell):
    """One time of :class:`RNN`: ``h = tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)``.

    Parameters
    ----------
    input_size, hidden_size : int
        The number of inputs, and of units.
    bias : bool
        Add biases.
    nonlinearity : str
        ``"tanh"`` or ``"relu"``.
    weight_init, bias_init, dtype, rng
        As in :class:`RNN`, with the same defaults.

    Attributes
    ----------
    weight_ih, weight_hh : Tensor, shapes (gates * units, inputs) and (gates * units, units)
        This cell has one gate, LSTMCell has four and GRUCell has three.
    bias_ih, bias_hh : Tensor, shape (gates * units,), or None

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DTypeError
        If ``dtype`` isn't real and floating.
    DomainError
        If the nonlinearity is unknown.

    Notes
    -----
    ``nn.deltas`` gives the gradient at the pre-activation of each call.

    Examples
    --------
    >>> cell = RNNCell(3, 4, rng=0)
    >>> h = None
    >>> for x in np.ones((5, 2, 3)):
    ...     h = cell(x, h)
    >>> h.shape
    (2, 4)
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        require_nonlinearity("RNNCell", nonlinearity)
        self.nonlinearity = nonlinearity
        self._make(input_size, hidden_size, bias, weight_init, bias_init, dtype, rng)

    def forward(self, x: TensorLike, hx: TensorLike | None = None) -> Tensor:
        """Return the next state.

        Parameters
        ----------
        x : Tensor or array_like, shape (batch, input_size) or (input_size,)
        hx : Tensor or array_like, shape (batch, hidden_size) or (hidden_size,), optional
            The state, zeros by default.

        Returns
        -------
        Tensor
            Of the shape of the state.

        Raises
        ------
        ShapeError
            If the shapes don't fit the cell.
        """
        z, (h,), single = self._given(x, hx)
        _, h = rnn(z, h, self.weight_hh, nonlinearity=self.nonlinearity)
        return self._returned(h, single)


class LSTMCell(_Cell):
    """One time of :class:`LSTM`.

    Parameters
    ----------
    input_size, hidden_size, bias, weight_init, bias_init, dtype, rng
        As in :class:`RNNCell`.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh
        As in :class:`RNNCell`, with the parts i, f, g and o in this order.

    Raises
    ------
    ShapeError, DTypeError
        As in :class:`RNNCell`.

    Examples
    --------
    >>> cell = LSTMCell(3, 4, rng=0)
    >>> h, c = cell(np.ones((2, 3)))
    >>> h, c = cell(np.ones((2, 3)), (h, c))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    gates = 4
    state_names = "hc"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self._make(input_size, hidden_size, bias, weight_init, bias_init, dtype, rng)

    def forward(
        self, x: TensorLike, hx: tuple[TensorLike, TensorLike] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the next state and cell.

        Parameters
        ----------
        x : Tensor or array_like, shape (batch, input_size) or (input_size,)
        hx : pair of Tensor or array_like, optional
            The state and the cell, zeros by default, of shape (batch, hidden_size) or
            (hidden_size,).

        Returns
        -------
        h, c : Tensor
            Of these shapes.

        Raises
        ------
        ShapeError
            If the shapes don't fit the cell.
        """
        z, (h, c), single = self._given(x, hx)
        _, h, c = lstm(z, h, c, self.weight_hh)
        return self._returned(h, single), self._returned(c, single)


class GRUCell(_Cell):
    """One time of :class:`GRU`.

    Parameters
    ----------
    input_size, hidden_size, bias, weight_init, bias_init, dtype, rng
        As in :class:`RNNCell`.

    Attributes
    ----------
    weight_ih, weight_hh, bias_ih, bias_hh
        As in :class:`RNNCell`, with the parts r, z and n in this order.

    Raises
    ------
    ShapeError, DTypeError
        As in :class:`RNNCell`.

    Examples
    --------
    >>> cell = GRUCell(3, 4, rng=0)
    >>> cell(np.ones(3), np.zeros(4)).shape
    (4,)
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        self._make(input_size, hidden_size, bias, weight_init, bias_init, dtype, rng)

    def forward(self, x: TensorLike, hx: TensorLike | None = None) -> Tensor:
        """Return the next state, as :class:`RNNCell` does."""
        z, (h,), single = self._given(x, hx)
        b_hh: Any = self.bias_hh
        if b_hh is None:
            b_hh = np.zeros(z.shape[-1], dtype_of(self))
        _, h = gru(z, h, self.weight_hh, b_hh)
        return self._returned(h, single)
