"""A batch of cotangents goes through every rule as one cotangent after the other does."""

import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_lite import Tensor, jacobian
from autograd_lite.errors import GraphError
from autograd_lite.testing.checks import leaves_of
from autograd_lite.transforms import batching, jacobians
from autograd_lite.transforms.batching import Batched, NotBatchableError, one_by_one

from .specs import registered

SPECS = registered()
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
@settings(max_examples=4, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_rules_take_a_batch(spec, data):
    case = data.draw(spec.cases)
    variables = leaves_of(case.inputs)
    results = spec.op(*variables, **case.params)
    variables = [x for x in variables if x.requires_grad]
    for y in results if isinstance(results, tuple | list) else [results]:
        if not y.requires_grad or not y.size:
            continue
        units = RNG.standard_normal((3, *y.shape)).astype(y.dtype)
        together = jacobians._together(y, units, variables)
        if together is None:  # said so, and goes one by one
            continue
        apart = jacobians._one_by_one(y, units, variables, False)
        for a, b in zip(together, apart, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)


B = RNG.standard_normal((4, 2, 3))
STACK = RNG.standard_normal((5, 3, 2))
LONG = RNG.standard_normal((4, 2, 3, 4, 5))


@pytest.mark.parametrize(
    "f",
    [
        lambda g: g + 1,
        lambda g: 1 - g,
        lambda g: g * np.arange(3.0),
        lambda g: np.ones((5, 2, 3)) * g,
        lambda g: np.ones((5, 1, 3)) + g * g,
        lambda g: -g / 2,
        lambda g: g**2,
        lambda g: g == g[0],
        lambda g: g != 0,
        lambda g: g.sum(),
        lambda g: g.sum(axis=0, keepdims=True),
        lambda g: np.sum(g, axis=(-1,)),
        lambda g: np.sum(g, 1),
        np.add.reduce,
        lambda g: np.add.reduce(g, axis=(0, 1)),
        lambda g: np.max(g, axis=1),
        lambda g: np.cumsum(g, axis=0),
        lambda g: np.flip(g, 1),
        lambda g: g.mean(axis=1),
        lambda g: g.reshape(3, 2),
        lambda g: g.reshape((6,)),
        lambda g: np.reshape(g, -1),
        lambda g: g.reshape(3, 2, order="F"),
        lambda g: g.ravel(),
        lambda g: g.T,
        lambda g: g.mT,
        lambda g: np.transpose(g, (1, 0)),
        lambda g: g.transpose(1, 0),
        lambda g: np.swapaxes(g, 0, -1),
        lambda g: np.moveaxis(g, 0, 1),
        lambda g: np.expand_dims(g, (0, -1)),
        lambda g: np.squeeze(g[:1], 0),
        lambda g: np.squeeze(g[:1]),
        lambda g: np.broadcast_to(g, (5, 2, 3)),
        lambda g: g[0],
        lambda g: g[..., None],
        lambda g: g[:, ::-1],
        lambda g: g[:, [0, 0, 2]],
        lambda g: g[[0, 1], [2, 2]],
        lambda g: g[[0, 1], :, None][..., 0],
        lambda g: g[None][[0, 0], :, [1]],
        lambda g: g[np.array([True, False])],
        lambda g: np.where(np.arange(3) > 1, g, 0),
        lambda g: np.where(g > 0, np.ones((4, 1, 1)), g),
        lambda g: np.concatenate([g, np.zeros((2, 1))], axis=-1),
        lambda g: np.stack([np.zeros((2, 3)), g], axis=1),
        lambda g: np.einsum("ij,jk->ki", g, STACK[0]),
        lambda g: np.einsum("ij->j", g),
        lambda g: np.einsum("...j->...", g),
        np.zeros_like,
        lambda g: np.zeros_like(g, shape=(2,)),
        lambda g: g @ np.arange(3.0),
        lambda g: g @ STACK[0],
        lambda g: g @ STACK,
        lambda g: g[0] @ STACK,
        lambda g: g[0] @ STACK[0],
        lambda g: g[0] @ np.arange(3.0),
        lambda g: np.arange(2.0) @ g,
        lambda g: np.arange(3.0) @ g[0],
        lambda g: STACK @ g,
        lambda g: STACK[0] @ g,
        lambda g: STACK[0].T @ g[0],
        lambda g: STACK.mT @ g[0],
        lambda g: STACK[0].T @ g[..., None],
        lambda g: g @ g.T,
        lambda g: np.linalg.solve(STACK[0][:2], g),
        np.fft.rfft,
        lambda g: g.real + g.imag,
        lambda g: np.conjugate(g * 1j).conj(),
        lambda g: g.astype(np.float32),
        lambda g: np.maximum(g, 0, dtype=np.float64),
        lambda g: np.multiply.outer(g, np.arange(2.0)),
        np.atleast_3d,
        lambda g: np.split(g, [1], axis=1)[0],
    ],
)
def test_a_batch_does_what_each_of_it_does(f):
    expected = np.stack([f(x) for x in B])
    found = f(Batched(B))
    assert found.shape == expected.shape[1:]
    assert found.ndim == len(found.shape)
    assert found.size == expected[0].size
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found.array, expected, rtol=1e-12)


