"""Arrays in, arrays out: what transforms give for arrays, numbers, tensors and modules."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import nn
from autograd_lite import (
    Primitive,
    Tensor,
    checkpoint,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)

X = np.array([1.0, 2.0, 4.0])


@dataclass
class Pair:
    a: Any
    b: Any


def kinds(tree):
    """Return the types of the leaves of containers."""
    if isinstance(tree, dict):
        return {key: kinds(x) for key, x in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(map(kinds, tree))
    if isinstance(tree, Pair):
        return Pair(kinds(tree.a), kinds(tree.b))
    return type(tree)


def cube(x):
    return x**3


def total(x):
    return (x**3).sum()


TRANSFORMS = {
    "grad": grad(total),
    "value_and_grad": lambda x: value_and_grad(total)(x)[1],
    "elementwise_grad": elementwise_grad(cube),
    "vjp": lambda x: vjp(cube, x)[0],
    "pullback": lambda x: vjp(cube, x)[1](np.ones(3))[0],
    "jvp": lambda x: jvp(cube, (x,), (np.ones(3),))[0],
    "tangents": lambda x: jvp(cube, (x,), (np.ones(3),))[1],
    "jacobian": jacobian(cube),
    "columns": jacobian(lambda x: np.outer(np.ones(9), x**2)),
    "hessian": hessian(total),
    "hvp": lambda x: hvp(total, (x,), (np.ones(3),))[0],
    "aux": lambda x: grad(lambda x: (total(x), x), has_aux=True)(x)[1],
    "jacobian of nothing": jacobian(lambda x: Tensor([1.0])),
    "gradient of nothing": grad(lambda x: Tensor(1.0)),
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_arrays_give_arrays_and_tensors_tensors(transform):
    found = transform(X)
    assert type(found) is np.ndarray
    assert found.dtype == np.float64
    assert found.flags.writeable
    as_tensors = transform(Tensor(X))
    assert type(as_tensors) is Tensor
    np.testing.assert_array_equal(found, as_tensors)
    assert transform(X.astype(np.float32)).dtype == np.float32
    with no_grad():
        assert type(transform(X)) is np.ndarray
        assert type(transform(Tensor(X, requires_grad=True))) is Tensor


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
def test_inside_of_another_transform_they_are_tensors(transform):
    seen = []

    def f(y):
        seen.append(type(transform(X)))
        return y

    grad(f)(1.0)
    assert seen == [Tensor]
    assert type(transform(X)) is np.ndarray


@pytest.mark.parametrize("number", [2.0, np.float64(2.0), np.array(2.0), np.float32(2.0)])
def test_what_has_no_axes_is_a_numpy_scalar(number):
    expected = np.asarray(number).dtype.type
    value, slope = value_and_grad(cube)(number)
    y, pullback = vjp(cube, number)
    found = (
        value,
        slope,
        y,
        pullback(1.0)[0],
        *jvp(cube, (number,), (1.0,)),
        jacobian(cube)(number),
        hessian(cube)(number),
        *hvp(cube, (number,), (1.0,)),
    )
    assert {*map(type, found)} == {expected}
    assert [*map(float, found)] == [8, 12, 8, 12, 8, 12, 12, 12, 12]
    assert type(grad(lambda z: abs(z) ** 2)(1 + 1j)) is np.complex128


def test_a_gradient_follows_its_leaf():
    tree = {"array": X, "tensor": Tensor(X), "number": 3.0, "pair": Pair([Tensor(2.0)], 5)}

    def f(t):
        return (t["array"] * t["tensor"]).sum() * t["number"] * t["pair"].a[0] * t["pair"].b

    as_leaves = {
        "array": np.ndarray,
        "tensor": Tensor,
        "number": np.float64,
        "pair": Pair([Tensor], type(None)),
    }
    value, gradient = value_and_grad(f)(tree)
    assert kinds(gradient) == as_leaves
    assert type(value) is Tensor
    assert kinds(vjp(f, tree)[1](1.0)) == (as_leaves,)
    assert kinds(hvp(f, (tree,), (tree,))) == (as_leaves,)
    assert kinds(grad(f)(dict(tree, tensor=X, pair=Pair([2.0], 5)))) == {
        "array": np.ndarray,
        "tensor": np.ndarray,
        "number": np.float64,
        "pair": Pair([np.float64], type(None)),
    }


def test_a_block_of_a_hessian_is_a_tensor_if_either_input_is_one():
    def f(a, b):
        return (a * b).sum()

    assert kinds(jacobian(f, (0, 1))(X, Tensor(X))) == (np.ndarray, Tensor)
    expected = ((np.ndarray, Tensor), (Tensor, Tensor))
    assert kinds(hessian(f, (0, 1))(X, Tensor(X))) == expected
    assert kinds(hessian(f)(X, Tensor(X))) is np.ndarray


@pytest.mark.parametrize(
    "besides",
    [
        Tensor(1.0),
        Tensor([1, 2]),
        [0, {"k": Tensor([True])}],
        Pair(None, (Tensor(3),)),
        nn.Sigmoid(),
        {"model": nn.Sequential(nn.Dense(1, 1))},
    ],
    ids=["tensor", "integers", "list", "dataclass", "module", "model"],
)
@pytest.mark.parametrize("by_name", [False, True])
def test_values_are_tensors_if_any_argument_held_one(besides, by_name):
    def f(x, other=None):
        return total(x), {"x": x, "positive": x > 0}

    args, kwargs = ((X,), {"other": besides}) if by_name else ((X, besides), {})
    (value, aux), gradient = value_and_grad(f, has_aux=True)(*args, **kwargs)
    assert kinds((value, aux)) == (Tensor, {"x": Tensor, "positive": Tensor})
    assert type(gradient) is np.ndarray
    assert kinds(grad(f, has_aux=True)(*args, **kwargs)[1]) == {"x": Tensor, "positive": Tensor}


def test_tensors_in_tangents_and_primals_that_are_not_differentiated_count():
    assert kinds(jvp(cube, (X,), (Tensor(X),))) == (Tensor, Tensor)
    assert kinds(jvp(lambda x, n: x ** n.item(), (X, Tensor(3)), (X, None))) == (Tensor, Tensor)
    assert type(vjp(lambda x, n: x ** n.item(), X, Tensor(3))[0]) is Tensor
    # a gradient follows its leaf, whatever it is pulled back from
    assert type(vjp(cube, X)[1](Tensor(X))[0]) is np.ndarray
    assert type(hvp(total, (X,), (Tensor(X),))[0]) is np.ndarray


def test_what_an_argument_is_filled_with_by_the_function_does_not_count():
    memory = {}

    def f(x, memory):
        memory["x"] = x
        return total(x)

    assert type(value_and_grad(f)(X, memory)[0]) is np.float64


def test_arguments_that_contain_themselves_can_be_looked_at():
    loop = {"x": 1.0}
    loop["loop"] = [loop]
    assert type(value_and_grad(lambda x, memory: total(x))(X, loop)[0]) is np.float64


def test_aux_keeps_its_structure_and_what_is_no_tensor():
    text, array = object(), np.ones(2)

    def f(x):
        parts = [x, (x > 1, 3), text, array]
        return total(x), {"pair": Pair(parts, np.argmax(x)), "constant": Tensor([1, 2])}

    _, aux = grad(f, has_aux=True)(X)
    x, (positive, three), same, plain = aux["pair"].a
    assert kinds((x, positive, aux["pair"].b, aux["constant"])) == (
        np.ndarray,
        np.ndarray,
        np.int64,
        np.ndarray,
    )
    assert (three, same) == (3, text)
    assert plain is array
    assert positive.dtype == bool


def test_a_module_of_parameters_gives_a_module_of_tensors():
    model = nn.Sequential(nn.Dense(2, 3, rng=0))

    def f(model, x):
        return (model(x) ** 2).sum()

    value, (by_model, by_x) = value_and_grad(f, (0, 1))(model, np.ones((1, 2)))
    assert type(by_model) is nn.Sequential
    assert {type(t) for _, t in by_model.named_tensors()} == {Tensor}
    assert (type(value), type(by_x)) == (Tensor, np.ndarray)
    rows = hessian(f, (0, 1))(model, np.ones((1, 2)))
    assert type(rows[1][1]) is np.ndarray
    assert {type(t) for _, t in rows[1][0].named_tensors()} == {Tensor}


def test_what_the_function_uses_besides_is_recorded_but_for_under_no_grad():
    w = Tensor(2.0, requires_grad=True)
    constant = Tensor(2.0)
    for name, transform in {
        "grad": lambda w: grad(lambda x: (w * x**2).sum())(X),
        "jacobian": lambda w: jacobian(lambda x: w * x**2)(X),
        "hvp": lambda w: hvp(lambda x: (w * x**2).sum(), (X,), (X,))[0],
        "pullback": lambda w: vjp(lambda x: w * x**2, X)[1](X)[0],
    }.items():
        assert transform(w).requires_grad, name
        assert type(transform(constant)) is np.ndarray, name
        with no_grad():
            assert type(transform(w)) is np.ndarray, name


def owned(arrays, others):
    """Raise unless the arrays can be written into, and share memory with nothing."""
    for position, array in enumerate(arrays):
        assert array.flags.writeable
        for other in (*others, *arrays[position + 1 :]):
            assert not np.shares_memory(array, other)


def test_arrays_are_the_callers_own():
    x, y, u = X.copy(), X.copy(), X.copy()
    (value, aux), (a, b) = value_and_grad(
        lambda a, b: (a[0], {"a": a, "again": a, "part": a[1:], "b": [b]}), (0, 1), has_aux=True
    )(x, y)
    assert type(value) is np.float64
    owned([a, b, aux["a"], aux["again"], aux["part"], *aux["b"]], [x, y])
    outputs, pullback = vjp(lambda a, b: (a, b, a, a[::-1], np.broadcast_to(b[0], 3)), x, y)
    owned([*outputs, *pullback((u, u, u, u, u)), *pullback((u, u, u, u, u))], [x, y, u])
    outputs, tangents = jvp(lambda a, b: (a, b, a, a + b, a[1:]), (x, y), (u, u))
    owned([*outputs, *tangents], [x, y, u])
    owned(vjp(lambda a, b: a + b, x, y)[1](u), [x, y, u])
    owned(hvp(lambda a, b: (a * b).sum(), (x, y), (u, u)), [x, y, u])
    owned(elementwise_grad(lambda a, b: a + b, (0, 1))(x, y), [x, y])
    for rows in (jacobian(lambda a, b: (a + b, a + b), (0, 1))(x, y), jacobian(np.sum, (0,))(x)):
        blocks = [block for row in rows for block in row] if isinstance(rows[0], tuple) else rows
        owned(blocks, [x, y])
    blocks = hessian(lambda a, b: ((a + b) ** 2).sum(), (0, 1))(x, y)
    owned([block for row in blocks for block in row], [x, y])
    constant = Tensor(X)
    assert not np.shares_memory(vjp(lambda a: constant, x)[0], constant.numpy())


def test_a_read_only_gradient_is_copied():
    def frozen(g, y, x):
        c = g * x
        c.flags.writeable = False
        return c

    op = Primitive("half_square", lambda x: x * x / 2, [frozen], elementwise=True)
    assert grad(lambda x: op(x).sum())(X).flags.writeable


def test_writing_into_what_came_out_changes_no_later_result():
    y, pullback = vjp(np.exp, X)
    y[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], np.exp(X))
    x = X.copy()
    _, pullback = vjp(cube, x)
    x[:] = 0.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], 3 * X**2)
    w = X.copy()
    w -= 0.1 * grad(total)(w)
    np.testing.assert_allclose(w, X - 0.3 * X**2)


def test_recorded_gradients_are_tensors_of_their_own():
    w = Tensor(X, requires_grad=True) * 1
    (g,) = vjp(lambda t: t, X)[1](w)
    a, b = vjp(lambda a, b: a + b, X, X)[1](w)
    for found in (g, a, b):
        assert found is not w
    assert a is not b


def test_a_checkpoint_is_computed_again_as_it_was():
    def f(x):
        slope = grad(total)(X)
        return (x * slope.detach()).sum()  # a tensor, inside of a transform

    np.testing.assert_allclose(grad(checkpoint(f))(X), 3 * X**2)


def test_arrays_of_more_axes_and_orders_keep_their_dtypes():
    x = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert grad(total)(x).shape == (2, 3)
    assert jacobian(lambda x: x.T)(x).shape == (3, 2, 2, 3)
    z = (x + 1j).astype(np.complex64)
    found = grad(lambda z: (z * np.conjugate(z)).real.sum())(z)
    assert (type(found), found.dtype) == (np.ndarray, np.complex64)
    assert grad(lambda x: x.sum())(np.zeros((0, 2))).shape == (0, 2)
