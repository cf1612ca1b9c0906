"""What the library offers, inside of a captured function and around one."""

import numpy as np
import pytest

import nn
from autograd_lite import (
    AllInputs,
    EveryInput,
    Primitive,
    Tensor,
    checkpoint,
    elementwise_grad,
    enable_grad,
    flatten,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    trace_nans,
    tree_map,
    value_and_grad,
    vjp,
)
from autograd_lite.errors import NonFiniteError

from .comparing import batches, both, inputs, leaf, network, training


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def curve(x):
    return np.stack([np.sin(x[0]) * x[1], x[2] ** 2, x[0] + np.exp(x[3])])


TRANSFORMS = {
    "grad": grad(rosenbrock),
    "value_and_grad": value_and_grad(rosenbrock),
    "elementwise_grad": elementwise_grad(lambda x: np.sin(x) * x),
    "jacobian": jacobian(curve),
    "hessian": hessian(rosenbrock),
    "jvp": lambda x: jvp(curve, (x,), (x * 0.5,)),
    "hvp": lambda x: hvp(rosenbrock, (x,), (x * 0.5,)),
    "vjp": lambda x: vjp(curve, x)[1](np.ones(3)),
    "grad of grad": grad(lambda x: (grad(rosenbrock)(x) ** 2).sum()),
    "grad of two": lambda x: grad(lambda a, b: (a * b**2).sum(), argnums=(0, 1))(x, x + 1.0),
    "grad of a tree": lambda x: grad(lambda t: (t["a"] * t["b"][0]).sum())(
        {"a": x, "b": [x + 1.0]}
    ),
    "has_aux": grad(lambda x: (rosenbrock(x), {"sum": x.sum()}), has_aux=True),
    "grad in a loop": lambda x: [grad(rosenbrock)(x * i) for i in range(1, 3)],
    "tree_map": lambda x: tree_map(lambda y: y * 2.0, {"a": x, "b": [x + 1.0, 3]}),
    "flatten": lambda x: flatten({"a": x, "b": x[:2]})[0],
    "checkpoint": grad(checkpoint(rosenbrock)),
}


@pytest.mark.parametrize("kind", ["array", "tensor", "leaf"])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_transform_is_captured(name, kind):
    def make(capture):
        f = capture(TRANSFORMS[name])
        xs = [x if kind == "array" else Tensor(x, kind == "leaf") for x in inputs(4)]
        return lambda turn: f(xs[turn]), xs

    both(make)


AROUND = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "hessian": hessian,
    "jvp": lambda f: lambda x: jvp(f, (x,), (x * 0.5,)),
    "hvp": lambda f: lambda x: hvp(f, (x,), (x * 0.5,)),
    "grad of grad": lambda f: grad(lambda x: (grad(f)(x) ** 2).sum()),
    "checkpoint": lambda f: grad(checkpoint(f)),
    "jacobian": jacobian,
}


@pytest.mark.parametrize(
    "inner", [rosenbrock, lambda x: rosenbrock(x) if x[0] > 0.0 else (x * x).sum()]
)
@pytest.mark.parametrize("name", AROUND)
def test_a_transform_of_a_captured_function(name, inner):
    def make(capture):
        f = capture(inner)
        transformed = AROUND[name](f)
        xs = inputs(4)
        return lambda turn: (f(xs[turn]), transformed(xs[turn])), xs

    both(make)


@pytest.mark.parametrize("name", AROUND)
def test_both_are_captured_and_a_closure_changes(name):
    def make(capture):
        rate = 2.0
        f = capture(AROUND[name](capture(lambda x: rosenbrock(x) * rate)))
        xs = inputs(4)

        def call(turn):
            nonlocal rate
            rate = 3.0 if turn in (3, 4, 5) else 2.0
            return f(xs[turn])

        return call, xs

    both(make)


def test_gradients_with_respect_to_a_model():
    def make(capture):
        model = network(np.float64)
        f = capture(value_and_grad(lambda model, x, y: nn.losses.mean_squared_error(model(x), y)))
        data = batches(dtype=np.float64)

        def call(turn):
            model[0].bias.data += 0.1
            return f(model, *data[turn])

        return call, model

    both(make)


# ------------------------------------------------------------------ higher orders


def test_a_gradient_penalty():
    def make(capture):
        model = network(np.float64)
        optimizer = nn.optim.SGD(model.parameters(), 0.1)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            x = Tensor(x, requires_grad=True)
            loss = nn.losses.mean_squared_error(model(x), y)
            (slope,) = gradients(loss, [x], create_graph=True)
            total = loss + 0.5 * (slope**2).sum()
            total.backward()
            optimizer.step()
            return loss, slope, total

        data = batches(dtype=np.float64)
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make)


