"""Values that change after they were recorded: in place, by optimizers, by threads."""

import copy
import threading
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
import nn
from autograd_lite import Tensor, gradients, no_grad, vjp
from autograd_lite.errors import DTypeError, GraphError
from autograd_lite.writes import Overwritten, _Stamps, rewritten, written

from .building import leaf

GONE = r"needs values.*assigned into after they were used.*an optimizer has updated"

# ---------------------------------------------------------------- scalars


def test_subtracting_from_a_scalar_in_place_makes_a_new_one():
    k = Tensor(2.0)
    x, xs = 1.0, []
    for _ in range(5):
        x -= 0.1 * k
        xs.append(x)
    assert_allclose(np.stack(xs).sum().item(), 2.0)


SCALARS = {
    "sum": lambda x: x.sum(),
    "item": lambda x: x[1],
    "product": lambda x: x @ x,
    "mean": np.mean,
    "norm": np.linalg.norm,
    "arithmetic": lambda x: x[0] * 2.0 + 1,
    "maximum": lambda x: x.max(),
    "reduced by a ufunc": np.add.reduce,
    "determinant": lambda x: np.linalg.det(np.outer(x, x) + np.eye(3)),
    "std": lambda x: x.std(),
    "loss": lambda x: ag.mean_squared_error(x, np.zeros(3)),
    "median": np.median,
    "quantile": lambda x: np.quantile(x, 0.3),
    "variance": lambda x: np.var(x, ddof=1),
    "logsumexp": ag.logsumexp,
    "prod": np.prod,
    "einsum": lambda x: np.einsum("i,i", x, x),
    "dot": lambda x: np.dot(x, x),
    "trace": lambda x: np.trace(np.outer(x, x)),
    "trapezoid": np.trapezoid,
    "interp": lambda x: np.interp(x[0], [0.0, 5.0], [1.0, 2.0]),
}
IN_PLACE = {
    "+=": lambda a: a.__iadd__(1.0),
    "-=": lambda a: a.__isub__(1.0),
    "*=": lambda a: a.__imul__(3.0),
    "/=": lambda a: a.__itruediv__(3.0),
    "**=": lambda a: a.__ipow__(2),
}


@pytest.mark.parametrize("tracked", [False, True], ids=["constant", "recorded"])
@pytest.mark.parametrize("change", IN_PLACE.values(), ids=IN_PLACE)
@pytest.mark.parametrize("reduce", SCALARS.values(), ids=SCALARS)
def test_results_without_axes_are_not_changed_in_place(reduce, change, tracked):
    y = reduce(Tensor([1.0, 2.0, 4.0], requires_grad=tracked))
    before = y.item()
    z = change(y)
    assert z is not y
    assert y.item() == before
    assert z.item() != before


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tensor(2.0),
        lambda: ag.zeros(()),
        lambda: ag.asarray(2.0),
        lambda: Tensor(2.0).detach(),
        lambda: Tensor([2.0])[0, ...],
        lambda: Tensor([2.0]).reshape(()),
    ],
)
def test_arrays_without_axes_are_changed_in_place(make):
    x = alias = make()
    x += 1.0
    x[...] = x * 2
    assert x is alias


def test_a_view_without_axes_is_written_through():
    x = Tensor([1.0, 2.0])
    view = x[1, ...]
    view += 5.0
    assert_array_equal(x.data, [1.0, 7.0])


def test_an_element_that_was_read_keeps_its_value_when_it_is_augmented():
    w = leaf([2.0, 3.0])
    x = w * 1.0
    first = x[0]
    x[0] += 10.0
    (first * x[0]).backward()
    assert first.item() == 2.0
    assert_array_equal(w.grad.data, [2.0 + 12.0, 0.0])


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_scalar_can_be_assigned_into_and_earlier_uses_keep_its_value(create_graph):
    w = leaf([2.0, 3.0])
    y = w.sum()
    square = y * y
    y[...] = w[0] * 7
    (g,) = gradients((square + y), [w], create_graph=create_graph)
    assert_array_equal(g.data, [10.0 + 7.0, 10.0])


def test_a_failed_assignment_leaves_a_scalar_unchanged():
    y = leaf([2.0, 3.0]).sum()
    with pytest.raises((IndexError, TypeError)):
        y[3] = 1.0
    z = y
    y += 1.0
    assert z is not y


