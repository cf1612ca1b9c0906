"""Batches, one-hot rows, accuracy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from autograd_lite import Tensor
from autograd_lite.errors import DomainError, DTypeError, ForeignOperandError, ShapeError
from nn.data import Batches, accuracy, one_hot


def numbers(batches):
    """Return what an epoch over one array gives, batch by batch, as lists."""
    return [batch.tolist() for (batch,) in batches]


def flat(batches):
    return [number for batch in numbers(batches) for number in batch]


@settings(deadline=None, derandomize=True)
@given(
    examples=st.integers(1, 40),
    batch_size=st.integers(1, 50),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
)
def test_an_epoch_has_every_example_once(examples, batch_size, shuffle, drop_last):
    batches = Batches(
        np.arange(examples), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last, rng=0
    )
    epoch = numbers(batches)
    assert len(epoch) == len(batches)
    whole, rest = divmod(examples, batch_size)
    assert [len(b) for b in epoch] == [batch_size] * whole + [rest] * (rest > 0 and not drop_last)
    seen = [number for batch in epoch for number in batch]
    assert len(set(seen)) == len(seen)
    assert set(seen) <= set(range(examples))
    if not shuffle:
        assert seen == list(range(len(seen)))


def test_examples_stay_together():
    x = np.arange(20.0).reshape(10, 2)
    for images, labels in Batches(x, np.arange(10), batch_size=3, rng=0):
        assert_array_equal(images, x[labels])


def test_every_epoch_has_an_order_of_its_own():
    batches = Batches(np.arange(100), batch_size=100, rng=0)
    first, second = flat(batches), flat(batches)
    assert first != second
    assert sorted(first) == sorted(second) == list(range(100))


def test_a_seed_decides_the_orders_of_all_epochs():
    def epochs(rng):
        batches = Batches(np.arange(20), batch_size=7, rng=rng)
        return [flat(batches) for _ in range(3)]

    assert epochs(0) == epochs(0) == epochs(np.random.default_rng(0))
    assert epochs(0) != epochs(1)
    assert epochs(None) != epochs(None)  # equal once in 10**55 times


def test_unshuffled_batches_draw_nothing():
    rng = np.random.default_rng(0)
    batches = Batches(np.arange(5), batch_size=2, shuffle=False, rng=rng)
    assert numbers(batches) == numbers(batches) == [[0, 1], [2, 3], [4]]
    assert rng.random() == np.random.default_rng(0).random()


def test_two_iterations_at_once_are_two_epochs():
    batches = Batches(np.arange(10), batch_size=1, rng=0)
    pairs = list(zip(batches, batches, strict=True))
    assert sorted(int(x[0]) for (x,), _ in pairs) == list(range(10))
    assert sorted(int(y[0]) for _, (y,) in pairs) == list(range(10))


def test_batches_keep_dtypes():
    ((x, y),) = Batches(np.ones((2, 3), np.float16), [1, 2], batch_size=2)
    assert (x.dtype, y.dtype) == (np.float16, np.int64)


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_changed_batch_does_not_change_the_data(shuffle):
    data = np.arange(4.0)
    for (batch,) in Batches(data, batch_size=2, shuffle=shuffle, rng=0):
        batch[:] = -1.0
    assert_array_equal(data, np.arange(4.0))


def test_batches_refuse_an_array_that_would_lose_its_mask():
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    with pytest.raises(DTypeError, match=r"Batches of a masked array would lose its mask; give"):
        Batches(np.ones(2), masked, batch_size=1)


def test_batches_refuse_what_means_more_or_is_no_array():
    class Metres(np.ndarray):
        def __array_ufunc__(self, *args, **kwargs):
            raise AssertionError

    class Sparse:
        shape = (2,)

    with pytest.raises(ForeignOperandError, match=r"Metres is not an operand"):
        Batches(np.ones(2).view(Metres), batch_size=1)
    with pytest.raises(ForeignOperandError, match=r"Sparse is not an operand"):
        Batches(np.ones(2), Sparse(), batch_size=1)
    (strings,) = next(iter(Batches(["a", "b"], batch_size=1, shuffle=False)))
    assert strings.tolist() == ["a"]


@pytest.mark.parametrize(
    "arrays", [(), (1.0,), (np.ones(3), np.ones(4)), (np.ones(3), 1.0), ([],), (np.ones((0, 2)),)]
)
def test_batches_need_arrays_of_one_length(arrays):
    with pytest.raises(ShapeError, match=r"shapes \["):
        Batches(*arrays, batch_size=1)


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, "2", None])
def test_batches_need_a_positive_size(batch_size):
    with pytest.raises(DomainError, match="batch_size must be a positive integer, not"):
        Batches([1, 2], batch_size=batch_size)


# ---------------------------------------------------------------- one_hot


@pytest.mark.parametrize("kind", [list, np.asarray, Tensor], ids=["list", "array", "tensor"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, bool])
def test_one_hot_has_a_one_at_the_label(kind, dtype):
    rows = one_hot(kind([2, 0]), 3, dtype)
    assert_array_equal(rows, np.array([[0, 0, 1], [1, 0, 0]], dtype), strict=True)


def test_one_hot_is_float32_unless_told_otherwise():
    assert one_hot([0], 2).dtype == np.float32


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (0,)])
def test_one_hot_adds_an_axis(shape):
    labels = np.zeros(shape, np.int64)
    rows = one_hot(labels, 5)
    assert rows.shape == (*shape, 5)
    assert_array_equal(rows.argmax(axis=-1), labels)


@pytest.mark.parametrize(("labels", "wrong"), [([0, 3], r"\[1\] is 3"), ([-1, 0], r"\[0\] is -1")])
def test_one_hot_refuses_labels_out_of_range(labels, wrong):
    with pytest.raises(DomainError, match=f"between 0 and 2 for 3 classes; that at {wrong}"):
        one_hot(labels, 3)


@pytest.mark.parametrize("classes", [0, -1, 2.0, 2.5, True, "3", None])
def test_one_hot_needs_a_positive_number_of_classes(classes):
    with pytest.raises(DomainError, match="one_hot: classes must be a positive integer, not"):
        one_hot([], classes)


@pytest.mark.parametrize(
    ("labels", "name"), [([0.0], "float64"), ([True], "bool"), ([np.nan], "float64")]
)
def test_labels_must_be_integers(labels, name):
    with pytest.raises(DTypeError, match=f"^one_hot: labels must be integers, not {name}"):
        one_hot(labels, 3)
    with pytest.raises(DTypeError, match=f"^accuracy: labels must be integers, not {name}"):
        accuracy([[0.1, 0.2]], labels)


# ---------------------------------------------------------------- accuracy


@pytest.mark.parametrize("right", range(5))
def test_accuracy_is_the_share_of_largest_outputs_at_the_label(right):
    labels = np.array([1, 0, 2, 1])
    outputs = one_hot(labels, 3)
    outputs[right:] = np.roll(outputs[right:], 1, axis=1)
    found = accuracy(Tensor(outputs, requires_grad=True), labels)
    assert type(found) is float
    assert found == right / 4


@pytest.mark.parametrize(
    ("outputs", "labels"),
    [((3,), (2,)), ((3, 2), (2,)), ((3, 2), (3, 1)), ((0, 2), (0,)), ((2, 0), (2,)), ((), ())],
)
def test_accuracy_refuses_shapes_that_do_not_fit(outputs, labels):
    with pytest.raises(ShapeError, match=r"^accuracy needs outputs") as caught:
        accuracy(np.zeros(outputs), np.zeros(labels, np.int64))
    assert f"these have shapes {outputs} and {labels}" in str(caught.value)


def test_accuracy_says_that_labels_in_a_column_can_be_raveled():
    with pytest.raises(ShapeError, match=r"\(3, 2\) and \(3, 1\); ravel\(\) the labels$"):
        accuracy(np.zeros((3, 2)), np.zeros((3, 1), np.int64))


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
@pytest.mark.parametrize(("threshold", "right"), [(0, 0.75), (0.5, 1.0), (1.0, 0.5)])
def test_accuracy_of_one_column_is_told_where_class_1_begins(shape, threshold, right):
    scores = np.array([-1.0, 0.25, 0.75, 1.0]).reshape(shape)
    assert accuracy(scores, [0, 0, 1, 1], threshold=threshold) == right
    with pytest.raises(ShapeError, match=r"one output column.*needs threshold=.*0 for logits"):
        accuracy(scores, [0, 0, 1, 1])
    with pytest.raises(DomainError, match=r"between 0 and 1 for 2 classes; that at \[3\] is 2"):
        accuracy(scores, [0, 0, 1, 2], threshold=threshold)


def test_several_columns_have_no_threshold():
    with pytest.raises(ShapeError, match=r"threshold= is for one output column.*\(2, 2\)"):
        accuracy(np.zeros((2, 2)), [0, 1], threshold=0.5)


@pytest.mark.parametrize(("labels", "wrong"), [([0, 2], r"\[1\] is 2"), ([-1, 0], r"\[0\] is -1")])
def test_accuracy_refuses_labels_that_are_no_class(labels, wrong):
    with pytest.raises(
        DomainError,
        match=f"accuracy: labels must .* 0 and 1 for 2 classes; that at {wrong}",
    ):
        accuracy(np.zeros((2, 2)), labels)


@pytest.mark.parametrize(
    ("outputs", "threshold"), [([[np.nan, 0.0], [0.0, 1.0]], None), ([[np.nan], [0.0]], 0)]
)
def test_accuracy_takes_no_nan_for_a_prediction(outputs, threshold):
    with pytest.raises(DomainError, match=r"accuracy: 1 of \d outputs are NaN.*trace_nans"):
        accuracy(outputs, [0, 1], threshold=threshold)
