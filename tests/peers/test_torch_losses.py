"""Losses against PyTorch: values and gradients, over drawn shapes, options and reductions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from nn import losses

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")
F = torch.nn.functional

DTYPES = st.sampled_from([np.float64, np.float32])
SHAPES = st.sampled_from([(), (1,), (5,), (4, 3), (3, 1), (2, 3, 4)])
ROWS = st.sampled_from([(1,), (4,), (1, 4), (5, 3), (3, 1), (4, 6)])
REDUCTIONS = st.sampled_from(["mean", "sum", "none"])


class Case:
    """Draws the operands and options of one call, and makes it here and in PyTorch."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.rng = np.random.default_rng(draw(st.integers(0, 2**32)))
        self.dtype = draw(DTYPES)
        self.reduction = draw(REDUCTIONS)

    def normal(self, shape: Any, scale: float = 2.0) -> Any:
        return np.asarray(self.rng.normal(0, scale, shape)).astype(self.dtype)

    def uniform(self, shape: Any, low: float = 0.05, high: float = 0.95) -> Any:
        return np.asarray(self.rng.uniform(low, high, shape)).astype(self.dtype)

    def signs(self, shape: Any) -> Any:
        return np.asarray(self.rng.choice([-1.0, 1.0], shape)).astype(self.dtype)

    def maybe(self, make: Callable[[], Any]) -> Any:
        return make() if self.draw(st.booleans()) else None

    def number(self, low: float, high: float) -> float:
        return self.draw(st.floats(low, high))

    def flag(self) -> bool:
        return self.draw(st.booleans())


def as_torch(x: Any) -> Any:
    return torch.tensor(x) if isinstance(x, np.ndarray | np.generic) else x


def compare(
    case: Case,
    ours: Callable[..., Any],
    theirs: Callable[..., Any],
    differentiable: tuple[Any, ...],
    fixed: tuple[Any, ...] = (),
    options: dict[str, Any] | None = None,
    only_ours: dict[str, Any] | None = None,
) -> None:
    options = {k: v for k, v in (options or {}).items() if v is not None}
    leaves = [Tensor(x, requires_grad=True) for x in differentiable]
    y = ours(*leaves, *fixed, reduction=case.reduction, **options, **(only_ours or {}))
    tensors = [torch.tensor(x, requires_grad=True) for x in differentiable]
    torch_options = {k: as_torch(v) for k, v in options.items()}
    z = theirs(*tensors, *map(as_torch, fixed), reduction=case.reduction, **torch_options)
    assert y.shape == tuple(z.shape)
    assert y.dtype == z.detach().numpy().dtype
    single = case.dtype is np.float32
    near = {"rtol": 2e-4 if single else 1e-9, "atol": 1e-5 if single else 1e-11}
    np.testing.assert_allclose(y.data, z.detach().numpy(), **near)
    g = np.random.default_rng(0).normal(size=y.shape).astype(case.dtype)
    z.backward(torch.tensor(g))
    slopes = gradients(y, leaves, g)
    for slope, tensor in zip(slopes, tensors, strict=True):
        np.testing.assert_allclose(slope.data, tensor.grad.numpy(), **near)
        assert slope.dtype == case.dtype


def cross_entropy(case: Case) -> None:
    shape = case.draw(st.sampled_from([(4,), (1, 3), (5, 4), (3, 4, 2), (2, 3, 4, 2), (2, 1)]))
    axis = 1 if len(shape) > 1 else 0
    rest = shape[:axis] + shape[axis + 1 :]
    labels = case.rng.integers(0, shape[axis], rest)
    options = {
        "weight": case.maybe(lambda: case.uniform(shape[axis])),
        "label_smoothing": case.draw(st.sampled_from([0.0, 0.1, 0.7, 1.0])),
    }
    along = {"axis": axis}
    if case.flag():
        t = case.uniform(shape)
        compare(
            case, losses.cross_entropy, F.cross_entropy, (case.normal(shape), t), (), options, along
        )
        return
    ignored = case.draw(st.sampled_from([None, -100, 0, -1]))
    if ignored is not None and rest:
        labels = np.where(case.rng.random(rest) < 0.3, ignored, labels)
        labels.ravel()[0] = shape[axis] - 1
        if ignored == shape[axis] - 1:
            return
        options["ignore_index"] = ignored
    compare(
        case,
        losses.cross_entropy,
        F.cross_entropy,
        (case.normal(shape),),
        (labels,),
        options,
        along,
    )


def nll_loss(case: Case) -> None:
    shape = case.draw(st.sampled_from([(4,), (1, 3), (5, 4), (3, 4, 2), (2, 3, 4, 2)]))
    axis = 1 if len(shape) > 1 else 0
    rest = shape[:axis] + shape[axis + 1 :]
    labels = case.rng.integers(1, shape[axis], rest)
    options = {
        "weight": case.maybe(lambda: case.uniform(shape[axis])),
        "ignore_index": case.draw(st.sampled_from([-100, 0])),
    }
    if rest:
        labels = np.where(case.rng.random(rest) < 0.3, options["ignore_index"], labels)
        labels.ravel()[0] = shape[axis] - 1
    x = case.normal(shape)
    compare(case, losses.nll_loss, F.nll_loss, (x,), (labels,), options, {"axis": axis})


