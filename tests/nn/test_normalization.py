"""Normalization: running statistics, errors, extreme values, float16, capture, checkpoints."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, checkpoint, gradients, jacobian
from autograd_lite.errors import DomainError, DTypeError, GraphError, ShapeError

F = nn.functional
RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3, 5))
IMAGES = RNG.standard_normal((4, 3, 2, 5))


def state(layer):
    return {name: values.tolist() for name, values in layer.state_dict().items()}


# ---- running statistics


@pytest.mark.parametrize("momentum", [0.1, 0.7, 1.0])
def test_running_statistics_decay(momentum):
    layer = nn.BatchNorm1d(3, momentum=momentum, dtype=np.float64)
    mean, var = np.zeros(3), np.ones(3)
    for scale in (1.0, 2.0, 3.0):
        layer(scale * X + scale)
        mean = (1 - momentum) * mean + momentum * (scale * X + scale).mean(axis=(0, 2))
        var = (1 - momentum) * var + momentum * (scale * X).var(axis=(0, 2), ddof=1)
    assert_allclose(layer.running_mean.data, mean, rtol=1e-12)
    assert_allclose(layer.running_var.data, var, rtol=1e-12)
    assert layer.num_batches_tracked.item() == 3
    assert layer.num_batches_tracked.dtype == np.int64


def test_without_momentum_all_batches_count_the_same():
    layer = nn.BatchNorm2d(3, momentum=None, dtype=np.float64)
    batches = [IMAGES * scale + scale for scale in (1.0, 5.0, 2.0)]
    for batch in batches:
        layer(batch)
    means = [batch.mean(axis=(0, 2, 3)) for batch in batches]
    variances = [batch.var(axis=(0, 2, 3), ddof=1) for batch in batches]
    assert_allclose(layer.running_mean.data, np.mean(means, axis=0), rtol=1e-12)
    assert_allclose(layer.running_var.data, np.mean(variances, axis=0), rtol=1e-12)


def test_instance_norm_averages_the_statistics_of_its_examples():
    layer = nn.InstanceNorm2d(3, momentum=0.25, track_running_stats=True, dtype=np.float64)
    layer(IMAGES)
    means = IMAGES.mean(axis=(0, 2, 3))
    variances = IMAGES.var(axis=(2, 3), ddof=1).mean(axis=0)
    assert_allclose(layer.running_mean.data, 0.25 * means, rtol=1e-12)
    assert_allclose(layer.running_var.data, 0.75 + 0.25 * variances, rtol=1e-12)
    assert layer.num_batches_tracked.item() == 0  # as in PyTorch


def test_an_example_doesn_t_depend_on_its_batch_after_eval():
    layer = nn.BatchNorm1d(3)
    layer(X.astype(np.float32))
    layer.eval()
    before = state(layer)
    assert_array_equal(layer(X)[1:2].data, layer(X[1:2]).data)
    assert state(layer) == before


def test_without_running_statistics_the_batch_counts_always():
    layer = nn.BatchNorm1d(3, track_running_stats=False)
    assert_array_equal(layer(X).data, layer.eval()(X).data)
    assert list(layer.state_dict()) == ["weight", "bias"]


def test_state_has_the_names_and_dtypes_of_torch():
    names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    layer = nn.BatchNorm1d(3, dtype=np.float16)
    found = {name: values.dtype.name for name, values in layer.state_dict().items()}
    assert found == dict.fromkeys(names[:4], "float16") | {"num_batches_tracked": "int64"}
    assert [name for name, _ in layer.named_buffers()] == names[2:]
    assert list(nn.InstanceNorm1d(3).state_dict()) == []


def test_running_statistics_can_be_reset():
    layer = nn.BatchNorm1d(3)
    fresh = state(layer)
    layer(X)
    assert state(layer) != fresh
    layer.reset_running_stats()
    assert state(layer) == fresh


@pytest.mark.parametrize("x", [X[:1, :, :1], X[:1, :, 0], X[:0]])
def test_a_batch_of_one_value_is_an_error_and_leaves_all_as_it_was(x):
    layer = nn.BatchNorm1d(3)
    layer(X)
    before = state(layer)
    with pytest.raises(ShapeError, match=r"a channel needs more than one value.*BatchNorm1d\(3\)"):
        layer(x)
    assert state(layer) == before
    assert layer.eval()(x).shape == x.shape


def test_a_checkpoint_counts_a_batch_once():
    plain, layer = nn.BatchNorm1d(3, momentum=None), nn.BatchNorm1d(3, momentum=None)
    for scale in (1.0, 3.0):
        for model, f in ((plain, plain), (layer, checkpoint(layer))):
            x = Tensor(scale * X, requires_grad=True)
            (f(x) ** 3).sum().backward()
            model.x_grad = x.grad.data
    assert state(layer) == state(plain)
    assert layer.num_batches_tracked.item() == 2
    assert_allclose(layer.x_grad, plain.x_grad)


def test_statistics_that_a_graph_has_read_are_not_changed_under_it():
    layer = nn.BatchNorm1d(3, dtype=np.float64).eval()
    x = Tensor(X, requires_grad=True)
    y = layer(x)
    scale = 1 / np.sqrt(layer.running_var.data + 1e-5)
    layer.train()(X)
    y.sum().backward()
    assert_allclose(x.grad.data, np.broadcast_to(scale[:, None], X.shape))


# ---- captured


def test_capture_goes_between_train_and_eval():
    def steps_of(model):
        optimizer = nn.optim.SGD(model.parameters(), 0.1)

        def step(x):
            optimizer.zero_grad()
            loss = (model(x) ** 2 * np.float32(0.5)).mean()
            loss.backward()
            optimizer.step()
            return loss

        return step, lambda x: model(x).detach()

    def model():
        rng = np.random.default_rng(0)
        return nn.Sequential(
            nn.Dense(6, 4, rng=rng), nn.BatchNorm1d(4, momentum=None), nn.LayerNorm(4)
        )

    eager, captured = model(), model()
    step, predict = steps_of(eager)
    captured_step, captured_predict = (capture(f, on_miss="error") for f in steps_of(captured))
    rng = np.random.default_rng(1)
    for epoch in range(3):
        eager.train(), captured.train()
        for _ in range(4):
            x = rng.random((5, 6), np.float32)
            assert captured_step(x).item() == step(x).item()
        eager.eval(), captured.eval()
        assert_array_equal(captured_predict(x).data, predict(x).data, err_msg=str(epoch))
    assert state(eager) == state(captured)
    assert captured[1].num_batches_tracked.item() == 12


# ---- derivatives


def test_deltas_are_the_gradients_at_the_output_of_a_normalization():
    for layer, x in (
        (nn.LayerNorm(5, bias=False), X),
        (nn.RMSNorm(5), X),
        (nn.BatchNorm1d(3), X),
        (nn.BatchNorm2d(3, bias=False).eval(), IMAGES),
        (nn.GroupNorm(3, 3), IMAGES),
        (nn.InstanceNorm2d(3, affine=True), IMAGES),
    ):
        y = layer(x)
        weights = RNG.standard_normal(y.shape)
        deltas = nn.deltas(layer, (y * weights).sum())
        assert list(deltas) == [type(layer).__name__]
        assert_allclose(deltas[type(layer).__name__].data, weights)


@pytest.mark.parametrize("f", [lambda x: F.layer_norm(x, 5), lambda x: F.group_norm(x, 1)])
def test_jacobians_are_those_of_single_rows(f):
    found = jacobian(f)(X)
    for index in np.ndindex(2, 2, 2):
        x = Tensor(X, requires_grad=True)
        (row,) = gradients(f(x)[index], [x])
        assert_allclose(found[index], row.data, rtol=1e-9, atol=1e-12)


def test_running_statistics_are_constants():
    mean = Tensor(np.zeros(3), requires_grad=True)
    y = F.batch_norm(Tensor(X, requires_grad=True), mean, Tensor(np.ones(3)))
    with pytest.raises(GraphError):
        gradients(y.sum(), mean)


# ---- values


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_equal_values_become_zeros_with_finite_gradients(dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for f in (
            lambda x: F.layer_norm(x, 4),
            lambda x: F.batch_norm(x, None, None, training=True),
            lambda x: F.group_norm(x, 2),
            lambda x: F.rms_norm(x - x.mean().item(), 4),
        ):
            x = Tensor(np.full((3, 4), 1e6, dtype), requires_grad=True)
            y = f(x)
            y.backward(np.arange(12).reshape(3, 4).astype(dtype))
            assert_array_equal(y.data, np.zeros((3, 4)))
            assert np.isfinite(x.grad.data).all()


@pytest.mark.parametrize("scale", [1e-30, 1e-10, 1.0, 1e10, 1e17])
def test_extreme_values_are_normalized_without_a_warning(scale):
    row = (np.array([[-1.0, 2.0, 4.0, 1.5]]) * scale).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = Tensor(row, requires_grad=True)
        y = F.layer_norm(x, 4)
        y.backward(np.array([[1.0, 0.0, 0.0, 0.0]], np.float32))
    wide = row.astype(np.float64)
    expected = (wide - wide.mean()) / np.sqrt(wide.var() + 1e-5)
    assert_allclose(y.data, expected, rtol=1e-5)
    assert np.isfinite(x.grad.data).all()


def test_squares_beyond_the_dtype_are_no_secret():
    with pytest.warns(RuntimeWarning, match="overflow"):
        F.layer_norm(np.array([[1e20, -1e20]], np.float32), 2)


def test_float16_is_computed_in_float32():
    x = np.array([[60000.0, -60000.0, 300.0, 100.0]], np.float16)
    layer = nn.LayerNorm(4, dtype=np.float16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        t = Tensor(x, requires_grad=True)
        y = layer(t)
        y.sum().backward()
        wide = F.layer_norm(x.astype(np.float32), 4)
    assert y.dtype == t.grad.dtype == layer.weight.grad.dtype == np.float16
    assert_array_equal(y.data, wide.data.astype(np.float16))


@pytest.mark.parametrize(
    ("x", "weight", "expected"),
    [("f4", "f4", "f4"), ("f8", "f4", "f8"), ("f4", "f8", "f8"), ("f2", "f4", "f4")],
)
def test_dtypes_combine_as_numpy_s(x, weight, expected):
    parameters = np.ones(5, weight), np.zeros(5, "f4")
    assert F.layer_norm(X.astype(x), 5, *parameters).dtype == expected


def test_integers_are_taken_as_float64():
    y = F.layer_norm([[1, 3], [10, 30]], 2)
    assert y.dtype == np.float64
    assert_allclose(y.data, [[-1, 1], [-1, 1]], atol=1e-4)


def test_a_missing_batch_axis_is_fine_for_instance_norm():
    for layer, x in ((nn.InstanceNorm1d(3), X), (nn.InstanceNorm2d(3), IMAGES)):
        assert_array_equal(layer(x[0]).data, layer(x).data[0])


def test_functions_take_a_weight_or_a_bias_alone():
    w = np.array([1.0, 2.0, 3.0])
    plain = F.group_norm(IMAGES, 3).data
    assert_allclose(F.group_norm(IMAGES, 3, w).data, plain * w[:, None, None])
    assert_allclose(F.group_norm(IMAGES, 3, bias=w).data, plain + w[:, None, None])


def test_the_default_epsilon_of_rms_norm_is_that_of_the_dtype():
    for dtype, eps in ((np.float32, 2.0**-23), (np.float64, 2.0**-52)):
        x = np.full((1, 2), np.sqrt(eps), dtype)
        assert_allclose(F.rms_norm(x, 2).data, [[0.5**0.5] * 2], rtol=1e-6)


# ---- errors


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (nn.LayerNorm(5), (4, 3), r"must have the lengths \(5,\).*in LayerNorm\(5\)"),
        (nn.RMSNorm((2, 3)), (3,), r"rms_norm of shape \(3,\).*in RMSNorm\(\(2, 3\)\)"),
        (nn.BatchNorm1d(3), (2, 4), r"\(N, 3\) or \(N, 3, L\); it has shape \(2, 4\)"),
        (nn.BatchNorm2d(3), (2, 3), r"\(N, 3, H, W\).*in BatchNorm2d\(3\)"),
        (nn.InstanceNorm1d(3), (3, 1), r"needs more than one value.*in InstanceNorm1d\(3\)"),
        (nn.InstanceNorm2d(3), (2, 2, 2), r"\(N, 3, H, W\) or \(3, H, W\)"),
        (nn.GroupNorm(2, 4), (2, 3), r"\(N, 4, ...\); it has shape \(2, 3\)"),
        (nn.GroupNorm(4, 4), (1, 4), r"a group needs more than one value"),
        (nn.LocalResponseNorm(2), (2, 3), r"\(N, C, L, ...\).*in LocalResponseNorm\(2\)"),
    ],
)
def test_wrong_shapes_name_the_layer_and_what_it_expects(layer, shape, message):
    with pytest.raises(ShapeError, match=message):
        layer(np.ones(shape))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nn.LayerNorm(0), ShapeError, r"LayerNorm\(0\): sizes must be positive"),
        (lambda: nn.LayerNorm([]), ShapeError, r"LayerNorm\(\[\]\)"),
        (lambda: nn.LayerNorm(3, eps=-1.0), DomainError, "LayerNorm: eps must be"),
        (lambda: nn.RMSNorm(3, eps=np.nan), DomainError, "RMSNorm: eps must be"),
        (lambda: nn.LayerNorm(3, dtype=int), DTypeError, "LayerNorm of dtype int64"),
        (lambda: nn.BatchNorm1d(3, momentum=2.0), DomainError, "BatchNorm1d: momentum must"),
        (lambda: nn.InstanceNorm1d(3, momentum=None), DTypeError, "must be a number"),
        (lambda: nn.GroupNorm(3, 4), ShapeError, r"GroupNorm\(3, 4\): the groups must divide"),
        (lambda: nn.LocalResponseNorm(0), ShapeError, r"LocalResponseNorm\(0\)"),
        (lambda: F.layer_norm(np.ones(3) * 1j, 3), DTypeError, "defined for real numbers only"),
        (lambda: F.layer_norm(X, 5, np.ones(3)), ShapeError, r"weight must have shape \(5,\)"),
        (lambda: F.group_norm(X, 2), ShapeError, "2 groups must divide the C channels"),
        (lambda: F.batch_norm(X, None, None), ShapeError, "needs the running ones"),
        (lambda: F.batch_norm(X, Tensor(np.ones(3)), None), ShapeError, "or neither of them"),
        (
            lambda: F.batch_norm(X, np.zeros(3), np.ones(3), training=True),
            DTypeError,
            "must be floating tensors",
        ),
        (
            lambda: F.batch_norm(X, Tensor(np.zeros(2)), Tensor(np.ones(2)), training=True),
            ShapeError,
            r"must have shape \(3,\)",
        ),
    ],
)
def test_wrong_options_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shown"),
    [
        (nn.LayerNorm(4), "LayerNorm(4)"),
        (nn.LayerNorm([2, 3], 1e-3, bias=False), "LayerNorm((2, 3), eps=0.001, bias=False)"),
        (nn.LayerNorm(4, elementwise_affine=False), "LayerNorm(4, elementwise_affine=False)"),
        (nn.RMSNorm(4, 1e-6), "RMSNorm(4, eps=1e-06)"),
        (nn.GroupNorm(2, 4, affine=False), "GroupNorm(2, 4, affine=False)"),
        (nn.BatchNorm1d(4, momentum=None), "BatchNorm1d(4, momentum=None)"),
        (nn.InstanceNorm2d(4, affine=True), "InstanceNorm2d(4, affine=True)"),
        (nn.LocalResponseNorm(3, k=2.0), "LocalResponseNorm(3, k=2.0)"),
    ],
)
def test_signatures_show_what_is_not_the_default(layer, shown):
    assert layer.signature() == shown
