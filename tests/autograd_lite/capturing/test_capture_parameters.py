"""Parameters and gradients: replaced, loaded, accumulated, changed by the caller between calls."""

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd_lite import Tensor

from .comparing import batches, both, inputs, leaf, network, training


def trained(capture, **settings):
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), 0.5, **settings)
    return model, optimizer, capture(training(model, optimizer))


# ------------------------------------------------------------------ values of parameters


def replaced(model):
    model[0].weight.data = np.full((4, 5), 0.1)


def replaced_in_place(model):
    model[0].weight.data[...] = 0.1


def updated_in_place(model):
    model[0].weight.data -= 0.1


def scaled_without_a_word(model):
    np.multiply(model[0].weight.data, 0.5, out=model[0].weight.data)


def replaced_by_fortran(model):
    model[0].weight.data = np.asfortranarray(np.full((4, 5), 0.1))


def replaced_by_a_transposed_one(model):
    model[0].weight.data = np.arange(20.0).reshape(5, 4).T / 20


def replaced_by_lists(model):
    model[0].bias.data = [0.1, 0.2, 0.3, 0.4, 0.5]


def replaced_tensor(model):
    model[0].weight = Tensor(np.full((4, 5), 0.1), requires_grad=True, dtype=np.float32)


def tied(model):
    model[2].bias.data = model[2].weight.data[0]


def loaded(model):
    model.load_state_dict({name: value * 0.5 for name, value in model.state_dict().items()})


def loaded_in_fortran_order(model):
    state = model.state_dict()
    model.load_state_dict({name: np.asfortranarray(value) * 0.5 for name, value in state.items()})


def loaded_in_float64(model):
    state = model.state_dict()
    model.load_state_dict({name: value.astype(float) * 0.5 for name, value in state.items()})


def loaded_from_views(model):
    state = {
        name: np.pad(value, 1)[(slice(1, -1),) * value.ndim]
        for name, value in model.state_dict().items()
    }
    model.load_state_dict(state)


def set_to_nan(model):
    model[0].bias.data[1] = np.nan


def read_only(model):
    model[0].weight.data.flags.writeable = False