def test_backward_with_create_graph():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            w.grad = None
            (np.exp(w * x)).sum().backward(create_graph=True)
            slope = w.grad
            w.grad = None
            (slope**2).sum().backward()
            return slope, w.grad

        xs = inputs(3)
        return lambda turn: f(xs[turn]), w

    both(make)


def test_newton_steps():
    def make(capture):
        w = leaf(3)

        def loss(v):
            return ((v - 1.0) ** 4).sum() + (v * v).sum()

        @capture
        def step():
            direction = np.linalg.solve(hessian(loss)(w.data), grad(loss)(w.data))
            w.data -= direction
            return direction

        return lambda turn: step(), w

    both(make)


# ------------------------------------------------------------------ modes and debugging


def test_training_and_prediction_in_turn():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)
        step = capture(training(model, optimizer))

        @capture
        @no_grad
        def predict(x):
            return model(x)

        data = batches()

        def call(turn):
            before = predict(data[turn][0])
            return before, step(*data[turn]), predict(data[turn][0])

        return call, (model, optimizer)

    both(make)


def test_recording_is_turned_on_inside():
    def make(capture):
        w = leaf(3)

        @capture
        def f(x):
            with no_grad():
                y = w * x
                with enable_grad():
                    z = (w * x).sum()
            z.backward()
            return y

        xs = inputs(3)

        def call(turn):
            if turn in (3, 4):
                with no_grad():
                    return f(xs[turn])
            return f(xs[turn])

        return call, w

    both(make)


BAD = (3, 5, 6)


def with_zeros():
    xs = [np.abs(x) + 1.0 for x in inputs(3)]
    for turn in BAD:
        xs[turn][0] = 0.0
    return xs


@pytest.mark.parametrize("always", [True, False])
def test_trace_nans_around(always):
    def make(capture):
        w = leaf(3)
        w.data[...] = 1.0
        optimizer = nn.optim.SGD([w], 0.01)

        @capture
        def step(x):
            optimizer.zero_grad()
            loss = (np.log(w * x)).sum()
            loss.backward()
            optimizer.step()
            return loss

        xs = with_zeros()

        def call(turn):
            with np.errstate(all="ignore"):
                if not always and turn < 3:
                    return step(xs[turn])
                try:
                    with trace_nans():
                        return step(xs[turn])
                except NonFiniteError as error:
                    return str(error).splitlines()[0]

        return call, (w, optimizer)

    both(make)


def test_trace_nans_inside():
    def make(capture):
        w = leaf(3)
        w.data[...] = 1.0

        @capture
        def step(x):
            with trace_nans():
                loss = (np.log(w * x)).sum()
            loss.backward()
            return loss

        xs = with_zeros()

        def call(turn):
            try:
                return step(xs[turn])
            except NonFiniteError as error:
                return str(error).splitlines()[0]

        return call, w

    both(make)


def test_trace_nans_of_the_backward_pass():
    def make(capture):
        w = leaf(3)

        @capture
        def step(x):
            w.grad = None
            (np.sqrt(w * x) * 2.0).sum().backward()

        xs = with_zeros()

        def call(turn):
            w.data = np.ones(3)
            try:
                with trace_nans():
                    return step(xs[turn])
            except NonFiniteError as error:
                return str(error).splitlines()[0]

        return call, w

    both(make)


# ------------------------------------------------------------------ of recording


def test_a_checkpointed_layer():
    def make(capture):
        model = network()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)

        @capture
        def step(x, y):
            optimizer.zero_grad()
            hidden = checkpoint(lambda x: model[1](model[0](x)))(x)
            loss = nn.losses.mean_squared_error(model[2](hidden), y)
            loss.backward()
            optimizer.step()
            return loss

        data = batches()
        return lambda turn: step(*data[turn]), (model, optimizer)

    both(make)


def recurrence(w, x):
    h = Tensor(np.zeros((4, 3)))
    for i in range(1, 4):
        h[i] = np.tanh(h[i - 1] * w + x)
    return h


def masked(w, x):
    y = w * x
    y[x > 0.5] = 0.0
    return y


def scaled_in_place(w, x):
    y = w * x
    y *= 2.0
    y += w
    y[0] = y[1] * y[2]
    return y


def filled_by_index(w, x):
    y = Tensor(np.zeros(3))
    y[np.argsort(x)] = w * x
    return y


