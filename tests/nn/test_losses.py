"""The losses against loops over the examples; their reductions, weights, extremes and errors."""

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor, capture, gradients, jacobian, log_softmax
from autograd_lite.errors import (
    AxisError,
    DomainError,
    DTypeError,
    ShapeError,
    WeightsError,
)
from autograd_lite.testing import check_gradients
from nn import losses

INF = math.inf
few = settings(max_examples=30, deadline=None, derandomize=True)
SEEDS = st.integers(0, 2**16)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# ---------------------------------------------------------------- values, by loops


def rows(x: Any, axis: int) -> Any:
    return np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])


def cost_of(z: Any, t: Any, weight: Any, share: float) -> tuple[float, float]:
    """Return the cost of one example of logits z, and what it counts in the mean."""
    peak = max(z)
    log_sum = peak + math.log(sum(math.exp(v - peak) for v in z))
    classes = len(z)
    q = [share / classes + (1 - share) * (c == t) for c in range(classes)]
    return sum(weight[c] * q[c] * (log_sum - z[c]) for c in range(classes)), weight[t]


@few
@given(
    SEEDS,
    st.sampled_from([((4, 3), 1), ((2, 3, 4), 1), ((2, 4, 3), -1), ((3,), 0), ((3, 2, 2), 0)]),
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from(["mean", "batch_mean", "sum", "none"]),
)
def test_cross_entropy_is_that_of_its_examples(
    seed: int, shaped: Any, weighted: bool, share: float, reduction: Any
) -> None:
    shape, axis = shaped
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 3, shape)
    rest = tuple(np.delete(shape, axis))
    labels = np.asarray(rng.integers(0, shape[axis], rest))
    labels = np.where(
        (rng.random(rest) < 0.3) & (np.arange(labels.size).reshape(rest) > 0), -7, labels
    )
    weight = rng.uniform(0.5, 2, shape[axis]) if weighted else np.ones(shape[axis])
    samples = rng.uniform(0.5, 2, rest[:1])
    found = losses.cross_entropy(
        z,
        labels,
        reduction,
        axis=axis,
        weight=weight if weighted else None,
        ignore_index=-7,
        label_smoothing=share,
        sample_weight=samples,
    )
    each = np.broadcast_to(samples.reshape(rest[:1] + (1,) * (len(rest) - 1)), rest).ravel()
    costs, counts = [], []
    for row, t, s in zip(rows(z, axis), labels.ravel(), each, strict=True):
        cost, count = (0.0, 0.0) if t == -7 else cost_of(row, t, weight, share)
        costs.append(cost * s)
        counts.append(count * s)
    mean = sum(costs) / sum(counts)
    expected = {
        "mean": mean,
        "batch_mean": mean * math.prod(rest[1:]),
        "sum": sum(costs),
        "none": np.reshape(costs, rest),
    }
    assert_allclose(found.data, expected[reduction], rtol=1e-12)


@few
@given(SEEDS, st.booleans())
def test_cross_entropy_of_probabilities_and_of_labels_agree(seed: int, weighted: bool) -> None:
    rng = np.random.default_rng(seed)
    z, labels = rng.normal(size=(5, 4)), rng.integers(0, 4, 5)
    weight = rng.uniform(0.5, 2, 4) if weighted else None
    options: Any = {"weight": weight, "label_smoothing": 0.2}
    by_labels = losses.cross_entropy(z, labels, "none", **options)
    by_rows = losses.cross_entropy(z, np.eye(4)[labels], "none", **options)
    assert_allclose(by_labels.data, by_rows.data, rtol=1e-12)
    nll = losses.nll_loss(log_softmax(z), labels, "none", weight=weight)
    plain = losses.cross_entropy(z, labels, "none", weight=weight)
    assert_allclose(nll.data, plain.data, rtol=1e-12)


def hinged(x: float) -> float:
    return max(0.0, x)


