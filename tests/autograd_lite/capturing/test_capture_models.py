"""Settings of models and optimizers: one that changes between two steps is seen at the next."""

import numpy as np
import pytest

import nn

from .comparing import batches, both, network, training

# ------------------------------------------------------------------ of models and optimizers


CHANGES = {
    "learning_rate": [("learning_rate", 0.1), ("learning_rate", 0.7)],
    "learning rate of 0": [("learning_rate", 0.1), ("learning_rate", 0.0)],
    "learning rate as int": [("learning_rate", 0.1), ("learning_rate", 1)],
    "learning rate as float64": [("learning_rate", 0.1), ("learning_rate", np.float64(0.1))],
    "momentum": [("momentum", 0.9), ("momentum", 0.5)],
    "momentum off": [("momentum", 0.9), ("momentum", 0.0)],
    "momentum on": [("momentum", 0.0), ("momentum", 0.9)],
    "nesterov": [("nesterov", False), ("nesterov", True)],
    "weight_decay": [("weight_decay", 0.1), ("weight_decay", 0.2)],
    "weight_decay on": [("weight_decay", 0.0), ("weight_decay", 0.2)],
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_setting_of_the_optimizer_changes(name):
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.8)
        step = capture(training(model, optimizer))
        data = batches()

        def call(turn):
            setattr(optimizer, *CHANGES[name][3 <= turn < 7])
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)


def test_a_learning_rate_that_changes_at_each_call():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))
        data = batches(count=25)

        def call(turn):
            optimizer.learning_rate = 0.5 * 0.9**turn
            return step(*data[turn])

        return call, (model, optimizer)

    both(make, calls=25)


def test_a_learning_rate_that_the_step_itself_changes():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = training(model, optimizer)

        @capture
        def scheduled(x, y):
            loss = step(x, y)
            optimizer.learning_rate *= 0.9
            return loss

        data = batches()
        return lambda turn: scheduled(*data[turn]), (model, optimizer)

    both(make)


class Dropout(nn.Module):
    def __init__(self, rate, rng):
        self.rate, self.rng = rate, rng

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.random(x.shape) >= self.rate) / (1 - self.rate)


def with_dropout():
    return nn.Sequential(
        nn.Dense(4, 5, rng=0),
        nn.Tanh(),
        Dropout(0.5, np.random.default_rng(3)),
        nn.Dense(5, 3, rng=1),
    )


def layer_set_to_eval(model, turn):
    model.train()
    model[2].train(turn not in (3, 4, 5))


def frozen(model, turn):
    model[0].weight.requires_grad = turn not in (3, 4, 5)


def all_but_one_frozen(model, turn):
    for p in (model[0].weight, model[0].bias, model[3].bias):
        p.requires_grad = turn not in (3, 4, 5)


def unfrozen(model, turn):
    model[0].weight.requires_grad = turn in (3, 4, 5)


def other_activation(model, turn):
    setattr(model, "1", nn.Sigmoid() if turn in (3, 4, 5) else nn.Tanh())


def function_as_activation(model, turn):
    setattr(model, "1", np.sin if turn in (3, 4, 5) else np.tanh)


def other_layer(model, turn):
    if turn == 3:
        setattr(model, "0", nn.Dense(4, 5, rng=7))


def without_bias(model, turn):
    if turn == 3:
        model[0].bias = None


def added_layer(model, turn):
    if turn == 3:
        setattr(model, "4", nn.ReLU())


def removed_layer(model, turn):
    if turn == 3:
        delattr(model, "2")


def other_generator(model, turn):
    if turn == 3:
        model[2].rng = np.random.default_rng(99)


def seeded_anew(model, turn):
    model[2].rng = np.random.default_rng(turn // 2)


MODEL_CHANGES = {
    "train and eval": lambda model, turn: model.train(turn not in (3, 4, 5)),
    "dropout rate": lambda model, turn: setattr(
        model[2], "rate", 0.2 if turn in (3, 4, 5) else 0.5
    ),
    "no dropout": lambda model, turn: setattr(model[2], "rate", 0.0 if turn in (3, 4, 5) else 0.5),
    "eval of a layer": layer_set_to_eval,
    "frozen": frozen,
    "all but one frozen": all_but_one_frozen,
    "unfrozen": unfrozen,
    "other activation": other_activation,
    "function as activation": function_as_activation,
    "other layer": other_layer,
    "without bias": without_bias,
    "added layer": added_layer,
    "removed layer": removed_layer,
    "other generator": other_generator,
    "seeded anew": seeded_anew,
}


@pytest.mark.parametrize("name", MODEL_CHANGES)
def test_a_model_changes_between_steps(name):
    def make(capture):
        model = with_dropout()
        optimizer = nn.optim.SGD(model.parameters(), 0.5, momentum=0.9)
        step = capture(training(model, optimizer))
        data = batches()

        def call(turn):
            MODEL_CHANGES[name](model, turn)
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)


def test_the_optimizer_and_the_model_are_replaced():
    def make(capture):
        class Trainer:
            def __init__(self):
                self.model = network()
                self.optimizer = nn.optim.SGD(self.model.parameters(), 0.5)

        trainer = Trainer()

        @capture
        def step(x, y):
            return training(trainer.model, trainer.optimizer)(x, y)

        data = batches()

        def call(turn):
            if turn == 3:
                trainer.optimizer = nn.optim.SGD(trainer.model.parameters(), 0.1, momentum=0.9)
            if turn == 5:
                trainer.model = network()
                trainer.optimizer = nn.optim.SGD(trainer.model.parameters(), 0.2)
            return step(*data[turn])

        return call, trainer

    both(make)


def test_a_parameter_is_left_out_of_the_optimizer():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))
        data = batches()

        def call(turn):
            if turn == 4:
                del optimizer.parameters[0]
                del optimizer._states[0]
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)
