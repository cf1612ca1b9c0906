"""Schedules of the learning rate: closed forms, state, captured steps, what they refuse."""

import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

import nn
from autograd_lite import Tensor, capture, checkpoint
from autograd_lite.errors import DomainError, DTypeError, StateDictError

o = nn.optim
MAKERS = {
    "StepLR": lambda p: o.StepLR(p, 3, 0.5),
    "MultiStepLR": lambda p: o.MultiStepLR(p, [2, 5], 0.3),
    "ConstantLR": lambda p: o.ConstantLR(p, 0.5, 4),
    "LinearLR": lambda p: o.LinearLR(p, 0.2, 1.0, 6),
    "ExponentialLR": lambda p: o.ExponentialLR(p, 0.9),
    "PolynomialLR": lambda p: o.PolynomialLR(p, 20, 2.0),
    "LambdaLR": lambda p: o.LambdaLR(p, lambda t: 1 / (1 + t)),
    "MultiplicativeLR": lambda p: o.MultiplicativeLR(p, lambda t: 0.9),
    "CosineAnnealingLR": lambda p: o.CosineAnnealingLR(p, 7, 0.01),
    "CosineAnnealingWarmRestarts": lambda p: o.CosineAnnealingWarmRestarts(p, 3, 2),
    "CyclicLR": lambda p: o.CyclicLR(p, 0.01, 0.1, 4),
    "OneCycleLR": lambda p: o.OneCycleLR(p, 0.5, 40),
    "ReduceLROnPlateau": lambda p: o.ReduceLROnPlateau(p, patience=1, cooldown=1),
    "SequentialLR": lambda p: o.SequentialLR(
        p, [o.LinearLR(p, 0.1, 1.0, 4), o.ExponentialLR(p, 0.9)], [4]
    ),
    "ChainedScheduler": lambda p: o.ChainedScheduler(
        [o.ConstantLR(p, 0.1, 4), o.CosineAnnealingLR(p, 9, 0.01)]
    ),
}
each = pytest.mark.parametrize("name", MAKERS)


def optimizer(groups=1, kind=nn.optim.Adam):
    tensors = [Tensor([1.0], requires_grad=True) for _ in range(groups)]
    return kind([{"parameters": p} for p in tensors] if groups > 1 else tensors, 0.1)


def advance(schedule):
    if isinstance(schedule, o.ReduceLROnPlateau):
        schedule.step(1.0)
    else:
        schedule.step()


def settings_of(optimizer):
    return [{**optimizer._settings(), **group} for group in optimizer.groups]


def plain(found):
    return [{k: v for k, v in one.items() if k != "parameters"} for one in found]