LOOPS: dict[str, tuple[Callable[..., Any], Callable[..., float], Any]] = {
    "l1_loss": (losses.l1_loss, lambda x, t: abs(x - t), "nn"),
    "mse_loss": (losses.mse_loss, lambda x, t: (x - t) ** 2, "nn"),
    "hinge_loss": (losses.hinge_loss, lambda x, t: hinged(1 - t * x), "ns"),
    "hinge_embedding_loss": (
        losses.hinge_embedding_loss,
        lambda x, t: x if t == 1 else hinged(1 - x),
        "ns",
    ),
    "soft_margin_loss": (
        losses.soft_margin_loss,
        lambda x, t: math.log(1 + math.exp(-t * x)),
        "ns",
    ),
    "margin_ranking_loss": (
        losses.margin_ranking_loss,
        lambda a, b, t: hinged(-t * (a - b)),
        "nns",
    ),
    "sigmoid_focal_loss": (
        losses.sigmoid_focal_loss,
        lambda z, t: (
            -0.25 * (1 / (1 + math.exp(z))) ** 2 * math.log(1 / (1 + math.exp(-z)))
            if t == 1
            else -0.75 * (1 / (1 + math.exp(-z))) ** 2 * math.log(1 / (1 + math.exp(z)))
        ),
        "nb",
    ),
    "poisson_nll_loss": (
        lambda *args: losses.poisson_nll_loss(*args, log_input=False),
        lambda x, t: x - t * math.log(x + 1e-8),
        "pp",
    ),
}
DRAWN: dict[str, Callable[[Any], Any]] = {
    "n": lambda rng: rng.normal(0, 2, (3, 4)),
    "p": lambda rng: rng.uniform(0.1, 3, (3, 4)),
    "s": lambda rng: rng.choice([-1, 1], (3, 4)),
    "b": lambda rng: rng.choice([0, 1], (3, 4)),
}


@pytest.mark.parametrize("name", LOOPS)
@few
@given(SEEDS)
def test_losses_are_those_of_single_values(name: str, seed: int) -> None:
    loss, each, kinds = LOOPS[name]
    rng = np.random.default_rng(seed)
    operands = [DRAWN[kind](rng) for kind in kinds]
    expected = [each(*map(float, xs)) for xs in zip(*(x.ravel() for x in operands), strict=True)]
    assert_allclose(loss(*operands, "none").data.ravel(), expected, rtol=1e-10, atol=1e-12)
    assert_allclose(loss(*operands, "sum").item(), sum(expected), rtol=1e-10)
    assert_allclose(loss(*operands, "mean").item(), sum(expected) / 12, rtol=1e-10)
    assert_allclose(loss(*operands, "batch_mean").item(), sum(expected) / 3, rtol=1e-10)
    assert_allclose(loss(*operands, "batchmean").item(), sum(expected) / 3, rtol=1e-10)


@few
@given(SEEDS, st.sampled_from([1, 2]))
def test_losses_of_rows_are_those_of_single_rows(seed: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=(5, 3)), rng.integers(0, 3, 5)
    weight = rng.uniform(0.5, 2, 3)
    expected = [
        sum(weight[t[n]] * hinged(1 - x[n, t[n]] + x[n, i]) ** p for i in range(3) if i != t[n]) / 3
        for n in range(5)
    ]
    found = losses.multi_margin_loss(x, t, "none", p=p, weight=weight)
    assert_allclose(found.data, expected, rtol=1e-12)

    several = rng.integers(-1, 3, (5, 3))
    expected = []
    for row, named in zip(x, several.tolist(), strict=True):
        own = named[: named.index(-1)] if -1 in named else named
        others = [i for i in range(3) if i not in own]
        expected.append(sum(hinged(1 - row[t] + row[i]) for t in own for i in others) / 3)
    assert_allclose(losses.multilabel_margin_loss(x, several, "none").data, expected, rtol=1e-12)

    a, b, c = rng.normal(size=(3, 5, 4))
    signs = rng.choice([-1, 1], 5)
    cosines = [u @ v / math.sqrt((u @ u) * (v @ v)) for u, v in zip(a, b, strict=True)]
    expected = [
        1 - cos if s == 1 else hinged(cos - 0.2) for cos, s in zip(cosines, signs, strict=True)
    ]
    found = losses.cosine_embedding_loss(a, b, signs, "none", margin=0.2)
    assert_allclose(found.data, expected, rtol=1e-9, atol=1e-11)

    def far(u: Any, v: Any) -> float:
        return sum(abs(s - t + 1e-6) ** p for s, t in zip(u, v, strict=True)) ** (1 / p)

    expected = [
        hinged(far(u, v) - min(far(u, w), far(v, w)) + 1) for u, v, w in zip(a, b, c, strict=True)
    ]
    found = losses.triplet_margin_loss(a, b, c, "none", p=p, swap=True)
    assert_allclose(found.data, expected, rtol=1e-9)


