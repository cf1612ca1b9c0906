"""PyTorch's optimizers, schedules and clipping, where it is installed, as an oracle."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import nn
from autograd_lite import Tensor

from ..nn.optimizers import OPTIMIZERS, Registration

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")

PEERS = [r for r in OPTIMIZERS if r.torch]
SHAPES = ((3,), (2, 2), ())


def their_settings(registered: Registration, options: dict[str, Any]) -> dict[str, Any]:
    renamed = {"learning_rate": "lr", **registered.renamed}
    return {renamed.get(name, name): value for name, value in options.items()}


@pytest.mark.parametrize("registered", PEERS, ids=[r.name for r in PEERS])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data())
def test_optimizers_take_the_same_steps(
    registered: Registration, dtype: str, data: st.DataObject
) -> None:
    options = data.draw(registered.options)
    others = data.draw(st.fixed_dictionaries({"weight_decay": st.floats(0.0, 0.3)}))
    rates = data.draw(st.lists(st.floats(0.001, 0.3), min_size=1, max_size=20))
    missing = data.draw(st.sets(st.integers(0, 19)))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16)))
    ours = [Tensor(draw(rng, shape, dtype), requires_grad=True) for shape in SHAPES]
    theirs = [torch.tensor(p.data, requires_grad=True) for p in ours]
    optimizer = registered.make(
        [{"parameters": ours[:2]}, {"parameters": ours[2:], **others}], rates[0], **options
    )
    with torch_default(dtype):
        peer = getattr(torch.optim, registered.torch or "")(
            [{"params": theirs[:2]}, {"params": theirs[2:], **others}],
            lr=rates[0],
            **their_settings(registered, options),
        )
        for turn, rate in enumerate(rates):
            for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
                g = draw(rng, p.shape, dtype)
                absent = i == 1 and turn in missing
                p.grad = None if absent else Tensor(g)
                q.grad = None if absent else torch.tensor(g)
            optimizer.learning_rate = rate
            for group in peer.param_groups:
                group["lr"] = rate
            optimizer.step()
            peer.step()
    close = {"rtol": 2e-4, "atol": 2e-5} if dtype == "float32" else {"rtol": 1e-9, "atol": 1e-11}
    for p, q in zip(ours, theirs, strict=True):
        assert_allclose(p.data, q.numpy(force=True), **close)


def draw(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Any:
    values = np.asarray(rng.standard_normal(shape))
    if dtype.startswith("complex"):
        values = values + 1j * rng.standard_normal(shape)
    return values.astype(dtype)


class torch_default:
    """PyTorch keeps NAdam's products in the default dtype."""

    def __init__(self, dtype: str) -> None:
        self.dtype = torch.float32 if dtype == "float32" else torch.float64

    def __enter__(self) -> None:
        self.before = torch.get_default_dtype()
        torch.set_default_dtype(self.dtype)

    def __exit__(self, *_: object) -> None:
        torch.set_default_dtype(self.before)


@pytest.mark.parametrize("registered", PEERS, ids=[r.name for r in PEERS])
def test_defaults_are_the_same(registered: Registration) -> None:
    ours = registered.make([Tensor(1.0, requires_grad=True)])._settings()
    theirs = getattr(torch.optim, registered.torch or "")([torch.ones(1, requires_grad=True)])
    for name, value in their_settings(registered, ours).items():
        expected = theirs.defaults[name]
        assert (tuple(value) if isinstance(value, list) else value) == expected, name


