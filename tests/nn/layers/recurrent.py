"""Recurrent layers and cells; padded batches beside PyTorch's packed sequences."""

import numpy as np
from hypothesis import strategies as st

import nn

from . import Layer, LayerCase


def packed(model, x, *states, lengths=None):
    """Call a layer of PyTorch's, with the states that are given, and with lengths packed."""
    layer, utils = model.layer, model.utils
    hx = tuple(states) if len(states) > 1 else states[0] if states else None
    if lengths is None:
        return layer(x, hx)
    first = layer.batch_first
    sequences = utils.pack_padded_sequence(x, lengths, first, enforce_sorted=False)
    outputs, last = layer(sequences, hx)
    times = x.shape[1 if first else 0]
    return utils.pad_packed_sequence(outputs, first, total_length=times)[0], last


class Called(nn.Module):
    """A layer that takes its states one by one, so that they are differentiated too."""

    def __init__(self, layer):
        self.layer = layer

    def forward(self, x, *states, lengths=None):
        named = {} if lengths is None else {"lengths": lengths}
        hx = states if len(states) > 1 else states[0] if states else None
        return self.layer(x, hx, **named)


@st.composite
def layers(draw, name):
    inputs, units = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    times, batch = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    options = {
        "num_layers": draw(st.sampled_from([1, 1, 2, 3])),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
    }
    if name == "RNN":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    if name == "LSTM":
        options["proj_size"] = draw(st.sampled_from([0, 1]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    single = draw(st.booleans())
    shape = (batch, times) if options["batch_first"] else (times, batch)
    x = rng.uniform(-1, 1, (*((times,) if single else shape), inputs))
    given = [x]
    if draw(st.booleans()):
        rows = options["num_layers"] * (1 + options["bidirectional"])
        sizes = [options.get("proj_size") or units, units][: 1 + (name == "LSTM")]
        middle = () if single else (batch,)
        given += [rng.uniform(-1, 1, (rows, *middle, size)) for size in sizes]
    lengths = None if single else draw(st.sampled_from([None, "some"]))
    if lengths is not None:
        lengths = rng.integers(1, times, batch, endpoint=True)
    return LayerCase(
        lambda dtype, rng: Called(
            getattr(nn, name)(inputs, units, **options, dtype=dtype, rng=rng)
        ),
        tuple(given),
        lambda torch: named_as_ours(torch, getattr(torch.nn, name)(inputs, units, **options)),
        named={} if lengths is None else {"lengths": lengths},
        torch_call=packed,
    )


def named_as_ours(torch, layer):
    model = torch.nn.Module()
    model.layer, model.utils = layer, torch.nn.utils.rnn
    return model


@st.composite
def cells(draw, name):
    inputs, units = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    lead = draw(st.sampled_from([(), (1,), (3,)]))
    options = {"bias": draw(st.booleans())}
    if name == "RNNCell":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    states = 0 if draw(st.booleans()) else 1 + (name == "LSTMCell")
    given = [(*lead, inputs)] + [(*lead, units)] * states
    return LayerCase(
        lambda dtype, rng: Called(
            getattr(nn, name)(inputs, units, **options, dtype=dtype, rng=rng)
        ),
        tuple(rng.uniform(-1, 1, shape) for shape in given),
        lambda torch: named_as_ours(torch, getattr(torch.nn, name)(inputs, units, **options)),
        torch_call=packed,
    )


@st.composite
def dropping(draw):
    name = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    return LayerCase(
        lambda dtype, rng: getattr(nn, name)(2, 3, 2, dropout=0.5, dtype=dtype, rng=rng),
        (rng.uniform(-1, 1, (4, 2, 2)),),
        lambda torch: getattr(torch.nn, name)(2, 3, 2, dropout=0.5),
        training=draw(st.booleans()),
    )


LAYERS = [
    *(Layer(name, layers(name)) for name in ("RNN", "LSTM", "GRU")),
    *(Layer(name, cells(name)) for name in ("RNNCell", "LSTMCell", "GRUCell")),
    Layer("recurrent dropout", dropping(), draws=True),
]