# ---------------------------------------------------------------- weights and reductions


def test_weights_broadcast_over_outputs_and_means_divide_by_them() -> None:
    x, t, w = np.arange(6.0).reshape(2, 3), np.zeros((2, 3)), np.array([1.0, 3.0])
    total = (x**2 * w[:, None]).sum()
    assert losses.mse_loss(x, t, sample_weight=w).item() == total / (3 * w.sum())
    assert losses.mse_loss(x, t, "batch_mean", sample_weight=w).item() == total / w.sum()
    assert losses.mse_loss(x, t, "sum", sample_weight=w).item() == total
    ones = np.ones((2, 3))
    for reduction in ("mean", "batch_mean", "sum", "none"):
        plain = losses.mse_loss(x, t, reduction)
        assert_allclose(losses.mse_loss(x, t, reduction, sample_weight=ones).data, plain.data)


def test_the_default_of_binary_cross_entropy_is_the_article_s_and_of_its_layer_pytorch_s() -> None:
    z, t = np.array([[1.0, -2.0]]), np.array([[1.0, 0.0]])
    single = losses.binary_cross_entropy_with_logits(z, t, "none").data
    assert losses.binary_cross_entropy_with_logits(z, t).item() == single.sum()
    assert nn.BCEWithLogitsLoss()(z, t).item() == single.mean()
    p = 1 / (1 + np.exp(-z))
    assert_allclose(losses.binary_cross_entropy(p, t).item(), single.sum())
    assert_allclose(nn.BCELoss()(p, t).item(), single.mean())


def test_what_has_no_weight_costs_nothing_even_if_it_is_infinite_or_nan() -> None:
    x = Tensor([np.nan, INF, 1.0], requires_grad=True)
    loss = losses.l1_loss(x, np.zeros(3), sample_weight=[0.0, 0.0, 2.0])
    assert loss.item() == 1.0
    z = Tensor([[INF, 0.0], [0.0, 1.0], [np.nan, 0.0]], requires_grad=True)
    loss = losses.cross_entropy(z, [1, 1, -100], weight=[1.0, 1.0], sample_weight=[0.0, 1.0, 1.0])
    assert_allclose(loss.item(), math.log1p(math.exp(-1)))
    loss = losses.cross_entropy(z, [1, 1, -100], sample_weight=[0.0, 1.0, 1.0])
    loss.backward()
    assert_allclose(z.grad.data[:2], [[0, 0], [1 - 1 / (1 + math.exp(-1)), -0.2689414213699951]])


def test_weights_can_be_differentiated() -> None:
    z, w = np.random.default_rng(0).normal(size=(4, 3)), np.array([0.5, 1.0, 2.0])
    check_gradients(lambda z, w: losses.cross_entropy(z, [0, 2, 1, 1], weight=w), z, w)
    s = np.array([0.5, 1.0, 2.0, 1.5])
    check_gradients(lambda z, s: losses.mse_loss(z, z * 0.5, sample_weight=s), z, s)


@pytest.mark.parametrize(
    "call",
    [
        lambda: losses.mse_loss([1.0], [0.0], sample_weight=[0.0]),
        lambda: losses.cross_entropy([[1.0, 2.0]], [-100]),
        lambda: losses.nll_loss([[-1.0, -2.0]], [1], weight=[1.0, 0.0]),
    ],
)
def test_a_mean_of_nothing_is_an_error(call: Any) -> None:
    with pytest.raises(WeightsError, match=r"sum to 0, or all are ignored"):
        call()
    assert losses.cross_entropy([[1.0, 2.0]], [-100], "sum").item() == 0


