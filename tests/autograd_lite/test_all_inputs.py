"""One rule for all inputs of an op, which is called once."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
from autograd_lite import AllInputs, Primitive, Tensor, gradients, jacobian
from autograd_lite.errors import GraphError
from autograd_lite.testing import check_gradients

from .building import leaf

calls = []


def solve_rule(asked, g, y, a, b):
    calls.append(tuple(asked))
    adjoint = np.linalg.solve(a.mT, g[:, None])[:, 0]
    return [-adjoint[:, None] * y if i == 0 else adjoint for i in asked]


solve = Primitive("my_solve", np.linalg.solve, AllInputs(solve_rule))
A = np.array([[3.0, 1.0], [0.5, 2.0]])
B = np.array([1.0, -2.0])


@pytest.fixture(autouse=True)
def no_calls():
    calls.clear()


def test_the_rule_is_called_once_for_what_is_asked():
    a, b = leaf(A), leaf(B)
    y = solve(a, b)
    y.sum().backward(retain_graph=True)
    gradients(y.sum(), b, retain_graph=True)
    gradients(y.sum(), a, retain_graph=True)
    solve(a, B).sum().backward()
    assert calls == [(0, 1), (1,), (0,), (0,)]


def test_it_is_right_to_second_order_and_for_batches():
    check_gradients(solve, A, B)
    for position in (0, 1):
        calls.clear()
        found = jacobian(solve, position)(A, B)
        expected = jacobian(np.linalg.solve, position)(A, B)
        assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-15)


@pytest.mark.parametrize("overwritten", [0, 1])
def test_a_result_that_was_assigned_into_is_computed_again(overwritten):
    a, b = leaf(A), leaf(B)
    y = solve(a * 1.0, b * 1.0)
    y[overwritten] = 0.0
    y.sum().backward()
    other = 1 - overwritten
    expected = gradients(solve(a, b)[other], [a, b])
    assert_allclose(a.grad.data, expected[0].data)
    assert_allclose(b.grad.data, expected[1].data)


def test_too_few_cotangents_are_an_error_that_names_the_op():
    short = Primitive("short", np.add, AllInputs(lambda asked, g, y, a, b: [g]))
    with pytest.raises(GraphError, match="1 cotangents where 2 were asked for") as caught:
        short(leaf(1.0), leaf(2.0)).backward()
    assert caught.value.__notes__ == ["in the rule of short for all its inputs"]


@pytest.mark.parametrize(
    "join",
    [
        ag.concatenate,
        lambda parts: ag.concatenate([x.reshape(1, 1) for x in parts], axis=None),
        lambda parts: ag.stack(parts, axis=1),
        np.block,
        np.hstack,
        np.vstack,
    ],
)
def test_many_parts_are_joined_and_parted(join):
    count = 3000
    parts = [Tensor([float(i)], requires_grad=True) for i in range(count)]
    y = join(parts).reshape(-1)
    (y * np.arange(count)).sum().backward()
    assert_array_equal([x.grad.item() for x in parts], np.arange(count))
