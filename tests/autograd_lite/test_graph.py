"""The graph: what is recorded, how gradients flow through it, what is kept and what is freed."""

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from threading import Event

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
import nn
from autograd_lite import Primitive, Tensor, enable_grad, gradients, is_recording, no_grad
from autograd_lite.errors import GraphError


def leaf(values):
    return Tensor(values, requires_grad=True, dtype=np.float64)


def leaves(*shapes):
    rng = np.random.default_rng(0)
    return [leaf(rng.uniform(0.5, 2.0, shape)) for shape in shapes]


# ---------------------------------------------------------------- accumulation


def test_backward_adds_to_the_grad_of_leaves():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    assert_array_equal(x.grad.data, [2.0, 4.0])
    (3 * x).sum().backward()
    assert_array_equal(x.grad.data, [5.0, 7.0])


def test_adding_to_a_grad_leaves_the_earlier_grad_tensor_alone():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    earlier = x.grad
    (3 * x).sum().backward()
    assert_array_equal(earlier.data, [2.0, 4.0])


def test_backward_gives_no_grad_to_intermediates_and_constants():
    x, constant = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    z = x * constant
    z.sum().backward()
    assert z.grad is None
    assert constant.grad is None
    assert_array_equal(x.grad.data, [3.0, 4.0])


def test_backward_from_a_leaf_gives_it_the_cotangent():
    x = leaf([1.0, 2.0])
    x.backward([3.0, 5.0])
    assert_array_equal(x.grad.data, [3.0, 5.0])


def test_zero_grad_forgets_the_grad():
    x = leaf(2.0)
    (x * x).backward()
    x.zero_grad()
    assert x.grad is None
    (x * x).backward()
    assert x.grad.item() == 4.0


@pytest.mark.parametrize("uses", [2, 3, 5])
def test_a_value_used_several_times_gets_the_sum_of_the_cotangents(uses):
    x = leaf([1.0, 2.0])
    h = x * x
    total = sum((k * h for k in range(1, uses + 1)), start=Tensor(0.0))
    total.sum().backward()
    assert_array_equal(x.grad.data, sum(range(1, uses + 1)) * 2 * x.data)


def test_an_operand_given_twice_gets_both_cotangents():
    x = leaf([1.0, 3.0])
    (x * x - x + x / x).sum().backward()
    assert_allclose(x.grad.data, 2 * x.data - 1, rtol=1e-15)


def test_diamonds_in_a_row_double_the_gradient_each():
    x = leaf(1.0)
    y = x
    for _ in range(50):  # by paths, 2**50 of them
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**50


def test_paths_of_different_lengths_are_added_before_they_go_on():
    x = leaf(0.5)
    h = x * 3
    y = h * ((h + 1) * (h + 2) * h).exp()
    y.backward()
    p = h.item() * (h.item() + 1) * (h.item() + 2)
    slope = 3 * h.item() ** 2 + 6 * h.item() + 2
    assert_allclose(x.grad.item(), 3 * np.exp(p) * (1 + h.item() * slope), rtol=1e-14)


def test_broadcast_operands_get_gradients_of_their_own_shapes():
    a, b, c = leaves((2, 1, 3), (4, 1), ())
    cotangent = np.arange(24.0).reshape(2, 4, 3)
    (a + b - c).backward(cotangent)
    assert_array_equal(a.grad.data, cotangent.sum(axis=1, keepdims=True))
    assert_array_equal(b.grad.data, cotangent.sum(axis=(0, 2))[:, None])
    assert_array_equal(c.grad.data, -cotangent.sum())


def test_rules_of_constants_are_not_called():
    def forbidden(g, y, a, b):
        raise AssertionError("the rule of a constant was called")

    scaled = Primitive("scaled", np.multiply, [lambda g, y, a, b: g * b, forbidden])
    x = leaf([1.0, 2.0])
    scaled(x, Tensor([3.0, 4.0])).backward([1.0, 1.0])
    assert_array_equal(x.grad.data, [3.0, 4.0])


# ---------------------------------------------------------------- gradients()