CHANGES = [
    replaced,
    replaced_in_place,
    updated_in_place,
    scaled_without_a_word,
    replaced_by_fortran,
    replaced_by_a_transposed_one,
    replaced_by_lists,
    replaced_tensor,
    tied,
    loaded,
    loaded_in_fortran_order,
    loaded_in_float64,
    loaded_from_views,
    set_to_nan,
    read_only,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_parameters_change_between_steps(change, momentum):
    def make(capture):
        model, optimizer, step = trained(capture, momentum=momentum)
        data = batches()

        def call(turn):
            if turn in (3, 6):
                change(model)
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_parameters_change_between_predictions(change):
    def make(capture):
        model = network()
        predict = capture(lambda x: model(x).data)
        data = batches()

        def call(turn):
            if turn in (3, 6):
                change(model)
            return predict(data[turn][0])

        return call, model

    both(make)


def test_old_values_of_a_parameter_are_kept_by_the_caller():
    def make(capture):
        model, optimizer, step = trained(capture)
        data = batches()
        kept = []

        def call(turn):
            kept.append((model[0].weight.data, model[0].weight.data.copy(), model[0].weight.grad))
            if turn == 3:
                model[0].weight.data = kept[0][1]
            return step(*data[turn])

        return call, (model, optimizer, kept)

    both(make)


def test_velocities_are_replaced_and_changed():
    def make(capture):
        model, optimizer, step = trained(capture, momentum=0.9)
        data = batches()

        def call(turn):
            if turn == 3:
                optimizer._states = [(np.zeros_like(v),) for (v,) in optimizer._states]
            if turn == 5:
                for (v,) in optimizer._states:
                    np.multiply(v, 0.5, out=v)
            return step(*data[turn])

        return call, (model, optimizer)

    both(make)


def test_a_model_is_copied_and_pickled_between_steps():
    def make(capture):
        model, optimizer, step = trained(capture)
        data = batches()
        copies = []

        def call(turn):
            loss = step(*data[turn])
            copies.append(copy.deepcopy(model) if turn % 2 else pickle.loads(pickle.dumps(model)))
            return loss, copies[-1](data[0][0]).data

        return call, (model, optimizer, copies)

    both(make)


# ------------------------------------------------------------------ gradients


def without_zero_grad(model, optimizer):
    def step(x, y):
        loss = nn.losses.mean_squared_error(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def zero_grad_after(model, optimizer):
    def step(x, y):
        loss = nn.losses.mean_squared_error(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    return step


def only_backward(model, optimizer):
    def step(x, y):
        loss = nn.losses.mean_squared_error(model(x), y)
        loss.backward()
        return loss

    return step


def twice_backward(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        for part in (slice(0, 3), slice(3, 6)):
            (nn.losses.mean_squared_error(model(x[part]), y[part]) * 0.5).backward()
        optimizer.step()

    return step


def grads_in_place(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        nn.losses.mean_squared_error(model(x), y).backward()
        for p in model.parameters():
            np.clip(p.grad.data, -0.05, 0.05, out=p.grad.data)
        optimizer.step()

    return step


def grads_replaced(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        nn.losses.mean_squared_error(model(x), y).backward()
        for p in model.parameters():
            p.grad = Tensor(np.sign(p.grad.data))
        optimizer.step()

    return step


def by_hand(model, optimizer):
    def step(x, y):
        model.zero_grad()
        loss = nn.losses.mean_squared_error(model(x), y)
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad.data
        return loss

    return step


def by_hand_replacing(model, optimizer):
    def step(x, y):
        model.zero_grad()
        nn.losses.mean_squared_error(model(x), y).backward()
        for p in model.parameters():
            p.data = p.data - 0.1 * p.grad.data

    return step


def two_steps_in_one(model, optimizer):
    step = training(model, optimizer)

    def steps(x, y):
        return step(x[:3], y[:3]), step(x[3:], y[3:])

    return steps


def frozen_in_the_step(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        model[0].weight.requires_grad = False
        nn.losses.mean_squared_error(model(x), y).backward()
        model[0].weight.requires_grad = True
        optimizer.step()

    return step


STEPS = [
    training,
    without_zero_grad,
    zero_grad_after,
    only_backward,
    twice_backward,
    grads_in_place,
    grads_replaced,
    by_hand,
    by_hand_replacing,
    two_steps_in_one,
    frozen_in_the_step,
]


def nothing(model, optimizer, turn):
    pass


def zero_grad_outside(model, optimizer, turn):
    if turn in (3, 5):
        optimizer.zero_grad()


def zero_grad_outside_at_each(model, optimizer, turn):
    model.zero_grad()


def update_outside(model, optimizer, turn):
    if turn in (2, 4, 5):
        optimizer.step()
        optimizer.zero_grad()


def grad_changed_in_place(model, optimizer, turn):
    grad = model[0].weight.grad
    if grad is not None and turn in (3, 5):
        grad.data[...] = 1.0


def grad_set(model, optimizer, turn):
    if turn in (3, 5):
        model[0].weight.grad = Tensor(np.ones((4, 5), np.float32))


def grad_shared(model, optimizer, turn):
    if turn in (3, 5):
        model[0].weight.grad = Tensor(model[0].weight.data, dtype=np.float32)


def grad_of_other_layout(model, optimizer, turn):
    if turn in (3, 5):
        model[0].weight.grad = Tensor(np.ones((5, 4), np.float32)).T


def some_grads_forgotten(model, optimizer, turn):
    if turn in (3, 5):
        model[2].bias.grad = None


def grad_of_wrong_dtype(model, optimizer, turn):
    if turn in (3, 5):
        model[0].weight.grad = Tensor(np.ones((4, 5)))


BETWEEN = [
    nothing,
    zero_grad_outside,
    zero_grad_outside_at_each,
    update_outside,
    grad_changed_in_place,
    grad_set,
    grad_shared,
    grad_of_other_layout,
    some_grads_forgotten,
    grad_of_wrong_dtype,
]


@pytest.mark.parametrize("between", BETWEEN, ids=lambda function: function.__name__)
@pytest.mark.parametrize("make_step", STEPS, ids=lambda function: function.__name__)
def test_gradients_accumulate_and_change_as_in_eager(make_step, between):
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(make_step(model, optimizer))
        data = batches()
        kept = []

        def call(turn):
            between(model, optimizer, turn)
            loss = step(*data[turn])
            kept.append([p.grad for p in model.parameters()])
            return loss

        return call, (model, optimizer, kept)

    both(make)


def test_gradients_are_kept_by_the_caller_and_written_into():
    def make(capture):
        model, _, step = trained(capture)
        data = batches()
        kept = []

        def call(turn):
            step(*data[turn])
            grad = model[0].weight.grad
            kept.append((grad, grad.data))
            kept[0][1][...] = turn
            return grad.data.sum()

        return call, (model, kept)

    both(make)


def test_a_shared_parameter_gets_both_gradients():
    def make(capture):
        w = leaf(3, 3)
        optimizer = nn.optim.SGD([w], 0.1, momentum=0.5)

        @capture
        def step(x):
            optimizer.zero_grad()
            loss = (np.tanh(np.tanh(x @ w) @ w.T) ** 2).mean()
            loss.backward()
            optimizer.step()
            return loss

        xs = inputs(5, 3)
        return lambda turn: step(xs[turn]), (w, optimizer)

    both(make)


def test_parameters_that_share_memory():
    def make(capture):
        v, w = leaf(4), leaf(4)
        w.array = v.array[::-1]
        optimizer = nn.optim.SGD([v, w], 0.1)

        @capture
        def step(x):
            optimizer.zero_grad()
            loss = ((v + 2.0 * w) * x).sum() + (v * w).sum()
            loss.backward()
            optimizer.step()
            return loss

        xs = inputs(4)
        return lambda turn: step(xs[turn]), (v, w, optimizer)

    both(make)


def test_parameters_that_begin_to_share_memory():
    def make(capture):
        v, w = leaf(4), leaf(4)
        optimizer = nn.optim.SGD([v, w], 0.1)

        @capture
        def step(x):
            optimizer.zero_grad()
            loss = ((v + 2.0 * w) * x).sum() + (v * w).sum()
            loss.backward()
            optimizer.step()
            return loss

        xs = inputs(4)

        def call(turn):
            if turn == 3:
                w.array = v.array
            return step(xs[turn])

        return call, (v, w, optimizer)

    both(make)


def test_a_parameter_without_a_gradient_is_left_alone():
    def make(capture):
        v, w = leaf(4), leaf(4)
        optimizer = nn.optim.SGD([v, w], 0.1, weight_decay=0.1)

        @capture
        def step(x, use):
            optimizer.zero_grad()
            loss = (v * x).sum() + ((w * x).sum() if use else 0.0)
            loss.backward()
            optimizer.step()
            return loss

        xs = inputs(4)
        return lambda turn: step(xs[turn], turn not in (3, 4, 6)), (v, w, optimizer)

    both(make)


@pytest.mark.parametrize("size", [1, 2, 10])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize(
    "settings", [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}, {"weight_decay": 0.1}]
)
def test_optimizers_at_sizes_and_dtypes(size, dtype, settings):
    def make(capture):
        model = network(dtype)
        optimizer = nn.optim.SGD(model.parameters(), 0.5, **settings)
        step = capture(training(model, optimizer))
        data = batches(size, dtype)
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make)


def test_one_of_many_arguments_is_a_parameter():
    def make(capture):
        parameters = [leaf(3) for _ in range(20)]

        @capture
        def step(arrays):
            before = np.exp(arrays[5])
            for p, x in zip(parameters, arrays, strict=True):
                p.data -= 0.5 * x
            return before - np.exp(arrays[5])  # one call, unless it was written into

        def call(turn):
            arrays = [np.full(3, float(i)) for i in range(20)]
            if turn in (3, 5):
                arrays[5] = parameters[3].data if turn == 3 else parameters[2].data[:]
            return step(arrays)

        return call, parameters

    both(make)