def test_a_batch_can_be_assigned_into():
    def f(g):
        out = np.zeros_like(g, shape=(3, 4))
        out[:, 1] = g[0]
        out[1:, 2] = 7
        out[[0, 1], 3] = g[0, :2]
        return out

    np.testing.assert_array_equal(f(Batched(B)).array, np.stack([f(x) for x in B]))


def test_a_batch_refuses_to_become_an_array():
    with pytest.raises(NotBatchableError):
        np.zeros((2, 3))[...] = Batched(B)
    with pytest.raises(NotBatchableError):
        Batched(B)[[0, 0], :, [1, 2]] = 1
    with pytest.raises(AttributeError, match="no attribute 'foo'"):
        _ = Batched(B).foo
    with pytest.raises(NotBatchableError):
        one_by_one(np.sum, (Batched(B[:0]),), {})
    for write in (np.add, operator.iadd):  # np.add(out, batch, out=out) leaves no other trace
        out = np.zeros((2, 3))
        with pytest.raises(NotBatchableError):
            write(out, Batched(B), *[out][: write is np.add])


def test_a_batch_is_no_condition():
    for batch in (Batched(B), Batched(B[:, :1, 0]), np.any(Batched(B) == 0)):
        with pytest.raises(NotBatchableError):
            bool(batch)


def assigned(g, y, x):
    out = np.zeros(x.shape)
    out[::-1] = g
    return out


def written_with_out(g, y, x):
    out = np.empty(x.shape)
    np.multiply(g, 1, out=out)
    return out[::-1]


def looped(g, y, x):
    return np.array([float(value) for value in g])[::-1]


def conditional(g, y, x):
    return g[::-1] if np.any(g) and not (g == 0).all() else np.zeros_like(x)


@pytest.mark.parametrize("rule", [assigned, written_with_out, looped, conditional])
def test_a_rule_that_wants_an_array_is_gone_through_row_by_row(rule):
    reverse = batching.Primitive("reverse", lambda x: x[::-1], [rule], first_order_only=True)
    found = jacobian(reverse)(np.arange(3.0))
    np.testing.assert_array_equal(found, np.eye(3)[::-1])


def test_what_is_wrong_with_a_rule_is_said_as_for_one_row():
    wrong = batching.Primitive("wrong", np.sin, [lambda g, y, x: g[:2]])
    with pytest.raises(GraphError, match=r"rule of wrong for input 0 returned shape \(2,\)"):
        jacobian(wrong)(np.arange(3.0))


def test_large_jacobians_are_made_in_parts(monkeypatch):
    monkeypatch.setattr(jacobians, "_BATCH", 20)
    x = RNG.standard_normal(7)
    found = jacobian(lambda x: np.sin(x) * x.sum())(x)
    expected = np.diag(np.cos(x) * x.sum()) + np.sin(x)[:, None]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("shape", [(0,), (3,), (2, 3)])
def test_rows_columns_and_single_rows_agree(monkeypatch, shape):
    x = RNG.standard_normal(shape)
    w = RNG.standard_normal((*shape[-1:], 4))

    def f(x):
        return np.tanh(x @ w) * x.sum()

    def found(wide, alone):
        monkeypatch.setattr(jacobians, "_WIDE", wide)
        if alone:
            monkeypatch.setattr(jacobians, "_together", lambda *args: None)
        return jacobian(f)(x)

    rows, columns, alone = found(1e9, False), found(0, False), found(1e9, True)
    assert rows.shape == f(Tensor(x)).shape + shape
    np.testing.assert_allclose(rows, alone, rtol=1e-12)
    np.testing.assert_allclose(columns, alone, rtol=1e-12)
