"""Reductions against PyTorch and JAX, where they are installed: zeros, ties, equal values too."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_lite import Tensor, cummax, gradients

RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 4))
ZEROS = A * (RNG.random((3, 4)) < 0.6)
TIES = A.round()
GAPS = np.where(RNG.random((3, 4)) < 0.3, np.nan, A)
GAPS[:, 0] = A[:, 0]

Peer = Callable[[Any, Any], Any]
CASES: dict[str, tuple[Callable[[Any], Any], Peer | None, Peer | None, Any]] = {
    "amax of ties": (
        lambda x: np.max(x, axis=1),
        lambda torch, x: torch.amax(x, 1),
        lambda jnp, x: jnp.max(x, 1),
        TIES,
    ),
    "amin of ties": (
        lambda x: np.min(x, axis=1),
        lambda torch, x: torch.amin(x, 1),
        lambda jnp, x: jnp.min(x, 1),
        TIES,
    ),
    "prod": (np.prod, lambda torch, x: x.prod(), lambda jnp, x: jnp.prod(x), A),
    "prod with zeros": (
        lambda x: np.prod(x, axis=1),
        lambda torch, x: x.prod(1),
        lambda jnp, x: jnp.prod(x, 1),
        ZEROS,
    ),
    "cumprod with zeros": (
        lambda x: np.cumprod(x, axis=1),
        lambda torch, x: x.cumprod(1),
        None,
        ZEROS,
    ),
    "cumsum": (
        lambda x: np.cumsum(x, axis=0),
        lambda torch, x: x.cumsum(0),
        lambda jnp, x: jnp.cumsum(x, 0),
        A,
    ),
    "cummax of ties": (
        lambda x: cummax(x, 1),
        lambda torch, x: torch.cummax(x, 1).values,
        None,
        TIES,
    ),
    "var": (
        lambda x: np.var(x, axis=0, correction=1),
        lambda torch, x: torch.var(x, 0),
        lambda jnp, x: jnp.var(x, 0, ddof=1),
        A,
    ),
    "std": (
        lambda x: np.std(x, axis=0, correction=1),
        lambda torch, x: torch.std(x, 0),
        lambda jnp, x: jnp.std(x, 0, ddof=1),
        A,
    ),
    "nansum": (
        lambda x: np.nansum(x, axis=1),
        lambda torch, x: torch.nansum(x, 1),
        lambda jnp, x: jnp.nansum(x, 1),
        GAPS,
    ),
    "nanmean": (
        lambda x: np.nanmean(x, axis=1),
        lambda torch, x: torch.nanmean(x, 1),
        lambda jnp, x: jnp.nanmean(x, 1),
        GAPS,
    ),
    "nanmax": (lambda x: np.nanmax(x, axis=1), None, lambda jnp, x: jnp.nanmax(x, 1), GAPS),
    "median": (lambda x: np.median(x, axis=1), None, lambda jnp, x: jnp.median(x, 1), A),
    "quantile": (
        lambda x: np.quantile(x, [0.1, 0.7], axis=1),
        lambda torch, x: torch.quantile(x, torch.tensor([0.1, 0.7], dtype=x.dtype), 1),
        lambda jnp, x: jnp.quantile(x, jnp.array([0.1, 0.7]), 1),
        A,
    ),
    "nanquantile": (
        lambda x: np.nanquantile(x, 0.4, axis=1),
        lambda torch, x: torch.nanquantile(x, 0.4, 1),
        None,
        GAPS,
    ),
    "cov": (np.cov, lambda torch, x: torch.cov(x), lambda jnp, x: jnp.cov(x), A),
    "corrcoef": (np.corrcoef, lambda torch, x: torch.corrcoef(x), None, A),
}


def ours(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any, Any, Any, Any]:
    """Return the value, the cotangents used, and the gradients of first and second order."""
    leaf = Tensor(x, requires_grad=True)
    y = function(leaf)
    u, v = np.cos(np.arange(y.size)).reshape(y.shape), np.sin(np.arange(x.size)).reshape(x.shape)
    first = gradients(y, leaf, u, create_graph=True)
    second = gradients((first * v).sum(), leaf, allow_unused=True) if first.requires_grad else None
    return y.data, u, v, first.data, np.zeros_like(x) if second is None else second.data


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[1]])
def test_pytorch_agrees_to_second_order(name: str) -> None:
    torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")
    function, theirs, _, x = CASES[name]
    assert theirs
    value, u, v, first, second = ours(function, x)
    leaf = torch.tensor(x, requires_grad=True)
    y = theirs(torch, leaf)
    (g,) = torch.autograd.grad(y, leaf, torch.tensor(u), create_graph=True)
    close(value, y.detach())
    close(first, g.detach())
    if g.requires_grad:
        scalar = (g * torch.tensor(v)).sum()
        close(second, torch.autograd.grad(scalar, leaf, materialize_grads=True)[0])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[2]])
def test_jax_agrees_to_second_order(name: str) -> None:
    jax = pytest.importorskip("jax", reason="the extra 'peers' isn't installed")
    function, _, theirs, x = CASES[name]
    assert theirs
    value, u, v, first, second = ours(function, x)
    with jax.enable_x64(True):

        def projected(x: Any) -> Any:
            return (theirs(jax.numpy, x) * u).sum()

        slope = jax.grad(projected)
        close(value, theirs(jax.numpy, jax.numpy.array(x)))
        close(first, slope(x))
        close(second, jax.grad(lambda x: (slope(x) * v).sum())(x))


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, np.asarray(expected), rtol=1e-9, atol=1e-11)
