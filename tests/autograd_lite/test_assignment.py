"""Assignment into tensors: values as in NumPy, and the right gradients or an error."""

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import autograd_lite as ag
from autograd_lite import Tensor, gradients, no_grad
from autograd_lite.errors import DTypeError, GraphError, IndexingError, ShapeError
from autograd_lite.testing import check_gradients
from autograd_lite.writes import written

from .building import leaf

NEEDED = r"needs values.*assigned into after they were used.*x = x \* y for x \*= y"
BEHIND = r"shares memory with one that was assigned into since"
LEAF = r"on a leaf that requires a gradient, or a view of one, can't be recorded.*x\.copy\(\)"


def test_gradients_reach_the_value_and_the_remaining_elements():
    x, w = leaf([1.0, 2.0, 3.0]), leaf([5.0, 6.0])
    y = x * 2
    y[1:] = w**2
    assert_array_equal(y.data, [2.0, 25.0, 36.0])
    y.sum().backward()
    assert_array_equal(x.grad.data, [2.0, 0.0, 0.0])
    assert_array_equal(w.grad.data, [10.0, 12.0])


def test_a_constant_becomes_recorded_by_an_assignment():
    w = leaf(0.5)
    out = ag.Tensor(np.zeros(5))
    out[0] = 1.0
    for i in range(1, 5):
        out[i] = out[i - 1] * w
    out.sum().backward()
    assert_allclose(w.grad.data, sum(i * 0.5 ** (i - 1) for i in range(1, 5)))


def test_rows_of_a_recurrence_are_read_after_other_rows_are_written():
    w = leaf(np.array([[0.5, 0.1], [0.2, 0.3]]))
    states = Tensor(np.zeros((6, 2)))
    states[0] = np.array([1.0, 2.0])
    for t in range(1, 6):
        states[t] = np.tanh(states[t - 1] @ w)
    (found,) = gradients(states.sum(), [w])

    def functional(w):
        state, total = np.array([1.0, 2.0]), 3.0
        for _ in range(5):
            state = np.tanh(state @ w)
            total = total + state.sum()
        return total

    assert_allclose(found.data, gradients(functional(w), w).data, rtol=1e-14)


def test_augmented_assignment_to_items():
    x = leaf([1.0, 2.0, 3.0])
    sums = Tensor(np.zeros((2, 3)))
    sums[0] += x
    sums[1] += x * x
    sums[0] += 3 * x
    sums[:, 0] *= 2.0
    assert_array_equal(sums.data, [[8.0, 8.0, 12.0], [2.0, 4.0, 9.0]])
    sums.sum().backward()
    assert_array_equal(x.grad.data, [8 + 4.0, 4 + 4.0, 4 + 6.0])


def test_augmented_assignment_keeps_the_object_and_its_memory():
    x = leaf([1.0, 2.0, 3.0])
    y = same = x * 1
    memory = y.data
    y *= x
    y += 1
    y -= x
    y /= 2
    y **= 2
    y %= 10.0
    assert y is same
    assert y.data is memory
    y.sum().backward()
    a = np.array([1.0, 2.0, 3.0])
    assert_allclose(x.grad.data, (a * a + 1 - a) / 2 * (2 * a - 1))


def test_second_order_through_assignment():
    x = leaf([1.0, 2.0, 3.0])
    y = x**3
    y[1:] = x[:-1] ** 2 * x[1:]
    slope = gradients(y.sum(), x, create_graph=True)
    assert_array_equal(slope.data, [7.0, 13.0, 4.0])
    assert_array_equal(gradients(slope.sum(), x).data, [12.0, 12.0, 4.0])


def test_the_last_of_repeated_indices_wins():
    x = leaf([1.0, 2.0, 3.0])
    y = Tensor(np.zeros(2))
    y[[0, 0, 1]] = x
    assert_array_equal(y.data, [2.0, 3.0])
    y.sum().backward()
    assert_array_equal(x.grad.data, [0.0, 1.0, 1.0])


