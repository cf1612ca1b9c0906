"""Recurrent layers: what the suites for all ops and all layers don't ask."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, checkpoint, gradients, jacobian, jvp, no_grad, stack
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError
from nn.functional import gru, lstm, rnn
from nn.functional.recurrence import gated_units, long_short_term_memory, simple_recurrence

LAYERS = [nn.RNN, nn.LSTM, nn.GRU]
CELLS = [nn.RNNCell, nn.LSTMCell, nn.GRUCell]
each_layer = pytest.mark.parametrize("kind", LAYERS)
each_cell = pytest.mark.parametrize("kind", CELLS)
each_pair = pytest.mark.parametrize(("cell", "layer"), [*zip(CELLS, LAYERS, strict=True)])
few = settings(max_examples=20, deadline=None, derandomize=True)
GATES = {nn.RNN: 1, nn.LSTM: 4, nn.GRU: 3, nn.RNNCell: 1, nn.LSTMCell: 4, nn.GRUCell: 3}


def drawn(*shape, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(dtype)


def weighted(y, seed=5):
    return (y * drawn(*y.shape, seed=seed, dtype=y.dtype)).sum()


# ---- the ops: the whole vector that they return, with cotangents of gates and cells


def operands(name, times, batch, units, projected):
    outputs = 1 if projected else units
    if name == "lstm":
        rows = 4 * units
        shapes = [(times, batch, rows), (batch, outputs), (batch, units), (rows, outputs)]
        return shapes + [(outputs, units)] * projected
    gates = GATES[nn.GRU if name == "gru" else nn.RNN]
    shapes = [(times, batch, gates * units), (batch, units), (gates * units, units)]
    return shapes + [(gates * units,)] * (name == "gru")


FILES = {"rnn": simple_recurrence, "lstm": long_short_term_memory, "gru": gated_units}


@few
@given(
    st.sampled_from([*FILES]),
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 3)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 100),
)
def test_gates_and_cells_are_results_too(name, sizes, projected, reverse, padded, seed):
    times, batch, units = sizes
    shapes = operands(name, times, batch, units, projected)
    inputs = [Tensor(drawn(*s, seed=seed + i), requires_grad=True) for i, s in enumerate(shapes)]
    lengths = np.random.default_rng(seed).integers(1, times, batch, endpoint=True)
    past = [np.arange(times)[:, None] >= lengths] if padded else []
    options = {"relu": bool(seed % 2)} if name == "rnn" else {}
    found = getattr(FILES[name], f"{name}_op")(*inputs, *past, reverse=reverse, **options)
    plain = FILES[name]._by_ops(*inputs, *past, reverse=reverse, **options)
    assert_allclose(found.data, plain.data, rtol=1e-12, atol=1e-12)
    g = drawn(*found.shape, seed=seed)
    for ours, theirs in zip(gradients(found, inputs, g), gradients(plain, inputs, g), strict=True):
        assert_allclose(ours.data, theirs.data, rtol=1e-9, atol=1e-12)


def test_operands_that_do_not_fit_are_named():
    z, h, w = np.zeros((4, 2, 12)), np.zeros((2, 3)), np.zeros((12, 3))
    with pytest.raises(ShapeError, match=r"lstm: c0 must have shape \(2, 3\); it has shape \(3,\)"):
        lstm(z, h, np.zeros(3), w)
    with pytest.raises(ShapeError, match="lstm: 3 units and 2 outputs; w_hr is for fewer"):
        lstm(z, np.zeros((2, 2)), h, np.zeros((12, 2)))
    with pytest.raises(ShapeError, match="lstm: z_in must be"):
        lstm(z[0], h, h, w)
    with pytest.raises(ShapeError, match=r"lstm: past must be \(times, batch\), \(4, 2\)"):
        lstm(z, h, h, w, past=np.zeros((2, 4), bool))
    with pytest.raises(DTypeError, match="past must hold truth values"):
        lstm(z, h, h, w, past=np.zeros((4, 2)))
    with pytest.raises(DTypeError, match="rnn: z_in must be real and floating, not of dtype int64"):
        rnn(z.astype(int), np.zeros((2, 12)), np.zeros((12, 12)))
    with pytest.raises(DomainError, match="rnn: nonlinearity must be 'tanh' or 'relu', not 'elu'"):
        rnn(z, np.zeros((2, 12)), np.zeros((12, 12)), nonlinearity="elu")
    with pytest.raises(ShapeError, match=r"gru: b_hh must have shape \(12,\)"):
        gru(z, np.zeros((2, 4)), np.zeros((12, 4)), np.zeros(4))
    with pytest.raises(ShapeError, match=r"input_projection of .* x must be"):
        nn.functional.input_projection(z, np.zeros((3, 5)))
    with pytest.raises(ShapeError, match="a bias"):
        nn.functional.input_projection(z, np.zeros((3, 12)), np.zeros(1))


# ---- layers


@each_layer
def test_parameters_have_the_names_and_shapes_of_torch_s(kind):
    layer = kind(2, 3, 2, bidirectional=True, rng=0)
    rows = 3 * GATES[kind]
    shapes = {name: p.shape for name, p in layer.named_parameters()}
    one = {"weight_ih": (rows, 2), "weight_hh": (rows, 3), "bias_ih": (rows,), "bias_hh": (rows,)}
    assert list(shapes)[:4] == [f"{name}_l0" for name in one]
    assert list(shapes)[4:8] == [f"{name}_l0_reverse" for name in one]
    assert [shapes[f"{name}_l0_reverse"] for name in one] == list(one.values())
    assert shapes["weight_ih_l1"] == (rows, 6)
    assert len(shapes) == 16


@each_layer
def test_initial_values_are_uniform_within_the_root_of_the_units(kind):
    layer = kind(30, 25, rng=0)
    for p in layer.parameters():
        assert 0.19 < np.abs(p.data).max() <= 0.2
        assert abs(p.data.mean()) < 0.4 / p.data.size**0.5


@each_layer
def test_initializers_are_asked_for_inputs_by_outputs(kind):
    asked = []

    def weights(rng, shape, dtype):
        asked.append(shape)
        return np.arange(np.prod(shape), dtype=dtype).reshape(shape)

    layer = kind(2, 3, weight_init=weights, bias_init=nn.init.ones, rng=0)
    rows = 3 * GATES[kind]
    assert asked == [(2, rows), (3, rows)]
    assert_array_equal(layer.weight_ih_l0.data[:, 1], np.arange(rows, 2 * rows))
    assert layer.bias_hh_l0.data.tolist() == [1.0] * rows


def test_options_are_shown():
    assert repr(nn.LSTM(1, 2)) == "LSTM(1, 2): 40 parameters"
    layer = nn.LSTM(1, 4, 2, False, True, 0.5, True, 3)
    assert layer.signature() == (
        "LSTM(1, 4, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True, "
        "proj_size=3)"
    )
    assert nn.RNN(1, 2, nonlinearity="relu").signature() == "RNN(1, 2, nonlinearity='relu')"
    assert nn.GRUCell(1, 2, bias=False).signature() == "GRUCell(1, 2, bias=False)"
    assert nn.RNNCell(1, 2, True, "relu").signature() == "RNNCell(1, 2, nonlinearity='relu')"


def test_options_are_checked():
    with pytest.raises(ShapeError, match=r"GRU\(0, 2, num_layers=1\): sizes must be positive"):
        nn.GRU(0, 2)
    with pytest.raises(DTypeError, match="GRU of dtype int64"):
        nn.GRU(1, 2, dtype=int)
    with pytest.raises(DomainError, match=r"LSTM: dropout must be between 0 and 1: 1\.5"):
        nn.LSTM(1, 2, 2, dropout=1.5)
    with pytest.raises(ShapeError, match="proj_size must be an integer below hidden_size, 2"):
        nn.LSTM(1, 2, proj_size=2)
    with pytest.raises(DomainError, match="RNN: nonlinearity must be"):
        nn.RNN(1, 2, nonlinearity="sigmoid")
    with pytest.raises(DomainError, match="RNNCell: nonlinearity must be"):
        nn.RNNCell(1, 2, nonlinearity="sigmoid")
    with pytest.warns(UserWarning, match=r"dropout=0\.5 does nothing with one layer") as caught:
        nn.LSTM(1, 2, dropout=0.5)
    assert caught[0].filename == __file__


def test_inputs_that_do_not_fit_name_the_layer():
    layer = nn.LSTM(3, 4, rng=0)
    x = np.zeros((5, 2, 3))
    with pytest.raises(ShapeError, match=r"x must be \(times, batch, 3\).*in LSTM\(3, 4\)"):
        layer(np.zeros((5, 2, 4)))
    with pytest.raises(ShapeError, match=r"GRU: x must be \(batch, times, 3\)"):
        nn.GRU(3, 4, batch_first=True)(np.zeros((5, 2, 4)))
    with pytest.raises(ShapeError, match="at least one time"):
        layer(np.zeros((0, 2, 3)))
    with pytest.raises(ShapeError, match=r"the first states must be a pair \(h0, c0\)"):
        layer(x, np.zeros((1, 2, 4)))
    with pytest.raises(ShapeError, match=r"LSTM: c0 must have shape \(1, 2, 4\)"):
        layer(x, (np.zeros((1, 2, 4)), np.zeros((2, 4))))
    with pytest.raises(ShapeError, match=r"GRU: h0 must have shape \(1, 4\); .* \(1, 1, 4\)"):
        nn.GRU(3, 4)(np.zeros((5, 3)), np.zeros((1, 1, 4)))
    for lengths in ([0, 5], [5, 6]):
        with pytest.raises(DomainError, match=r"LSTM: lengths must be between 1 .*, 5; they are"):
            layer(x, lengths=lengths)
    with pytest.raises(ShapeError, match=r"lengths must have shape \(2,\), not \(3,\)"):
        layer(x, lengths=[1, 2, 3])
    with pytest.raises(DTypeError, match="lengths must be integers, not float64"):
        layer(x, lengths=[1.0, 2.0])
    cell = nn.LSTMCell(3, 4)
    with pytest.raises(ShapeError, match=r"x must be \(batch, 3\).*in LSTMCell\(3, 4\)"):
        cell(np.zeros((2, 4)))
    with pytest.raises(ShapeError, match=r"a pair \(h, c\)"):
        cell(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(ShapeError, match=r"GRUCell: h must have shape \(2, 4\)"):
        nn.GRUCell(3, 4)(np.zeros((2, 3)), np.zeros(4))


@each_layer
def test_a_single_sequence_may_have_a_length(kind):
    layer = kind(2, 3, bidirectional=True, dtype=np.float64, rng=0)
    x = drawn(5, 2)
    padded, _ = layer(x, lengths=3)
    short, _ = layer(x[:3])
    assert_allclose(padded.data[:3], short.data, rtol=1e-12)
    assert not padded.data[3:].any()


@each_layer
def test_what_is_past_the_end_is_not_read(kind):
    layer = kind(2, 3, 2, bidirectional=True, dtype=np.float64, rng=0)
    x = drawn(5, 2, 2)
    expected = layer(x, lengths=[5, 3])[0].data
    x[3:, 1] = np.nan
    leaf = Tensor(x, requires_grad=True)
    outputs, _ = layer(leaf, lengths=[5, 3])
    assert_array_equal(outputs.data, expected)
    weighted(outputs).backward()
    assert not leaf.grad.data[3:, 1].any()
    assert all(np.isfinite(p.grad.data).all() for p in layer.parameters())


@each_layer
def test_dropout_is_between_layers_and_in_training(kind):
    layer = kind(2, 3, 2, dropout=0.4, dtype=np.float64, rng=7)
    below, above = kind(2, 3, dtype=np.float64), kind(3, 3, dtype=np.float64)
    state = layer.state_dict()
    below.load_state_dict({k: v for k, v in state.items() if k.endswith("l0")})
    above.load_state_dict({k[:-1] + "0": v for k, v in state.items() if k.endswith("l1")})
    x = drawn(4, 5, 2)
    hidden = below(x)[0].data
    mask = np.random.default_rng()
    mask.bit_generator.state = layer.rng.bit_generator.state
    kept = mask.random(hidden.shape, np.float32) >= 0.4
    assert_allclose(layer(x)[0].data, above(hidden * kept / 0.6)[0].data, rtol=1e-6)
    layer.eval()
    assert_allclose(layer(x)[0].data, above(hidden)[0].data, rtol=1e-12)


def test_a_checkpoint_draws_the_same_dropout_again():
    layer = nn.GRU(2, 3, 2, dropout=0.5, dtype=np.float64, rng=0)
    same = nn.GRU(2, 3, 2, dropout=0.5, dtype=np.float64, rng=0)
    x = Tensor(drawn(4, 2, 2), requires_grad=True)
    weighted(checkpoint(lambda x: layer(x)[0])(x)).backward()
    weighted(same(x)[0]).backward()
    for p, q in zip(layer.parameters(), same.parameters(), strict=True):
        assert_allclose(p.grad.data, q.grad.data, rtol=1e-12)


@each_layer
def test_extreme_inputs_saturate_in_silence(kind):
    layer = kind(2, 3, rng=0)
    for scale in (1e-30, 1e4, 1e30):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            outputs, _ = layer((scale * drawn(4, 2, 2)).astype(np.float32))
            outputs.sum().backward()
        assert np.isfinite(outputs.data).all()
        assert all(np.isfinite(p.grad.data).all() for p in layer.parameters())


@each_layer
def test_half_precision_is_kept(kind):
    layer, exact = kind(2, 3, dtype=np.float16, rng=0), kind(2, 3, dtype=np.float64)
    exact.load_state_dict(layer.state_dict())
    x = drawn(4, 2, 2).astype(np.float16)
    outputs, _ = layer(x)
    assert outputs.dtype == np.float16
    outputs.sum().backward()
    assert {p.grad.dtype for p in layer.parameters()} == {np.dtype(np.float16)}
    assert_allclose(outputs.data, exact(x.astype(float))[0].data, atol=5e-3)


@each_layer
def test_an_empty_batch_gives_empty_results(kind):
    layer = kind(2, 3, bidirectional=True, rng=0)
    outputs, _ = layer(np.zeros((4, 0, 2), np.float32), lengths=np.zeros(0, int))
    assert outputs.shape == (4, 0, 6)
    outputs.sum().backward()
    assert not any(p.grad.data.any() for p in layer.parameters())


@each_layer
def test_multiply_adds_are_those_of_both_products(kind):
    found = nn.summary(kind(2, 3, bidirectional=True), (4, 5, 2))
    assert found.multiply_adds == 2 * 4 * 5 * 3 * GATES[kind] * (2 + 3)


def test_without_recording_there_is_no_graph():
    layer = nn.LSTM(2, 3, rng=0)
    with no_grad():
        outputs, (h, c) = layer(drawn(4, 5, 2))
    assert not (outputs.requires_grad or h.requires_grad or c.requires_grad)


@each_layer
def test_results_may_be_written_into(kind):
    layer = kind(2, 3, dtype=np.float64, rng=0)
    x = drawn(4, 2, 2)
    outputs, _ = layer(x)
    weighted(outputs * 2.0).backward()
    expected = [p.grad.data for p in layer.parameters()]
    layer.zero_grad()
    outputs, _ = layer(x)
    outputs *= 2.0
    weighted(outputs).backward()
    for p, grad in zip(layer.parameters(), expected, strict=True):
        assert_allclose(p.grad.data, grad, rtol=1e-12)


@each_pair
def test_a_loop_over_a_cell_is_the_layer(cell, layer):
    many = layer(2, 3, dtype=np.float64, rng=0)
    one = cell(2, 3, dtype=np.float64, rng=0)  # the same draws in the same order
    x = drawn(4, 5, 2)
    states, hx = [], None
    for x_t in x:
        hx = one(x_t, hx)
        states.append(hx[0] if isinstance(hx, tuple) else hx)
    assert_allclose(stack(states).data, many(x)[0].data, rtol=1e-12)


# ---- deltas


@each_layer
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("frozen", ["", "weight_ih", "bias"])
def test_deltas_are_those_of_every_layer_direction_and_time(kind, bias, frozen):
    layer = kind(2, 3, 2, bias=bias, bidirectional=True, dtype=np.float64, rng=0)
    for name, p in layer.named_parameters():
        if frozen and name.startswith(frozen) and (bias or frozen == "bias"):
            p.requires_grad = False
    x = drawn(4, 5, 2)
    outputs, hx = layer(x, lengths=[4, 1, 2, 3, 4])
    loss = weighted(outputs) + sum(map(weighted, hx if isinstance(hx, tuple) else [hx]))
    found = nn.deltas(layer, loss)
    suffixes = ["l0", "l0_reverse", "l1", "l1_reverse"]
    assert list(found) == [f"{kind.__name__}.z_{suffix}" for suffix in suffixes]
    loss.backward()
    for suffix in suffixes:
        delta = found[f"{kind.__name__}.z_{suffix}"].data
        assert delta.shape == (4, 5, 3 * GATES[kind])
        assert not delta[2:, 2].any()  # past the end
        weight, b = (getattr(layer, f"{name}_{suffix}") for name in ("weight_ih", "bias_ih"))
        if b is not None and b.requires_grad:  # dC/db is the sum of the deltas
            assert_allclose(b.grad.data, delta.sum(axis=(0, 1)), rtol=1e-12, atol=1e-15)
        if suffix.startswith("l0") and weight.requires_grad:  # dC/dw is delta times what came in
            inside = x * (np.arange(4)[:, None] < [4, 1, 2, 3, 4])[:, :, None]
            product = np.einsum("tbu,tbi->ui", delta, inside)
            assert_allclose(weight.grad.data, product, rtol=1e-9, atol=1e-15)


@each_pair
@pytest.mark.parametrize("bias", [False, True])
def test_deltas_of_a_cell_are_one_a_time(cell, layer, bias):
    many = layer(2, 3, bias=bias, dtype=np.float64, rng=0)
    model = nn.ModuleList([cell(2, 3, bias=bias, dtype=np.float64, rng=0)])
    x, hx, states = drawn(3, 5, 2), None, []
    for x_t in x:
        hx = model[0](x_t, hx)
        states.append(hx[0] if isinstance(hx, tuple) else hx)
    found = nn.deltas(model, weighted(stack(states)))
    assert list(found) == ["0", "0#2", "0#3"]
    expected = nn.deltas(many, weighted(many(x)[0]))[f"{layer.__name__}.z_l0"].data
    for delta, wanted in zip(found.values(), expected, strict=True):
        assert_allclose(delta.data, wanted, rtol=1e-9, atol=1e-15)


def test_a_delta_is_the_derivative_at_the_pre_activation():
    layer = nn.GRU(2, 2, dtype=np.float64, rng=0)
    x = drawn(3, 1, 2)
    delta = nn.deltas(layer, weighted(layer(x)[0]))["GRU.z_l0"].data
    z = nn.functional.input_projection(x, layer.weight_ih_l0, layer.bias_ih_l0).data
    start, step = np.zeros((1, 2)), 1e-6

    def loss(z):
        return weighted(gru(z, start, layer.weight_hh_l0, layer.bias_hh_l0)[0]).item()

    for place in np.ndindex(z.shape):
        shift = np.zeros(z.shape)
        shift[place] = step
        slope = (loss(z + shift) - loss(z - shift)) / (2 * step)
        assert abs(delta[place] - slope) < 1e-8


def test_a_weight_penalty_is_no_pre_activation():
    layer = nn.LSTM(2, 3, dtype=np.float64, rng=0)
    loss = weighted(layer(drawn(4, 5, 2))[0]) + 0.1 * (layer.weight_ih_l0**2).sum()
    assert list(nn.deltas(layer, loss)) == ["LSTM.z_l0"]


def test_deltas_of_frozen_layers_are_left_out():
    layer = nn.RNN(2, 3, rng=0)
    for p in layer.parameters():
        p.requires_grad = False
    x = Tensor(drawn(4, 5, 2), requires_grad=True)
    with pytest.raises(GraphError, match="no graph that goes through a layer of this RNN"):
        nn.deltas(layer, weighted(layer(x)[0]))


class TwoProducts(nn.Module):
    """A layer with two pre-activations, which it names."""

    def __init__(self):
        self.first, self.second = (Tensor(np.eye(2), requires_grad=True) for _ in range(2))

    def pre_activation_parameters(self):
        return {"first": [self.first], "second": [self.second]}

    def forward(self, x):
        return np.tanh(x @ self.first) @ self.second


def test_a_layer_may_name_its_pre_activations():
    model = nn.Sequential(TwoProducts())
    found = nn.deltas(model, model([[0.0, 1.0]]).sum())
    assert list(found) == ["0.first", "0.second"]
    assert found["0.second"].data.tolist() == [[1.0, 1.0]]
    assert_allclose(found["0.first"].data, [[1.0, 1 - np.tanh(1) ** 2]])


# ---- transforms


@each_layer
@pytest.mark.parametrize("frozen", [False, True])
def test_jacobians_and_tangents_agree_with_gradients(kind, frozen):
    layer = kind(2, 2, bidirectional=True, dtype=np.float64, rng=0)
    for p in layer.parameters():
        p.requires_grad = not frozen
    x, v = drawn(3, 1, 2), drawn(3, 1, 2, seed=1)

    def outputs(x):
        return layer(x, lengths=[2])[0]

    whole, tangent = (
        y if frozen else y.numpy() for y in (jacobian(outputs)(x), jvp(outputs, (x,), (v,))[1])
    )
    assert_allclose(np.tensordot(whole, v, axes=3), tangent, rtol=1e-9, atol=1e-12)
    leaf = Tensor(x, requires_grad=True)
    y = outputs(leaf)
    for place in np.ndindex(y.shape):
        g = np.zeros(y.shape)
        g[place] = 1.0
        row = gradients(y, leaf, g, retain_graph=True).data
        assert_allclose(whole[place], row, rtol=1e-9, atol=1e-12)


# ---- captured


@each_layer
def test_a_captured_scan_is_one_call_whatever_the_lengths(kind):
    layer = kind(2, 3, dtype=np.float64, rng=0)

    def step(x, lengths):
        layer.zero_grad()
        outputs, _ = layer(x, lengths=lengths)
        loss = (outputs * outputs).sum()
        loss.backward()
        return loss

    calls = []
    for times in (3, 30):
        captured = capture(step, on_miss="error")
        for lengths in ([1, 3], [3, 2], [2, 1], [3, 3]):
            x = drawn(times, 2, 2, seed=sum(lengths))
            found = captured(x, np.array(lengths)).item()
            grads = [p.grad.data.copy() for p in layer.parameters()]
            assert found == step(x, np.array(lengths)).item()
            for p, grad in zip(layer.parameters(), grads, strict=True):
                assert_array_equal(p.grad.data, grad)
        assert len(captured.programs) == 1
        calls.append(str(captured.programs[0]).count("_scan"))
        with pytest.raises(DomainError, match="lengths must be between 1"):
            captured(x, np.array([0, 1]))
    assert calls == [2, 2]


def test_the_source_of_a_captured_scan_runs():
    layer = nn.LSTM(2, 3, rng=0)

    @capture
    def states(x):
        return layer(x)[1][0].detach()

    x = drawn(4, 2, 2, dtype=np.float32)
    for _ in range(3):
        expected = states(x)
    module = {}
    exec(states.program.source(), module)
    found = module["states"](x, **states.program.arrays())
    assert_array_equal(found, expected.data)
    assert "import nn.functional.recurrence.long_short_term_memory" in states.program.source()
