"""A part of the data set aside to validate with."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from sklearn.model_selection import train_test_split

from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.data import train_validation_split


@settings(deadline=None, derandomize=True, max_examples=50)
@given(data=st.data(), count=st.integers(2, 60), stratified=st.booleans())
def test_each_example_is_in_one_part(data, count, stratified):
    part = data.draw(st.integers(1, count - 1))
    labels = np.random.default_rng(count).integers(0, 4, count)
    x = np.arange(count) * 2.0
    train, validation = train_validation_split(
        x, labels, validation=part, rng=3, stratify=labels if stratified else None
    )
    assert len(validation[0]) == part
    assert_array_equal(np.sort(np.concatenate([train[0], validation[0]])), x)
    for rows, classes in (train, validation):
        assert_array_equal(classes, labels[(rows / 2).astype(int)])
        assert (np.diff(rows) > 0).all()
    if stratified:
        sizes, taken = np.bincount(labels), np.bincount(validation[1], minlength=labels.max() + 1)
        assert (abs(taken - sizes * part / count) < 1).all()


def test_shares_are_those_of_scikit_learn():
    labels = np.repeat([3, 5, 9], [200, 70, 30])
    ours, theirs = (
        train_validation_split(labels, validation=0.1, rng=0, stratify=labels)[1][0],
        train_test_split(labels, test_size=0.1, random_state=0, stratify=labels)[1],
    )
    assert_array_equal(np.unique(ours, return_counts=True), np.unique(theirs, return_counts=True))


def test_the_seed_decides_and_every_example_has_the_same_chance():
    def chosen(rng):
        return train_validation_split(np.arange(10), validation=0.3, rng=rng)[1][0].tolist()

    assert chosen(0) == chosen(0) == chosen(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    counts = np.bincount(np.ravel([chosen(rng) for _ in range(2000)]))
    assert (abs(counts - 600) < 5 * np.sqrt(600 * 0.7)).all()


def test_parts_are_copies_with_the_dtype():
    x = np.zeros((5, 2), np.float32)
    (train,), (validation,) = train_validation_split(x, validation=2, rng=0)
    assert (train.shape, validation.shape, train.dtype) == ((3, 2), (2, 2), np.float32)
    assert not np.shares_memory(x, train)
    (ours,), _ = train_validation_split(["a", "b"], validation=1, rng=0)
    assert ours.tolist() in (["a"], ["b"])


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "complaint"),
    [
        ((), {}, ShapeError, r"these have shapes \[\]"),
        ((np.ones(3), np.ones(4)), {}, ShapeError, r"\(3,\), \(4,\)"),
        ((np.ones(3),), {"stratify": [1, 2]}, ShapeError, r"\(3,\), \(2,\)"),
        (
            (np.ones(3),),
            {"stratify": np.ones((3, 2)), "validation": 1},
            ShapeError,
            r"stratify has shape",
        ),
        ((np.ma.ones(3),), {"validation": 1}, DTypeError, "masked array would lose its mask"),
        ((np.ones(3),), {"validation": 3}, DomainError, "from 1 to 2, not 3"),
        ((np.ones(3),), {"validation": 0}, DomainError, "not 0"),
        ((np.ones(3),), {"validation": 1.0}, DomainError, "between 0 and 1"),
        ((np.ones(3),), {"validation": True}, DomainError, "not True"),
        ((np.ones(3),), {"validation": np.nan}, DomainError, "not nan"),
        ((np.ones(3),), {"validation": "0.1"}, DomainError, "not '0.1'"),
        ((np.ones(3),), {"validation": 0.1}, DomainError, "0.1 of 3 examples leaves none"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, settings, error, complaint):
    with pytest.raises(error, match=complaint):
        train_validation_split(*arguments, **settings)
