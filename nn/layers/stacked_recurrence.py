"""What recurrent layers are made of: layers on top of each other, in one or two directions."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike, as_tensor, concatenate, stack, where
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.functional import dropout
from nn.init import Initializer
from nn.layers.construction import parameter, require_floating, require_sizes, uniform_within
from nn.module import Module


class StackedRecurrence(Module):
    """What recurrent layers share: layers on top of each other, directions, the order of axes."""

    gates: int
    """How many parts a pre-activation has."""
    state_names = "h"
    """The arrays that are handed on: LSTM has a cell ``c``, too."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        proj_size: int = 0,
        *,
        weight_init: Initializer | None,
        bias_init: Initializer | None,
        dtype: npt.DTypeLike,
        rng: np.random.Generator | int | None,
    ) -> None:
        name = type(self).__name__
        call = f"{name}({input_size}, {hidden_size}, num_layers={num_layers})"
        require_sizes(call, input_size, hidden_size, num_layers)
        require_floating(name, dtype)
        if not 0 <= dropout <= 1:
            raise DomainError(f"{name}: dropout must be between 0 and 1: {dropout}")
        if not isinstance(proj_size, int | np.integer) or not 0 <= proj_size < hidden_size:
            raise ShapeError(
                f"{name}: proj_size must be an integer below hidden_size, {hidden_size}, or 0 for "
                f"no projection: {proj_size}"
            )
        if dropout and num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} does nothing with one layer, for it is between layers; "
                "put a Dropout behind it",
                stacklevel=4,  # where the layer is made
            )
        self.rng = np.random.default_rng(rng)
        self.input_size, self.hidden_size = int(input_size), int(hidden_size)
        self.num_layers, self.bias = int(num_layers), bool(bias)
        self.batch_first = bool(batch_first)
        self.dropout, self.bidirectional = float(dropout), bool(bidirectional)
        self.proj_size = int(proj_size)
        outputs = self.proj_size or self.hidden_size
        inputs = self.input_size
        for layer in range(num_layers):
            for suffix in self._suffixes(layer):
                add_parameters(
                    self,
                    suffix,
                    inputs,
                    outputs,
                    self.hidden_size,
                    self.gates,
                    self.bias,
                    weight_init,
                    bias_init,
                    dtype,
                    self.rng,
                )
            inputs = outputs * (1 + self.bidirectional)

    def _suffixes(self, layer: int) -> list[str]:
        """Return what the names of a layer's parameters end in, for each direction."""
        return [f"_l{layer}", f"_l{layer}_reverse"][: 1 + self.bidirectional]

    def pre_activation_parameters(self) -> dict[str, list[Tensor]]:
        """Return what makes the pre-activations of each layer and direction, ``z_l0`` and so on."""
        suffixes = [s for layer in range(self.num_layers) for s in self._suffixes(layer)]
        return {f"z{suffix}": projecting(self, suffix) for suffix in suffixes}

    # ------------------------------------------------------------------ forward

    def forward(
        self, x: TensorLike, hx: Any = None, *, lengths: npt.ArrayLike | None = None
    ) -> tuple[Tensor, Any]:
        """Return the outputs of all times, and the states after the last one.

        Parameters
        ----------
        x : Tensor or array_like
            Of shape (times, batch, input_size); (batch, times, input_size) if ``batch_first``;
            (times, input_size) for a single sequence.
        hx : Tensor or array_like, optional
            The states before the first time, zeros by default, of shape (num_layers * directions,
            batch, outputs), without the batch for a single sequence. For LSTM it is a pair
            ``(h0, c0)``; c0 has ``hidden_size`` values in the place of ``outputs``.
        lengths : array_like of int, shape (batch,), optional
            How many times of each sequence count. What is past the end isn't read, outputs there
            are 0, the last states are those at the end of each sequence, and the reverse direction
            starts there. The sequences may be in any order.

        Returns
        -------
        outputs : Tensor
            As ``x``, with directions * outputs values in the place of ``input_size``.
        hx : Tensor, or a pair of Tensor
            The last states, in the shape of the first ones.

        Raises
        ------
        ShapeError
            If the shapes don't fit the layer.
        DomainError
            If a length isn't between 1 and the number of times.
        DTypeError
            If lengths aren't integers.
        """
        x = as_tensor(x)
        self._check_inputs(x)
        single = x.ndim == 2
        if single:
            x = x.reshape(x.shape[0], 1, x.shape[1])
        elif self.batch_first:
            x = x.swapaxes(0, 1)
        times, batch = x.shape[:2]
        states = self._first_states(hx, batch, single)
        past = None if lengths is None else self._past(lengths, times, batch, single)
        if past is not None:
            x = where(past[:, :, None], 0, x)
        last: list[Sequence[Tensor]] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = dropout(x, self.dropout, self.training, rng=self.rng)
            outputs = []
            for suffix in self._suffixes(layer):
                start = [state[len(last)] for state in states]
                found = self.scanned(x, start, suffix, past, "_reverse" in suffix)
                outputs.append(found[0])
                last.append(found[1:])
            x = outputs[0] if len(outputs) == 1 else concatenate(outputs, axis=-1)
        ends = [stack(of_all) for of_all in zip(*last, strict=True)]
        if single:
            x = x.reshape(x.shape[0], x.shape[2])
            ends = [end.reshape(end.shape[0], end.shape[2]) for end in ends]
        elif self.batch_first:
            x = x.swapaxes(0, 1)
        return x, ends[0] if len(ends) == 1 else tuple(ends)

    def scanned(
        self, x: Tensor, start: list[Tensor], suffix: str, past: Any, reverse: bool
    ) -> tuple[Tensor, ...]:
        """Return the outputs and the last states of one layer in one direction."""
        raise NotImplementedError

    # ------------------------------------------------------------------ what is given

    def _check_inputs(self, x: Tensor) -> None:
        name = type(self).__name__
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            order = "batch, times" if self.batch_first else "times, batch"
            raise ShapeError(
                f"{name}: x must be ({order}, {self.input_size}), or (times, {self.input_size}) "
                f"for a single sequence; it has shape {x.shape}"
            )
        if not x.shape[1 if self.batch_first and x.ndim == 3 else 0]:
            raise ShapeError(f"{name}: x must have at least one time; it has shape {x.shape}")

    def _first_states(self, hx: Any, batch: int, single: bool) -> list[Any]:
        count = self.num_layers * (1 + self.bidirectional)
        names = self.state_names
        sizes = [self.proj_size or self.hidden_size, self.hidden_size][: len(names)]
        if hx is None:
            dtype = dtype_of(self, "_l0")
            return [np.zeros((count, batch, size), dtype) for size in sizes]
        name = type(self).__name__
        if len(names) == 2 and not (isinstance(hx, tuple | list) and len(hx) == 2):
            raise ShapeError(f"{name}: the first states must be a pair (h0, c0)")
        found = []
        given = hx if len(names) == 2 else [hx]
        for letter, size, state in zip(names, sizes, map(as_tensor, given), strict=True):
            shape = (count, size) if single else (count, batch, size)
            if state.shape != shape:
                raise ShapeError(
                    f"{name}: {letter}0 must have shape {shape}; it has shape {state.shape}"
                )
            found.append(state.reshape(count, 1, size) if single else state)
        return found

    def _past(self, lengths: npt.ArrayLike, times: int, batch: int, single: bool) -> Any:
        """Return a mask of shape (times, batch): what is past the end of a sequence."""
        name, axes = type(self).__name__, () if single else (batch,)
        ends: Any = as_tensor(lengths).data
        if ends.shape != axes:
            raise ShapeError(f"{name}: lengths must have shape {axes}, not {ends.shape}")
        if ends.dtype.kind not in "iu":
            raise DTypeError(f"{name}: lengths must be integers, not {ends.dtype}")
        if ends.size and (ends.min() < 1 or ends.max() > times):
            raise DomainError(
                f"{name}: lengths must be between 1 and the number of times, {times}; they are "
                f"between {ends.min()} and {ends.max()}"
            )
        return np.arange(times)[:, None] >= ends.reshape(1, batch)

    # ------------------------------------------------------------------ what it is

    def signature(self) -> str:
        """Return the constructor call."""
        return signature_of(self, [self.input_size, self.hidden_size], _DEFAULTS)


