"""Gated recurrent units, scanned over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite import AllInputs, Primitive, Tensor, TensorLike, as_tensor, sigmoid
from autograd_lite.errors import ShapeError
from nn.functional.recurrence.scanning import (
    Shape,
    as_one_call,
    blocks,
    differentiated,
    ended,
    in_order,
    part,
    require_fitting,
    sigmoid_into,
    vector_of,
    weight_gradient,
    with_previous,
)

# r, z, n are the gates; what the state brings to n, before r multiplies it, is called m


def _shapes(times: int, h0: Any) -> tuple[Shape, Shape, Shape]:
    """Return the shapes of what the result holds: states (as outputs), gates r z n, and m."""
    batch, units = h0.shape
    return (times, batch, units), (times, 3 * units, batch), (times, units, batch)


@as_one_call
@np.errstate(over="ignore")
def gru_scan(reverse: bool, z_in: Any, h0: Any, w_hh: Any, b_hh: Any, past: Any = None) -> Any:
    """Return the states and gates of all times."""
    shapes = _shapes(len(z_in), h0)
    y = vector_of(np.result_type(z_in, h0, w_hh, b_hh), *shapes)
    states, all_gates, all_m = blocks(y, *shapes)
    units, bias = h0.shape[1], b_hh[:, None]
    h = h0.T.astype(y.dtype)
    new, from_h = np.empty_like(h), np.empty_like(all_gates[0])
    for t in in_order(len(z_in), reverse):
        gates, m, z_t = all_gates[t], all_m[t], z_in[t].T
        r, z, n = gates.reshape(3, *m.shape)
        np.matmul(w_hh, h, out=from_h)
        np.add(from_h, bias, out=from_h)
        m[...] = from_h[2 * units :]
        both = from_h[: 2 * units]
        np.add(both, z_t[: 2 * units], out=both)
        sigmoid_into(gates[: 2 * units], both)
        np.multiply(r, m, out=n)
        np.add(n, z_t[2 * units :], out=n)
        np.tanh(n, out=n)
        np.subtract(h, n, out=new)
        np.multiply(new, z, out=new)
        np.add(new, n, out=new)
        if past is not None:  # the state stays what it is
            np.copyto(new, h, where=past[t])
            np.copyto(gates, 0, where=past[t])
            np.copyto(m, 0, where=past[t])
        states[t] = new.T
        h, new = new, h
    return y


@as_one_call
def gru_scan_back(
    reverse: bool, gradient: Any, y: Any, times: int, h0: Any, w_hh: Any, past: Any = None
) -> Any:
    """Return the cotangents of pre-activations, m, and first state."""
    shapes = _shapes(times, h0)
    of_states, of_gates, of_m = blocks(gradient, *shapes)
    states, all_gates, all_m = blocks(y, *shapes)
    batch, units = h0.shape
    found = vector_of(y.dtype, *_shapes_back(times, h0))
    of_z, of_products, dh = blocks(found, *_shapes_back(times, h0))
    dh[...] = 0
    d, slopes = np.empty((2, 3 * units, batch), y.dtype)
    direct, other = np.empty((2, units, batch), y.dtype)
    dh_past = dh.copy()
    dr, dz, dn = d.reshape(3, units, batch)
    for t, before in with_previous(times, reverse):
        gates, m = all_gates[t], all_m[t]
        r, z, n = gates.reshape(3, units, batch)
        np.add(dh, of_states[t].T, out=dh)
        if past is not None:
            dh_past[...] = dh
        np.subtract((h0 if before is None else states[before]).T, n, out=dz)
        np.multiply(dz, dh, out=dz)
        np.multiply(dh, z, out=direct)  # what goes to the state before without a product
        np.subtract(dh, direct, out=dn)
        np.add(d[units:], of_gates[t][units:], out=d[units:])
        np.subtract(1, gates, out=slopes)
        np.multiply(slopes, gates, out=slopes)
        slope = slopes[2 * units :]
        np.multiply(n, n, out=slope)
        np.subtract(1, slope, out=slope)
        np.multiply(dn, slope, out=dn)
        np.multiply(dn, m, out=dr)
        np.add(dr, of_gates[t][:units], out=dr)
        np.multiply(d[: 2 * units], slopes[: 2 * units], out=d[: 2 * units])
        np.multiply(dn, r, out=other)
        np.add(other, of_m[t], out=other)
        if past is not None:
            np.copyto(d, 0, where=past[t])
            np.copyto(other, 0, where=past[t])
        of_z[:, t] = d
        of_products[:, t] = other
        np.copyto(dn, other)  # from here on d is the cotangent of the products with the state
        np.matmul(w_hh.T, d, out=dh)
        np.add(dh, direct, out=dh)
        if past is not None:
            np.copyto(dh, dh_past, where=past[t])
    return found


def _shapes_back(times: int, h0: Any) -> tuple[Shape, Shape, Shape]:
    batch, units = h0.shape
    return (3 * units, times, batch), (units, times, batch), (units, batch)


def _forward(z_in: Any, h0: Any, w_hh: Any, b_hh: Any, *past: Any, reverse: bool) -> Any:
    return gru_scan(reverse, z_in, h0, w_hh, b_hh, *past)


def _rule(
    asked: Sequence[int],
    g: Any,
    y: Any,
    z_in: Any,
    h0: Any,
    w_hh: Any,
    b_hh: Any,
    *past: Any,
    reverse: bool,
) -> list[Any]:
    if isinstance(y, Tensor):
        inputs = z_in, h0, w_hh, b_hh, *past
        return differentiated(_by_ops, asked, g, inputs, reverse=reverse)
    times, units = z_in.shape[0], h0.shape[1]
    found = gru_scan_back(reverse, g, y, times, h0, w_hh, *past)
    of_z, of_products, dh = blocks(found, *_shapes_back(times, h0))
    states = blocks(y, *_shapes(times, h0))[0]
    of_hidden = of_z[: 2 * units], of_products  # of w_hh @ h + b_hh

    def cotangent(position: int) -> Any:
        if position == 0:
            return of_z.transpose(1, 2, 0)
        if position == 1:
            return dh.T
        if position == 3:
            return np.concatenate([x.sum(axis=(1, 2)) for x in of_hidden])
        return np.concatenate([weight_gradient(x, states, h0, reverse) for x in of_hidden])

    return [cotangent(position) for position in asked]


def _by_ops(z_in: Any, h0: Any, w_hh: Any, b_hh: Any, *past: Any, reverse: bool) -> Any:
    """Compute the same from plain ops."""
    times = z_in.shape[0]
    h = h0
    states, gates, products = ([h0] * times for _ in range(3))
    for t in in_order(times, reverse):
        of_r, of_z, m = np.split(h @ w_hh.T + b_hh, 3, axis=1)
        z_r, z_z, z_n = np.split(z_in[t], 3, axis=1)
        r, z = sigmoid(z_r + of_r), sigmoid(z_z + of_z)
        n = np.tanh(z_n + r * m)
        new = n + z * (h - n)
        all_gates = np.concatenate([r, z, n], axis=1)
        if past:
            over = past[0][t][:, None]
            new, m, all_gates = (
                np.where(over, then, now) for then, now in ((h, new), (0, m), (0, all_gates))
            )
        h = new
        states[t], gates[t], products[t] = h, all_gates.T, m.T
    return np.concatenate([np.stack(x).reshape(-1) for x in (states, gates, products)])


# the states, gates and m of all times, as one vector
gru_op = Primitive("gru", _forward, AllInputs(_rule))


def gru(
    z_in: TensorLike,
    h0: TensorLike,
    w_hh: TensorLike,
    b_hh: TensorLike,
    *,
    past: TensorLike | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor]:
    """Scan gated recurrent units over time, as one op.

    With ``z_r, z_z, z_n`` the three parts of ``z_in[t]``, and ``m_r, m_z, m_n`` those of
    ``h @ w_hh.T + b_hh``: ``r = sigmoid(z_r + m_r)``, ``z = sigmoid(z_z + m_z)``,
    ``n = tanh(z_n + r * m_n)``, and ``h = (1 - z) * n + z * h``.

    Parameters
    ----------
    z_in : Tensor or array_like, shape (times, batch, 3 units)
        What :func:`input_projection` gives.
    h0 : Tensor or array_like, shape (batch, units)
        The first state.
    w_hh : Tensor or array_like, shape (3 units, units)
    b_hh : Tensor or array_like, shape (3 units,)
        It can't be joined with the bias of the inputs, since ``r`` multiplies a part of it.
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

    Notes
    -----
    Cho et al., Learning phrase representations using RNN encoder-decoder, 2014, with the reset
    gate after the product, as in cuDNN and PyTorch.

    Examples
    --------
    >>> outputs, h = gru(np.zeros((3, 1, 6)), np.ones((1, 2)), np.zeros((6, 2)), np.zeros(6))
    >>> outputs[:, 0, 0]
    Tensor([0.5  , 0.25 , 0.125])
    """
    z, h, w, b = map(as_tensor, (z_in, h0, w_hh, b_hh))
    if z.ndim != 3 or z.shape[2] % 3:
        raise ShapeError(f"gru: z_in must be (times, batch, 3 units); it has shape {z.shape}")
    times, batch, rows = z.shape
    units = rows // 3
    require_fitting(
        "gru",
        z_in=(z, z.shape),
        h0=(h, (batch, units)),
        w_hh=(w, (rows, units)),
        b_hh=(b, (rows,)),
    )
    mask = ended("gru", past, times, batch)
    y = gru_op(z, h, w, b, *mask, reverse=reverse)
    last = 0 if reverse else times - 1
    h_n = part(y, start=last * batch * units, shape=(batch, units))
    return part(y, *mask, start=0, shape=(times, batch, units)), h_n