@pytest.mark.parametrize("index", [..., slice(None), (), np.s_[::-1], [2, 0, 1], [0, 0, 2]])
def test_a_tensor_is_assigned_into_itself(index):
    gc.collect()
    before = len(written)
    check_gradients(lambda x: assigned_itself(x * x, index), np.arange(1.0, 4.0))
    check_gradients(lambda x: assigned_itself(np.sin(x)[::-1], index), np.arange(1.0, 4.0))
    check_gradients(
        lambda x: assigned_itself(assigned(x * 1, 1, 2 * x[0]), index), np.arange(1.0, 4.0)
    )
    assert len(written) == before  # no cycles


def assigned_itself(x, index):
    earlier = x + 1
    x[index] = x
    return x * earlier


def test_a_constant_view_can_be_overwritten_after_its_base_was_assigned_into():
    x = leaf([1.0, 2.0, 3.0])
    whole = Tensor(np.zeros(3))
    tail = whole[1:]
    whole[:] = x
    tail[:] = 5.0
    assert_array_equal(whole.data, [1.0, 5.0, 5.0])
    with pytest.raises(GraphError, match=BEHIND):
        whole.sum()


def test_memory_with_gaps_that_numpy_does_not_own():
    # such as memory of another library, exported by DLPack; its owner is not an array
    memory = memoryview(bytearray(8 * 6))
    y = ag.as_tensor(np.ndarray((3,), np.float64, memory, 0, (16,)))
    y[:] = leaf([1.0, 2.0, 3.0])
    row = y[1:]
    y[0] = 5.0
    assert row.sum().item() == 5
    y[2] = 5.0
    with pytest.raises(GraphError, match=BEHIND):
        row.sum()


@pytest.mark.parametrize(
    "index", [..., slice(None), (), np.s_[::-1], [2, 0], np.array([True, False, True]), (None, 0)]
)
def test_every_kind_of_index(index):
    check_gradients(lambda x, v: assigned(x * 1, index, v), np.arange(3.0), np.array(7.0))


def assigned(x, index, value):
    x[index] = value
    return x


def test_values_that_broadcast():
    check_gradients(
        lambda x, v: assigned(x * 1, np.s_[:, 1:], v), np.ones((2, 3)), np.ones((1, 1, 2))
    )
    check_gradients(lambda x, v: assigned(x * 1, 0, v), np.ones((2, 3)), np.ones((1, 1, 3)))


def test_earlier_uses_stay_valid_if_their_rules_need_no_values():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = y + 1
    y[0] = 9.0
    z.sum().backward()
    assert_array_equal(x.grad.data, [1.0, 1.0, 1.0])


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize(
    ("compute", "name"),
    [(lambda y: y * y, "multiply"), (lambda y: y[:2] * 2 * y[:2], "multiply"), (np.sin, "sin")],
    ids=["an operand", "a view of an operand", "an operand of a function"],
)
def test_a_rule_that_needs_overwritten_operands_refuses(compute, name, create_graph):
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = compute(y)
    y[0] = 9.0
    with pytest.raises(GraphError, match=f"the gradient of {name} {NEEDED}"):
        gradients(z.sum(), x, create_graph=create_graph)


@pytest.mark.parametrize("recording", [True, False])
@pytest.mark.parametrize("create_graph", [False, True])
def test_an_overwritten_result_that_a_rule_needs_is_computed_again(recording, create_graph):
    x = leaf([1.0, 2.0, 3.0])
    y = np.exp(x)
    with ag.enable_grad() if recording else no_grad():
        y[0] = 9.0
    slope = gradients(y.sum(), x, create_graph=create_graph)
    written_apart = np.array([0.0 if recording else 1.0, 1.0, 1.0])
    assert_allclose(slope.data, np.exp(x.data) * written_apart)
    if create_graph:
        assert_allclose(gradients(slope.sum(), x).data, np.exp(x.data) * written_apart)


def softmax_in_place(x):
    y = np.exp(x)
    y /= y.sum()
    return y


def squared_in_place(x):
    y = np.tanh(x)
    y *= y
    return y


