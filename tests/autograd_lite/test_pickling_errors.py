"""Errors cross processes: each is the same after pickling and copying."""

import copy
import multiprocessing
import pickle

import pytest

import nn  # noqa: F401  its errors, if it has some, are among the subclasses
from autograd_lite.errors import AutogradLiteError, DatasetError, MissingExtraError, ShapeError


def ours(kind=AutogradLiteError):
    """Return the kinds of errors that the packages define; tests define others."""
    found = [kind] if kind.__module__.startswith(("autograd_lite.", "nn.")) else []
    return found + [k for sub in kind.__subclasses__() for k in ours(sub)]


class Particular(ShapeError):
    """An error of a user, with a constructor of its own."""

    def __init__(self, axis, *, hint):
        super().__init__(f"axis {axis}: {hint}")
        self.axis = axis


class Wordless(AutogradLiteError):
    """One that has no arguments, and text of its own."""

    def __init__(self):
        self.code = 3

    def __str__(self):
        return f"code {self.code}"


ERRORS = [
    *(kind("what it says") for kind in ours() if kind is not MissingExtraError),
    *(kind() for kind in ours() if kind is not MissingExtraError),
    MissingExtraError("pooch", "data"),
    DatasetError(28, "No space left on device", "train-images-idx3-ubyte.gz"),
    Particular(3, hint="too far"),
    Wordless(),
]
WAYS = [
    copy.copy,
    copy.deepcopy,
    *(lambda error, p=p: pickle.loads(pickle.dumps(error, p)) for p in range(6)),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_afterwards(error, way):
    error.add_note("a note")
    error.layer = "0.weight"
    again = way(error)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert repr(again) == repr(error)
    assert again.args == error.args
    assert vars(again) == vars(error)
    for attribute in ("name", "path", "msg", "errno", "strerror", "filename"):
        assert getattr(again, attribute, None) == getattr(error, attribute, None)
    with pytest.raises(type(error)):
        raise again


def test_the_missing_package_is_named():
    assert pickle.loads(pickle.dumps(MissingExtraError("pooch", "data"))).name == "pooch"


def test_an_error_comes_out_of_a_pool_of_processes():
    # what can't be unpickled there is never heard of again
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        error = pool.apply_async(MissingExtraError, ("pooch", "data")).get(timeout=60)
    assert "autograd-lite[data]" in str(error)