# ---------------------------------------------------------------- extremes, dtypes


def test_extremes_stay_finite_and_exact() -> None:
    big = np.array([1e30, -1e30], np.float32)
    weighted = losses.binary_cross_entropy_with_logits(big, [1, 0], "none", pos_weight=[3.0])
    assert_array_equal(weighted.data, [0, 0])
    weighted = losses.binary_cross_entropy_with_logits(big, [0, 1], "none", pos_weight=[2.0])
    assert_allclose(weighted.data, [1e30, 2e30], rtol=1e-6)
    small = losses.binary_cross_entropy_with_logits([80.0], [1.0], pos_weight=[2.0]).item()
    assert_allclose(small, 2 * math.exp(-80), rtol=1e-12)
    assert_allclose(losses.soft_margin_loss([-800.0], [1]).item(), 800)
    assert_allclose(losses.sigmoid_focal_loss([800.0, -800.0], [0, 0]).data, [600, 0], atol=1e-12)
    assert_allclose(losses.huber_loss(big, np.zeros(2, np.float32)).item(), 1e30, rtol=1e-6)
    assert losses.poisson_nll_loss([1e4, -INF], [1.0, 0.0], "none").tolist() == [INF, 0]
    assert losses.kl_div([-INF, -1.0], [0.0, 1.0], "none").tolist() == [0, 1]
    assert losses.kl_div([-INF, -1.0], [-INF, 0.0], "none", log_target=True).tolist() == [0, 1]
    z = [[1e4, 0.0, -1e4]]
    assert_allclose(losses.cross_entropy(z, [0], weight=[2.0, 1, 1]).item(), 0)
    smooth = losses.cross_entropy(z, [0], label_smoothing=0.3).item()
    assert_allclose(smooth, 0.1 * 1e4 + 0.1 * 2e4)


@pytest.mark.parametrize("target", [1.0, 0.0])
def test_infinite_logits_with_a_positive_weight_are_the_limit(target: float) -> None:
    z = Tensor([INF if target else -INF, 0.0], requires_grad=True)
    cost = losses.binary_cross_entropy_with_logits(z, [target, 1.0], "none", pos_weight=[2.0])
    cost.sum().backward()
    assert_allclose(cost.data, [0, 2 * math.log(2)])
    assert_allclose(z.grad.data, [0, -1])


ELEMENTWISE = [
    losses.binary_cross_entropy_with_logits,
    losses.mse_loss,
    losses.l1_loss,
    losses.huber_loss,
    losses.smooth_l1_loss,
    losses.kl_div,
    losses.poisson_nll_loss,
    losses.hinge_loss,
    losses.soft_margin_loss,
    losses.sigmoid_focal_loss,
    losses.multilabel_soft_margin_loss,
]


@pytest.mark.parametrize("loss", ELEMENTWISE, ids=lambda loss: loss.__name__)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("weight", [None, np.array([0.5, 2.0])])
def test_dtypes_are_kept(loss: Any, dtype: Any, weight: Any) -> None:
    x = Tensor(np.array([[0.5, 0.25], [-1.0, 2.0]], dtype), requires_grad=True)
    for target in (np.ones((2, 2), int), np.ones((2, 2), dtype)):
        y = loss(x, target, "mean", sample_weight=weight)
        assert y.dtype == dtype
        assert gradients(y, x).dtype == dtype


def test_float16_is_computed_in_float32() -> None:
    x = np.full(5000, 300, np.float16)
    assert losses.l1_loss(x, np.zeros_like(x)).item() == 300
    assert losses.mse_loss(x[:1], x[:1] - 1, sample_weight=np.ones(1)).item() == 1
    z = np.full((5000, 2), 3, np.float16)
    found = losses.cross_entropy(z, np.zeros(5000, int), weight=[1.0, 2.0])
    assert found.dtype == np.float16
    assert_allclose(found.item(), math.log(2), rtol=1e-3)


# ---------------------------------------------------------------- derivatives, capture