_DEFAULTS = {
    "num_layers": 1,
    "nonlinearity": "tanh",
    "bias": True,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
    "proj_size": 0,
}


# ---- what layers and cells have in common


def signature_of(module: Module, sizes: Sequence[int], defaults: Mapping[str, Any]) -> str:
    """Return the constructor call of a module, with the options that aren't at their defaults."""
    options = [str(size) for size in sizes]
    for name, default in defaults.items():
        value = getattr(module, name, default)
        if value != default:
            options.append(f"{name}={value!r}")
    return f"{type(module).__name__}({', '.join(options)})"


def require_nonlinearity(layer: str, nonlinearity: str) -> None:
    """Raise a DomainError unless it is one that a simple recurrent layer has."""
    if nonlinearity not in ("tanh", "relu"):
        raise DomainError(f"{layer}: nonlinearity must be 'tanh' or 'relu', not {nonlinearity!r}")


def add_parameters(
    module: Module,
    suffix: str,
    inputs: int,
    outputs: int,
    units: int,
    gates: int,
    bias: bool,
    weight_init: Initializer | None,
    bias_init: Initializer | None,
    dtype: npt.DTypeLike,
    rng: np.random.Generator,
) -> None:
    """Give a module the parameters of one recurrence, under PyTorch's names.

    ``outputs`` is the length of the state; a weight ``hr`` projects onto it, if it isn't ``units``.
    """
    default = uniform_within(1 / sqrt(units))
    rows = gates * units
    for name, columns in (("weight_ih", inputs), ("weight_hh", outputs)):
        w = parameter(weight_init or default, rng, (columns, rows), dtype, (1, 0))
        setattr(module, name + suffix, w)
    for name in ("bias_ih", "bias_hh"):
        b = parameter(bias_init or default, rng, (rows,), dtype) if bias else None
        setattr(module, name + suffix, b)
    if outputs != units:
        w = parameter(weight_init or default, rng, (units, outputs), dtype, (1, 0))
        setattr(module, f"weight_hr{suffix}", w)


def projecting(module: Module, suffix: str = "") -> list[Tensor]:
    """Return the parameters that are taken together with the inputs of a recurrence."""
    # a reset gate, which GRU's three gates have, multiplies a part of what bias_hh belongs to
    biases = ("bias_ih",) if getattr(module, "gates", 0) == 3 else ("bias_ih", "bias_hh")
    found = [getattr(module, name + suffix) for name in ("weight_ih", *biases)]
    return [p for p in found if p is not None]


def dtype_of(module: Module, suffix: str = "") -> np.dtype[Any]:
    """Return the dtype of the parameters of a recurrence."""
    weight: Tensor = getattr(module, f"weight_ih{suffix}")
    return weight.dtype
