"""Spec: what an op promises, and the property suite that holds it to that."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from autograd_lite import Primitive, gradients
from autograd_lite.errors import GradientCheckError
from autograd_lite.testing.checks import check_gradients, leaves_of
from autograd_lite.testing.strategies import operands

Array = npt.NDArray[Any]


class Case(NamedTuple):
    """Inputs of an op, floating ones in float64, and its static parameters."""

    inputs: tuple[Array, ...]
    params: Mapping[str, Any] = {}


def cases(inputs: st.SearchStrategy[tuple[Array, ...]]) -> st.SearchStrategy[Case]:
    """Return a strategy for cases of an op that has no static parameters.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(cases(operands(1)), lambda case: case.inputs[0].size == 0).params
    {}
    """
    return inputs.map(Case)


@dataclass(frozen=True)
class Spec:
    """One op's registration: ``check`` then proves it on any case.

    Parameters
    ----------
    op : Primitive
    reference : callable
        ``(*inputs, **params) -> array`` in NumPy, written another way than the op where there is
        one.
    cases : hypothesis strategy for Case
        Inputs in the domain of the op, farther from kinks than finite differences reach.
    order : int
        The highest order of derivatives to check.

    Examples
    --------
    >>> from hypothesis import given
    >>> from autograd_lite.ops.elementwise import tanh
    >>> spec = Spec(tanh, np.tanh, cases(operands(1)))
    >>> @given(spec.cases)
    ... def test_tanh(case):
    ...     spec.check(case)
    >>> test_tanh()
    """

    op: Primitive
    reference: Callable[..., Any]
    cases: st.SearchStrategy[Case] = field(default_factory=lambda: cases(operands(1)))
    order: int = 2

    def check(self, case: Case) -> None:
        """Hold the op to all that an op promises, on this case.

        Its values are the reference's, in value, shape and dtype, in float64 and float32, without
        a warning. Its gradients are right to the order given, in float64, and of the right dtype
        and shape in float32. A backward pass is linear in the cotangent, and the same for each
        input on its own. Nothing changes the inputs or the cotangent.

        Raises
        ------
        GradientCheckError
            If it doesn't keep one of these.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for dtype, rtol in ((np.float64, 1e-12), (np.float32, 1e-4)):
                self._check_values(_cast(case.inputs, dtype), case, rtol)
                self._check_backward(_cast(case.inputs, dtype), case, rtol)
            check_gradients(
                lambda *inputs: self.op(*inputs, **case.params), *case.inputs, order=self.order
            )

    def _check_values(self, inputs: Sequence[Array], case: Case, rtol: float) -> None:
        found = self.op(*leaves_of(inputs), **case.params)
        expected = np.asarray(self.reference(*inputs, **case.params))
        self._require(found.shape == expected.shape, f"shape {found.shape}, not {expected.shape}")
        self._require(found.dtype == expected.dtype, f"dtype {found.dtype}, not {expected.dtype}")
        close = np.allclose(found.data, expected, rtol, atol=rtol, equal_nan=True)
        self._require(close, f"values {found.data}, not {expected}")

    def _check_backward(self, inputs: Sequence[Array], case: Case, rtol: float) -> None:
        frozen = [np.array(x) for x in inputs]
        for x in frozen:
            x.flags.writeable = False
        leaves = leaves_of(frozen)
        wrt = [x for x in leaves if x.requires_grad]
        output = self.op(*leaves, **case.params)
        if not output.requires_grad:
            raise GradientCheckError(f"{self.op.name}: the result has no graph")
        rng = np.random.default_rng(0)
        u, v = (
            np.asarray(rng.standard_normal(output.shape)).astype(output.dtype) for _ in range(2)
        )
        total = u + 2 * v
        for cotangent in (u, v):
            cotangent.flags.writeable = False
        results = [
            gradients(output, wrt, g, retain_graph=True, allow_unused=True) for g in (u, v, total)
        ]
        for position, (x, gu, gv, sum_) in enumerate(zip(wrt, *results, strict=True)):
            self._require(
                gu.shape == x.shape and gu.dtype == x.dtype,
                f"gradient {position} of {gu.shape} ({gu.dtype}) for {x.shape} ({x.dtype})",
            )
            expected = gu.data + 2 * gv.data
            scale = float(np.abs(gu.data).sum() + 2 * np.abs(gv.data).sum())
            linear = np.allclose(sum_.data, expected, 10 * rtol, atol=10 * rtol * scale)
            self._require(linear, f"gradient {position} is not linear in the cotangent")
            alone = gradients(output, x, u, retain_graph=True, allow_unused=True)
            self._require(
                np.array_equal(alone.data, gu.data), f"gradient {position} differs when it is alone"
            )

    def _require(self, kept: bool, found: str) -> None:
        if not kept:
            raise GradientCheckError(f"{self.op.name}: {found}")


def _cast(inputs: Sequence[Array], dtype: Any) -> list[Array]:
    """Convert floating inputs, keeping how they lie in memory."""
    return [x.astype(dtype, order="K", copy=False) if x.dtype.kind == "f" else x for x in inputs]
