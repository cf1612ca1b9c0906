"""Long short-term memory, scanned over time."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
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


def _shapes(times: int, h0: Any, c0: Any) -> tuple[Shape, Shape, Shape, Shape]:
    """Return the shapes of what the result holds: states (as outputs), cells, their tanh, gates."""
    (batch, outputs), units = h0.shape, c0.shape[1]
    cells = times, units, batch
    return (times, batch, outputs), cells, cells, (times, 4 * units, batch)


def _optional(h0: Any, c0: Any, more: Sequence[Any]) -> tuple[Any, Any]:
    """Return the weight of the projection and the mask of what is past the ends, or None."""
    projected = h0.shape[1] != c0.shape[1]
    return more[0] if projected else None, more[projected] if len(more) > projected else None


@as_one_call
@np.errstate(over="ignore")
def lstm_scan(
    reverse: bool, z_in: Any, h0: Any, c0: Any, w_hh: Any, w_hr: Any = None, past: Any = None
) -> Any:
    """Return the states, cells, their tanh, and gates of all times."""
    shapes = _shapes(len(z_in), h0, c0)
    y = vector_of(np.result_type(z_in, h0, c0, w_hh), *shapes)
    states, cells, tanhs, all_gates = blocks(y, *shapes)
    units = c0.shape[1]
    h, c = h0.T.astype(y.dtype), c0.T
    new, z, other = np.empty_like(h), np.empty_like(all_gates[0]), np.empty_like(cells[0])
    for t in in_order(len(z_in), reverse):
        np.matmul(w_hh, h, out=z)
        np.add(z, z_in[t].T, out=z)
        gates, cell, tanh = all_gates[t], cells[t], tanhs[t]
        i, f, g, o = gates.reshape(4, *cell.shape)
        sigmoid_into(gates[: 2 * units], z[: 2 * units])
        sigmoid_into(o, z[3 * units :])
        np.tanh(z[2 * units : 3 * units], out=g)
        np.multiply(f, c, out=cell)
        np.multiply(i, g, out=other)
        np.add(cell, other, out=cell)
        np.tanh(cell, out=tanh)
        if w_hr is None:
            np.multiply(tanh, o, out=new)
        else:
            np.multiply(tanh, o, out=other)
            np.matmul(w_hr, other, out=new)
        if past is not None:  # the state stays what it is
            np.copyto(new, h, where=past[t])
            np.copyto(cell, c, where=past[t])
            np.copyto(tanh, 0, where=past[t])
            np.copyto(gates, 0, where=past[t])
        states[t] = new.T
        h, new, c = new, h, cell
    return y


@as_one_call
def lstm_scan_back(
    reverse: bool,
    gradient: Any,
    y: Any,
    times: int,
    h0: Any,
    c0: Any,
    w_hh: Any,
    w_hr: Any = None,
    past: Any = None,
) -> Any:
    """Return the cotangents of pre-activations, first cell, first state, and projected states."""
    shapes = _shapes(times, h0, c0)
    of_states, of_cells, of_tanhs, of_gates = blocks(gradient, *shapes)
    _, cells, tanhs, all_gates = blocks(y, *shapes)
    batch, units = c0.shape
    found = vector_of(y.dtype, *_shapes_back(times, h0, c0))
    of_z, dc, dh, of_projected = blocks(found, *_shapes_back(times, h0, c0))
    dc[...] = 0
    dh[...] = 0
    d, slopes = np.empty((2, 4 * units, batch), y.dtype)
    dm, other = np.empty((2, units, batch), y.dtype)
    dh_past, dc_past = dh.copy(), dc.copy()
    di, df, dg, do = d.reshape(4, units, batch)
    for t, before in with_previous(times, reverse):
        gates, tanh = all_gates[t], tanhs[t]
        i, f, g, o = gates.reshape(4, units, batch)
        np.add(dh, of_states[t].T, out=dh)
        np.add(dc, of_cells[t], out=dc)
        if past is not None:
            dh_past[...], dc_past[...] = dh, dc
        if w_hr is not None:
            of_projected[:, t] = dh if past is None else np.where(past[t], 0, dh)
        by_state = dh if w_hr is None else np.matmul(w_hr.T, dh, out=dm)
        np.multiply(by_state, tanh, out=do)
        np.multiply(by_state, o, out=dm)
        np.add(dm, of_tanhs[t], out=dm)
        np.multiply(tanh, tanh, out=other)
        np.subtract(1, other, out=other)
        np.multiply(dm, other, out=dm)
        np.add(dc, dm, out=dc)
        np.multiply(dc, g, out=di)
        np.multiply(dc, c0.T if before is None else cells[before], out=df)
        np.multiply(dc, i, out=dg)
        np.add(d, of_gates[t], out=d)
        np.subtract(1, gates, out=slopes)
        np.multiply(slopes, gates, out=slopes)
        slope = slopes[2 * units : 3 * units]
        np.multiply(g, g, out=slope)
        np.subtract(1, slope, out=slope)
        np.multiply(d, slopes, out=d)
        np.multiply(dc, f, out=dc)
        if past is not None:
            np.copyto(d, 0, where=past[t])
            np.copyto(dc, dc_past, where=past[t])
        np.matmul(w_hh.T, d, out=dh)
        if past is not None:
            np.copyto(dh, dh_past, where=past[t])
        of_z[:, t] = d
    return found


def _shapes_back(times: int, h0: Any, c0: Any) -> tuple[Shape, Shape, Shape, Shape]:
    (batch, outputs), units = h0.shape, c0.shape[1]
    projected = times if outputs != units else 0
    return (
        (4 * units, times, batch),
        (units, batch),
        (outputs, batch),
        (outputs, projected, batch),
    )


def _forward(z_in: Any, h0: Any, c0: Any, w_hh: Any, *more: Any, reverse: bool) -> Any:
    return lstm_scan(reverse, z_in, h0, c0, w_hh, *_optional(h0, c0, more))


def _rule(
    asked: Sequence[int],
    g: Any,
    y: Any,
    z_in: Any,
    h0: Any,
    c0: Any,
    w_hh: Any,
    *more: Any,
    reverse: bool,
) -> list[Any]:
    if isinstance(y, Tensor):
        inputs = z_in, h0, c0, w_hh, *more
        return differentiated(_by_ops, asked, g, inputs, reverse=reverse)
    times, batch, _ = z_in.shape
    optional = _optional(h0, c0, more)
    found = lstm_scan_back(reverse, g, y, times, h0, c0, w_hh, *optional)
    of_z, dc, dh, of_projected = blocks(found, *_shapes_back(times, h0, c0))
    states, _, tanhs, gates = blocks(y, *_shapes(times, h0, c0))

    def cotangent(position: int) -> Any:
        if position == 0:
            return of_z.transpose(1, 2, 0)
        if position < 3:
            return (dh, dc)[position - 1].T
        if position == 3:
            return weight_gradient(of_z, states, h0, reverse)
        units = c0.shape[1]
        hidden = gates[:, 3 * units :] * tanhs
        rows = hidden.transpose(0, 2, 1).reshape(times * batch, units)
        return of_projected.reshape(h0.shape[1], times * batch) @ rows

    return [cotangent(position) for position in asked]


def _by_ops(z_in: Any, h0: Any, c0: Any, w_hh: Any, *more: Any, reverse: bool) -> Any:
    """Compute the same from plain ops."""
    w_hr, past = _optional(h0, c0, more)
    times = z_in.shape[0]
    h, c = h0, c0
    states, cells, tanhs, gates = ([h0] * times for _ in range(4))
    for t in in_order(times, reverse):
        z_i, z_f, z_g, z_o = np.split(z_in[t] + h @ w_hh.T, 4, axis=1)
        i, f, g, o = sigmoid(z_i), sigmoid(z_f), np.tanh(z_g), sigmoid(z_o)
        cell = f * c + i * g
        tanh = np.tanh(cell)
        new = o * tanh
        if w_hr is not None:
            new = new @ w_hr.T
        all_gates = np.concatenate([i, f, g, o], axis=1)
        if past is not None:
            ended = past[t][:, None]
            new, cell = np.where(ended, h, new), np.where(ended, c, cell)
            tanh, all_gates = np.where(ended, 0, tanh), np.where(ended, 0, all_gates)
        h, c = new, cell
        states[t], cells[t], tanhs[t], gates[t] = h, c.T, tanh.T, all_gates.T
    return np.concatenate([np.stack(x).reshape(-1) for x in (states, cells, tanhs, gates)])


# the states, cells, their tanh, and gates of all times, as one vector
lstm_op = Primitive("lstm", _forward, AllInputs(_rule))


def lstm(
    z_in: TensorLike,
    h0: TensorLike,
    c0: TensorLike,
    w_hh: TensorLike,
    w_hr: TensorLike | None = None,
    *,
    past: TensorLike | None = None,
    reverse: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Scan long short-term memory over time, as one op.

    With ``i, f, g, o`` the four parts of ``z_in[t] + h @ w_hh.T``, of which ``g`` goes through
    tanh and the others through the sigmoid: ``c = f * c + i * g`` and ``h = o * tanh(c)``, or
    ``h = (o * tanh(c)) @ w_hr.T``.

    Parameters
    ----------
    z_in : Tensor or array_like, shape (times, batch, 4 units)
        What :func:`input_projection` gives.
    h0 : Tensor or array_like, shape (batch, outputs)
        The first state; ``outputs`` is the number of units, unless there is ``w_hr``.
    c0 : Tensor or array_like, shape (batch, units)
        The first cell.
    w_hh : Tensor or array_like, shape (4 units, outputs)
    w_hr : Tensor or array_like, shape (outputs, units), optional
        Projects the state onto fewer values.
    past : array_like of bool, shape (times, batch), optional
        True past the end of a sequence: there outputs are 0, and the state stays what it is.
    reverse : bool
        Go from the last time to the first.

    Returns
    -------
    outputs : Tensor, shape (times, batch, outputs)
        The states of all times.
    h, c : Tensor, shapes (batch, outputs) and (batch, units)
        The state and the cell at the end of the scan.

    Raises
    ------
    ShapeError
        If the shapes don't fit together.

    Notes
    -----
    Hochreiter and Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997; Gers,
    Schmidhuber and Cummins, Learning to forget, 2000. The projection is that of Sak, Senior and
    Beaufays, 2014.

    Examples
    --------
    >>> zeros = np.zeros((1, 2))
    >>> outputs, h, c = lstm(np.zeros((3, 1, 8)), zeros, zeros, np.ones((8, 2)))
    >>> outputs.shape, h.shape, c.shape
    ((3, 1, 2), (1, 2), (1, 2))
    """
    z, h, c, w = map(as_tensor, (z_in, h0, c0, w_hh))
    if z.ndim != 3 or w.ndim != 2 or z.shape[2] % 4:
        raise ShapeError(
            f"lstm: z_in must be (times, batch, 4 units), and w_hh (4 units, outputs); they have "
            f"shapes {z.shape} and {w.shape}"
        )
    (times, batch, rows), outputs = z.shape, w.shape[1]
    units = rows // 4
    operands = {
        "z_in": (z, z.shape),
        "h0": (h, (batch, outputs)),
        "c0": (c, (batch, units)),
        "w_hh": (w, (rows, outputs)),
    }
    if w_hr is not None:
        operands["w_hr"] = as_tensor(w_hr), (outputs, units)
    if (w_hr is None) != (outputs == units):
        raise ShapeError(
            f"lstm: {units} units and {outputs} outputs; w_hr is for fewer outputs than units"
        )
    require_fitting("lstm", **operands)
    mask = ended("lstm", past, times, batch)
    y = lstm_op(*(x for x, _ in operands.values()), *mask, reverse=reverse)
    states, cells, *_ = _shapes(times, h, c)
    last = 0 if reverse else times - 1
    h_n = part(y, start=last * batch * outputs, shape=states[1:])
    c_n = part(y, start=prod(states) + last * batch * units, shape=cells[1:]).T
    return part(y, *mask, start=0, shape=states), h_n, c_n