# ------------------------------------------------------------------ L-BFGS


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**16),
    max_iter=st.integers(1, 8),
    history_size=st.integers(1, 5),
    max_eval=st.one_of(st.none(), st.integers(1, 8)),
)
def test_lbfgs_takes_the_same_steps(
    search: str | None, seed: int, max_iter: int, history_size: int, max_eval: int | None
) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((8, 5)), rng.standard_normal(8)
    x = rng.standard_normal(5)
    options = {"max_iter": max_iter, "history_size": history_size, "max_eval": max_eval}
    rate = 0.05 if search is None else 1.0
    w, v = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    ours = nn.optim.LBFGS([w], rate, line_search_fn=search, **options)  # type: ignore[arg-type]
    theirs = torch.optim.LBFGS([v], rate, line_search_fn=search, **options)
    evaluations = [0, 0]

    def our_closure() -> Tensor:
        evaluations[0] += 1
        ours.zero_grad()
        z = a @ w - b
        loss = (z**2).sum() + 0.1 * (z**4).sum() + np.sin(w).sum()
        loss.backward()
        return loss

    def their_closure() -> Any:
        evaluations[1] += 1
        theirs.zero_grad()
        z = torch.tensor(a) @ v - torch.tensor(b)
        loss = (z**2).sum() + 0.1 * (z**4).sum() + torch.sin(v).sum()
        loss.backward()
        return loss

    for _ in range(5):
        assert ours.step(our_closure).item() == pytest.approx(theirs.step(their_closure).item())
        assert_allclose(w.data, v.numpy(force=True), rtol=1e-5, atol=1e-7)
        assert evaluations[0] == evaluations[1]


# ------------------------------------------------------------------ clipping


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**16),
    max_norm=st.floats(0.01, 20.0),
    order=st.sampled_from([0.5, 1.0, 2.0, 3.0, np.inf]),
    scale=st.sampled_from([1.0, 1e-20, 1e15]),
)
def test_norms_are_clipped_alike(seed: int, max_norm: float, order: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    ours = [Tensor(np.zeros(shape), requires_grad=True) for shape in (*SHAPES, (2,))]
    theirs = [torch.zeros(p.shape, dtype=torch.float64, requires_grad=True) for p in ours]
    for p, q in zip(ours[:-1], theirs, strict=False):  # the last has no grad
        g = rng.standard_normal(p.shape) * scale
        p.grad, q.grad = Tensor(g), torch.tensor(g)
    total = nn.optim.clip_grad_norm(ours, max_norm, order)
    expected = torch.nn.utils.clip_grad_norm_(theirs, max_norm, order)
    assert total.item() == pytest.approx(expected.item(), rel=1e-10)
    for p, q in zip(ours[:-1], theirs, strict=False):
        assert_allclose(p.grad.data, q.grad, rtol=1e-10)  # type: ignore[union-attr]
    nn.optim.clip_grad_value(ours, 0.1)
    torch.nn.utils.clip_grad_value_(theirs, 0.1)
    for p, q in zip(ours[:-1], theirs, strict=False):
        assert_allclose(p.grad.data, q.grad, rtol=1e-10)  # type: ignore[union-attr]


# ------------------------------------------------------------------ schedules

SCHEDULES: dict[str, Callable[[Any, Any], Any]] = {
    "StepLR": lambda s, o: s.StepLR(o, 7, 0.5),
    "MultiStepLR": lambda s, o: s.MultiStepLR(o, [3, 20, 20, 71], 0.3),
    "ConstantLR": lambda s, o: s.ConstantLR(o, 0.2, 9),
    "ConstantLR, for no epoch": lambda s, o: s.ConstantLR(o, 0.2, 0),
    "LinearLR": lambda s, o: s.LinearLR(o, 0.1, 0.7, 30),
    "LinearLR, defaults": lambda s, o: s.LinearLR(o),
    "ExponentialLR": lambda s, o: s.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda s, o: s.PolynomialLR(o, 40, 1.7),
    "LambdaLR": lambda s, o: s.LambdaLR(o, [lambda t: 0.9**t, lambda t: 1 / (1 + t)]),
    "MultiplicativeLR": lambda s, o: s.MultiplicativeLR(o, lambda t: 0.9 + 0.1 / (1 + t)),
    "CosineAnnealingLR": lambda s, o: s.CosineAnnealingLR(o, 13, 0.01),
    "CosineAnnealingLR, to 0": lambda s, o: s.CosineAnnealingLR(o, 100),
    "CosineAnnealingWarmRestarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 7, 1, 0.01),
    "CosineAnnealingWarmRestarts, longer": lambda s, o: s.CosineAnnealingWarmRestarts(o, 3, 2),
    "CyclicLR": lambda s, o: s.CyclicLR(o, 0.01, [0.1, 0.3], 7, 11),
    "CyclicLR, triangular2": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 8, mode="triangular2"),
    "CyclicLR, exp_range": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 8, mode="exp_range", gamma=0.98),
    "CyclicLR, a function": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 8, scale_fn=lambda t: 1 / (1 + t), scale_mode="iterations"
    ),
    "OneCycleLR": lambda s, o: s.OneCycleLR(o, [0.5, 1.0], 130),
    "OneCycleLR, linear": lambda s, o: s.OneCycleLR(
        o, 0.5, epochs=13, steps_per_epoch=10, anneal_strategy="linear", pct_start=0.2
    ),
    "OneCycleLR, three phases": lambda s, o: s.OneCycleLR(
        o, 0.5, 130, three_phase=True, div_factor=10.0, final_div_factor=100.0
    ),
    "SequentialLR": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, 1.0, 10), s.CosineAnnealingLR(o, 30), s.ExponentialLR(o, 0.9)],
        [10, 40],
    ),
    "SequentialLR, of others": lambda s, o: s.SequentialLR(
        o,
        [
            s.ConstantLR(o, 0.5, 3),
            s.CosineAnnealingWarmRestarts(o, 5),
            s.LambdaLR(o, lambda t: 0.9**t),
            s.MultiplicativeLR(o, lambda t: 0.95),
            s.StepLR(o, 4),
        ],
        [5, 20, 30, 50],
    ),
    "ChainedScheduler": lambda s, o: s.ChainedScheduler(
        [s.ConstantLR(o, 0.1, 4), s.ExponentialLR(o, 0.97), s.MultiStepLR(o, [11, 50], 0.5)]
    ),
    "ChainedScheduler, with cosines": lambda s, o: s.ChainedScheduler(
        [s.CosineAnnealingLR(o, 17, 0.02), s.LinearLR(o, 0.3, 1.0, 25)]
    ),
    "ChainedScheduler, that falls to 0": lambda s, o: s.ChainedScheduler(
        [s.CosineAnnealingLR(o, 17), s.ExponentialLR(o, 0.99), s.PolynomialLR(o, 60)]
    ),
}


