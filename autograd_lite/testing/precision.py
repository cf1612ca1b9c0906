"""Checks in single precision: dtypes, overflow, and agreement with double precision."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite import Tensor, gradients
from autograd_lite.errors import GradientCheckError
from autograd_lite.testing.differences import Array, Subject, leaves_of

_NARROW = {"f": np.float32, "c": np.complex64}
_LARGEST = float(np.finfo(np.float32).max) / 1e3
_EPS = float(np.finfo(np.float32).eps)


def check_single_precision(
    subject: Subject, rng: np.random.Generator, smooth: bool, *, known_dtypes: bool = False
) -> None:
    """Compare the function in float32 with the function in float64 at the same inputs.

    If it isn't smooth, rounding may choose the other side of a kink; then the gradients need only
    be finite.
    """
    rounded = [_narrow(x) for x in subject.values]
    if any(np.abs(x).max(initial=0) > _LARGEST for x in rounded if x.dtype.kind in _NARROW):
        return
    with np.errstate(all="ignore"):
        seed = int(rng.integers(2**32))
        output, single, wrt = _run(subject, rounded, seed)
        _, double, _ = _run(subject, [_wide(x) for x in rounded], seed)
        if not known_dtypes:
            _require_no_wider(output)
        if (
            single[0].shape != double[0].shape
        ):  # rounding made values equal, as may happen in unique()
            return
        noise: list[Array] | None = None
        names = ["the result", *(f"the gradient of {name}" for name in subject.names)]
        for i, (name, ours, expected) in enumerate(zip(names, single, double, strict=True)):
            if i and ours.dtype != wrt[i - 1].dtype:
                raise GradientCheckError(
                    f"in float32, {name} has dtype {ours.dtype}, not {wrt[i - 1].dtype}"
                )
            fits = np.isfinite(expected) & (np.abs(expected) < _LARGEST)
            wrong = fits & ~np.isfinite(ours)
            if (smooth or not i) and not wrong.any():
                far = np.where(fits, np.abs(ours - expected), 0)
                allowed = _allowed(np.where(fits, expected, 0), i)
                if (far > allowed).any():
                    noise = noise or _noise(subject, rounded, seed, single)
                    wrong = far > allowed + 100 * noise[i].max(initial=0)
            if wrong.any():
                raise GradientCheckError(f"in float32, {name} {_first(wrong, ours, expected)}")
            if not i and not fits.all():  # then gradients are meaningless
                return


def _narrow(x: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        return x.astype(_NARROW[x.dtype.kind]) if x.dtype.kind in _NARROW else x


def _wide(x: Array) -> Array:
    return x.astype({"f": np.float64, "c": np.complex128}.get(x.dtype.kind, x.dtype))


def _run(
    subject: Subject, values: Sequence[Array], seed: int
) -> tuple[Any, list[Array], list[Any]]:
    """Return the output, its values and the gradients, and the tensors of the gradients."""
    leaves = leaves_of(values)
    output: Tensor = subject.function(*leaves)
    wrt = [*(leaves[i] for i in subject.places), *subject.parameters]
    if not output.requires_grad:
        numbers = output.data.astype(
            np.result_type(output.dtype, np.int8)
        )  # truth values can't be subtracted
        return output, [numbers, *(np.zeros_like(x.data) for x in wrt)], wrt
    u = np.asarray(np.random.default_rng(seed).uniform(-1, 1, output.shape)).astype(output.dtype)
    found = gradients(output, wrt, u, retain_graph=True, allow_unused=True)
    return output, [output.data, *(g.data for g in found)], wrt


def _allowed(expected: Array, position: int) -> Array:
    """Return the error that rounding may cause; more for gradients, which take more steps."""
    size = np.abs(expected)
    largest = size.max(initial=0)
    return np.asarray((1e-4 if position == 0 else 1e-3) * (size + largest) + 1e-5)


def _noise(
    subject: Subject, rounded: Sequence[Array], seed: int, single: Sequence[Array]
) -> list[Array]:
    """Return the noise of single precision: how the last digit of the inputs changes results."""
    rng = np.random.default_rng(1)

    def nudged(x: Array) -> Array:
        if x.dtype.kind not in _NARROW:
            return x
        return np.asarray(x * (1 + 2 * _EPS * rng.integers(-1, 2, x.shape))).astype(x.dtype)

    again = _run(subject, [nudged(x) for x in rounded], seed)[1]
    if again[0].shape != single[0].shape:
        return [np.array(np.inf)] * len(single)
    return [np.nan_to_num(np.abs(a - b), nan=np.inf) for a, b in zip(again, single, strict=True)]


def _require_no_wider(output: Any) -> None:
    """Raise if an op turns single precision into double, unless it is asked to."""
    seen, stack = set(), [output]
    while stack:
        node = stack.pop()
        if node is None or node.op is None or id(node) in seen or not node.values:
            continue
        seen.add(id(node))
        stack.extend(node.inputs)
        asked = "dtype" in node.params or node.op.forward is np.float_power
        operands = [x for x in node.values if not isinstance(x, (int, float, complex))]
        dtypes = [x.dtype for x in operands if hasattr(x, "dtype")]
        if asked or not dtypes or node.dtype.kind not in _NARROW:
            continue
        if _bits(node.dtype) > 32 and all(
            d.kind in _NARROW and _bits(d) <= 32 for d in dtypes if d.kind != "b"
        ):
            given = ", ".join(str(d) for d in dtypes)
            raise GradientCheckError(
                f"in float32, {node.op.name} makes {node.dtype} of {given}; its result should "
                "have the dtype of its inputs"
            )


def _bits(dtype: np.dtype[Any]) -> int:
    """Return the number of bits of a real number in this precision."""
    return dtype.itemsize * (4 if dtype.kind == "c" else 8)


def _first(wrong: Array, ours: Array, expected: Array) -> str:
    """Return how the first wrong element differs."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"is {ours[index]:.6g} at {list(index)}, where float64 gives {expected[index]:.10g}"