def test_gradients_at_intermediates_obey_the_chain_rule():
    x, w = leaves((3, 4), (4, 2))
    z = x @ w
    a = z.tanh()
    y = (a * a).sum()
    dx, dw, dz, da = gradients(y, [x, w, z, a])
    assert_allclose(da.data, 2 * a.data, rtol=1e-14)
    assert_allclose(dz.data, da.data * (1 - a.data**2), rtol=1e-14)
    assert_allclose(dx.data, dz.data @ w.data.T, rtol=1e-14)
    assert_allclose(dw.data, x.data.T @ dz.data, rtol=1e-14)


def test_gradients_at_an_intermediate_counts_only_what_goes_through_it():
    x = leaf(3.0)
    h = x * 2
    dh, dx = gradients(h * x, [h, x])
    assert dh.item() == 3.0
    assert dx.item() == 12.0


def test_gradients_at_the_output_itself_is_the_cotangent():
    x = leaf([1.0, 2.0])
    y = x * x
    dy, dx = gradients(y, [y, x], [3.0, 5.0])
    assert_array_equal(dy.data, [3.0, 5.0])
    assert_array_equal(dx.data, [6.0, 20.0])


def test_gradients_changes_no_grad():
    x = leaf(3.0)
    x.grad = Tensor(7.0)
    gradients(x * x, x)
    assert x.grad.item() == 7.0


def test_gradients_of_one_tensor_is_no_tuple():
    x = leaf(3.0)
    assert isinstance(gradients(x * x, x), Tensor)
    assert isinstance(gradients(x * x, [x]), tuple)


def test_gradients_keeps_the_order_asked_for():
    a, b, c = leaf(2.0), leaf(3.0), leaf(5.0)
    found = gradients(a * b * c, [c, a, b])
    assert [g.item() for g in found] == [6.0, 15.0, 10.0]


def test_gradients_of_a_tensor_asked_for_twice_are_equal():
    a, b = leaf(2.0), leaf(3.0)
    found = gradients(a * b, [a, b, a])
    assert [g.item() for g in found] == [3.0, 2.0, 3.0]


def test_gradients_calls_only_the_rules_on_the_way():
    called = []

    def recorded(name):
        def rule(g, y, x):
            called.append(name)
            return g * 2

        return Primitive(name, lambda x: 2 * x, [rule], elementwise=True)

    first, second, other = recorded("first"), recorded("second"), recorded("other")
    x, w = leaf(1.0), leaf(1.0)
    h = first(x)
    assert gradients(second(h) + other(w), h).item() == 2.0
    assert called == ["second"]


def test_gradients_of_what_the_output_does_not_depend_on():
    x, unused = leaf([1.0, 2.0]), leaf(np.ones((2, 3)))
    with pytest.raises(GraphError, match=r"doesn't depend on wrt\[1\].*allow_unused=True"):
        gradients((x * x).sum(), [x, unused])
    dx, du = gradients((x * x).sum(), [x, unused], allow_unused=True)
    assert_array_equal(dx.data, [2.0, 4.0])
    assert_array_equal(du.data, np.zeros((2, 3)))


def test_gradients_with_respect_to_a_constant_is_an_error():
    x = leaf(1.0)
    with pytest.raises(GraphError, match=r"wrt\[1\] is not a tensor that requires a gradient"):
        gradients(x * x, [x, Tensor(1.0)])


def test_gradients_are_constants_unless_their_graph_is_asked_for():
    x = leaf(3.0)
    assert not gradients(x * x, x).requires_grad
    assert gradients(x * x, x, create_graph=True).requires_grad


def test_float32_stays_float32_through_a_float64_part():
    x = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    y = (x * np.array([3.0, 4.0])).sum()
    assert y.dtype == np.float64
    y.backward()
    assert x.grad.dtype == np.float32
    assert_array_equal(x.grad.data, [3.0, 4.0])


# ---------------------------------------------------------------- release


