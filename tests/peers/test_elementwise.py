"""Elementwise functions against PyTorch and JAX: values and gradients, kinks among the points."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients

ORDINARY = np.array([-1.7, -0.6, 0.3, 1.2, 2.5])
POSITIVE = np.array([0.2, 0.9, 1.4, 3.0])
INNER = np.array([-0.9, -0.3, 0.2, 0.8])
OTHER = np.array([0.7, -1.1, 1.9, 0.4, -2.2])
KINK = np.array([-1.0, 0.0, 1.0])

# name here, in PyTorch, in JAX, points of each input; a name that is missing there is None
CASES: list[tuple[str, str | None, str | None, tuple[Any, ...]]] = [
    *[
        (name, name, name, (ORDINARY,))
        for name in [
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "exp",
            "exp2",
            "expm1",
            "square",
            "negative",
            "sign",
            "floor",
            "ceil",
            "trunc",
            "deg2rad",
            "rad2deg",
            "sinc",
            "i0",
        ]
    ],
    *[(name, name, name, (POSITIVE,)) for name in ("log", "log2", "log10", "log1p", "sqrt")],
    ("cbrt", None, "cbrt", (ORDINARY,)),
    ("reciprocal", "reciprocal", "reciprocal", (ORDINARY,)),
    ("asin", "asin", "arcsin", (INNER,)),
    ("acos", "acos", "arccos", (INNER,)),
    ("atan", "atan", "arctan", (ORDINARY,)),
    ("asinh", "asinh", "arcsinh", (ORDINARY,)),
    ("acosh", "acosh", "arccosh", (POSITIVE + 1,)),
    ("atanh", "atanh", "arctanh", (INNER,)),
    ("erf", "erf", "scipy.special.erf", (ORDINARY,)),
    ("erfc", "erfc", "scipy.special.erfc", (ORDINARY,)),
    ("lgamma", "lgamma", "scipy.special.gammaln", (POSITIVE,)),
    ("digamma", "digamma", "scipy.special.digamma", (POSITIVE,)),
    ("logit", "logit", "scipy.special.logit", (np.array([0.1, 0.5, 0.8]),)),
    ("sigmoid", "sigmoid", "nn.sigmoid", (ORDINARY * 9,)),
    ("softplus", "nn.functional.softplus", "nn.softplus", (ORDINARY,)),
    ("silu", "nn.functional.silu", "nn.silu", (ORDINARY,)),
    ("gelu", "nn.functional.gelu", None, (ORDINARY,)),
    ("elu", "nn.functional.elu", "nn.elu", (KINK,)),
    ("leaky_relu", "nn.functional.leaky_relu", None, (KINK,)),
    ("relu", "relu", "nn.relu", (KINK,)),
    ("abs", "abs", None, (KINK,)),  # JAX gives 1 at 0
    ("power", "pow", "power", (POSITIVE, OTHER[:4])),
    ("power", "pow", "power", (np.zeros(4), np.array([1.0, 0.5, 2.0, 1.5]))),
    ("arctan2", "atan2", "arctan2", (ORDINARY, OTHER)),
    ("hypot", "hypot", "hypot", (ORDINARY, OTHER)),
    ("logaddexp", "logaddexp", "logaddexp", (ORDINARY * 100, OTHER * 100)),
    ("logaddexp2", "logaddexp2", "logaddexp2", (ORDINARY, OTHER)),
    ("maximum", "maximum", "maximum", (KINK, np.zeros(3))),
    ("minimum", "minimum", "minimum", (KINK, np.zeros(3))),
    ("fmax", "fmax", "fmax", (np.array([np.nan, 1.0, 2.0]), np.array([1.0, np.nan, 3.0]))),
    ("fmin", "fmin", "fmin", (np.array([np.nan, 1.0, 2.0]), np.array([1.0, np.nan, 3.0]))),
    ("fmod", "fmod", "fmod", (OTHER * 3.1, ORDINARY)),
    ("remainder", "remainder", "remainder", (OTHER * 3.1, ORDINARY)),
    ("copysign", "copysign", "copysign", (ORDINARY, OTHER)),
    ("clip", "clamp", None, (KINK, np.full(3, -1.0), np.full(3, 1.0))),  # JAX halves on bounds
    ("heaviside", None, "heaviside", (KINK, np.full(3, 0.5))),
    ("nan_to_num", "nan_to_num", "nan_to_num", (np.array([np.nan, np.inf, 1.0]),)),
]


def ours(name: str, inputs: tuple[Any, ...]) -> tuple[Any, list[Any]]:
    leaves = [Tensor(x, requires_grad=True) for x in inputs]
    y = getattr(ag, name)(*leaves)
    if not y.requires_grad:
        return y.data, [np.zeros_like(x) for x in inputs]
    return y.data, [g.data for g in gradients(y.sum(), leaves, allow_unused=True)]


def found_in(module: Any, name: str) -> Callable[..., Any]:
    for part in name.split("."):
        module = getattr(module, part)
    function: Callable[..., Any] = module
    return function


def compare(name: str, inputs: tuple[Any, ...], y: Any, slopes: Any) -> None:
    value, found = ours(name, inputs)
    np.testing.assert_allclose(value, y, rtol=1e-11, atol=1e-13)
    for g, expected in zip(found, slopes, strict=True):
        np.testing.assert_allclose(g, expected, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize("case", [c for c in CASES if c[1]], ids=lambda case: case[0])
def test_agrees_with_pytorch(case: Any) -> None:
    torch = pytest.importorskip("torch", reason="the extra 'peers' isn't installed")
    name, theirs, _, inputs = case
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    y = found_in(torch, theirs)(*tensors)
    slopes = torch.autograd.grad(y.sum(), tensors, allow_unused=True, materialize_grads=True)
    compare(name, inputs, y.detach().numpy(), [g.numpy() for g in slopes])


@pytest.mark.parametrize("case", [c for c in CASES if c[2]], ids=lambda case: case[0])
def test_agrees_with_jax(case: Any) -> None:
    jax = pytest.importorskip("jax", reason="the extra 'peers' isn't installed")
    name, _, theirs, inputs = case
    jax.config.update("jax_enable_x64", True)
    within = jax if theirs.startswith(("nn.", "scipy.")) else jax.numpy
    function = found_in(within, theirs)
    arrays = [jax.numpy.asarray(x) for x in inputs]
    every = tuple(range(len(inputs)))
    slopes = jax.grad(lambda *xs: function(*xs).sum(), every)(*arrays)
    compare(name, inputs, np.asarray(function(*arrays)), slopes)