def optimizers(kind: str) -> tuple[Any, Any]:
    w, v = (Tensor(np.zeros(2), requires_grad=True) for _ in range(2))
    a, b = (torch.zeros(2, requires_grad=True) for _ in range(2))
    options = {"momentum": 0.9} if kind == "SGD" else {}
    ours = getattr(nn.optim, kind)(
        [{"parameters": [w]}, {"parameters": [v], "learning_rate": 0.2}], 0.05, **options
    )
    theirs = getattr(torch.optim, kind)(
        [{"params": [a]}, {"params": [b], "lr": 0.2}], lr=0.05, **options
    )
    return ours, theirs


def momenta(ours: Any, theirs: Any) -> tuple[list[float], list[float]]:
    found: tuple[list[float], list[float]] = [], []
    for own, group in zip(ours.groups, theirs.param_groups, strict=True):
        if "betas" in group:
            found[0].append(own.get("betas", ours.betas)[0])
            found[1].append(group["betas"][0])
        else:
            found[0].append(own.get("momentum", ours.momentum))
            found[1].append(group["momentum"])
    return found


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_give_the_same_rates(name: str, kind: str) -> None:
    ours, theirs = optimizers(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about optimizer.step(), which isn't called
        schedule = SCHEDULES[name](nn.optim, ours)
        peer = SCHEDULES[name](torch.optim.lr_scheduler, theirs)
        for epoch in range(130):
            rates = [group.get("learning_rate", ours.learning_rate) for group in ours.groups]
            expected = [group["lr"] for group in theirs.param_groups]
            assert_allclose(rates, expected, rtol=1e-9, atol=1e-15, err_msg=f"epoch {epoch}")
            assert_allclose(schedule.get_last_lr(), rates, rtol=1e-15)
            assert_allclose(*momenta(ours, theirs), rtol=1e-12)
            schedule.step()
            peer.step()


def test_schedules_that_are_stepped_one_after_the_other() -> None:
    ours, theirs = optimizers("SGD")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        makers = [SCHEDULES[name] for name in ("LinearLR", "ExponentialLR", "CosineAnnealingLR")]
        schedules = [make(nn.optim, ours) for make in makers]
        peers = [make(torch.optim.lr_scheduler, theirs) for make in makers]
        for epoch in range(60):
            if epoch == 30:  # by hand
                for own, group in zip(ours.groups, theirs.param_groups, strict=True):
                    own["learning_rate"] = group["lr"] = 0.3
            for schedule in schedules + peers:
                schedule.step()
            rates = [group["learning_rate"] for group in ours.groups]
            assert_allclose(rates, [group["lr"] for group in theirs.param_groups], rtol=1e-9)


def test_warm_restarts_within_epochs() -> None:
    ours, theirs = optimizers("SGD")
    schedule = nn.optim.CosineAnnealingWarmRestarts(ours, 3, 2)
    peer = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(theirs, 3, 2)
    for quarter in range(1, 100):
        schedule.step(quarter / 4)
        peer.step(quarter / 4)
        assert_allclose(schedule.get_last_lr(), peer.get_last_lr(), rtol=1e-12, atol=1e-15)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    losses=st.lists(st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.05, 2.0]), max_size=120),
    mode=st.sampled_from(["min", "max"]),
    threshold_mode=st.sampled_from(["rel", "abs"]),
    threshold=st.sampled_from([0.0, 1e-4, 0.1]),
    patience=st.integers(0, 3),
    cooldown=st.integers(0, 3),
    min_lr=st.sampled_from([0.0, 0.01, [0.001, 0.1]]),
)
def test_plateaus_are_found_alike(losses: list[float], **options: Any) -> None:
    ours, theirs = optimizers("SGD")
    schedule = nn.optim.ReduceLROnPlateau(ours, factor=0.5, **options)
    peer = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, factor=0.5, **options)
    for loss in losses:
        schedule.step(loss)
        peer.step(loss)
        assert_allclose(schedule.get_last_lr(), peer.get_last_lr(), rtol=1e-14)


# ------------------------------------------------------------------ averages


@pytest.mark.parametrize("kind", ["EMA", "SWA"])
def test_averages_are_the_same(kind: str) -> None:
    rng = np.random.default_rng(0)
    model = nn.Dense(3, 2, dtype=np.float64, rng=0)
    peer = torch.nn.Linear(3, 2).double()
    averages = nn.optim.EMA(model, 0.8) if kind == "EMA" else nn.optim.SWA(model)
    multi = torch.optim.swa_utils.get_ema_multi_avg_fn(0.8) if kind == "EMA" else None
    theirs = torch.optim.swa_utils.AveragedModel(peer, multi_avg_fn=multi)
    x = rng.standard_normal((4, 3))
    for _ in range(10):
        weight, bias = rng.standard_normal((3, 2)), rng.standard_normal(2)
        model.weight.data = weight
        assert model.bias is not None
        model.bias.data = bias
        with torch.no_grad():
            peer.weight.copy_(torch.tensor(weight.T))
            peer.bias.copy_(torch.tensor(bias))
        averages.update()
        theirs.update_parameters(peer)
        with averages.averaged():
            assert_allclose(model(x).data, theirs(torch.tensor(x)).numpy(force=True), rtol=1e-12)
