"""Fourier transforms and their gradients, where PyTorch is installed, against its own."""

from typing import Any

import numpy as np
import pytest

from autograd_lite import Tensor, fft, gradients

torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")

RNG = np.random.default_rng(0)
OF_REAL = {"rfft", "rfft2", "rfftn", "ihfft"}


def normal(*shape: int, real: bool) -> Any:
    x = RNG.standard_normal(shape)
    return x if real else x + 1j * RNG.standard_normal(shape)


def compare(name: str, x: Any, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    leaf, tensor = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, z = getattr(fft, name)(leaf, **ours), getattr(torch.fft, name)(tensor, **theirs)
    np.testing.assert_allclose(y.data, z.detach().resolve_conj().numpy(), atol=1e-12)
    u = normal(*y.shape, real=y.dtype.kind == "f")
    (g,) = torch.autograd.grad(z, tensor, torch.tensor(u))
    found = gradients(y, leaf, u)
    np.testing.assert_allclose(found.data, g.resolve_conj().numpy(), atol=1e-12)


@pytest.mark.parametrize("norm", ["backward", "ortho", "forward"])
@pytest.mark.parametrize("n", [None, 3, 4, 5, 8])
@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "hfft", "ihfft"])
def test_along_one_axis(name: str, n: int | None, norm: str) -> None:
    for length in (5, 6):
        x = normal(length, 2, real=name in OF_REAL)
        settings = {"n": n, "norm": norm}
        compare(name, x, {**settings, "axis": 0}, {**settings, "dim": 0})


@pytest.mark.parametrize("s", [None, (6, 3)])
@pytest.mark.parametrize(
    "name", ["fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"]
)
def test_along_several_axes(name: str, s: tuple[int, ...] | None) -> None:
    compare(name, normal(4, 5, 3, real=name in OF_REAL), {"s": s}, {"s": s})