def test_data_of_a_scalar_result_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        Tensor([1.0, 2.0]).sum().data[...] = 3.0


def test_the_gradient_of_a_leaf_without_axes_can_be_scaled_in_place():
    w = leaf(3.0)
    (w * w * 1.0).backward()
    w.grad.data *= 0.5
    assert w.grad.item() == 3.0
    with no_grad():
        alias = w.grad
        w.grad *= 2.0
    assert alias.item() == 6.0


# ---------------------------------------------------------------- updates in place


def a_layer_and_its_loss():
    w = leaf([[0.5, -1.0], [2.0, 0.25]])
    h = np.tanh(np.array([[1.0, 2.0]]) @ w)
    return w, (h @ w.T @ w).sum()


def stepped(w):
    nn.optim.SGD([w], learning_rate=0.1).step()


def stepped_with_momentum(w):
    nn.optim.SGD([w], learning_rate=0.1, momentum=0.9).step()


def updated_data(w):
    w.data -= 0.1 * w.grad.data


def assigned_without_recording(w):
    with no_grad():
        w[0, 0] = 7.0


@pytest.mark.parametrize(
    "update", [stepped, stepped_with_momentum, updated_data, assigned_without_recording]
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_graph_from_before_an_update_refuses_to_read_new_values(update, create_graph):
    w, loss = a_layer_and_its_loss()
    loss.backward(retain_graph=True)
    first = w.grad.data.copy()
    update(w)
    with pytest.raises(GraphError, match=GONE):
        loss.backward(create_graph=create_graph)
    assert_array_equal(w.grad.data, first)


def test_a_pullback_keeps_the_values_it_was_made_with():
    model = nn.Dense(2, 1, rng=0)
    x, w = Tensor([3.0, 4.0]), leaf([1.0, 2.0])
    with no_grad():
        _, pullback = vjp(lambda m, x, w: (m.weight**2).sum() + (x * x * w * w).sum(), model, x, w)
    before = pullback(1.0)
    for values in (model.weight, x, w):
        values.data -= 5.0
    after = pullback(1.0)
    assert_array_equal(after[0].weight.data, before[0].weight.data)
    for one, other in zip(before[1:], after[1:], strict=True):
        assert_array_equal(one.data, other.data)


def test_updates_are_noticed_in_views():
    w = leaf(np.ones((2, 3)))
    x = leaf(np.ones((4, 3)))
    y = (x @ w.T).sum()
    y.backward(retain_graph=True)
    stepped(w)
    with pytest.raises(GraphError, match=GONE):
        gradients(y, x, retain_graph=True)
    assert_array_equal(gradients(y, w).data, np.full((2, 3), 4.0))  # which reads x alone


def test_a_graph_that_reads_no_updated_values_still_works():
    w, b = leaf([[1.0, 2.0]]), leaf([0.5, 0.5])
    loss = (Tensor([[3.0]]) @ w + b).sum()
    loss.backward(retain_graph=True)
    nn.optim.SGD([w, b], learning_rate=0.1).step()
    loss.backward()
    assert_array_equal(w.grad.data, [[6.0, 6.0]])


@pytest.mark.parametrize(
    "replace",
    [
        lambda w: setattr(w, "data", w.data * 2),
        lambda w: w.__isub__(1.0),
        lambda w: w.__imul__(3.0),
    ],
)
def test_replacing_data_leaves_the_old_values_to_the_graph(replace):
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    with no_grad():
        replace(w)
    loss.backward()
    assert_array_equal(w.grad.data, [2.0, 4.0])


def test_replacing_and_updating_data_leaves_the_old_values_to_the_graph():
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    w.data = [5.0, 6.0]
    w.data -= 1.0
    loss.backward()
    assert_array_equal(w.grad.data, [2.0, 4.0])


def test_data_updated_in_place_stay_where_they_are():
    values = np.array([1.0, 2.0])
    w = ag.as_tensor(values)
    w.requires_grad = True
    w.data -= 1.0
    assert w.data is values
    (w * w).sum().backward()
    assert_array_equal(w.grad.data, [0.0, 2.0])


def test_a_constant_updated_by_its_data_is_noticed():
    w, c = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    loss = (w * c).sum()
    c.data *= 2.0
    with pytest.raises(GraphError, match=GONE):
        loss.backward()


def test_training_goes_on_after_each_update():
    w = leaf([1.0, 2.0])
    for _ in range(3):
        w.zero_grad()
        (w * w).sum().backward()
        stepped(w)
    assert_allclose(w.data, np.array([1.0, 2.0]) * 0.8**3)


# ---------------------------------------------------------------- cost of writes


def test_writing_into_a_constant_that_nothing_else_holds_is_not_tracked():
    c = ag.zeros(10**6)
    tracemalloc.start()
    for i in range(200):
        c[i] = 1.0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert id(c.data) not in written
    assert peak < 100_000


def test_a_single_write_into_shared_memory_makes_no_stamps():
    values = np.zeros(10**6)
    c = ag.as_tensor(values)
    tracemalloc.start()
    c[5] = 1.0
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert id(values) in written
    assert peak < 100_000


def test_a_write_into_a_constant_leaves_the_path_of_an_op_as_it_is():
    w, c = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    y = w * c
    c[0] = 5.0
    assert id(c.data) in written
    assert id(c.data) not in rewritten
    with pytest.raises(GraphError, match=GONE):
        y.sum().backward()


@pytest.mark.parametrize("writes", [1, 150])
@pytest.mark.parametrize("through", ["itself", "a view", "memory it shares"])
def test_a_write_into_memory_that_an_op_keeps_is_noticed(writes, through):
    values = np.arange(200.0)
    c = ag.as_tensor(values) if through == "memory it shares" else Tensor(values)
    w = leaf(np.ones(200))
    y = w * c
    target = c[:] if through == "a view" else ag.as_tensor(c.data) if through != "itself" else c
    for i in range(writes):
        target[i] = 5.0
    z = w[190:] * c[190:]
    z.sum().backward()
    with pytest.raises(GraphError, match=GONE):
        y.sum().backward()


# ---------------------------------------------------------------- threads


@pytest.mark.parametrize(
    "shared",
    [
        lambda p: p.detach(),
        lambda p: p.data,
        lambda p: p.detach()[::-1],
        lambda p: ag.as_tensor(p.numpy()[:2]),
    ],
    ids=["detached", "data", "a view", "a part"],
)
@pytest.mark.parametrize("times", [1, 3])
def test_tensors_that_share_the_memory_of_an_updated_leaf_are_noticed(shared, times):
    p = leaf([1.0, 2.0, 3.0])
    optimizer = nn.optim.SGD([p], learning_rate=0.1, momentum=0.5)
    p.grad = Tensor(np.ones(3))
    optimizer.step()
    w = leaf(2.0)
    y = (w * shared(p)).sum()
    for _ in range(times):
        optimizer.step()
    with pytest.raises(GraphError, match=GONE):
        y.backward()


@pytest.mark.parametrize(
    "write",
    [
        lambda a, c: a.__isub__(c),
        lambda a, c: np.add(c, 1.0, out=a),
        lambda a, c: np.cumsum(c, out=a),
        lambda a, c: np.floor(c, out=a),
        np.copyto,
        lambda a, c: np.add.at(a, [0], c[:1]),
        lambda a, c: np.put(a[1:], 0, c[0]),
    ],
    ids=["-=", "ufunc", "function", "without a derivative", "copyto", "at", "a part of it"],
)
def test_a_constant_written_into_an_array_that_an_op_keeps_is_noticed(write):
    a, w = np.array([1.0, 2.0]), leaf([1.0, 1.0])
    y = (w * a).sum()
    write(a, Tensor([5.0, 6.0]))
    with pytest.raises(GraphError, match=GONE):
        y.backward()


@pytest.mark.parametrize(
    "use",
    [
        lambda w, c: np.where(c, w, 0.0),
        lambda w, c: np.where(c, 0.0, w),
        lambda w, c: np.where(c, w, -w),
    ],
)
def test_a_condition_that_is_written_into_is_noticed(use):
    w, c = leaf([1.0, 1.0]), Tensor([True, False])
    y = use(w, c).sum()
    c[1] = True
    with pytest.raises(GraphError, match=GONE):
        y.backward()


def test_a_stand_in_for_lost_values_answers_nothing():
    gone = Overwritten(np.zeros(3), "multiply")
    for ask in (
        lambda x: x == 0,
        lambda x: x != 0,
        lambda x: x & True,
        lambda x: ~x,
        lambda x: x // 2,
        bool,
        len,
        float,
        np.exp,
        np.sum,
    ):
        with pytest.raises(GraphError, match="the gradient of multiply needs values"):
            ask(gone)


@pytest.mark.parametrize(
    "share",
    [
        lambda c: np.lib.stride_tricks.sliding_window_view(c, 2),
        lambda c: np.lib.stride_tricks.as_strided(c.numpy(), (2,), (8,)),
        lambda c: np.frombuffer(memoryview(c.numpy())),
    ],
    ids=["windows", "strides", "a buffer"],
)
def test_memory_shared_without_a_view_is_noticed(share):
    w, c = leaf(1.0), Tensor([1.0, 2.0, 3.0])
    y = (w * share(c)).sum()
    c += 1
    with pytest.raises(GraphError, match=GONE):
        y.backward()


def test_gradients_from_several_threads_add_up_in_one_leaf():
    w = leaf([1.0, 2.0])
    steps = 2000

    def work():
        for _ in range(steps):
            (w * 1.0).sum().backward()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert_array_equal(w.grad.data, [4.0 * steps, 4.0 * steps])


def test_threads_wait_while_another_makes_stamps(monkeypatch):
    c = Tensor([1.0, 1.0])
    losses = [(leaf([1.0, 1.0]) * c).sum() for _ in range(2)]
    c[0] = 5.0
    looking, go_on, refused = threading.Event(), threading.Event(), []
    seen_by = _Stamps._seen_by

    def slow(*args):
        looking.set()
        assert threading.current_thread() is not first or go_on.wait(10)
        return seen_by(*args)

    def work(loss):
        with pytest.raises(GraphError, match=GONE):
            loss.backward()
        refused.append(loss)

    monkeypatch.setattr(_Stamps, "_seen_by", slow)
    first, second = (threading.Thread(target=work, args=(loss,)) for loss in losses)
    first.start()
    assert looking.wait(10)
    second.start()
    second.join(0.2)
    go_on.set()
    first.join()
    second.join()
    assert len(refused) == 2


# ---------------------------------------------------------------- retained gradients


def test_an_intermediate_that_retains_its_gradient_gets_it():
    x = leaf([1.0, 2.0])
    y = x * x
    z = y.sum() * 3
    for kept in (y, z, z):
        kept.retain_grad()
    other = x * 5.0
    (z * z + other.sum()).backward(retain_graph=True)
    assert_array_equal(y.grad.data, [90.0, 90.0])
    assert z.grad.item() == 30.0
    with pytest.warns(UserWarning, match="the result of multiply"):
        assert other.grad is None
    (z * 1.0).backward()
    assert z.grad.item() == 31.0


def test_an_intermediate_keeps_its_gradient_when_it_is_assigned_into_later():
    x = leaf([1.0, 2.0])
    y = x * 1.0
    y[0] = 7.0
    y.retain_grad()
    (y * y).sum().backward()
    assert_array_equal(y.grad.data, [14.0, 4.0])
    assert_array_equal(x.grad.data, [0.0, 4.0])


def assigned_in_part(y):
    y[0] = 5.0
    return y


@pytest.mark.parametrize("change", [assigned_in_part, lambda y: y.__iadd__(1.0)])
@pytest.mark.parametrize("times", [1, 2])
def test_an_intermediate_that_is_changed_in_place_retains_the_gradient_of_its_last_values(
    change, times
):
    y = leaf([1.0, 2.0]) * 1.0
    y.retain_grad()
    z = y * 2.0
    for _ in range(times):
        y = change(y)
    ((y * y) + z).sum().backward()
    assert_array_equal(y.grad.data, 2 * y.data)


def test_gradients_sets_no_grad_even_where_one_is_retained():
    x = leaf([1.0, 2.0])
    y = x * x
    y.retain_grad()
    gradients(y.sum(), x)
    assert y.grad is None


def test_leaves_may_retain_their_gradients_and_constants_may_not():
    x = leaf([1.0])
    x.retain_grad()
    with pytest.raises(GraphError, match="constant"):
        Tensor([1.0]).retain_grad()


def test_a_recorded_gradient_is_not_copied_without_its_graph():
    x = leaf([2.0])
    (x**3).sum().backward(create_graph=True)
    with pytest.raises(GraphError, match="can't be copied"):
        copy.deepcopy(x)
    x.zero_grad()


def test_a_masked_or_integer_scalar_stays_a_constant():
    n = Tensor([1, 2]).sum()
    n += 1
    assert n.dtype == np.int64
    with pytest.raises(DTypeError):
        n.requires_grad = True
