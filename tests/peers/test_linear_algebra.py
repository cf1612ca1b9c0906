"""PyTorch as an oracle of linear algebra, real and complex: values and two orders of gradients."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients, linalg

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")

RNG = np.random.default_rng(0)
A = RNG.standard_normal((2, 3, 3)) + 2 * np.eye(3)
B = RNG.standard_normal((2, 3, 2))
TALL = RNG.standard_normal((4, 3))
WIDE = RNG.standard_normal((3, 4))
V = RNG.standard_normal((2, 3))
W = RNG.standard_normal((2, 3))

tl = torch.linalg


def gram_of(x: Any) -> Any:
    """Return a positive definite matrix."""
    if isinstance(x, torch.Tensor):
        return x @ x.mH + 2 * torch.eye(3, dtype=x.dtype)
    return x @ adjoint(x) + 2 * np.eye(3)


def adjoint(x: Any) -> Any:
    return x.mH if isinstance(x, torch.Tensor) else ag.conj(x).mT


def projections(v: Any) -> Any:
    weights = np.array([1.0, 2.0, 3.0])
    weights = torch.tensor(weights) if isinstance(v, torch.Tensor) else weights
    return (v * weights) @ adjoint(v)


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "inv": (linalg.inv, tl.inv, (A,)),
    "solve": (linalg.solve, tl.solve, (A, B)),
    "det": (linalg.det, tl.det, (A,)),
    "slogdet": (lambda x: linalg.slogdet(x)[1], lambda x: tl.slogdet(x)[1], (A,)),
    "sign": (
        lambda x: linalg.slogdet(x)[0] + 0 * x.sum(),
        lambda x: tl.slogdet(x)[0] + 0 * x.sum(),
        (A,),
    ),
    "cholesky": (lambda x: linalg.cholesky(gram_of(x)), lambda x: tl.cholesky(gram_of(x)), (A,)),
    "qr": (lambda x: linalg.qr(x)[1].abs(), lambda x: tl.qr(x)[1].abs(), (TALL,)),
    "q": (
        lambda x: linalg.qr(x)[0] @ adjoint(linalg.qr(x)[0]),
        lambda x: tl.qr(x)[0] @ adjoint(tl.qr(x)[0]),
        (TALL,),
    ),
    "eigvalsh": (lambda x: linalg.eigvalsh(gram_of(x)), lambda x: tl.eigvalsh(gram_of(x)), (A,)),
    "eigh": (
        lambda x: projections(linalg.eigh(gram_of(x))[1]),
        lambda x: projections(tl.eigh(gram_of(x))[1]),
        (A,),
    ),
    "eigvals": (
        lambda x: (linalg.eigvals(x) ** 3).sum(-1),
        lambda x: (tl.eigvals(x) ** 3).sum(-1),
        (A,),
    ),
    "svdvals": (linalg.svdvals, tl.svdvals, (TALL,)),
    "svd, tall": (
        lambda x: projections(linalg.svd(x, full_matrices=False)[0]),
        lambda x: projections(tl.svd(x, full_matrices=False)[0]),
        (TALL,),
    ),
    "svd, wide": (
        lambda x: projections(adjoint(linalg.svd(x, full_matrices=False)[2])),
        lambda x: projections(adjoint(tl.svd(x, full_matrices=False)[2])),
        (WIDE,),
    ),
    "pinv": (linalg.pinv, tl.pinv, (TALL,)),
    "lstsq": (
        lambda a, b: linalg.lstsq(a, b)[0],
        lambda a, b: tl.lstsq(a, b)[0],
        (TALL, TALL[:, :2] + 1),
    ),
    "matrix_power": (
        lambda x: linalg.matrix_power(x, -3),
        lambda x: tl.matrix_power(x, -3),
        (A,),
    ),
    "norm": (linalg.norm, tl.norm, (TALL,)),
    "norm of order 3": (
        lambda x: linalg.vector_norm(x, ord=3, axis=1),
        lambda x: tl.vector_norm(x, 3, 1),
        (TALL,),
    ),
    "nuclear norm": (
        lambda x: linalg.matrix_norm(x, ord="nuc"),
        lambda x: tl.matrix_norm(x, "nuc"),
        (TALL,),
    ),
    "spectral norm": (
        lambda x: linalg.matrix_norm(x, ord=2),
        lambda x: tl.matrix_norm(x, 2),
        (TALL,),
    ),
    "cond": (linalg.cond, tl.cond, (A,)),
    "cross": (linalg.cross, tl.cross, (V, W)),
    "vecdot": (linalg.vecdot, tl.vecdot, (V, W)),
    "vdot": (ag.vdot, lambda a, b: torch.vdot(a.reshape(-1), b.reshape(-1)), (V, W)),
    "tensordot": (
        lambda a, b: ag.tensordot(a, b, ([0, 2], [0, 1])),
        lambda a, b: torch.tensordot(a, b, ([0, 2], [0, 1])),
        (A, B),
    ),
    "einsum": (
        lambda a, b: ag.einsum("bii,bij->jb", a, b),
        lambda a, b: torch.einsum("bii,bij->jb", a, b),
        (A, B),
    ),
    "trace": (lambda a: ag.trace(a[0]), lambda a: torch.trace(a[0]), (A,)),
}


@pytest.mark.parametrize("complex_", [False, True], ids=["real", "complex"])
@pytest.mark.parametrize("name", CASES)
def test_values_and_two_orders_of_gradients_agree(name: str, complex_: bool) -> None:
    ours, theirs, inputs = CASES[name]
    rng = np.random.default_rng(1)
    if complex_:
        inputs = tuple(x + 1j * rng.standard_normal(x.shape) for x in inputs)
    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    y, expected = ours(*leaves), theirs(*tensors)
    if y.dtype.kind == "c" and not expected.is_complex():
        expected = expected + 0j
    close(y, expected)
    u = random(rng, y)
    slopes = gradients(y, leaves, u, create_graph=True)
    wanted = torch.autograd.grad(expected, tensors, torch.tensor(u), create_graph=True)
    total: Any = 0
    wanted_total: Any = 0
    for g, w in zip(slopes, wanted, strict=True):
        close(g, w)
        v = random(rng, g)
        total = total + ag.real(g * v).sum()
        wanted_total = wanted_total + torch.real(w * torch.tensor(v)).sum()
    if total.requires_grad and wanted_total.requires_grad:
        seconds = gradients(total, leaves, allow_unused=True)
        expected_seconds = torch.autograd.grad(wanted_total, tensors, materialize_grads=True)
        for g, w in zip(seconds, expected_seconds, strict=True):
            close(g, w)


def random(rng: np.random.Generator, like: Any) -> Any:
    u = rng.standard_normal(like.shape)
    return u + 1j * rng.standard_normal(like.shape) if like.dtype.kind == "c" else u


def close(ours: Tensor, theirs: Any) -> None:
    expected = theirs.detach().resolve_conj().numpy()
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(ours.data, expected, rtol=1e-7, atol=1e-9 * scale)
