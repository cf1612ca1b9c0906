"""Reading the ``grad`` of a result, which gets none, warns; nothing else does."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor, gradients, no_grad
from autograd_lite.errors import GraphError

ADVICE = r"call z\.retain_grad\(\) before backward\(\), or use gradients\(loss, \[z\]\)$"


def leaf():
    return Tensor([1.0, 2.0], requires_grad=True)


@pytest.mark.parametrize("before", [True, False])
def test_the_grad_of_a_result_is_none_with_a_warning(before):
    z = leaf() * 2
    if not before:
        z.sum().backward()
    with pytest.warns(UserWarning, match="^this is the result of multiply; .*" + ADVICE):
        assert z.grad is None


def test_an_assigned_tensor_is_a_result_too():
    z = np.exp(leaf())
    z[0] = 3.0
    with pytest.warns(UserWarning, match="^this is the result of assignment"):
        assert z.grad is None


def test_the_warning_is_at_the_line_of_the_user_and_shown_once():
    z = leaf() * 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            assert z.grad is None
    (warning,) = caught
    assert warning.filename == __file__


def test_a_result_that_retains_its_grad_does_not_warn():
    z = leaf() * 2
    z.retain_grad()
    assert z.grad is None
    (z * z).sum().backward(retain_graph=True)
    assert_array_equal(z.grad.data, [4.0, 8.0])
    z.zero_grad()
    assert z.grad is None


def test_an_assigned_result_that_retains_its_grad_does_not_warn():
    z = leaf() * 2
    z.retain_grad()
    z[0] = 3.0
    assert z.grad is None


def test_an_assigned_result_does_not_warn_after_a_pass_from_it_either():
    z = leaf() * 2
    z.retain_grad()
    z[0] = 3.0
    z.backward([1.0, 1.0])
    assert_array_equal(z.grad.data, [1.0, 1.0])
    z.zero_grad()
    assert z.grad is None


@pytest.mark.parametrize("assigned", [False, True])
@pytest.mark.parametrize("through", [False, True])
def test_retain_grad_after_backward_is_an_error_where_no_pass_can_follow(assigned, through):
    z = leaf() * 2
    if assigned:
        z[0] = 3.0
    end = z.sum() if through else z
    end.backward(np.ones(end.shape), retain_graph=True)
    z.retain_grad()
    end.backward(np.ones(end.shape))
    assert_array_equal(z.grad.data, [1.0, 1.0])
    with pytest.raises(GraphError, match=r"too late.* call it before backward\(\)"):
        z.retain_grad()


def test_a_grad_that_was_set_is_read():
    z, g = leaf() * 2, Tensor([1.0, 1.0])
    z.grad = g
    assert z.grad is g


def test_what_has_no_grad_for_another_reason_does_not_warn():
    x = leaf()
    assert x.grad is None
    assert Tensor([1.0]).grad is None
    assert (Tensor([1.0]) * 2).grad is None
    assert x.detach().grad is None
    with no_grad():
        assert (x * 2).grad is None


def test_what_we_read_ourselves_does_not_warn():
    x = leaf()
    z = x * 2
    repr(z)
    z.zero_grad()
    gradients(z.sum(), [z], retain_graph=True)
    z.sum().backward()
    model = nn.Sequential(nn.Dense(2, 2), nn.Tanh())
    model.output = model([[1.0, 2.0]])
    repr(model)
    model.zero_grad()
    for again in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert_array_equal(again.grad.data, [2.0, 2.0])
