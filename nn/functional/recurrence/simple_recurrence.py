"""The simple recurrent layer, scanned over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite import AllInputs, Primitive, Tensor, TensorLike, as_tensor, relu
from autograd_lite.errors import DomainError, ShapeError
from nn.functional.recurrence.scanning import (
    Shape,
    as_one_call,
    blocks,
    differentiated,
    ended,
    in_order,
    part,
    require_fitting,
    vector_of,
    weight_gradient,
    with_previous,
)


@as_one_call
def rnn_scan(reverse: bool, relu: bool, z_in: Any, h0: Any, w_hh: Any, past: Any = None) -> Any:
    """Return the states of all times."""
    shape = len(z_in), *h0.shape
    y = vector_of(np.result_type(z_in, h0, w_hh), shape)
    (states,) = blocks(y, shape)
    h = h0.T.astype(y.dtype)
    new = np.empty_like(h)
    for t in in_order(len(z_in), reverse):
        np.matmul(w_hh, h, out=new)
        np.add(new, z_in[t].T, out=new)
        if relu:
            np.maximum(new, 0, out=new)
        else:
            np.tanh(new, out=new)
        if past is not None:  # the state stays what it is
            np.copyto(new, h, where=past[t])
        states[t] = new.T
        h, new = new, h
    return y


@as_one_call
def rnn_scan_back(
    reverse: bool,
    relu: bool,
    gradient: Any,
    y: Any,
    times: int,
    h0: Any,
    w_hh: Any,
    past: Any = None,
) -> Any:
    """Return the cotangents of pre-activations and first state."""
    batch, units = h0.shape
    of_states, states = (x.reshape(times, batch, units) for x in (gradient, y))
    found = vector_of(y.dtype, *_shapes_back(times, h0))
    of_z, dh = blocks(found, *_shapes_back(times, h0))
    dh[...] = 0
    d = np.empty_like(dh)
    for t, _ in with_previous(times, reverse):
        np.add(dh, of_states[t].T, out=dh)
        if relu:
            np.copyto(d, np.where(states[t].T > 0, dh, 0))
        else:
            np.copyto(d, states[t].T)
            np.multiply(d, d, out=d)
            np.subtract(1, d, out=d)
            np.multiply(d, dh, out=d)
        if past is None:
            np.matmul(w_hh.T, d, out=dh)
        else:
            np.copyto(d, 0, where=past[t])
            np.copyto(dh, w_hh.T @ d, where=~past[t])
        of_z[:, t] = d
    return found


def _shapes_back(times: int, h0: Any) -> tuple[Shape, Shape]:
    batch, units = h0.shape
    return (units, times, batch), (units, batch)


def _forward(z_in: Any, h0: Any, w_hh: Any, *past: Any, reverse: bool, relu: bool) -> Any:
    return rnn_scan(reverse, relu, z_in, h0, w_hh, *past)


def _rule(
    asked: Sequence[int],
    g: Any,
    y: Any,
    z_in: Any,
    h0: Any,
    w_hh: Any,
    *past: Any,
    reverse: bool,
    relu: bool,
) -> list[Any]:
    if isinstance(y, Tensor):
        inputs = z_in, h0, w_hh, *past
        return differentiated(_by_ops, asked, g, inputs, reverse=reverse, relu=relu)
    times = z_in.shape[0]
    found = rnn_scan_back(reverse, relu, g, y, times, h0, w_hh, *past)
    of_z, dh = blocks(found, *_shapes_back(times, h0))

    def cotangent(position: int) -> Any:
        if position == 0:
            return of_z.transpose(1, 2, 0)
        if position == 1:
            return dh.T
        return weight_gradient(of_z, y.reshape(times, *h0.shape), h0, reverse)

    return [cotangent(position) for position in asked]


def _by_ops(z_in: Any, h0: Any, w_hh: Any, *past: Any, reverse: bool, relu: bool) -> Any:
    """Compute the same from plain ops."""
    h, states = h0, [h0] * z_in.shape[0]
    for t in in_order(z_in.shape[0], reverse):
        new = _ACTIVATIONS[relu](z_in[t] + h @ w_hh.T)
        h = np.where(past[0][t][:, None], h, new) if past else new
        states[t] = h
    return np.stack(states).reshape(-1)


_ACTIVATIONS: dict[bool, Any] = {False: np.tanh, True: relu}

# the states of all times, as one vector
rnn_op = Primitive("rnn", _forward, AllInputs(_rule))


def rnn(
    z_in: TensorLike,
    h0: TensorLike,
    w_hh: TensorLike,
    *,
    nonlinearity: str = "tanh",
    past: TensorLike | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Scan a simple recurrent layer over time, as one op: ``h = tanh(z_in[t] + h @ w_hh.T)``.

    Parameters
    ----------
    z_in : Tensor or array_like, shape (times, batch, units)
        What :func:`input_projection` gives.
    h0 : Tensor or array_like, shape (batch, units)
        The first state.
    w_hh : Tensor or array_like, shape (units, units)
    nonlinearity : str
        ``"tanh"`` or ``"relu"``.
    past : array_like of bool, shape (times, batch), optional
        True past the end of a sequence: there outputs are 0, and the state stays what it is.
    reverse : bool
        Go from the last time to the first.

    Returns
    -------
    outputs : Tensor, shape (times, batch, units)
        The states of all times.
    h : Tensor, shape (batch, units)
        The state at the end of the scan.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.
    DTypeError
        If an operand isn't real and floating.
    DomainError
        If the nonlinearity is unknown.

    Notes
    -----
    Elman, Finding structure in time, Cognitive Science 14(2), 1990.

    Examples
    --------
    >>> outputs, h = rnn(np.zeros((3, 1, 2)), np.ones((1, 2)), 0.5 * np.eye(2))
    >>> outputs[:, 0, 0]
    Tensor([0.46211716, 0.22703261, 0.11303122])
    """
    if nonlinearity not in ("tanh", "relu"):
        raise DomainError(f"rnn: nonlinearity must be 'tanh' or 'relu', not {nonlinearity!r}")
    z, h, w = map(as_tensor, (z_in, h0, w_hh))
    if z.ndim != 3:
        raise ShapeError(f"rnn: z_in must be (times, batch, units); it has shape {z.shape}")
    times, batch, units = z.shape
    require_fitting("rnn", z_in=(z, z.shape), h0=(h, (batch, units)), w_hh=(w, (units, units)))
    mask = ended("rnn", past, times, batch)
    y = rnn_op(z, h, w, *mask, reverse=reverse, relu=nonlinearity == "relu")
    last = 0 if reverse else times - 1
    h_n = part(y, start=last * batch * units, shape=(batch, units))
    return part(y, *mask, start=0, shape=z.shape), h_n