CLOSED = {
    "StepLR": lambda t: 0.1 * 0.5 ** (t // 3),
    "ExponentialLR": lambda t: 0.1 * 0.9**t,
    "LinearLR": lambda t: 0.1 * (0.2 + 0.8 * (min(t, 6) / 6)),
    "CosineAnnealingLR": lambda t: 0.01 + 0.09 * ((1 + math.cos(math.pi * t / 7)) / 2),
}


@pytest.mark.parametrize("name", CLOSED)
def test_no_rounding_adds_up(name):
    p = optimizer()
    schedule = MAKERS[name](p)
    for epoch in range(5000):
        assert p.learning_rate == pytest.approx(CLOSED[name](epoch), rel=4e-16, abs=0)
        schedule.step()


@each
@pytest.mark.parametrize("groups", [1, 2])
def test_state_makes_a_round_trip(name, groups):
    first, second = optimizer(groups), optimizer(groups)
    one, other = MAKERS[name](first), MAKERS[name](second)
    for _ in range(6):
        advance(one)
    if name == "ReduceLROnPlateau":
        state = one.state_dict()
    else:
        state = json.loads(json.dumps(one.state_dict()))
    other.load_state_dict(state)
    second_settings = plain(settings_of(second))
    assert second_settings == plain(settings_of(first))
    for _ in range(12):
        advance(one)
        advance(other)
        assert plain(settings_of(first)) == plain(settings_of(second))
        assert one.state_dict() == other.state_dict()


@each
def test_state_that_does_not_fit_is_refused_as_a_whole(name):
    p = optimizer()
    schedule = MAKERS[name](p)
    for _ in range(5):
        advance(schedule)
    before, rate = schedule.state_dict(), p.learning_rate
    for key in before:
        for wrong in ("x", None, [1.0, 2.0], True, [{}, {}], {"a": 1}):
            with pytest.raises(StateDictError, match=r"fit \w+, and nothing was loaded"):
                schedule.load_state_dict({**before, key: wrong})
        less = {k: v for k, v in before.items() if k != key}
        with pytest.raises(StateDictError, match="nothing was loaded"):
            schedule.load_state_dict(less)
    for wrong in (-1, 1.5):
        with pytest.raises(StateDictError, match="last_epoch is"):
            schedule.load_state_dict({**before, "last_epoch": wrong})
    with pytest.raises(StateDictError, match="unexpected: more"):
        schedule.load_state_dict({**before, "more": 1})
    assert schedule.state_dict() == before
    assert p.learning_rate == rate


@each
def test_one_group_keeps_its_settings_in_attributes(name):
    p = optimizer()
    schedule = MAKERS[name](p)
    advance(schedule)
    assert [*p.groups[0]] == ["parameters"]
    assert schedule.get_last_lr() == [p.learning_rate]


@each
def test_captured_steps_follow_a_schedule(name):
    def make():
        model = nn.Dense(3, 2, rng=0)
        optimizer = nn.optim.Adam(model.parameters(), 0.1)

        def step(x):
            optimizer.zero_grad()
            (checkpoint(model)(x) ** 2).sum().backward()
            optimizer.step()

        return model, step, MAKERS[name](optimizer)

    (eager, plain_step, one), (replayed, step, other) = make(), make()
    captured = capture(step, on_miss="error")
    rng = np.random.default_rng(0)
    for _ in range(20):
        x = rng.standard_normal((4, 3)).astype(np.float32)
        plain_step(x)
        captured(x)
        advance(one)
        advance(other)
        for a, b in zip(eager.parameters(), replayed.parameters(), strict=True):
            np.testing.assert_array_equal(a.data, b.data)
    assert len(captured.programs) == 1


def test_momentum_goes_the_other_way():
    for kind in (nn.optim.SGD, nn.optim.RMSprop):
        p = kind([Tensor([1.0], requires_grad=True)], 0.1, momentum=0.5)
        schedule = o.CyclicLR(p, 0.1, 0.5, 2, base_momentum=0.2, max_momentum=0.6)
        found = []
        for _ in range(4):
            found.append(p.momentum)
            schedule.step()
        assert_allclose(found, [0.6, 0.4, 0.2, 0.4])
    p = nn.optim.SGD([Tensor([1.0], requires_grad=True)], 0.1, momentum=0.5)
    o.CyclicLR(p, 0.1, 0.5, cycle_momentum=False).step()
    assert p.momentum == 0.5


def test_betas_of_groups_are_their_own():
    p = optimizer(2)
    schedule = o.OneCycleLR(p, 1.0, 10, base_momentum=[0.5, 0.7], max_momentum=0.9)
    for _ in range(2):
        schedule.step()
    assert [group["betas"] for group in p.groups] == [[0.5, 0.999], [0.7, 0.999]]
    assert p.betas == [0.9, 0.999]


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda p: o.StepLR(p, 0), "StepLR: step_size must be a whole number, at least 1"),
        (lambda p: o.MultiStepLR(p, [0.5]), "MultiStepLR: a milestone must be a whole number"),
        (lambda p: o.ConstantLR(p, 1.5), "ConstantLR: factor must be between 0 and 1"),
        (lambda p: o.LinearLR(p, 0.0), "LinearLR: start_factor must be above 0"),
        (lambda p: o.LinearLR(p, 0.5, 2.0), "LinearLR: end_factor must be between 0 and 1"),
        (lambda p: o.LambdaLR(p, [len]), r"LambdaLR: lr_lambda has 1 values.* 2 groups"),
        (lambda p: o.LambdaLR(p, 0.5), "LambdaLR: lr_lambda must be a function"),
        (lambda p: o.CosineAnnealingLR(p, 0), "CosineAnnealingLR: T_max"),
        (lambda p: o.CosineAnnealingWarmRestarts(p, 1, 0), "T_mult must be a whole number"),
        (lambda p: o.CosineAnnealingWarmRestarts(p, 3).step(-1), "epoch must be at least 0"),
        (lambda p: o.CyclicLR(p, 0.1, 0.5, mode="square"), "CyclicLR: mode must be one of"),
        (lambda p: o.CyclicLR(p, 0.1, 0.5, max_momentum=1.0), "CyclicLR: a momentum must be"),
        (lambda p: o.OneCycleLR(p, 0.5), "needs total_steps, or both epochs and steps_per_epoch"),
        (lambda p: o.OneCycleLR(p, 0.5, 10, pct_start=2.0), "pct_start must be between 0 and 1"),
        (lambda p: o.OneCycleLR(p, 0.5, 10, anneal_strategy="up"), "anneal_strategy must be one"),
        (lambda p: o.ReduceLROnPlateau(p, "low"), 'mode must be "min" or "max"'),
        (lambda p: o.ReduceLROnPlateau(p, factor=1.0), "factor must be at least 0 and below 1"),
        (lambda p: o.ReduceLROnPlateau(p).step(), r"step\(metrics\) needs the metric"),
        (lambda p: o.ChainedScheduler([]), "ChainedScheduler needs at least one schedule"),
        (lambda p: o.SequentialLR(p, [o.StepLR(p, 1)], [1]), "1 schedules, 1 milestones"),
        (
            lambda p: o.SequentialLR(p, [o.StepLR(p, 1) for _ in range(3)], [5, 2]),
            "milestones must ascend",
        ),
        (
            lambda p: o.ChainedScheduler([o.StepLR(p, 1), o.ReduceLROnPlateau(p)]),
            "schedule 1 is ReduceLROnPlateau, which needs a metric",
        ),
        (
            lambda p: o.ChainedScheduler([o.StepLR(p, 1), o.StepLR(optimizer(), 1)]),
            "schedule 1 must be one of the same optimizer",
        ),
        (lambda p: o.StepLR([1.0], 1), "StepLR needs an optimizer of nn.optim"),
    ],
)
def test_what_is_refused(make, complaint):
    with pytest.raises(DomainError, match=complaint):
        make(optimizer(2))