def test_a_second_backward_needs_the_graph_retained():
    x = leaf(3.0)
    y = x * x
    y.backward()
    with pytest.raises(GraphError, match=r"below this multiply was released.*retain_graph=True"):
        y.backward()
    assert x.grad.item() == 6.0


def test_retain_graph_allows_another_pass():
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12.0
    with pytest.raises(GraphError, match="released"):
        gradients(y, x)


def test_create_graph_retains_unless_told_otherwise():
    x = leaf(3.0)
    y = x * x
    gradients(y, x, create_graph=True)
    gradients(y, x, create_graph=True, retain_graph=False)
    with pytest.raises(GraphError, match="released"):
        y.backward()


def test_a_partly_released_graph_leaves_every_grad_untouched():
    a, b = leaf(2.0), leaf(3.0)
    shared = a * 5
    first, second = shared * 2, shared * b
    first.backward()
    before = a.grad
    with pytest.raises(GraphError, match="released"):
        second.backward()
    assert a.grad is before
    assert a.grad.item() == 10.0
    assert b.grad is None


def test_a_part_that_was_not_passed_through_survives():
    a, b = leaf(2.0), leaf(3.0)
    first, second = a * 5, b * 7
    first.backward()
    (second * b).backward()
    assert b.grad.item() == 42.0


def test_backward_frees_the_intermediates_while_the_output_lives():
    x = leaf([1.0, 2.0])
    h = x * 2
    early = weakref.ref(h)
    y = (h * h).sum()
    del h
    assert early() is not None
    y.backward()
    assert early() is None
    assert y.item() == 20.0


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


# ---------------------------------------------------------------- higher order


def test_derivatives_of_a_power_to_fourth_order():
    x = leaf([1.5, -2.0])
    expected = [4 * x.data**3, 12 * x.data**2, 24 * x.data, np.full(2, 24.0)]
    y = x**4
    for values in expected:
        y = gradients(y.sum(), x, create_graph=True)
        assert_allclose(y.data, values, rtol=1e-13)


def test_mixed_partials_to_third_order():
    x, y = leaf(1.5), leaf(0.5)
    f = x**2 * y**3 * (x * y).exp()
    fx, fy = gradients(f, [x, y], create_graph=True)
    fxy, fxx = gradients(fx, [y, x], create_graph=True)
    fyx = gradients(fy, x, create_graph=True)
    third = [
        gradients(second, wrt, retain_graph=True).item()
        for second, wrt in [(fxx, y), (fxy, x), (fyx, x)]
    ]
    a, b = x.item(), y.item()
    e = np.exp(a * b)
    # by hand: f_x = e (2 a b^3 + a^2 b^4)
    assert_allclose(fx.item(), e * (2 * a * b**3 + a**2 * b**4), rtol=1e-13)
    assert_allclose(fxy.item(), e * (6 * a * b**2 + 6 * a**2 * b**3 + a**3 * b**4), rtol=1e-13)
    assert_allclose(fyx.item(), fxy.item(), rtol=1e-13)
    by_hand = e * (6 * b**2 + 18 * a * b**3 + 9 * a**2 * b**4 + a**3 * b**5)
    assert_allclose(third, [by_hand] * 3, rtol=1e-13)


def test_backward_through_a_gradient_adds_the_gradient_penalty():
    x = leaf([1.0, 2.0])
    slope = gradients((x**3).sum(), x, create_graph=True)
    (slope**2).sum().backward()  # d/dx (3 x^2)^2 = 36 x^3
    assert_allclose(x.grad.data, 36 * x.data**3, rtol=1e-14)


def test_a_cotangent_that_requires_a_gradient_is_differentiated_too():
    x, v = leaf([1.0, 2.0]), leaf([3.0, 5.0])
    product = gradients(x**3, x, v, create_graph=True)  # v * 3 x^2, linear in v
    assert_allclose(gradients(product.sum(), v).data, 3 * x.data**2, rtol=1e-14)


def test_replacing_data_before_a_recorded_pass_is_an_error():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    x.data = [5.0, 6.0]
    with pytest.raises(GraphError, match="input of multiply was replaced"):
        gradients(y, x, create_graph=True)