def shifted_by_a_maximum_that_is_made_finite(x):
    largest = x.max()
    shifted = np.exp(x - largest)
    largest[...] = np.where(np.isfinite(largest), largest, 0)
    return np.log(shifted.sum()) + largest


@pytest.mark.parametrize(
    "function", [softmax_in_place, squared_in_place, shifted_by_a_maximum_that_is_made_finite]
)
def test_results_can_be_modified_in_place_as_in_numpy(function):
    check_gradients(function, [0.3, -1.0, 0.7])


def test_a_result_that_cannot_be_computed_again_refuses():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = np.exp(y)
    y[0], z[0] = 9.0, 9.0
    with pytest.raises(GraphError, match=f"the gradient of exp {NEEDED}"):
        z.sum().backward()
    assert x.grad is None


def test_a_constant_that_was_overwritten_is_noticed():
    x, c = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    z = x * c
    c[0] = 0.0
    with pytest.raises(GraphError, match=f"the gradient of multiply {NEEDED}"):
        z.sum().backward()


def test_a_write_elsewhere_in_the_memory_is_not_noticed():
    x, c = leaf([1.0, 2.0]), Tensor([3.0, 4.0, 5.0, 6.0])
    z = x * c[::2]
    c[1::2] = 0.0
    z.sum().backward()
    assert_array_equal(x.grad.data, [3.0, 5.0])