def test_an_optimizer_without_momentum_cannot_cycle_it():
    with pytest.raises(DomainError, match="Adagrad has neither momentum nor betas"):
        o.CyclicLR(optimizer(kind=nn.optim.Adagrad), 0.1, 0.5)


def test_groups_that_are_added_later_need_a_new_schedule():
    p = optimizer()
    schedule = o.ExponentialLR(p, 0.5)
    p.add_group({"parameters": Tensor([1.0], requires_grad=True)})
    with pytest.raises(DomainError, match="ExponentialLR: the optimizer has got other groups"):
        schedule.step()


def test_one_cycle_ends():
    p = optimizer()
    schedule = o.OneCycleLR(p, 0.5, 5)
    for _ in range(5):
        schedule.step()
    rate, state = p.learning_rate, schedule.state_dict()
    with pytest.raises(DomainError, match=r"step\(\) was called 6 times, and total_steps is 5"):
        schedule.step()
    assert p.learning_rate == rate
    assert schedule.state_dict() == state


def test_a_metric_may_be_a_tensor_and_nan_is_no_improvement():
    p = optimizer()
    schedule = o.ReduceLROnPlateau(p, factor=0.5, patience=0)
    for loss in (Tensor(2.0), np.float32(1.0), np.nan):
        schedule.step(loss)
    assert p.learning_rate == 0.05
    assert schedule.best == 1.0


def test_a_line_behind_its_end_can_be_saved_and_loaded():
    parameters = nn.Dense(1, 1, rng=0).parameters()
    optimizer = nn.optim.SGD(parameters, momentum=0.9)
    schedule = nn.optim.OneCycleLR(optimizer, 0.5, total_steps=5, anneal_strategy="linear")
    for _ in range(5):  # after each batch, the last one too
        schedule.step()
    assert optimizer.learning_rate < 0
    other = nn.optim.SGD(parameters, momentum=0.9)
    other.load_state_dict(optimizer.state_dict())
    assert other.learning_rate == optimizer.learning_rate


@pytest.mark.parametrize("rate", [np.nan, np.inf, -np.inf])
def test_a_rate_that_no_optimizer_takes_leaves_all_as_it_was(rate):
    optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), learning_rate=1.0)
    schedule = nn.optim.LambdaLR(optimizer, lambda epoch: rate if epoch == 2 else 0.5)
    schedule.step()
    with pytest.raises(DomainError, match="LambdaLR: the learning rate must be finite"):
        schedule.step()
    assert (schedule.last_epoch, optimizer.learning_rate) == (1, 0.5)
    assert schedule.get_last_lr() == [0.5]


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda o: nn.optim.StepLR(o, "2"), DomainError, "step_size must be a whole number"),
        (lambda o: nn.optim.StepLR(o, 2, "a"), DTypeError, "^StepLR: gamma must be a number"),
        (lambda o: nn.optim.ExponentialLR(o, None), DTypeError, "gamma must be a number"),
        (lambda o: nn.optim.CosineAnnealingLR(o, np.inf), DomainError, "T_max must be a whole"),
        (lambda o: nn.optim.LinearLR(o, "a"), DTypeError, "start_factor must be a number"),
        (lambda o: nn.optim.CyclicLR(o, 0.1, 1.0, mode=1), DTypeError, "mode must be a string"),
        (lambda o: nn.optim.OneCycleLR(o, 1.0, 9, three_phase=2), DTypeError, "must be True or"),
        (lambda o: nn.optim.ReduceLROnPlateau(o).step("low"), DomainError, "needs the metric"),
        (lambda o: nn.optim.ReduceLROnPlateau(o).step([1, 2]), DomainError, "needs the metric"),
    ],
)
def test_options_of_the_wrong_kind_are_refused(make, kind, words):
    optimizer = nn.optim.SGD(nn.Dense(1, 1, rng=0).parameters(), momentum=0.9)
    with pytest.raises(kind, match=words):
        make(optimizer)
