"""Pooling where values tie, are infinite or NaN; in checkpoints and batches; what it refuses."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, checkpoint, gradients, jacobian
from autograd_lite.errors import DomainError, DTypeError, IndexingError, ShapeError
from nn import functional

INF, NAN = np.inf, np.nan
IMAGE = np.array([[[1.0, 3.0, 2.0, 0.0], [3.0, 1.0, 5.0, 5.0], [0.0, 0.0, 4.0, 7.0]]])


def gradient_of(function, x):
    leaf = Tensor(x, requires_grad=True)
    y = function(leaf)
    return gradients(y, leaf, np.ones_like(y.data)).data


def test_the_first_of_equal_values_row_by_row_takes_the_gradient():
    for x, place in [
        ([[2, 2], [2, 2]], (0, 0)),
        ([[1, 2], [2, 2]], (0, 1)),
        ([[1, 1], [2, 2]], (1, 0)),
        ([[1, 2], [2, 1]], (0, 1)),
    ]:
        expected = np.zeros((1, 2, 2))
        expected[0, *place] = 1
        image = np.array([x], float)
        assert_array_equal(gradient_of(lambda x: functional.max_pool2d(x, 2), image), expected)
        found = gradient_of(lambda x: functional.adaptive_max_pool2d(x, 1), image)
        assert_array_equal(found, expected)


def test_a_value_in_several_windows_adds_up_its_gradients():
    x = np.array([[0.0, 9.0, 1.0, 9.0, 0.0]])
    found = gradient_of(lambda x: functional.max_pool1d(x, 3, stride=1), x)
    assert_array_equal(found, [[0, 2, 0, 1, 0]])


@pytest.mark.parametrize("value", [-INF, INF, 1.0])
def test_padding_never_takes_the_gradient(value):
    x = np.full((1, 3), value)
    y = functional.max_pool1d(x, 2, padding=1)
    assert_array_equal(y.data, [[value, value]])
    found = gradient_of(lambda x: functional.max_pool1d(x, 2, padding=1), x)
    assert_array_equal(found, [[1, 1, 0]])


@pytest.mark.parametrize("place", range(4))
def test_nan_is_the_maximum_and_takes_the_gradient(place):
    x = np.array([[[1.0, 4.0], [2.0, 3.0]]])
    x.reshape(-1)[place] = NAN
    y, indices = functional.max_pool2d(x, 2, return_indices=True)
    assert np.isnan(y.data).all()
    assert indices.tolist() == [[[place]]]
    expected = (np.arange(4) == place).reshape(x.shape)
    assert_array_equal(gradient_of(lambda x: functional.max_pool2d(x, 2), x), expected)


def test_an_infinite_gradient_stays_where_it_is():
    x = np.array([[0.0, -1.0, 4.0, 1.0]])
    found = gradient_of(lambda x: np.sqrt(functional.max_pool1d(x, 2)), x)
    assert_array_equal(found, [[INF, 0, 0.25, 0]])


def test_what_was_not_picked_has_no_gradient_whatever_its_slope():
    x = np.array([[0.0, 4.0]])
    assert_array_equal(gradient_of(lambda x: functional.max_pool1d(np.sqrt(x), 2), x), [[0, 0.25]])


def test_indices_point_into_the_flattened_image():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (2, 3, 7, 6)).astype(float)
    options = {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "dilation": (1, 2)}
    for y, indices in (
        functional.max_pool2d(x, **options, ceil_mode=True, return_indices=True),
        functional.adaptive_max_pool2d(x, (4, 5), return_indices=True),
    ):
        flat = x.reshape(2, 3, -1)
        picked = np.take_along_axis(flat, indices.data.reshape(2, 3, -1), axis=-1)
        assert_array_equal(picked.reshape(y.shape), y.data)
        assert indices.dtype == np.int64
        assert not indices.requires_grad


def test_a_large_kernel_has_more_places_than_a_byte_counts():
    x = np.zeros((1, 300))
    x[0, 280] = x[0, 290] = 1.0
    y, indices = functional.max_pool1d(x, 300, return_indices=True)
    assert (y.tolist(), indices.tolist()) == ([[1.0]], [[280]])
    found = gradient_of(lambda x: functional.max_pool1d(x, 300), x)
    assert np.flatnonzero(found).tolist() == [280]


def test_unpooling_puts_back_what_pooling_has_picked():
    y, indices = functional.max_pool2d(IMAGE, 2, return_indices=True)
    assert y.tolist() == [[[3.0, 5.0]]]
    back = functional.max_unpool2d(y, indices, 2, output_size=IMAGE.shape)
    expected = np.zeros_like(IMAGE)
    expected[0, 0, 1], expected[0, 1, 2] = 3.0, 5.0
    assert_array_equal(back.data, expected)
    again = nn.MaxUnpool2d(2)(y, indices)
    assert again.shape == (1, 2, 4)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtypes_are_kept_and_half_precision_is_added_up_in_single(dtype):
    x = np.ones((1, 1, 64, 64), dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (
            lambda x: functional.avg_pool2d(x, 64),
            lambda x: functional.avg_pool2d(x, 63, 1),
            lambda x: functional.adaptive_avg_pool2d(x, 1),
            lambda x: functional.adaptive_avg_pool2d(x, 3),
        ):
            y = function(x)
            assert y.dtype == dtype
            assert_allclose(y.data, 1, rtol=1e-3)
            assert gradient_of(function, x).dtype == dtype
    overlapping = gradient_of(lambda x: functional.max_pool1d(x, 5, 1), np.ones((1, 9), dtype))
    assert overlapping.dtype == dtype
    assert overlapping.tolist() == [[1, 1, 1, 1, 1, 0, 0, 0, 0]]


def test_integers_are_pooled_as_floats():
    assert functional.max_pool1d([[1, 3, 2, 0]], 2).dtype == np.float64
    assert functional.avg_pool1d([[1, 2]], 2).tolist() == [[1.5]]


def test_an_empty_batch_gives_an_empty_batch():
    x = Tensor(np.empty((0, 2, 4, 4)), requires_grad=True)
    for function in (
        functional.max_pool2d(x, 2),
        functional.avg_pool2d(x, 2),
        functional.adaptive_max_pool2d(x, 2),
    ):
        assert function.shape == (0, 2, 2, 2)
        assert gradients(function.sum(), x).shape == x.shape


@pytest.mark.parametrize("layout", ["channels last", "reversed", "gaps"])
def test_memory_layouts_give_the_same(layout):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 3, 6, 6))
    other = {
        "channels last": np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
        "reversed": x[..., ::-1].copy()[..., ::-1],
        "gaps": np.repeat(x, 2, axis=-1)[..., ::2],
    }[layout]
    for function in (
        lambda x: functional.max_pool2d(x, 3, 2, 1),
        lambda x: functional.avg_pool2d(x, 2),
        lambda x: functional.adaptive_avg_pool2d(x, 4),
    ):
        assert_array_equal(function(other).data, function(x).data)
        assert_array_equal(gradient_of(function, other), gradient_of(function, x))


def test_jacobians_are_those_of_single_passes():
    x = np.random.default_rng(0).standard_normal((1, 3, 4))
    for function in (
        lambda x: functional.max_pool2d(x, 2, 1, 1),
        lambda x: functional.avg_pool2d(x, 2, 2, 1, True, False),
        lambda x: functional.adaptive_max_pool2d(x, (2, 3)),
        lambda x: functional.lp_pool2d(x, 2, 2),
    ):
        leaf = Tensor(x, requires_grad=True)
        y = function(leaf)
        rows = [
            gradients(y, leaf, row.reshape(y.shape), retain_graph=True).data
            for row in np.eye(y.size)
        ]
        assert_allclose(jacobian(function)(x), np.reshape(rows, (*y.shape, *x.shape)))


def test_a_checkpoint_pools_again():
    x = Tensor(IMAGE, requires_grad=True)
    checkpoint(nn.MaxPool2d(2))(x).sum().backward()
    assert_array_equal(x.grad.data, gradient_of(nn.MaxPool2d(2), IMAGE))


def test_a_captured_network_with_pooling_trains_as_eager_does():
    def trained(wrap):
        rng = np.random.default_rng(0)
        pools = nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2, ceil_mode=True), nn.AdaptiveMaxPool2d(2)
        model = nn.Sequential(*pools, nn.PReLU(2), lambda x: x.reshape(len(x), -1))
        head = nn.Dense(8, 3, rng=rng)
        optimizer = nn.optim.SGD([*model.parameters(), *head.parameters()], 0.1)

        def step(x, t):
            optimizer.zero_grad()
            loss = nn.losses.cross_entropy(head(model(x)), t)
            loss.backward()
            optimizer.step()
            return loss.detach()

        step = wrap(step)
        losses = []
        for _ in range(6):
            x = rng.integers(-3, 3, (4, 2, 9, 9)).astype(np.float32)  # with ties
            losses.append(step(x, rng.integers(0, 3, 4)).item())
        return losses, head.weight.data

    losses, weight = trained(lambda step: capture(step, on_miss="error"))
    expected, wanted = trained(lambda step: step)
    assert losses == expected
    assert_array_equal(weight, wanted)


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (nn.MaxPool2d(2), "MaxPool2d(2)"),
        (nn.MaxPool2d(2, 2), "MaxPool2d(2)"),
        (nn.MaxPool1d(3, 1, padding=1, ceil_mode=True), None),
        (nn.MaxPool2d((2, 3), return_indices=True), "MaxPool2d((2, 3), return_indices=True)"),
        (nn.AvgPool2d(2, divisor_override=3), "AvgPool2d(2, divisor_override=3)"),
        (nn.AdaptiveAvgPool2d((1, None)), "AdaptiveAvgPool2d((1, None))"),
        (nn.AdaptiveMaxPool1d(2), "AdaptiveMaxPool1d(2)"),
        (nn.LPPool2d(2, 3), "LPPool2d(2, 3)"),
        (nn.MaxUnpool1d(2, 1), "MaxUnpool1d(2, stride=1)"),
    ],
)
def test_layers_show_what_is_not_default(layer, shown):
    assert repr(layer) == (shown or "MaxPool1d(3, stride=1, padding=1, ceil_mode=True)")


@pytest.mark.parametrize(
    ("error", "make", "message"),
    [
        (
            DomainError,
            lambda: nn.MaxPool2d(0),
            "MaxPool2d: kernel_size must be at least 1; it is 0",
        ),
        (ShapeError, lambda: nn.MaxPool2d(2.0), "MaxPool2d: kernel_size must be an integer, or"),
        (ShapeError, lambda: nn.MaxPool2d(2, True), "MaxPool2d: stride must be an integer"),
        (DomainError, lambda: nn.AvgPool1d(2, 0), "AvgPool1d: stride must be"),
        (DomainError, lambda: nn.MaxPool2d(3, dilation=0), "MaxPool2d: dilation must be"),
        (DomainError, lambda: nn.AvgPool2d(3, padding=-1), "AvgPool2d: padding must be at least 0"),
        (DomainError, lambda: nn.MaxPool2d(3, padding=2), "MaxPool2d: .* half of the kernel, 1 fo"),
        (DomainError, lambda: nn.AvgPool2d((3, 4), padding=2), "AvgPool2d: padding must be at mos"),
        (DomainError, lambda: nn.AvgPool2d(2, divisor_override=0), "AvgPool2d: divisor_override"),
        (DomainError, lambda: nn.LPPool1d(0, 2), "LPPool1d: norm_type must be a finite number"),
        (DomainError, lambda: nn.AdaptiveAvgPool2d(0), "AdaptiveAvgPool2d: output_size"),
        (ShapeError, lambda: nn.AdaptiveMaxPool1d("2"), "AdaptiveMaxPool1d: output_size"),
        (ShapeError, lambda: nn.MaxPool2d((2, 2, 2)), "MaxPool2d: kernel_size .* or 2 for height"),
        (ShapeError, lambda: nn.MaxPool1d((2, 2)), "MaxPool1d: kernel_size must be an integer"),
        (ShapeError, lambda: nn.AdaptiveMaxPool2d((2,)), "AdaptiveMaxPool2d: output_size must be"),
        (ShapeError, lambda: nn.MaxUnpool2d((2, 2, 2)), "MaxUnpool2d: kernel_size"),
    ],
)
def test_options_are_checked_by_the_constructor(error, make, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.MaxPool2d(2)(np.ones((4, 4))),
            r"max_pool2d: .*\(4, 4\); in MaxPool2d\(2",
        ),
        (lambda: nn.AvgPool1d(2)(np.ones(4)), r"avg_pool1d: .*\(batch, channels, length\)"),
        (lambda: nn.MaxPool2d(2)(np.ones((1, 1, 0, 4))), "no axis of length 0"),
        (lambda: nn.MaxPool2d(5)(np.ones((1, 1, 4, 4))), "no window fits into the 4 values along"),
        (lambda: nn.AvgPool2d(5)(np.ones((1, 1, 4, 4))), "avg_pool2d: no window fits"),
        (
            lambda: functional.max_pool1d(np.ones((1, 1)), 3, 3, 1, 2, True),
            "one of the windows has none of the 1 values along axis -1",
        ),
        (lambda: nn.LPPool2d(2, 5)(np.ones((1, 4, 4))), "lp_pool2d: no window fits"),
        (lambda: functional.max_unpool1d([[1.0]], [[0, 1]], 2), "indices must have the shape of x"),
        (
            lambda: functional.max_unpool1d([[1.0]], [[0]], 2, output_size=(4,)),
            r"output_size must differ from \(2,\) by less than the stride",
        ),
    ],
)
def test_shapes_that_do_not_fit_are_named(make, message):
    with pytest.raises(ShapeError, match=message):
        make()


def test_indices_are_checked():
    with pytest.raises(IndexingError, match="max_unpool1d: indices must be at least 0 and below 2"):
        functional.max_unpool1d([[1.0]], [[2]], 2)
    with pytest.raises(IndexingError, match="in MaxUnpool1d"):
        nn.MaxUnpool1d(2)([[1.0]], [[-1]])
    with pytest.raises(DTypeError, match="indices must be integers; they are float64"):
        functional.max_unpool1d([[1.0]], [[0.0]], 2)


def test_complex_numbers_are_refused():
    for layer in (nn.MaxPool1d(2), nn.AvgPool1d(2), nn.AdaptiveMaxPool1d(1), nn.LPPool1d(2, 2)):
        with pytest.raises(DTypeError, match=r"pool1d of complex128.*; in "):
            layer(np.ones((1, 4), complex))