def test_a_tensor_changed_through_a_view_is_refused_as_an_operand():
    x = leaf(np.ones((2, 3)))
    y = x * 1
    row = y[0]
    row[1] = 7.0
    assert y.data[0, 1] == 7  # as in NumPy
    for use in (y.sum, lambda: y + y, y.backward, lambda: assigned(row * 1, 0, y[0, 0])):
        with pytest.raises(GraphError, match=BEHIND):
            use()
    assert_array_equal(gradients(row.sum(), x).data, [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    assert_array_equal(np.isnan(y).data, np.zeros((2, 3)))  # values can be looked at


def test_a_view_changed_through_its_base_is_refused_as_an_operand():
    y = leaf(np.ones((2, 3))) * 1
    first, second = y[0], y[1]
    y[0, 1] = 7.0
    with pytest.raises(GraphError, match=BEHIND):
        first.sum()
    assert second.sum().item() == 3
    assert y[0].sum().item() == 9


def test_a_detached_tensor_shares_memory_but_not_history():
    y = leaf(np.ones(3)) * 1
    before = y.detach()
    y[0] = 5.0
    assert y.detach().sum().item() == 7
    assert before.numpy()[0] == 5


def test_leaves_and_their_views_refuse():
    x = leaf(np.ones((2, 3)))
    for target in (x, x[0], x.T, x.T[1:], x.reshape(3, 2)):
        with pytest.raises(GraphError, match=LEAF):
            target[0] = 5.0
    with pytest.raises(GraphError, match=r"^add in place on a leaf"):
        x += 1
    assert_array_equal(x.data, np.ones((2, 3)))
    copy = x * 1
    copy.T[0] = 5.0


def test_leaves_can_be_assigned_into_without_recording():
    x = leaf(np.ones(3))
    with no_grad():
        x[1] = 5.0
        x[2] += 1.0
    assert_array_equal(x.data, [1.0, 5.0, 2.0])
    (x * x).sum().backward()
    assert_array_equal(x.grad.data, [2.0, 10.0, 4.0])


def test_a_leaf_changed_without_recording_after_it_was_used_is_noticed():
    x = leaf(np.ones(3))
    z = (x * x).sum()
    with no_grad():
        x[1] = 5.0
    with pytest.raises(GraphError, match=NEEDED):
        z.backward()


@pytest.mark.parametrize(
    ("action", "error", "message"),
    [
        (lambda x: assigned(x, 5, 1.0), IndexingError, r"^assignment of shape \(3,\).*bounds"),
        (lambda x: assigned(x, 0, [1.0, 2.0]), ShapeError, r"^assignment .*must broadcast"),
        (lambda x: assigned(x, 0, 1j), DTypeError, r"complex128 can't be assigned.*float64"),
        (lambda x: assigned(x, 0, "a"), DTypeError, "not an operand"),
        (lambda x: x.__iadd__(1j), DTypeError, r"^add in place would turn complex128 into"),
        (lambda x: x.__iadd__(np.ones((2, 3))), ShapeError, r"add in place gives shape \(2, 3\)"),
    ],
)
def test_bad_assignments_change_nothing(action, error, message):
    y = leaf([1.0, 2.0, 3.0]) * 1
    op = y.op
    with pytest.raises(error, match=message):
        action(y)
    assert_array_equal(y.data, [1.0, 2.0, 3.0])
    assert y.op is op


def test_gradients_need_a_floating_target():
    counts = Tensor([1, 2, 3])
    with pytest.raises(DTypeError, match=r"float64 can't be assigned into a tensor of int64"):
        counts[0] = leaf(2.0)
    counts[0] = 7.0
    assert counts.tolist() == [7, 2, 3]


def test_read_only_memory_is_an_error():
    with pytest.raises(ShapeError, match="memory must be writeable"):
        np.broadcast_to(leaf([1.0]) * 1, (3,))[0] = 1.0


def test_backward_twice_and_release():
    x = leaf([1.0, 2.0])
    y = x * 1
    y[0] = 5.0
    z = y.sum()
    z.backward(retain_graph=True)
    z.backward()
    assert_array_equal(x.grad.data, [0.0, 2.0])
    with pytest.raises(GraphError, match="released"):
        z.backward()


def test_stamps_of_freed_memory_are_dropped():
    gc.collect()
    before = len(written)
    y = leaf(np.ones(3)) * 1
    y[0] = y[1] * 2
    assert len(written) == before + 1
    del y
    assert len(written) == before


def test_an_assigned_value_may_depend_on_the_tensor_without_a_cycle():
    gc.collect()
    gc.disable()
    try:
        before = len(written)
        y, w = leaf(np.ones(4)) * 1, leaf(2.0)
        used = y[0] * w
        for i in range(1, 4):
            y[i] = y[i - 1] * w + used
        del y, used
        assert len(written) == before
    finally:
        gc.enable()


def test_gradients_with_respect_to_an_assigned_tensor():
    x = leaf(np.ones(3))
    y = x * 1
    y[0] = 5.0
    found = gradients((y * y).sum(), [y, x])
    assert_array_equal(found[0].data, [10.0, 2.0, 2.0])
    assert_array_equal(found[1].data, [0.0, 2.0, 2.0])


ROWS = st.integers(0, 2)
STEPS = st.lists(st.tuples(st.sampled_from("=+*r@"), ROWS, ROWS), min_size=1, max_size=6)


def program(steps, x, w):
    """Run steps of assignments, in NumPy or on tensors."""
    y = x * 1.0
    for kind, i, j in steps:
        if kind == "=":
            y[i] = y[j] * w
        elif kind == "+":
            y[i] += np.sin(w)
        elif kind == "*":
            y[i] *= w
        elif kind == "r":
            y[:, i] = y[j][::-1] + w[i]
        else:
            y += w * i
    return y * w


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps=STEPS)
def test_random_programs(steps):
    rng = np.random.default_rng(0)
    x, w = rng.uniform(0.5, 1.5, (3, 3)), rng.uniform(0.5, 1.5, 3)
    tracked = program(steps, leaf(x), leaf(w))
    assert_array_equal(tracked.data, program(steps, x, w))
    try:
        tracked.sum().backward()
    except GraphError:  # it may refuse, but never be wrong
        assert any(kind == "=" for kind, _, _ in steps)
    else:
        check_gradients(lambda x, w: program(steps, x, w), x, w, order=1)


def test_a_rule_has_its_result_anew_where_the_assignment_wrote_nothing() -> None:
    x = Tensor([1.0, 4.0], requires_grad=True)
    y = np.sqrt(x)
    y[np.array([False, False])] = 0.0
    y.sum().backward()
    assert_allclose(x.grad.data, [0.5, 0.25])