X, Y = np.random.default_rng(3).normal(size=(2, 4, 3))
SIGNS = np.array([[1, -1, 1], [1, 1, -1], [-1, -1, 1], [-1, 1, 1]])
SHARES = np.random.default_rng(4).uniform(0.1, 0.9, (4, 3))
LABELS = np.array([0, 2, 1, 1])
TIMES = np.random.default_rng(5).normal(size=(5, 4, 3))

STEPS: dict[str, Callable[[Any], Any]] = {
    "cross_entropy": lambda z: losses.cross_entropy(
        z, [0, -100, 1, 2], weight=[1.0, 2, 0.5], label_smoothing=0.1, sample_weight=[1.0, 2, 1, 3]
    ),
    "cross_entropy of images": lambda z: losses.cross_entropy(
        z.reshape(2, 3, 2), [[0, -100], [1, 2]], axis=1
    ),
    "cross_entropy of probabilities": lambda z: losses.cross_entropy(
        z, SHARES, weight=[1.0, 2, 0.5], label_smoothing=0.1
    ),
    "nll_loss": lambda z: losses.nll_loss(log_softmax(z), LABELS, weight=[1.0, 2, 0.5]),
    "binary_cross_entropy": lambda z: losses.binary_cross_entropy(
        1 / (1 + np.exp(-z)), SHARES, weight=[1.0, 2, 3]
    ),
    "pos_weight": lambda z: losses.binary_cross_entropy_with_logits(
        z, SHARES, weight=[1.0, 2, 3], pos_weight=[0.5, 1, 2]
    ),
    "mse_loss": lambda z: losses.mse_loss(z, Y, sample_weight=[1.0, 2, 3, 4]),
    "l1_loss": lambda z: losses.l1_loss(z * z, Y),
    "huber_loss": lambda z: losses.huber_loss(z * z, Y),
    "smooth_l1_loss": lambda z: losses.smooth_l1_loss(z * z, Y, beta=0.5),
    "kl_div": lambda z: losses.kl_div(log_softmax(z), SHARES, "batchmean"),
    "poisson_nll_loss": lambda z: losses.poisson_nll_loss(z, SHARES, full=True),
    "poisson_nll_loss of counts": lambda z: losses.poisson_nll_loss(
        np.exp(z), 3 * SHARES, log_input=False
    ),
    "gaussian_nll_loss": lambda z: losses.gaussian_nll_loss(z, Y, np.exp(z), full=True),
    "hinge_loss": lambda z: losses.hinge_loss(z * z, SIGNS),
    "hinge_embedding_loss": lambda z: losses.hinge_embedding_loss(z * z, SIGNS),
    "soft_margin_loss": lambda z: losses.soft_margin_loss(z, SIGNS),
    "multi_margin_loss": lambda z: losses.multi_margin_loss(z, LABELS, p=2, weight=[1.0, 2, 3]),
    "multilabel_margin_loss": lambda z: losses.multilabel_margin_loss(
        z * z, [[0, -1, 1], [2, 1, -1], [-1, 0, 0], [1, 0, -1]]
    ),
    "multilabel_soft_margin_loss": lambda z: losses.multilabel_soft_margin_loss(
        z, SHARES, weight=[1.0, 2, 3]
    ),
    "sigmoid_focal_loss": lambda z: losses.sigmoid_focal_loss(z, SHARES, "mean", gamma=1.5),
    "margin_ranking_loss": lambda z: losses.margin_ranking_loss(z * z, Y, SIGNS, margin=0.1),
    "cosine_embedding_loss": lambda z: losses.cosine_embedding_loss(z, Y, [1, -1, -1, 1]),
    "triplet_margin_loss": lambda z: losses.triplet_margin_loss(z, Y, z * z, swap=True, p=3),
    "ctc_loss": lambda z: losses.ctc_loss(
        log_softmax(TIMES * z.sum()), [[1, 2], [1, 1], [2, 1], [0, 0]], [5, 4, 2, 3], [2, 2, 1, 0]
    ),
}


def test_every_loss_has_a_step() -> None:
    named = {name.partition(" ")[0] for name in STEPS}
    assert named >= set(losses.__all__) - {"mean_squared_error", "binary_cross_entropy_with_logits"}


