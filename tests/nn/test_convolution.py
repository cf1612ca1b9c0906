"""Convolution: what its registrations don't see."""

import warnings
from math import sqrt

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, jacobian
from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.functional.convolution import blocks
from nn.functional.convolution.geometry import Geometry

F = nn.functional


def reference(x, w, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    kh, kw = w.shape[2:]
    rows = range(0, x.shape[2] - kh + 1, stride)
    columns = range(0, x.shape[3] - kw + 1, stride)
    return np.stack(
        [
            np.stack(
                [np.einsum("nchw,ochw->no", x[:, :, i : i + kh, j : j + kw], w) for j in columns]
            )
            for i in rows
        ]
    ).transpose(2, 3, 0, 1)


def drawn(*shapes, dtype="f8", seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


@pytest.fixture(params=[1 << 8, 1 << 12, 1 << 20])
def any_block(request, monkeypatch):
    """Split also what is small into blocks of images and of rows."""
    monkeypatch.setattr(blocks, "_BLOCK", request.param)
    monkeypatch.setattr(blocks, "_MOST_BLOCKS", 1000)


SHAPES = [  # x and weight: of few channels, and of many
    ((5, 1, 9, 8), (3, 1, 3, 2)),
    ((5, 6, 7, 4), (4, 6, 3, 3)),
    ((3, 8, 6, 6), (5, 8, 1, 1)),
]


@pytest.mark.parametrize(("image", "weight"), SHAPES)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [0, 2])
def test_blocks_change_nothing(any_block, image, weight, stride, padding):
    x, w = drawn(image, weight)
    expected = reference(x, w, stride, padding)
    (g,) = drawn(expected.shape, seed=1)
    a, b = Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)
    y = F.conv2d(a, b, stride=stride, padding=padding)
    assert_allclose(y.data, expected, atol=1e-12)
    y.backward(g)
    u, v = drawn(image, weight, seed=2)
    assert_allclose(
        np.vdot(a.grad.data, u), np.vdot(g, reference(u, w, stride, padding)), rtol=1e-10
    )
    assert_allclose(
        np.vdot(b.grad.data, v), np.vdot(g, reference(x, v, stride, padding)), rtol=1e-10
    )


