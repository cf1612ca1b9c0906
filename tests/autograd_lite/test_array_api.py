"""The namespace, its tensors, and other libraries through the array API standard and DLPack.

That the namespace conforms is what the suite of data-apis tells: docs/array_api.md.
"""

import inspect

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import DomainError, DTypeError, ShapeError, SharingError


def leaf(values):
    return Tensor(values, requires_grad=True)


# ------------------------------------------------------------------ the namespace


def test_tensors_name_their_namespace():
    assert Tensor([1.0]).__array_namespace__() is ag
    assert Tensor([1.0]).__array_namespace__(api_version="2024.12") is ag


def test_an_unknown_version_of_the_standard_is_refused():
    with pytest.raises(DomainError, match=r"version '1999\.12'"):
        Tensor([1.0]).__array_namespace__(api_version="1999.12")


def test_the_namespace_tells_what_it_can_do():
    info = ag.__array_namespace_info__()
    assert info.capabilities()["boolean indexing"]
    assert info.default_device() in info.devices()
    assert info.dtypes(kind="bool") == {"bool": np.dtype(bool)}
    assert set(info.dtypes()) == {name for name in ag.dtypes.__all__ if name in info.dtypes()}
    assert len(info.dtypes()) == 13
    for kind, dtype in info.default_dtypes().items():
        assert dtype == np.__array_namespace_info__().default_dtypes()[kind]
    with pytest.raises(DTypeError, match="kind='string'"):
        info.dtypes(kind="string")


def test_what_the_namespace_promises_is_public():
    assert {"__array_api_version__", "__array_namespace_info__", "pi", "int8"} <= set(ag.__all__)


def test_there_is_one_device():
    x = Tensor([1.0])
    assert x.device == "cpu"
    assert x.to_device("cpu") is x
    for attempt in (
        lambda: x.to_device("cuda"),
        lambda: ag.zeros(3, device="cuda"),
        lambda: ag.asarray([1.0], device="cuda"),
        lambda: ag.linspace(0, 1, device="cuda"),
    ):
        with pytest.raises(DomainError, match="no device 'cuda'"):
            attempt()


# ------------------------------------------------------------------ tensors


def test_a_tensor_becomes_a_complex_number():
    assert complex(Tensor(1 + 2j)) == 1 + 2j
    assert complex(Tensor([3.0])) == 3
    with pytest.raises(ShapeError):
        complex(Tensor([1.0, 2.0]))


def test_results_without_axes_are_tensors():
    x = ag.asarray([1.0, 2.0])
    assert all(type(y) is Tensor for y in (x[0], ag.sum(x), x @ x, x[0] + 1, x[0] > 0))
    assert all(isinstance(y.data, np.ndarray) for y in (x[0], ag.sum(x), x @ x, x[0] + 1))


def test_bytes_are_counted():
    x = ag.zeros((2, 3), dtype=np.float32)
    assert (x.itemsize, x.nbytes) == (4, 24)


# ------------------------------------------------------------------ creation


def test_asarray_copies_only_where_it_must():
    x, array = leaf([1.0, 2.0]), np.ones(2)
    assert ag.asarray(x) is x
    assert ag.asarray(array).data is array
    assert ag.asarray(array, copy=False).data is array
    assert not np.shares_memory(ag.asarray(array, copy=True), array)
    assert ag.asarray(x, dtype=np.float64, copy=False) is x


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: ag.asarray([1.0], copy=False),
        lambda: ag.asarray(np.ones(2), dtype=np.float32, copy=False),
        lambda: ag.asarray(leaf([1.0]), dtype=np.float32, copy=False),
        lambda: ag.asarray([leaf(1.0)], copy=False),
    ],
)
def test_a_copy_that_is_forbidden_is_an_error(attempt):
    with pytest.raises(SharingError, match="without a copy"):
        attempt()
    with pytest.raises(ValueError, match="without a copy"):  # as the standard wants
        attempt()


def test_gradients_flow_through_what_is_made_of_tensors():
    x = leaf(3.0)
    total = (
        ag.asarray([[x, 1.0], [2.0, x * x]]).sum()
        + ag.asarray(x, copy=True)
        + ag.array(x)
        + ag.full((2, 2), x).sum()
        + ag.full_like(ag.zeros(3), x).sum()
        + ag.linspace(0.0, x, 3).sum()
    )
    total.backward()
    assert x.grad.item() == 1 + 6 + 1 + 1 + 4 + 3 + 1.5


def test_complex_numbers_do_not_become_real_ones():
    with pytest.raises(DTypeError):
        ag.asarray([1j], dtype=np.float64)


def test_whole_numbers_beyond_int64_are_exact():
    assert ag.asarray([2**64 - 1, 1], dtype=np.uint64).tolist() == [2**64 - 1, 1]
    assert ag.asarray([1.9], dtype=np.int64).tolist() == [1]
    with pytest.raises(DTypeError):
        ag.asarray(["1"], dtype=np.int64)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: ag.arange(2, 10, 3), np.arange(2, 10, 3)),
        (lambda: ag.arange(5, dtype=np.float32), np.arange(5, dtype=np.float32)),
        (lambda: ag.eye(2, 3, k=1), np.eye(2, 3, 1)),
        (lambda: ag.identity(2), np.identity(2)),
        (lambda: ag.tri(2, 3, 1), np.tri(2, 3, 1)),
        (lambda: ag.full((2,), True), np.full(2, True)),
        (lambda: ag.full((), 1j), np.full((), 1j)),
        (lambda: ag.full_like(np.ones(2, np.float32), 7), np.full(2, 7, np.float32)),
        (lambda: ag.linspace(0, 3, 4, dtype=np.int32), np.arange(4, dtype=np.int32)),
        (lambda: ag.zeros_like([1], dtype=np.float32), np.zeros(1, np.float32)),
        (lambda: ag.ones((2, 1), dtype=bool), np.ones((2, 1), bool)),
        (lambda: ag.empty_like(np.ones((0, 2))), np.ones((0, 2))),
        (lambda: np.empty_like(ag.ones((0, 2))), np.ones((0, 2))),
    ],
)
def test_creation_is_numpys(ours, theirs):
    made = ours()
    assert type(made) is Tensor
    assert made.dtype == theirs.dtype
    np.testing.assert_array_equal(made, theirs)