@pytest.mark.parametrize("name", STEPS)
def test_derivatives_to_second_order(name: str) -> None:
    check_gradients(STEPS[name], X)


@pytest.mark.parametrize("name", STEPS)
def test_captured_is_eager_to_the_bit(name: str) -> None:
    loss = STEPS[name]
    rng = np.random.default_rng(0)
    batches = [rng.normal(size=(4, 3)).astype(np.float32) for _ in range(4)]
    models = [nn.Dense(3, 3, rng=0) for _ in range(2)]
    steps = []
    for model in models:
        optimizer = nn.optim.SGD(model.parameters(), 0.1)

        def step(x: Any, model: Any = model, optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            y = loss(model(x))
            y.backward()
            optimizer.step()
            return y.detach()

        steps.append(step)
    captured = capture(steps[1], on_miss="error")
    for x in batches:
        assert_array_equal(captured(x).data, steps[0](x).data)
        for ours, theirs in zip(*(m.parameters() for m in models), strict=True):
            assert_array_equal(ours.data, theirs.data)


def test_captured_labels_may_change_and_are_checked() -> None:
    model = nn.Dense(3, 4, rng=0)

    @capture
    def loss_of(x: Any, t: Any) -> Any:
        return losses.cross_entropy(model(x), t, label_smoothing=0.1).detach()

    rng = np.random.default_rng(0)
    for labels in ([0, 1, 2], [3, 3, -100], [1, -100, 0], [2, 0, 1], [0, 0, -100]):
        x = rng.normal(size=(3, 3)).astype(np.float32)
        expected = losses.cross_entropy(model(x), labels, label_smoothing=0.1)
        assert loss_of(x, np.array(labels)).item() == expected.item()
    with pytest.raises(DomainError, match=r"for 4 classes; that at \[1\] is 4"):
        loss_of(x, np.array([0, 4, 1]))


def test_jacobians_of_single_losses_are_diagonal() -> None:
    for name in ("pos_weight", "huber_loss", "gaussian_nll_loss"):
        loss = {
            "pos_weight": lambda z: losses.binary_cross_entropy_with_logits(
                z, SHARES[0], "none", pos_weight=[2.0]
            ),
            "huber_loss": lambda z: losses.huber_loss(z, Y[0], "none"),
            "gaussian_nll_loss": lambda z: losses.gaussian_nll_loss(z, Y[0], [0.5] * 3, "none"),
        }[name]
        found = jacobian(loss)(X[0])
        assert_allclose(found, np.diag(np.diag(found)), atol=0)
    ctc = jacobian(lambda x: losses.ctc_loss(x, [[1], [2]], [3, 2], [1, 1], reduction="none"))(
        np.log(np.full((3, 2, 3), 1 / 3))
    )
    assert_allclose(ctc[0][:, 1], 0)
    assert_allclose(ctc[1][2], 0)  # beyond its length


def test_the_delta_of_the_last_layer_is_that_of_the_article() -> None:
    model = nn.Dense(3, 2, rng=0)
    z, t = model(X), np.eye(2)[[0, 1, 1, 0]]
    loss = losses.binary_cross_entropy_with_logits(z, t, sample_weight=np.ones(4))
    (delta,) = nn.deltas(model, loss).values()
    assert_allclose(delta.data, (1 / (1 + np.exp(-z.data)) - t) / 4, rtol=1e-6)


# ---------------------------------------------------------------- errors


CASES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (
        lambda: losses.l1_loss(np.ones((3, 1)), np.ones(3)),
        ShapeError,
        r"l1_loss: prediction of shape \(3, 1\) and target of shape \(3,\); give them the same",
    ),
    (lambda: losses.l1_loss([1j], [0.0]), DTypeError, "l1_loss of complex128"),
    (lambda: losses.mse_loss([1j], [0.0]), DTypeError, "mean_squared_error of complex128 and fl"),
    (lambda: losses.mse_loss([1.0], [1j]), DTypeError, "mean_squared_error of float64 and comp"),
    (lambda: losses.binary_cross_entropy([0.5], [1j]), DTypeError, "of float64 and complex128"),
    (
        lambda: losses.binary_cross_entropy_with_logits([0.5], [1j]),
        DTypeError,
        "with_logits of float64 and complex128",
    ),
    (
        lambda: losses.cross_entropy([[0.0, 1.0]], [1], np.ones(2)),
        DomainError,
        "cross_entropy: reduction can't be an array; give weights by name, weight=",
    ),
    (lambda: losses.mse_loss([0.5], [0.5], np.ones(2)), DomainError, "can't be an array"),
    (lambda: losses.kl_div([0.5], [0.5], np.ones(2)), DomainError, "kl_div: reduction can't be an"),
    (lambda: nn.MSELoss(np.ones(2)), DomainError, "MSELoss: reduction can't be an array"),
    (lambda: losses.cross_entropy([[0.0]], [0], ignore_index=1.5), DTypeError, "be a whole number"),
    (lambda: losses.nll_loss([[0.0]], [0], ignore_index=None), DTypeError, "be a whole number"),
    (lambda: losses.cross_entropy([[0.0]], [0], axis="1"), AxisError, "have no axis '1'"),
    (
        lambda: losses.huber_loss([1.0], [0.0], delta="1"),
        DTypeError,
        "huber_loss: delta must be a number, not '1'",
    ),
    (lambda: losses.l1_loss([1.0], [0.0], "avg"), DomainError, "no reduction 'avg'; choose mean"),
    (lambda: losses.l1_loss(np.ones((0, 2)), np.ones((0, 2))), ShapeError, "empty batch"),
    (
        lambda: losses.huber_loss(np.ones((2, 3)), np.ones((2, 3)), sample_weight=np.ones(3)),
        ShapeError,
        r"sample_weight must have the shape of the losses, \(2, 3\).*it has shape \(3,\)",
    ),
    (lambda: losses.huber_loss([1.0], [0.0], delta=0), DomainError, "delta must be above 0, not 0"),
    (lambda: losses.huber_loss([1.0], [0.0], delta=np.nan), DomainError, "not nan"),
    (lambda: losses.smooth_l1_loss([1.0], [0.0], beta=-1), DomainError, "at least 0, not -1"),
    (
        lambda: losses.hinge_loss([1.0, 2.0], [0, 1]),
        DomainError,
        r"targets must be -1 or 1; 1 of 2 aren't, such as 0.0. If they are 0 and 1, give 2 \* t",
    ),
    (lambda: losses.soft_margin_loss([1.0], [np.nan]), DomainError, "such as nan"),
    (
        lambda: losses.cross_entropy(np.ones((2, 3)), [0, 3], weight=np.ones(3)),
        DomainError,
        r"must lie between 0 and 2 for 3 classes; that at \[1\] is 3",
    ),
    (
        lambda: losses.cross_entropy(np.ones((2, 3)), [0, 3]),
        DomainError,
        "must lie between 0 and 2 for 3 classes; these go from 0 to 3",
    ),
    (
        lambda: losses.nll_loss(np.ones((2, 3, 2)), [[0, 0], [-1, 0]]),
        DomainError,
        r"for 3 classes; that at \[1, 0\] is -1",
    ),
    (
        lambda: losses.cross_entropy(np.ones((2, 3)), [0, 1], weight=np.ones(2)),
        ShapeError,
        r"weight must have shape \(3,\), one for each class; it has shape \(2,\)",
    ),
    (
        lambda: losses.cross_entropy(np.ones((2, 3, 3)), np.ones((2, 3), int)),
        ShapeError,
        r"may be along axis 1 or the last one; pass axis=1, PyTorch's, or axis=-1",
    ),
    (
        lambda: losses.cross_entropy(np.ones((2, 3, 4)), np.ones((2, 3, 4))),
        ShapeError,
        "don't tell which axis has the classes",
    ),
    (
        lambda: losses.cross_entropy(np.ones((2, 3, 4)), np.ones(2, int)),
        ShapeError,
        r"need class indices of shape \(2, 4\) or \(2, 3\), or probabilities",
    ),
    (lambda: losses.cross_entropy(np.ones((2, 3)), [0, 1], axis=2), AxisError, "no axis 2"),
    (
        lambda: losses.cross_entropy(np.ones((2, 3)), [0, 1], label_smoothing=1.5),
        DomainError,
        "label_smoothing must lie between 0 and 1, not 1.5",
    ),
    (lambda: losses.nll_loss(np.ones((2, 3)), [0.0, 1.0]), DTypeError, "must be integers"),
    (
        lambda: losses.binary_cross_entropy_with_logits(
            np.ones((2, 3)), np.ones((2, 3)), pos_weight=np.ones(2)
        ),
        ShapeError,
        r"pos_weight must broadcast.*\(2, 3\); it has shape \(2,\)",
    ),
    (
        lambda: losses.binary_cross_entropy([1.5], [1.0], weight=[1.0]),
        DomainError,
        "needs probabilities between 0 and 1",
    ),
    (lambda: losses.sigmoid_focal_loss([1.0], [1.0], alpha=2), DomainError, "at most 1, not 2"),
    (lambda: losses.kl_div([0.0], [-1.0]), DomainError, "can't be negative.*log_target=True"),
    (
        lambda: losses.poisson_nll_loss([-1.0], [1.0], log_input=False),
        DomainError,
        "the least is -1.0",
    ),
    (lambda: losses.gaussian_nll_loss([1.0], [1.0], [-1.0]), DomainError, "the least is -1.0"),
    (
        lambda: losses.gaussian_nll_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones(3)),
        ShapeError,
        r"var must have the shape of the prediction, \(2, 3\).*it has shape \(3,\)",
    ),
    (lambda: losses.multi_margin_loss(np.ones((2, 3)), [0, 1], p=3), DomainError, "1 or 2"),
    (lambda: losses.multi_margin_loss(np.ones((2, 3)), [[0, 1]]), ShapeError, r"of shape \(2,\)"),
    (
        lambda: losses.multilabel_margin_loss(np.ones((2, 3)), np.full((2, 3), 3)),
        DomainError,
        "for 3 classes",
    ),
    (lambda: losses.cosine_embedding_loss([1.0], [1.0], 1, margin=2), DomainError, "-1 and 1"),
    (
        lambda: losses.cosine_embedding_loss(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 1))),
        ShapeError,
        r"targets \(examples,\).*\(2, 3\) and \(2, 1\)",
    ),
    (
        lambda: losses.margin_ranking_loss(np.ones(2), np.ones(2), 1),
        ShapeError,
        r"input1 of shape \(2,\) and target of shape \(\)",
    ),
    (
        lambda: losses.triplet_margin_loss(np.ones(2), np.ones(2), np.ones(2), margin=0),
        DomainError,
        "margin must be above 0",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), CASES)