@pytest.mark.parametrize(("image", "weight"), SHAPES)
@pytest.mark.parametrize("options", [{}, {"padding": 1}, {"stride": 2, "padding": (2, 1)}])
def test_captured_steps_are_eager_s(any_block, image, weight, options):
    def made():
        layer = nn.Conv2d(weight[1], weight[0], weight[2:], rng=0, **options)
        other = nn.ConvTranspose2d(weight[0], 2, 2, stride=2, rng=1)
        model = nn.Sequential(layer, nn.ReLU(), other)
        optimizer = nn.optim.SGD(model.parameters(), 0.01, momentum=0.9)

        def step(x):
            optimizer.zero_grad()
            loss = (model(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        return model, step

    (model, step), (other, eager) = made(), made()
    captured = capture(step, on_miss="error")
    for turn in range(5):
        (x,) = drawn(image, dtype="f4", seed=turn)
        assert captured(x).item() == eager(x).item()
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        assert_array_equal(ours.data, theirs.data)
        assert_array_equal(ours.grad.data, theirs.grad.data)


def test_constants_beside_traced_weights_are_captured():
    x, w = drawn((4, 3, 6, 6), (2, 3, 3, 3))

    @capture(on_miss="error")
    def f(w):
        y = F.conv2d(x, w)
        return y, F.conv_transpose2d(np.ones((1, 2, 3, 3)), w, stride=2)

    for factor in (1.0, 2.0, 3.0, 4.0):
        y, z = f(factor * w)
        assert_allclose(y, reference(x, factor * w), atol=1e-12)
        assert_allclose(z, F.conv_transpose2d(np.ones((1, 2, 3, 3)), factor * w, stride=2))


@pytest.mark.parametrize("layout", ["strided", "reversed", "channels last", "broadcast"])
@pytest.mark.parametrize(("image", "weight"), SHAPES)
def test_any_memory_order_is_read(layout, image, weight):
    x, w = drawn(image, weight)
    if layout == "strided":
        x = np.stack([x, x], -1)[..., 0]
    elif layout == "reversed":
        x, w = x[..., ::-1, ::-1], w[::-1, :, ::-1]
    elif layout == "channels last":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    else:
        x, w = np.broadcast_to(x[:1, :, :1], x.shape), np.broadcast_to(w[:, :, :1], w.shape)
    a, b = Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)
    y = F.conv2d(a, b)
    assert_allclose(y.data, reference(x, w), atol=1e-12)
    y.sum().backward()  # a cotangent of one number, seen in all places
    ones = np.ones(y.shape)
    (u,) = drawn(image, seed=1)
    assert_allclose(np.vdot(a.grad.data, u), np.vdot(ones, reference(u, w)), rtol=1e-9)


def test_deltas_are_the_gradients_at_the_outputs():
    class Model(nn.Module):
        def __init__(self):
            self.first = nn.Conv2d(1, 3, 3, padding=1, padding_mode="reflect", rng=0)
            self.second = nn.Conv2d(3, 2, 2, bias=False, rng=1)
            self.third = nn.ConvTranspose2d(2, 1, 2, rng=2)

        def forward(self, x):
            self.outputs = [self.first(x)]
            for layer in (self.second, self.third):
                self.outputs.append(layer(np.tanh(self.outputs[-1])))
            for y in self.outputs:
                y.retain_grad()
            return self.outputs[-1]

    model = Model()
    for x in drawn((2, 1, 5, 5), (1, 5, 5), dtype="f4"):
        loss = (model(x) ** 2).sum()
        found = nn.deltas(model, loss)
        loss.backward()
        assert list(found) == ["first", "second", "third"]
        for delta, y in zip(found.values(), model.outputs, strict=True):
            assert delta.shape == y.shape
            assert_array_equal(delta.data, y.grad.data)


@pytest.mark.parametrize("channels", [1, 300])
def test_float16_is_added_up_in_float32(channels):
    x, w = np.full((1, channels, 30, 30), 1.0, "f2"), np.full((1, channels, 5, 5), 0.5, "f2")
    a, b = Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = F.conv2d(a, b, Tensor(np.zeros(1, "f2"), requires_grad=True))
        y.backward(np.ones(y.shape, "f2"))
    assert y.dtype == a.grad.dtype == b.grad.dtype == np.float16
    assert_array_equal(y.data, np.full(y.shape, 12.5 * channels, "f2"))
    assert_array_equal(b.grad.data, np.full(w.shape, 26 * 26, "f2"))
    big = F.conv2d(np.full((1, 1, 3, 3), 6e4, "f2"), np.ones((1, 1, 3, 3), "f2"))
    assert np.isinf(big.data).all()


def test_results_have_the_dtype_of_the_product():
    x, w = drawn((1, 2, 4, 4), (3, 2, 3, 3), dtype="f4")
    assert F.conv2d(x, w).dtype == np.float32
    assert F.conv2d(x, w.astype("f8")).dtype == np.float64
    layer = nn.Conv2d(2, 3, 3, dtype=np.float64)
    assert layer(x).dtype == np.float64
    assert_allclose(F.conv2d(np.ones((1, 3, 3), int), np.ones((1, 1, 3, 3))).data, [[[9.0]]])


def test_jacobians_and_batches_of_nothing():
    x, w = drawn((1, 4, 4), (2, 1, 3, 3))
    found = jacobian(lambda x: F.conv2d(x, w))(x)
    assert found.shape == (2, 2, 2, 1, 4, 4)
    assert_allclose(np.einsum("abcdef,def->abc", found, x), reference(x[None], w)[0], atol=1e-12)
    empty = Tensor(np.zeros((0, 1, 4, 4)), requires_grad=True)
    weight = Tensor(w, requires_grad=True)
    y = F.conv2d(empty, weight)
    y.sum().backward()
    assert y.shape == (0, 2, 2, 2)
    assert_array_equal(weight.grad.data, np.zeros(w.shape))
    assert empty.grad.shape == (0, 1, 4, 4)


def test_geometry_counts_windows():
    geometry = Geometry((2, 1), ((1, 0), (0, 0)), (1, 2))
    assert geometry.extents((3, 2)) == (3, 3)
    assert geometry.counts((6, 5), (3, 2)) == (3, 3)
    for shape in [(5, 4, 100), (1, 1000, 4000), (300, 7, 1), (0, 3, 3), (2, 3, 0)]:
        covered = np.zeros(shape[:2], int)
        for part in blocks.blocks(shape, 8):
            covered[part] += 1
        assert (covered == 1).all()


# ---------------------------------------------------------------------- initial values


def test_initial_values_are_uniform_within_one_over_the_root_of_the_inputs():
    layer = nn.Conv2d(8, 64, 3, groups=2, rng=0)
    bound = 1 / sqrt(4 * 9)
    for values in (layer.weight.data, layer.bias.data):
        assert abs(values).max() <= bound
        assert_allclose(values.var(), bound**2 / 3, rtol=0.2)
    layer = nn.ConvTranspose2d(64, 8, 3, groups=2, rng=0)
    assert layer.weight.shape == (64, 4, 3, 3)
    assert_allclose(layer.weight.data.var(), bound**2 / 3, rtol=0.1)


def test_initializers_get_window_positions_inputs_and_outputs():
    shapes = []

    def init(rng, shape, dtype):
        shapes.append(shape)
        return np.arange(np.prod(shape), dtype=dtype).reshape(shape)

    layer = nn.Conv2d(4, 6, (2, 3), groups=2, weight_init=init, bias_init=init)
    assert shapes == [(2, 3, 2, 6), (6,)]
    assert_array_equal(layer.weight.data, np.arange(72.0).reshape(2, 3, 2, 6).transpose(3, 2, 0, 1))
    shapes.clear()
    layer = nn.ConvTranspose1d(4, 6, 5, groups=2, weight_init=init, bias=False)
    assert shapes == [(5, 4, 3)]
    assert_array_equal(layer.weight.data, np.arange(60.0).reshape(5, 4, 3).transpose(1, 2, 0))


# ---------------------------------------------------------------------- names and errors


def test_signatures_show_what_isn_t_the_default():
    shown = {
        "Conv2d(1, 8, 5, padding=2)": nn.Conv2d(1, 8, (5, 5), padding=2),
        "Conv1d(2, 4, 3, stride=2, dilation=2, groups=2, bias=False, padding_mode='circular')": (
            nn.Conv1d(2, 4, 3, 2, dilation=2, groups=2, bias=False, padding_mode="circular")
        ),
        "Conv2d(1, 8, (5, 3), padding='same')": nn.Conv2d(1, 8, (5, 3), padding="same"),
        "ConvTranspose2d(8, 1, 4, stride=2, padding=1, output_padding=(1, 0))": (
            nn.ConvTranspose2d(8, 1, 4, 2, 1, (1, 0))
        ),
        "ZeroPad2d((1, 2, 0, 0))": nn.ZeroPad2d((1, 2, 0, 0)),
        "ReflectionPad1d(2)": nn.ReflectionPad1d(2),
        "ConstantPad2d(1, 0.5)": nn.ConstantPad2d(1, 0.5),
        "Unfold(3, padding=1)": nn.Unfold(3, padding=1),
        "Fold(8, (3, 2), stride=2)": nn.Fold(8, (3, 2), stride=2),
        "Upsample(scale_factor=2, mode='bilinear')": nn.Upsample(scale_factor=2, mode="bilinear"),
        "Flatten()": nn.Flatten(),
        "Flatten(start_axis=2, end_axis=3)": nn.Flatten(2, 3),
        "Unflatten(1, (2, -1))": nn.Unflatten(1, (2, -1)),
        "PixelShuffle(2)": nn.PixelShuffle(2),
    }
    for expected, layer in shown.items():
        assert layer.signature() == expected


WRONG = [
    (lambda: nn.Conv2d(0, 1, 3), ShapeError, "Conv2d(0, 1, 3): sizes must be positive"),
    (lambda: nn.Conv2d(1, 1, 0), DomainError, "kernel_size must be at least 1"),
    (lambda: nn.Conv2d(1, 1, (3, 3, 3)), ShapeError, "kernel_size must be an integer, or 2 for"),
    (lambda: nn.Conv1d(1, 1, True), ShapeError, "kernel_size must be an integer; it is True"),
    (lambda: nn.Conv2d(1, 1, 3, stride=0), DomainError, "stride must be at least 1"),
    (lambda: nn.Conv2d(1, 1, 3, padding=-1), DomainError, "padding must be at least 0"),
    (lambda: nn.Conv2d(1, 1, 3, padding="full"), DomainError, "must be a number, one for each"),
    (lambda: nn.Conv2d(1, 1, 3, 2, "same"), DomainError, 'padding="same" needs stride=1'),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), DomainError, "groups=2 must divide the number of in_"),
    (lambda: nn.Conv2d(4, 3, 3, groups=2), DomainError, "divide the number of out_channels, 3"),
    (lambda: nn.Conv2d(1, 1, 3, padding_mode="edge"), DomainError, "must be one of zeros, refl"),
    (lambda: nn.Conv2d(1, 1, 3, dtype=int), DTypeError, "Conv2d of dtype int64"),
    (lambda: nn.ConvTranspose2d(1, 1, 3, output_padding=1), DomainError, "must be smaller than"),
    (lambda: nn.ConvTranspose2d(1, 1, 3, padding_mode="reflect"), DomainError, 'only be "zeros"'),
    (lambda: nn.Conv2d(3, 4, 3)(np.ones((2, 2, 8, 8))), ShapeError, "(batch, 3, height, width)"),
    (lambda: nn.Conv2d(3, 4, 3)(np.ones((8, 8))), ShapeError, "it has shape (8, 8); in Conv2d(3,"),
    (lambda: nn.Conv2d(1, 4, 9)(np.ones((1, 8, 8))), ShapeError, "reaches over (9, 9) values"),
    (
        lambda: nn.Conv2d(3, 4, 3, padding=9, padding_mode="reflect")(np.ones((3, 8, 8))),
        ShapeError,
        "needs more values than it adds on one side",
    ),
    (
        lambda: nn.ConvTranspose1d(1, 1, 3, 2)(np.ones((1, 4)), output_size=[12]),
        ShapeError,
        "output_size must lie between (9,) and (10,)",
    ),
    (lambda: F.conv2d(np.ones((1, 4, 4)), np.ones((1, 3, 3))), ShapeError, "weight must have"),
    (
        lambda: F.conv2d(np.ones((1, 4, 4)), np.ones((1, 1, 3, 3)), np.ones(2)),
        ShapeError,
        "bias must have shape (1,); it has shape (2,)",
    ),
    (
        lambda: F.conv_transpose1d(np.ones((1, 1)), np.ones((1, 1, 2)), padding=2),
        ShapeError,
        "nothing is left",
    ),
    (lambda: F.unfold(np.ones((4, 4)), 2), ShapeError, "unfold: x must have shape"),
    (lambda: F.unfold(np.ones((1, 1, 0, 4)), 2, padding=2), ShapeError, "only the batch may be"),
    (
        lambda: nn.ConvTranspose1d(1, 1, 3)(np.ones((1, 1, 0))),
        ShapeError,
        "it has shape (1, 1, 0); only the batch may be empty; in ConvTranspose1d(1, 1, 3)",
    ),
    (lambda: nn.Conv2d(1, 1, 2, padding=2)(np.ones((1, 0, 4))), ShapeError, "only the batch may"),
    (lambda: F.unfold(np.ones((1, 2, 2)), 3), ShapeError, "reaches over (3, 3)"),
    (lambda: F.fold(np.ones((4, 5)), 3, 2), ShapeError, "(batch, channels * 4, 4)"),
    (lambda: F.pad(np.ones(3), (1,)), ShapeError, "give two integers, before and after"),
    (lambda: F.pad(np.ones(3), (1, 1), "edge"), DomainError, "mode must be one of constant"),
    (lambda: F.pad(np.ones(3), (1, 1), "reflect", 1.0), DomainError, "takes no value"),
    (lambda: F.pad(np.ones(3), (-2, -2)), ShapeError, "needs a value that is left"),
    (lambda: F.pad(np.ones(3), (4, 0), "circular"), ShapeError, "as many values as it adds"),
    (lambda: nn.ZeroPad2d((1, 2)), ShapeError, "(left, right, top, bottom)"),
    (lambda: nn.ZeroPad1d(1)(np.ones(3)), ShapeError, "(batch, channels, length)"),
    (nn.Upsample, DomainError, "Upsample: give either size or scale_factor"),
    (lambda: nn.Upsample(2, mode="cubic"), DomainError, "mode must be one of nearest"),
    (lambda: nn.Upsample(2, align_corners=True), DomainError, "has no align_corners"),
    (lambda: nn.Upsample(scale_factor=-1), DomainError, "must be positive and finite"),
    (lambda: nn.Upsample((2, 0)), DomainError, "size must be at least 1"),
    (lambda: nn.Upsample(2, mode="linear")(np.ones((1, 1, 2, 2))), ShapeError, "arrays of 3 axes"),
    (lambda: nn.Upsample(scale_factor=0.1)(np.ones((1, 1, 2))), ShapeError, "no axis may be empty"),
    (lambda: F.interpolate(np.ones((1, 1, 2)), scale_factor=(1, 2)), ShapeError, "or 1 for 1 axes"),
    (lambda: nn.PixelShuffle(0), DomainError, "upscale_factor must be at least 1"),
    (lambda: nn.PixelShuffle(2)(np.ones((3, 2, 2))), ShapeError, "channels * 4, height, width"),
    (lambda: nn.PixelUnshuffle(2)(np.ones((1, 3, 2))), ShapeError, "divisible by 2"),
    (lambda: nn.ChannelShuffle(2)(np.ones((1, 3, 2))), ShapeError, "divisible by 2"),
    (lambda: nn.Flatten(2)(np.ones((2, 2))), ShapeError, "has no axes from 2 to -1"),
    (lambda: nn.Unflatten(1, (-1, -1)), ShapeError, "of which one may be -1"),
    (lambda: nn.Unflatten(1, (2, 2))(np.ones((1, 5))), ShapeError, "can't be split into (2, 2)"),
    (lambda: nn.Unflatten(1, (2, -1))(np.ones((1, 5))), ShapeError, "can't be split"),
    (lambda: nn.Unflatten(2, (2,))(np.ones((1, 5))), ShapeError, "has no axis 2"),
]


@pytest.mark.parametrize(("call", "kind", "words"), WRONG, ids=range(len(WRONG)))
def test_errors_say_what_is_wrong(call, kind, words):
    with pytest.raises(kind) as raised:
        call()
    assert words in str(raised.value)


def test_a_summary_counts_what_convolutions_multiply():
    model = nn.Sequential(
        nn.Conv2d(4, 8, 3, groups=2), nn.ConvTranspose2d(8, 2, 2, stride=2), nn.Flatten()
    )
    found = nn.summary(model, (5, 4, 10, 10))
    assert found.rows[1].multiply_adds == 5 * 8 * 8 * 8 * 2 * 9
    assert found.rows[2].multiply_adds == 5 * 8 * 8 * 8 * 2 * 4
    assert found.rows[1].memory == 4 * 5 * 8 * 8 * 8