# ---------------------------------------------------------------- memory

SHARING = {
    "add": lambda a, b: a + b,
    "add itself": lambda a, b: a + a + b + b,
    "subtract": lambda a, b: a - b,
    "positive": lambda a, b: +a + +b,
    "transposed twice": lambda a, b: (a.T + b.T).T,
    "reshape": lambda a, b: (a.reshape(6) + b.reshape(6)).reshape(2, 3),
    "swapaxes": lambda a, b: a.swapaxes(0, 1).swapaxes(0, 1) + b,
    "squeeze and expand": lambda a, b: ag.squeeze(ag.expand_dims(a, 0), 0) + b,
    "slice": lambda a, b: a[:] + b[...],
    "concatenate": lambda a, b: ag.concatenate([a, b])[:2] + b,
    "stack": lambda a, b: ag.stack([a, b])[0] + b,
    "broadcast": lambda a, b: ag.broadcast_to(a, (2, 3)) + b,
    "where": lambda a, b: ag.where([True, False, True], a, b),
    "spread sum": lambda a, b: a.sum() + b.sum() + np.zeros((2, 3)),
    "astype": lambda a, b: a.astype(np.float64) + b,
    "first alone": lambda a, b: a,
}


def assert_apart(arrays):
    for (i, one), (j, other) in combinations(enumerate(arrays), 2):
        assert not np.shares_memory(one, other), (i, j)


@pytest.mark.parametrize("function", SHARING.values(), ids=SHARING)
def test_grads_share_no_memory(function):
    a, b = leaves((2, 3), (2, 3))
    y = function(a, b)
    cotangent = np.arange(6.0).reshape(2, 3)
    y.backward(cotangent)
    grads = [x.grad.data for x in (a, b) if x.grad is not None]
    assert_apart([*grads, cotangent])
    for grad in grads:
        assert_apart([grad, a.data])
        assert_apart([grad, b.data])
        grad[...] = -1.0  # it can be written, and its cotangent stays
    assert_array_equal(cotangent, np.arange(6.0).reshape(2, 3))


def test_constant_grads_of_a_recorded_pass_share_no_memory():
    a, b = leaves((2, 3), (2, 3))
    cotangent = np.arange(6.0).reshape(2, 3)
    (a + b).backward(cotangent, create_graph=True)
    assert a.grad is not b.grad
    assert_apart([a.grad.data, b.grad.data, cotangent])


def test_gradients_at_intermediates_share_no_memory():
    a, b = leaves((2, 3), (2, 3))
    h = a + b
    y = +h
    cotangent = np.ones((2, 3))
    assert_apart([cotangent, *(g.data for g in gradients(y, [y, h, a, b], cotangent))])


@pytest.mark.parametrize("kind", [np.array, Tensor], ids=["array", "tensor"])
@pytest.mark.parametrize("create_graph", [False, True])
def test_the_cotangent_is_not_changed(kind, create_graph):
    x = leaf([1.0, 2.0])
    cotangent = kind([3.0, 5.0])
    h = x + x
    (h * h + h).backward(cotangent, create_graph=create_graph)
    assert_array_equal(getattr(cotangent, "value", cotangent), [3.0, 5.0])
    assert_array_equal(x.grad.data, (8 * x.data + 2) * [3.0, 5.0])
    x.zero_grad()  # breaks the cycle of x, its recorded grad, and that one's graph


def test_grads_do_not_alias_the_values_of_a_sum_that_goes_on():
    a, b = leaves((2,), (2,))
    h = a + b
    y = (h * 2 + h * 3) + a  # a gets what b gets, and more
    y.sum().backward()
    assert_array_equal(a.grad.data, [6.0, 6.0])
    assert_array_equal(b.grad.data, [5.0, 5.0])


# ---------------------------------------------------------------- in place


def test_in_place_on_an_intermediate_makes_a_new_tensor():
    x = leaf([1.0, 2.0])
    y = before = x * 2
    y *= x
    assert y is not before
    assert_array_equal(before.data, [2.0, 4.0])
    y.sum().backward()
    assert_array_equal(x.grad.data, 4 * x.data)