def view_is_written_into(w, x):
    y = w * x
    part = y[1:]
    part[...] = part * 3.0
    return part


def swapped(w, x):
    y = w * x
    y[0], y[2] = y[2] * 1.0, y[0] * 1.0
    return y


@pytest.mark.parametrize(
    "function",
    [recurrence, masked, scaled_in_place, filled_by_index, view_is_written_into, swapped],
    ids=lambda function: function.__name__,
)
def test_assignment(function):
    def make(capture):
        w = leaf(3)

        @capture
        def step(x):
            w.grad = None
            y = function(w, x)
            (y * y).sum().backward()
            w.data -= 0.1 * w.grad.data
            return y

        xs = inputs(3)
        return lambda turn: step(xs[turn]), w

    both(make)


cube = Primitive("cube", lambda x: x**3, [lambda g, y, x: 3.0 * g * x * x])
total = Primitive("total", lambda *xs: sum(xs), EveryInput(lambda i, g, y, *xs: g * (i + 1)))
product = Primitive(
    "product",
    lambda a, b: a * b,
    AllInputs(lambda asked, g, y, a, b: [(g * b, g * a)[i] for i in asked]),
)
by_python = Primitive(
    "by_python",
    lambda x: np.array([float(v) ** 2 if v > 0.0 else 0.0 for v in x]),
    [lambda g, y, x: g * np.array([2.0 * float(v) if v > 0.0 else 0.0 for v in x])],
)
with_params = Primitive(
    "with_params", lambda x, *, n: x**n, [lambda g, y, x, *, n: g * n * x ** (n - 1)]
)

PRIMITIVES = {
    "cube": lambda w, x: cube(w * x),
    "any number of inputs": lambda w, x: total(w, x, w),
    "all inputs": lambda w, x: product(w, product(x, w)),
    "Python inside": lambda w, x: by_python(w * x),
    "parameters": lambda w, x: with_params(w, n=3) * with_params(x, n=2),
    "on arrays": lambda w, x: w * cube(x),
}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_primitives_that_users_write(name):
    def make(capture):
        w = leaf(3)

        @capture
        def step(x):
            w.grad = None
            loss = PRIMITIVES[name](w, x).sum()
            loss.backward()
            w.data -= 0.01 * w.grad.data
            return loss

        xs = inputs(3)
        return lambda turn: step(xs[turn]), w

    both(make)


def test_a_primitive_with_state():
    def make(capture):
        factor = [2.0]
        calls = []

        def forward(x):
            calls.append("forward")
            return x * factor[0]

        scale = Primitive("scale", forward, [lambda g, y, x: g * factor[0]])
        w = leaf(3)

        @capture
        def step(x):
            w.grad = None
            loss = scale(w * x).sum()
            loss.backward()
            return loss

        xs = inputs(3)

        def call(turn):
            factor[0] = 5.0 if turn in (3, 4, 5) else 2.0
            return step(xs[turn])

        return call, (w, calls)

    both(make)


def test_a_rule_is_replaced():
    def make(capture):
        op = Primitive("op", lambda x: x * 2.0, [lambda g, y, x: g * 2.0])
        w = leaf(3)

        @capture
        def step(x):
            w.grad = None
            op(w * x).sum().backward()

        xs = inputs(3)

        def call(turn):
            if turn == 3:
                op.rules = [lambda g, y, x: g * 5.0]
            return step(xs[turn])

        return call, w

    both(make)


def test_a_gradient_step_within_a_step_whose_rate_changes():
    """A gradient by a model copies it, which Python notes in the class the first time."""

    def make(capture):
        class Line(nn.Module):
            def __init__(self):
                self.slope = leaf(3)

            def forward(self, x):
                return (x * self.slope).sum(axis=1)

        def misfit(model, x):
            return (model(x) ** 2).sum()

        def ahead(model, x):
            slopes = grad(misfit)(model, x)
            return misfit(tree_map(lambda p, g: p - 0.1 * g, model, slopes), x)

        model = Line()
        optimizer = nn.optim.SGD(model.parameters(), 0.5)

        @capture
        def step(x):
            value, slopes = value_and_grad(ahead)(model, x)
            tree_map(lambda p, g: setattr(p, "grad", g), model, slopes)
            optimizer.step()
            return value.detach()

        xs = [np.random.default_rng(turn).standard_normal((4, 3)) / 4 for turn in range(12)]

        def call(turn):
            optimizer.learning_rate = 0.5 / (1 + turn)
            return step(xs[turn])

        return call, model

    both(make, calls=12, on_miss="error")
