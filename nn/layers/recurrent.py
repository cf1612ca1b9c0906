"""Recurrent layers: one network for all times of a sequence, which hands on a state."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor
from nn.functional import gru, input_projection, lstm, rnn
from nn.init import Initializer
from nn.layers.stacked_recurrence import (
    StackedRecurrence,
    dtype_of,
    projecting,
    require_nonlinearity,
)


class RNN(StackedRecurrence):
    """A simple recurrent layer: ``h = tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)`` at each time.

    Parameters
    ----------
    input_size : int
        The number of values at each time.
    hidden_size : int
        The number of units, which is that of the values that are handed on.
    num_layers : int
        Layers on top of each other: the outputs of one are the inputs of the next.
    nonlinearity : str
        ``"tanh"`` or ``"relu"``.
    bias : bool
        Add biases.
    batch_first : bool
        Inputs and outputs are (batch, times, values), not (times, batch, values). States aren't
        affected.
    dropout : float
        In training, zero the outputs of all layers but the last with this probability.
    bidirectional : bool
        Each layer goes in both directions, with weights of its own for each; the outputs of the
        reverse one stand behind the others.
    weight_init, bias_init : callable, optional
        ``(rng, shape, dtype) -> array``, as in :mod:`nn.init`; they are asked for weights of shape
        (inputs, gates * units). By default, all are drawn uniformly from ±1 / sqrt(hidden_size).
    dtype : dtype
        Real and floating.
    rng : numpy.random.Generator or int, optional
        Draws the initial values, and what is dropped; an int is a seed.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0 : Tensor, shapes (gates * units, inputs) and (gates * units, outputs)
        Of the first layer; those of the others end in ``_l1`` and so on, and those of the reverse
        direction in ``_l0_reverse``. This layer has one gate, LSTM has four and GRU has three.
    bias_ih_l0, bias_hh_l0 : Tensor, shape (gates * units,), or None

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DTypeError
        If ``dtype`` isn't real and floating.
    DomainError
        If the nonlinearity is unknown, or ``dropout`` isn't between 0 and 1.

    Notes
    -----
    Called as ``layer(x, h0, lengths=lengths)``: see :meth:`forward`. Elman, Finding structure in
    time, Cognitive Science 14(2), 1990.

    ``nn.deltas`` gives the gradient at the pre-activations of each layer and direction, of shape
    (times, batch, gates * units), as ``name.z_l0``, ``name.z_l0_reverse`` and so on.

    Examples
    --------
    >>> layer = RNN(3, 4, num_layers=2, rng=0)
    >>> outputs, h = layer(np.ones((5, 2, 3)))
    >>> outputs.shape, h.shape
    ((5, 2, 4), (2, 2, 4))
    >>> np.array_equal(outputs[-1].data, h[-1].data)
    True
    """

    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        require_nonlinearity("RNN", nonlinearity)
        self.nonlinearity = nonlinearity
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            weight_init=weight_init,
            bias_init=bias_init,
            dtype=dtype,
            rng=rng,
        )

    def scanned(
        self, x: Tensor, start: list[Any], suffix: str, past: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """Return the outputs and the last state of one layer in one direction."""
        z = input_projection(x, *projecting(self, suffix))
        w_hh = getattr(self, f"weight_hh{suffix}")
        (h0,) = start
        return rnn(z, h0, w_hh, nonlinearity=self.nonlinearity, past=past, reverse=reverse)


class LSTM(StackedRecurrence):
    """Long short-term memory.

    At each time, with ``i, f, g, o`` the four parts of ``x @ w_ih.T + b_ih + h @ w_hh.T + b_hh``::

        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(c)

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        As in :class:`RNN`.
    proj_size : int
        If it isn't 0, ``h`` is multiplied by ``w_hr.T``, and so projected onto this many values.
    weight_init, bias_init, dtype, rng
        As in :class:`RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0
        As in :class:`RNN`, with the parts i, f, g and o in this order.
    weight_hr_l0 : Tensor, shape (proj_size, units)
        With ``proj_size`` only.

    Raises
    ------
    ShapeError
        If a size isn't a positive integer, or ``proj_size`` not below ``hidden_size``.
    DTypeError
        If ``dtype`` isn't real and floating.
    DomainError
        If ``dropout`` isn't between 0 and 1.

    Notes
    -----
    Called as ``layer(x, (h0, c0), lengths=lengths)``: see :meth:`forward`. Hochreiter and
    Schmidhuber, Long short-term memory, 1997; Gers, Schmidhuber and Cummins, Learning to forget,
    2000; for the projection, Sak, Senior and Beaufays, Long short-term memory based recurrent
    neural network architectures, arXiv:1402.1128, 2014. Deltas are as in :class:`RNN`.

    Examples
    --------
    >>> layer = LSTM(3, 4, bidirectional=True, rng=0)
    >>> outputs, (h, c) = layer(np.ones((5, 2, 3)), lengths=[5, 3])
    >>> outputs.shape, h.shape, c.shape
    ((5, 2, 8), (2, 2, 4), (2, 2, 4))
    >>> outputs[3:, 1].any()
    Tensor(False)
    """

    gates = 4
    state_names = "hc"

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            weight_init=weight_init,
            bias_init=bias_init,
            dtype=dtype,
            rng=rng,
        )

    def scanned(
        self, x: Tensor, start: list[Any], suffix: str, past: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """Return the outputs, and the last state and cell, of one layer in one direction."""
        z = input_projection(x, *projecting(self, suffix))
        w_hh = getattr(self, f"weight_hh{suffix}")
        w_hr = getattr(self, f"weight_hr{suffix}") if self.proj_size else None
        h0, c0 = start
        return lstm(z, h0, c0, w_hh, w_hr, past=past, reverse=reverse)


class GRU(StackedRecurrence):
    """Gated recurrent units.

    At each time::

        r = sigmoid(x @ w_ir.T + b_ir + h @ w_hr.T + b_hr)
        z = sigmoid(x @ w_iz.T + b_iz + h @ w_hz.T + b_hz)
        n = tanh(x @ w_in.T + b_in + r * (h @ w_hn.T + b_hn))
        h = (1 - z) * n + z * h

    Parameters
    ----------
    input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional
        As in :class:`RNN`.
    weight_init, bias_init, dtype, rng
        As in :class:`RNN`.

    Attributes
    ----------
    weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0
        As in :class:`RNN`, with the parts r, z and n in this order.

    Raises
    ------
    ShapeError
        If a size isn't a positive integer.
    DTypeError
        If ``dtype`` isn't real and floating.
    DomainError
        If ``dropout`` isn't between 0 and 1.

    Notes
    -----
    Called as ``layer(x, h0, lengths=lengths)``: see :meth:`forward`. Cho et al., Learning phrase
    representations using RNN encoder-decoder, arXiv:1406.1078, 2014; there, r multiplies h before
    the product. Deltas are as in :class:`RNN`: the gradient at what goes into sigmoid and tanh.
    That of n isn't the gradient at ``h @ w_hn.T + b_hn``, which is r times as large.

    Examples
    --------
    >>> layer = GRU(3, 4, batch_first=True, rng=0)
    >>> outputs, h = layer(np.ones((2, 5, 3)))
    >>> outputs.shape, h.shape
    ((2, 5, 4), (1, 2, 4))
    """

    gates = 3

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        weight_init: Initializer | None = None,
        bias_init: Initializer | None = None,
        dtype: npt.DTypeLike = np.float32,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            weight_init=weight_init,
            bias_init=bias_init,
            dtype=dtype,
            rng=rng,
        )

    def scanned(
        self, x: Tensor, start: list[Any], suffix: str, past: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """Return the outputs and the last state of one layer in one direction."""
        z = input_projection(x, *projecting(self, suffix))
        w_hh, b_hh = getattr(self, f"weight_hh{suffix}"), getattr(self, f"bias_hh{suffix}")
        if b_hh is None:
            b_hh = np.zeros(w_hh.shape[0], dtype_of(self, suffix))
        (h0,) = start
        return gru(z, h0, w_hh, b_hh, past=past, reverse=reverse)
