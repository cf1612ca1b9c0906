"""Recurrences over time, beside loops over examples and units."""

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec
from nn.functional import gru, input_projection, lstm, rnn


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def project(x, weight, *biases):
    return np.einsum("...i,ui->...u", x, weight) + sum(biases, start=np.zeros(1, weight.dtype))


def scanned(step, z_in, states, past, reverse):
    """Return the outputs and the last states: each example alone, times that are past left out."""
    times, batch, _ = z_in.shape
    outputs = np.zeros((times, batch, states[0].shape[1]), z_in.dtype)
    last = [np.array(state) for state in states]
    for n in range(batch):
        end = times if past is None else times - int(past[:, n].sum())
        for t in range(end)[:: -1 if reverse else 1]:
            found = step(z_in[t, n], *(state[n] for state in last))
            for state, new in zip(last, found, strict=True):
                state[n] = new
            outputs[t, n] = found[0]
    return outputs, *last


def rnn_by_loops(z_in, h0, w_hh, *, nonlinearity, past, reverse):
    f = np.tanh if nonlinearity == "tanh" else lambda z: z * (z > 0)
    return scanned(lambda z, h: (f(z + w_hh @ h),), z_in, [h0], past, reverse)


def lstm_by_loops(z_in, h0, c0, w_hh, *w_hr, past, reverse):
    def step(z, h, c):
        z_i, z_f, z_g, z_o = np.split(z + w_hh @ h, 4)
        c = sigmoid(z_f) * c + sigmoid(z_i) * np.tanh(z_g)
        h = sigmoid(z_o) * np.tanh(c)
        return (w_hr[0] @ h if w_hr else h), c

    return scanned(step, z_in, [h0, c0], past, reverse)


def gru_by_loops(z_in, h0, w_hh, b_hh, *, past, reverse):
    def step(z, h):
        m = np.split(w_hh @ h + b_hh, 3)
        z = np.split(z, 3)
        r, u = sigmoid(z[0] + m[0]), sigmoid(z[1] + m[1])
        n = np.tanh(z[2] + r * m[2])
        return ((1 - u) * n + u * h,)

    return scanned(step, z_in, [h0], past, reverse)


@st.composite
def scans(draw, shapes, fewer=0, **choices):
    """Draw operands of ``shapes(times, batch, units, outputs)``, with fewer outputs than units."""
    times, batch, outputs = draw(st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(1, 3)))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    sizes = shapes(times, batch, outputs + fewer, outputs)
    lengths = rng.integers(1, times, batch, endpoint=True)
    params = {
        "past": draw(st.sampled_from([None, np.arange(times)[:, None] >= lengths])),
        "reverse": draw(st.booleans()),
        **{name: draw(choice) for name, choice in choices.items()},
    }
    return Case(tuple(rng.uniform(-1, 1, size) for size in sizes), params)


@st.composite
def projections(draw):
    lead = draw(st.sampled_from([(), (3,), (1,), (0,), (4, 2), (1, 1), (2, 0)]))
    inputs, units = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    biases = [(units,)] * draw(st.integers(0, 2))
    shapes = [(*lead, inputs), (units, inputs), *biases]
    return Case(tuple(rng.uniform(-1, 1, shape) for shape in shapes))


def of_rnn(times, batch, units, outputs):
    return (times, batch, units), (batch, units), (units, units)


def of_lstm(times, batch, units, outputs):
    return (times, batch, 4 * units), (batch, outputs), (batch, units), (4 * units, outputs)


def of_projected_lstm(times, batch, units, outputs):
    return *of_lstm(times, batch, units, outputs), (outputs, units)


def of_gru(times, batch, units, outputs):
    return (times, batch, 3 * units), (batch, units), (3 * units, units), (3 * units,)


NONLINEARITIES = st.sampled_from(["tanh", "relu"])

SPECS = [
    Spec(input_projection, project, projections()),
    Spec(rnn, rnn_by_loops, scans(of_rnn, nonlinearity=NONLINEARITIES)),
    Spec(lstm, lstm_by_loops, scans(of_lstm)),
    Spec(lstm, lstm_by_loops, scans(of_projected_lstm, fewer=1), name="lstm projected"),
    Spec(gru, gru_by_loops, scans(of_gru)),
]