def binary_cross_entropy(case: Case) -> None:
    shape = case.draw(SHAPES)
    options = {"weight": case.maybe(lambda: case.uniform(shape[-1:]))}
    operands = case.uniform(shape), case.uniform(shape)
    compare(case, losses.binary_cross_entropy, F.binary_cross_entropy, operands, (), options)


def binary_cross_entropy_with_logits(case: Case) -> None:
    shape = case.draw(SHAPES)
    options = {
        "weight": case.maybe(lambda: case.uniform(shape)),
        "pos_weight": case.maybe(lambda: case.uniform(shape[-1:], 0.1, 5)),
    }
    operands = case.normal(shape, 5), case.uniform(shape)
    ours, theirs = losses.binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits
    compare(case, ours, theirs, operands, (), options)


def multilabel_soft_margin_loss(case: Case) -> None:
    shape = case.draw(ROWS)
    options = {"weight": case.maybe(lambda: case.uniform(shape[-1:]))}
    target = (case.signs(shape) + 1) / 2
    ours, theirs = losses.multilabel_soft_margin_loss, F.multilabel_soft_margin_loss
    compare(case, ours, theirs, (case.normal(shape),), (target,), options)


def mse_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    compare(case, losses.mse_loss, F.mse_loss, (case.normal(shape), case.normal(shape)))


def weighted_regression(case: Case) -> None:
    shape = case.draw(SHAPES)
    name = case.draw(st.sampled_from(["mse_loss", "l1_loss"]))  # its huber_loss divides by the size
    weight = case.uniform(shape)
    operands = case.normal(shape), case.normal(shape)
    compare(
        case,
        lambda *args, **kw: getattr(losses, name)(*args, **kw, sample_weight=weight),
        lambda *args, **kw: getattr(F, name)(*args, **kw, weight=torch.tensor(weight)),
        operands,
    )


def l1_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    x, t = case.normal(shape), case.normal(shape)
    compare(case, losses.l1_loss, F.l1_loss, (x, np.where(case.uniform(shape) < 0.2, x, t)))


def huber_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    operands = case.normal(shape), case.normal(shape)
    delta = {"delta": case.number(0.1, 4)}
    compare(case, losses.huber_loss, F.huber_loss, operands, (), delta)


def smooth_l1_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    operands = case.normal(shape), case.normal(shape)
    beta = {"beta": case.draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]))}
    compare(case, losses.smooth_l1_loss, F.smooth_l1_loss, operands, (), beta)


def kl_div(case: Case) -> None:
    shape = case.draw(SHAPES)
    options = {"log_target": case.flag()}
    t = case.uniform(shape)
    if shape and case.flag():
        case.reduction = "batchmean"
    t = np.log(t) if options["log_target"] else t
    compare(case, losses.kl_div, F.kl_div, (-abs(case.normal(shape)), np.asarray(t)), (), options)


def kl_div_of_zeros(case: Case) -> None:
    shape = case.draw(SHAPES)
    t = np.where(case.uniform(shape) < 0.5, 0, case.uniform(shape)).astype(case.dtype)
    compare(case, losses.kl_div, F.kl_div, (case.normal(shape),), (t,))


def poisson_nll_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    options = {"log_input": case.flag(), "full": case.flag(), "eps": case.number(1e-8, 0.1)}
    x = case.normal(shape) if options["log_input"] else case.uniform(shape, 0.1, 4)
    t = case.uniform(shape, 0.1, 5)
    compare(case, losses.poisson_nll_loss, F.poisson_nll_loss, (x, t), (), options)


def gaussian_nll_loss(case: Case) -> None:
    shape = case.draw(SHAPES.filter(bool))
    variances = [shape, (*shape[:-1], 1), shape[:-1]]
    var = case.uniform(case.draw(st.sampled_from(variances)), 0.01, 3)
    options = {"full": case.flag(), "eps": case.draw(st.sampled_from([1e-6, 0.5]))}
    operands = case.normal(shape), case.normal(shape), var
    compare(case, losses.gaussian_nll_loss, F.gaussian_nll_loss, operands, (), options)


def hinge_embedding_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    options = {"margin": case.number(-1, 3)}
    operands = (case.normal(shape),), (case.signs(shape),)
    compare(case, losses.hinge_embedding_loss, F.hinge_embedding_loss, *operands, options)


def soft_margin_loss(case: Case) -> None:
    shape = case.draw(SHAPES)
    operands = (case.normal(shape),), (case.signs(shape),)
    compare(case, losses.soft_margin_loss, F.soft_margin_loss, *operands)