def test_errors_say_what_is_wrong(call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.MSELoss("avg"), "MSELoss has no reduction 'avg'"),
        (lambda: nn.CrossEntropyLoss(label_smoothing=2), "CrossEntropyLoss: label_smoothing must"),
        (lambda: nn.HuberLoss(delta=0), "HuberLoss: delta must be above 0"),
        (lambda: nn.TripletMarginLoss(p=0), "TripletMarginLoss: p must be above 0"),
        (lambda: nn.MultiMarginLoss(p=3), "MultiMarginLoss: p must be 1 or 2"),
    ],
)
def test_layers_check_their_options(make: Any, message: str) -> None:
    with pytest.raises(DomainError, match=message):
        make()


def test_layers_show_their_options_and_keep_their_weights() -> None:
    loss = nn.CrossEntropyLoss([1.0, 2.0], label_smoothing=0.1, axis=-1)
    assert repr(loss) == "CrossEntropyLoss(weight=<(2,)>, label_smoothing=0.1, axis=-1)"
    assert list(loss.state_dict()) == ["weight"]
    assert list(nn.CrossEntropyLoss().state_dict()) == []
    assert repr(nn.MSELoss()) == "MSELoss()"
    assert loss.parameters() == []
    with pytest.raises(ShapeError, match=r"one for each class.*in CrossEntropyLoss\(weight"):
        loss(np.ones((2, 3)), [0, 1])