def test_in_place_on_a_constant_makes_a_new_tensor():
    c = before = Tensor([1.0, 2.0])
    c += leaf([1.0, 1.0])
    assert c.requires_grad
    assert_array_equal(before.data, [1.0, 2.0])


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


# ---------------------------------------------------------------- freeing


def cyclic_garbage(build):
    """Run a function with the garbage collector off; return what of ours only it would free."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        build()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        return [x for x in gc.garbage if type(x).__module__.startswith(("autograd_lite", "nn"))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        if was_enabled:
            gc.enable()


def chain(x, length):
    """Return ``x + 1 + 1 ...`` and a weak reference to an early intermediate."""
    y = x + 1.0
    early = weakref.ref(y)
    for _ in range(length - 1):
        y = y + 1.0
    return y, early


@pytest.mark.parametrize("differentiated", [True, False])
def test_a_chain_of_a_million_ops_works_and_frees(differentiated):
    length = 1_000_000
    x = leaf(0.0)

    def build():
        y, early = chain(x, length)
        assert y.item() == length
        assert early() is not None
        if differentiated:
            y.backward()
            assert x.grad.item() == 1.0
        del y
        assert early() is None

    assert cyclic_garbage(build) == []


def test_a_long_chain_is_differentiated_twice():
    x = leaf(2.0)
    y = x * x
    for _ in range(20_000):
        y = y + 0.0
    slope = gradients(y, x, create_graph=True)
    assert gradients(slope, x).item() == 2.0


def network():
    return nn.Sequential(nn.Dense(3, 4, rng=0), nn.Tanh(), nn.Dense(4, 2, rng=1))


def train_step():
    model = network()
    optimizer = nn.optim.SGD(model.parameters(), learning_rate=0.1, momentum=0.9)
    nn.losses.cross_entropy(model(np.ones((5, 3))), [0, 1, 0, 1, 0]).backward()
    optimizer.step()
    model.zero_grad()


def every_op():
    a, b = leaves((2, 3), (2, 3))
    parts = [function(a, b).sum() for function in SHARING.values()]
    parts += [(a @ b.T).max(), a.min(), a.mean(), ag.softmax(a)[0, 0], ag.logsumexp(b)]
    parts += [(a / b).sqrt().log().sum(), np.sin(a).sum(), ag.clip(a, b, 3.0).sum()]
    ag.stack(parts).sum().backward()


def fail_in_backward():
    wrong = Primitive("wrong", lambda x: x, [lambda g, y, x: g[:1]])
    with pytest.raises(GraphError):
        wrong(leaf([1.0, 2.0])).backward([1.0, 1.0])


def recorded_backward():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    x.zero_grad()  # x.grad's graph leads to x: that cycle is the user's to break


def higher_order():
    x = leaf([1.5, 2.5])
    y = x**4
    for _ in range(3):
        y = gradients(y.sum(), x, create_graph=True)


GRAPHS = {
    "recorded, not differentiated": lambda: np.sin((leaf(2.0) * 3).exp()),
    "every op": every_op,
    "training step": train_step,
    "retained": lambda: (leaf(2.0) * 3).backward(retain_graph=True),
    "gradients": lambda: gradients((x := leaf(2.0)) * x, x),
    "create_graph": higher_order,
    "backward with create_graph": recorded_backward,
    "deltas": lambda: nn.deltas(
        model := network(), nn.losses.mean_squared_error(model(np.ones((1, 3))), [[0.0, 1.0]])
    ),
    "constants": lambda: Tensor([1.0]) * [2.0],
    "no_grad": no_grad()(lambda: leaf(2.0) * 3),
    "error in backward": fail_in_backward,
}


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS)
def test_graphs_are_freed_without_the_garbage_collector(build):
    assert cyclic_garbage(build) == []


def test_a_cycle_would_be_found():
    def build():
        x = leaf(1.0)
        x.grad = x

    assert [type(x) for x in cyclic_garbage(build)] == [Tensor]