def multi_margin_loss(case: Case) -> None:
    shape = case.draw(ROWS)
    labels = case.rng.integers(0, shape[-1], shape[:-1])
    options = {
        "p": case.draw(st.sampled_from([1, 2])),
        "margin": case.number(0.1, 3),
        "weight": case.maybe(lambda: case.uniform(shape[-1])),
    }
    x = case.normal(shape)
    labels = np.asarray(labels)
    compare(case, losses.multi_margin_loss, F.multi_margin_loss, (x,), (labels,), options)


def multilabel_margin_loss(case: Case) -> None:
    shape = case.draw(ROWS)
    labels = case.rng.integers(-1, shape[-1], shape)
    x = case.normal(shape)
    compare(case, losses.multilabel_margin_loss, F.multilabel_margin_loss, (x,), (labels,))


def margin_ranking_loss(case: Case) -> None:
    shape = case.draw(SHAPES.filter(bool))
    options = {"margin": case.draw(st.sampled_from([0.0, 0.5, 2.0]))}
    a, b = case.normal(shape), case.normal(shape)
    b = np.where(case.uniform(shape) < 0.2, a, b)  # ties, where a margin of 0 is just reached
    operands = (a, b), (case.signs(shape),)
    compare(case, losses.margin_ranking_loss, F.margin_ranking_loss, *operands, options)


def cosine_embedding_loss(case: Case) -> None:
    shape = case.draw(ROWS)
    options = {"margin": case.number(-1, 1)}
    a, b = case.normal(shape), case.normal(shape)
    operands = (a, b), (case.signs(shape[:-1]),)
    compare(case, losses.cosine_embedding_loss, F.cosine_embedding_loss, *operands, options)


def triplet_margin_loss(case: Case) -> None:
    shape = case.draw(ROWS)
    options = {
        "margin": case.number(0.1, 3),
        "p": case.draw(st.sampled_from([1.0, 2.0, 3.0])),
        "swap": case.flag(),
    }
    operands = tuple(case.normal(shape) for _ in range(3))
    compare(case, losses.triplet_margin_loss, F.triplet_margin_loss, operands, (), options)


def ctc_loss(case: Case) -> None:
    times, examples, classes = (case.draw(st.integers(*r)) for r in [(1, 9), (1, 4), (2, 5)])
    longest = case.draw(st.integers(1, 4))
    blank = case.draw(st.integers(0, classes - 1))
    targets = (blank + case.rng.integers(1, classes, (examples, longest))) % classes
    sizes = case.rng.integers(0, longest + 1, examples)
    lengths = case.rng.integers(1, times + 1, examples)
    if case.flag():
        given = np.arange(longest) < sizes[:, None]
        targets = targets[given] if sizes.sum() else targets
    infinite = case.draw(st.booleans())
    if not infinite:  # leave out those that have no alignment
        lengths[:] = times
        sizes = np.minimum(sizes, (times + 1) // 2)
        if targets.ndim == 1:
            targets = targets[: sizes.sum()]
            if not targets.size:
                return
    fixed = targets, lengths, sizes
    options = {"blank": blank, "zero_infinity": infinite}
    compare(
        case,
        lambda z, *args, **kw: losses.ctc_loss(ag.log_softmax(z), *args, **kw),
        lambda z, *args, **kw: F.ctc_loss(F.log_softmax(z, -1), *args, **kw),
        (case.normal((times, examples, classes)),),
        fixed,
        options,
    )


def ctc_loss_of_one(case: Case) -> None:
    times, classes = case.draw(st.integers(3, 6)), case.draw(st.integers(2, 4))
    targets = case.rng.integers(1, classes, 2)
    fixed = targets, np.asarray(times), np.asarray(2)
    compare(
        case,
        lambda z, *args, **kw: losses.ctc_loss(ag.log_softmax(z), *args, **kw),
        lambda z, *args, **kw: F.ctc_loss(F.log_softmax(z, -1), *args, **kw),
        (case.normal((times, classes)),),
        fixed,
        {"zero_infinity": True},
    )


CHECKS = [
    cross_entropy,
    nll_loss,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    mse_loss,
    weighted_regression,
    l1_loss,
    huber_loss,
    smooth_l1_loss,
    kl_div,
    kl_div_of_zeros,
    poisson_nll_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    soft_margin_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    margin_ranking_loss,
    cosine_embedding_loss,
    triplet_margin_loss,
    ctc_loss,
    ctc_loss_of_one,
]


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_loss_is_that_of_pytorch(check: Callable[[Case], None]) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.data())
    def compared(data: st.DataObject) -> None:
        check(Case(data.draw))

    compared()


def test_every_loss_is_compared() -> None:
    without = {"hinge_loss", "sigmoid_focal_loss", "mean_squared_error"}  # PyTorch has none
    assert {check.__name__ for check in CHECKS} >= set(losses.__all__) - without
