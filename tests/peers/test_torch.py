"""PyTorch, where it is installed (the extra ``peers``), as an oracle that we did not write."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
import nn
from autograd_lite import Tensor, gradients

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")

RNG = np.random.default_rng(0)
A = RNG.standard_normal((4, 3))
B = RNG.standard_normal((3,))
P = RNG.uniform(0.1, 0.9, (4, 3))
T = RNG.uniform(0, 1, (4, 3))
STACK = RNG.standard_normal((2, 1, 4, 3))
MATRICES = RNG.standard_normal((5, 3, 2))
LABELS = np.array([0, 2, 1, 2])
F = torch.nn.functional

CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "divide": (lambda a, b: a / b, lambda a, b: a / b, (A, B)),
    "power": (lambda a, b: a**b, lambda a, b: a**b, (P, B)),
    "cube": (lambda a: a**3, lambda a: a**3, (A,)),
    "matmul": (ag.matmul, torch.matmul, (STACK, MATRICES)),
    "matmul of a vector": (ag.matmul, torch.matmul, (STACK, B)),
    "linear": (ag.linear, lambda x, w, b: x @ w + b, (A, RNG.standard_normal((3, 2)), B[:2])),
    "sigmoid": (ag.sigmoid, torch.sigmoid, (A,)),
    "tanh": (ag.tanh, torch.tanh, (A,)),
    "expm1": (ag.expm1, torch.expm1, (A,)),
    "log1p": (ag.log1p, torch.log1p, (P,)),
    "relu": (ag.relu, torch.relu, (A.round(),)),
    "abs": (ag.abs, torch.abs, (A.round(),)),
    "maximum with ties": (ag.maximum, torch.maximum, (A.round(), A.round() * [1, 0, 2])),
    "clip": (
        ag.clip,
        torch.clamp,
        (A.round(), np.full(3, -1.0), np.full(3, 1.0)),
    ),
    "max with ties": (ag.max, torch.max, (A.round(),)),
    "amin along an axis": (
        lambda x: ag.min(x, axis=1),
        lambda x: torch.amin(x, dim=1),
        (A.round(),),
    ),
    "logsumexp": (lambda x: ag.logsumexp(x, 1), lambda x: torch.logsumexp(x, 1), (A * 100,)),
    "softmax": (lambda x: ag.softmax(x, 0), lambda x: torch.softmax(x, 0), (A,)),
    "log_softmax": (ag.log_softmax, lambda x: torch.log_softmax(x, -1), (A * 100,)),
    "indexing": (
        lambda x: x[np.array([0, 0, 3]), ::-1],
        lambda x: x[torch.tensor([0, 0, 3])].flip(1),
        (A,),
    ),
    "mean squared error": (ag.mean_squared_error, F.mse_loss, (A, T)),
    "cross-entropy, labels": (
        lambda z: ag.cross_entropy(z, LABELS),
        lambda z: F.cross_entropy(z, torch.tensor(LABELS)),
        (A * 100,),
    ),
    "cross-entropy, probabilities": (ag.cross_entropy, F.cross_entropy, (A, T)),
    "binary cross-entropy, logits": (
        lambda z, t: ag.binary_cross_entropy_with_logits(z, t, "mean"),
        F.binary_cross_entropy_with_logits,
        (A * 100, T),
    ),
    "binary cross-entropy": (
        lambda p: ag.binary_cross_entropy(p, T, "sum"),
        lambda p: F.binary_cross_entropy(p, torch.tensor(T), reduction="sum"),
        (P,),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_two_orders_of_gradients_agree(name: str) -> None:
    ours, theirs, inputs = CASES[name]
    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    y, expected = ours(*leaves), theirs(*tensors)
    close(y, expected)
    u = RNG.standard_normal(y.shape)
    slopes = gradients(y, leaves, u, create_graph=True)
    wanted = torch.autograd.grad(expected, tensors, torch.tensor(u), create_graph=True)
    total: Any = 0
    wanted_total: Any = 0
    for g, w in zip(slopes, wanted, strict=True):
        close(g, w)
        v = RNG.standard_normal(g.shape)
        total, wanted_total = total + (g * v).sum(), wanted_total + (w * torch.tensor(v)).sum()
    if total.requires_grad:
        seconds = gradients(total, leaves, allow_unused=True)
        expected_seconds = torch.autograd.grad(wanted_total, tensors, materialize_grads=True)
        for g, w in zip(seconds, expected_seconds, strict=True):
            close(g, w)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"weight_decay": 0.1},
        {"momentum": 0.9},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ],
)
def test_sgd_takes_the_same_steps(settings: dict[str, Any]) -> None:
    w = Tensor(A, requires_grad=True)
    v = torch.tensor(A, requires_grad=True)
    ours = nn.optim.SGD([w], learning_rate=0.1, **settings)
    theirs = torch.optim.SGD([v], lr=0.1, **settings)
    for _ in range(5):
        ours.zero_grad()
        theirs.zero_grad()
        ((w * w).tanh() @ B).sum().backward()
        ((v * v).tanh() @ torch.tensor(B)).sum().backward()
        ours.step()
        theirs.step()
        close(w, v)


def close(ours: Tensor, theirs: Any) -> None:
    np.testing.assert_allclose(ours.data, theirs.numpy(force=True), rtol=1e-10, atol=1e-12)