def test_what_full_makes_can_be_assigned_into():
    x = ag.full((2, 2), 7.0)
    x[0, 0] = 1.0
    assert x.tolist() == [[1.0, 7.0], [7.0, 7.0]]


def test_rounded_spacing_has_no_derivative():
    assert not ag.linspace(0.0, leaf(3.0), 3, dtype=np.int64).requires_grad


def test_logspace_takes_one_base():
    with pytest.raises(ShapeError, match="single number"):
        ag.logspace(0.0, 1.0, base=[2.0, 3.0])


# ------------------------------------------------------------------ data types


def test_limits_are_pythons_numbers():
    for dtype in (np.float32, np.complex64, ag.ones(2, dtype=np.float32)):
        info = ag.finfo(dtype)
        assert type(info.eps) is float
        assert info.eps == 2**-23
        assert (info.bits, info.dtype) == (32, np.dtype(np.float32))
    assert (ag.iinfo(np.int8).min, ag.iinfo(ag.asarray(1)).bits) == (-128, 64)
    for wrong in (lambda: ag.finfo(np.int8), lambda: ag.iinfo(np.float32)):
        with pytest.raises(DTypeError, match="is for"):
            wrong()


def test_dtypes_combine_as_numpys():
    x = leaf(np.ones(2, np.float32))
    assert ag.result_type(x, 2.0) == np.result_type(x, 2.0) == np.float32
    assert ag.result_type(x, np.int64) == np.float64
    assert ag.can_cast(x, np.float64)
    assert not np.can_cast(x, np.int8)
    assert ag.promote_types(np.int8, np.uint8) == np.int16
    assert np.iscomplexobj(ag.asarray(1j))
    assert ag.isrealobj(x)
    assert ag.isdtype(x.dtype, "real floating")
    with pytest.raises(DTypeError, match="at least one"):
        ag.result_type()
    with pytest.raises(DTypeError, match="kind='float'"):
        ag.isdtype(x.dtype, "float")
    with pytest.raises(ShapeError, match="don't broadcast"):
        ag.broadcast_shapes((2,), (3,))


# ------------------------------------------------------------------ the standard beyond NumPy


@pytest.mark.parametrize(
    ("a", "b", "quotient"),
    [(np.inf, 2.0, "inf"), (-np.inf, 2.0, "-inf"), (1.0, -np.inf, "-0.0"), (-1.0, np.inf, "-0.0")],
)
@pytest.mark.filterwarnings("error")
def test_infinite_quotients_are_floored(a, b, quotient):
    a, b = ag.asarray(a), ag.asarray(b)
    in_place = ag.Tensor(a)
    in_place //= b
    for result in (ag.floor_divide(a, b), np.floor_divide(a, b), a // b, in_place):
        assert str(result.item()) == quotient


def test_complex_special_values():
    with np.errstate(all="ignore"):
        assert ag.expm1(complex(-np.inf, np.inf)).item() == -1
        assert str(ag.expm1(complex(-0.0, 0.0)).item()) == "0j"
    assert str(ag.tanh(ag.asarray(complex(np.inf, 2.0))).item()) == "(1+0j)"
    assert str(ag.tanh(ag.asarray(complex(-np.inf, -2.0))).item()) == "(-1-0j)"


def test_public_functions_of_the_standard_have_its_parameters():
    assert list(inspect.signature(ag.clip).parameters)[1:] == ["min", "max"]
    assert "descending" in inspect.signature(ag.sort).parameters
    assert "correction" in inspect.signature(ag.std).parameters


# ------------------------------------------------------------------ DLPack


def test_numpy_takes_a_tensors_memory():
    x = ag.asarray([1.0, 2.0])
    assert np.shares_memory(np.from_dlpack(x), x.data)
    assert x.__dlpack_device__() == (1, 0)


def test_memory_of_a_recorded_tensor_is_not_given_away():
    for x in (leaf([1.0]), leaf([1.0]) * 2):
        with pytest.raises(SharingError, match=r"export tensor\.detach\(\)"):
            np.from_dlpack(x)
        with pytest.raises(BufferError):  # as the standard wants
            x.__dlpack__()
        np.from_dlpack(x.detach())


def test_from_dlpack_shares_or_copies():
    array = np.ones(2)
    assert np.shares_memory(ag.from_dlpack(array).data, array)
    assert not np.shares_memory(ag.from_dlpack(array, copy=True).data, array)
    assert np.shares_memory(ag.from_dlpack(ag.asarray(array)).data, array)


def test_memory_is_shared_with_torch():
    torch = pytest.importorskip("torch")
    x = ag.asarray([1.0, 2.0])
    theirs = torch.from_dlpack(x)
    theirs[0] = 5.0
    assert x.tolist() == [5.0, 2.0]
    back = ag.from_dlpack(theirs)
    assert np.shares_memory(back.data, x.data)
    with pytest.raises(BufferError):
        torch.from_dlpack(leaf([1.0]))
