"""no_grad and enable_grad, and which tensors can be changed in place."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from autograd_lite import Tensor, enable_grad, gradients, is_recording, no_grad
from autograd_lite.errors import GraphError

from .building import leaf

# ---------------------------------------------------------------- modes


def test_no_grad_makes_constants():
    x = leaf(2.0)
    with no_grad():
        y = x * x
    assert not y.requires_grad
    assert y.item() == 4.0
    assert (x * x).requires_grad


def test_enable_grad_records_inside_of_no_grad():
    x = leaf(2.0)
    with no_grad():
        with enable_grad():
            y = x * x
        z = x * x
    assert y.requires_grad
    assert not z.requires_grad


@pytest.mark.parametrize(("mode", "inside"), [(no_grad, False), (enable_grad, True)])
def test_modes_decorate_functions(mode, inside):
    @mode()
    def function(x):
        return x * x, is_recording()

    with no_grad() if inside else enable_grad():
        for _ in range(2):  # a decorator must work more than once
            y, recording = function(leaf(2.0))
            assert (y.requires_grad, recording) == (inside, inside)
        assert is_recording() is not inside


@pytest.mark.parametrize("mode", [no_grad, enable_grad])
@pytest.mark.parametrize("outside", [True, False])
def test_modes_are_restored_after_an_exception(mode, outside):
    def fail():
        with mode():
            raise KeyError

    with enable_grad() if outside else no_grad():
        with pytest.raises(KeyError):
            fail()
        assert is_recording() is outside


def test_create_graph_records_under_no_grad_and_restores_it():
    x = leaf(3.0)
    y = x**3
    with no_grad():
        slope = gradients(y, x, create_graph=True)
        assert not is_recording()
    assert gradients(slope, x).item() == 18.0


def test_modes_do_not_reach_other_threads():
    entered, done = Event(), Event()

    def off():
        with no_grad():
            entered.set()
            done.wait(timeout=60)
            return is_recording()

    with ThreadPoolExecutor(2) as pool:
        in_no_grad = pool.submit(off)
        assert entered.wait(timeout=60)
        assert is_recording()
        with no_grad():
            assert pool.submit(is_recording).result()
        done.set()
        assert not in_no_grad.result()


def test_modes_do_not_reach_other_tasks():
    async def off(entered, done):
        with no_grad():
            entered.set()
            await done.wait()
            return is_recording()

    async def on(entered, done):
        await entered.wait()
        recording = is_recording()
        done.set()
        return recording

    async def both():
        events = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(off(*events), on(*events))

    assert asyncio.run(both()) == [False, True]


def test_backward_works_under_no_grad():
    x = leaf(3.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad.item() == 6.0


def test_detach_cuts_the_graph_and_shares_the_values():
    x = leaf([1.0, 2.0])
    cut = (x * 2).detach()
    assert not cut.requires_grad
    (x * cut).sum().backward()
    assert_array_equal(x.grad.data, cut.data)
    assert np.shares_memory(x.detach().data, x.data)


# ---------------------------------------------------------------- in place


def test_in_place_on_an_intermediate_keeps_its_identity():
    x = leaf([1.0, 2.0])
    y = before = x * 2
    y *= x
    assert y is before
    assert_array_equal(before.data, [2.0, 8.0])
    y.sum().backward()
    assert_array_equal(x.grad.data, 4 * x.data)


def test_in_place_on_a_constant_keeps_its_identity():
    c = before = Tensor([1.0, 2.0])
    c += leaf([1.0, 1.0])
    assert c is before
    assert c.requires_grad
    assert_array_equal(before.data, [2.0, 3.0])


IN_PLACE = {
    "add": lambda x: x.__iadd__(2.0),
    "subtract": lambda x: x.__isub__(2.0),
    "multiply": lambda x: x.__imul__(2.0),
    "divide": lambda x: x.__itruediv__(2.0),
    "power": lambda x: x.__ipow__(2.0),
    "matmul": lambda x: x.__imatmul__(2 * np.eye(2)),
}
RESULTS = {
    "add": [3.0, 5.0],
    "subtract": [-1.0, 1.0],
    "multiply": [2.0, 6.0],
    "divide": [0.5, 1.5],
    "power": [1.0, 9.0],
    "matmul": [2.0, 6.0],
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_on_a_recorded_leaf_is_an_error(name):
    x = leaf([1.0, 3.0])
    with pytest.raises(GraphError, match=rf"^{name} in place.*no_grad\(\)"):
        IN_PLACE[name](x)
    assert_array_equal(x.data, [1.0, 3.0])


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_under_no_grad_keeps_the_leaf(name):
    x = leaf([1.0, 3.0])
    with no_grad():
        assert IN_PLACE[name](x) is x
    assert x.requires_grad
    assert_array_equal(x.data, RESULTS[name])


def test_in_place_under_no_grad_keeps_shape_and_dtype():
    x = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    with no_grad():
        x += np.array([0.5, 0.5])
        assert x.dtype == np.float32
        with pytest.raises(ValueError, match=r"shape \(3, 2\) can't replace data of shape \(2,\)"):
            x += np.ones((3, 2))
    assert_array_equal(x.data, [1.5, 2.5])
