"""Spec: the registration of an op, and the property tests that it must pass."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from autograd_lite import Primitive, concatenate, gradients
from autograd_lite.errors import GradientCheckError
from autograd_lite.testing.checks import prove, worst
from autograd_lite.testing.differences import leaves_of
from autograd_lite.testing.strategies import operands

Array = npt.NDArray[Any]

_LARGEST_SINGLE = 1e35
"""Results larger than this are too near the limit of single precision to be compared in it."""


class Case(NamedTuple):
    """The inputs of an op, with floating ones in float64, and its static parameters."""

    inputs: tuple[Array, ...]
    params: Mapping[str, Any] = {}


def cases(inputs: st.SearchStrategy[tuple[Array, ...]]) -> st.SearchStrategy[Case]:
    """Return a strategy for cases of an op that has no static parameters.

    Parameters
    ----------
    inputs : hypothesis strategy for tuples of arrays
        Such as :func:`operands`.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(cases(operands(1)), lambda case: case.inputs[0].size == 0).params
    {}
    """
    return inputs.map(Case)


@dataclass(frozen=True)
class Spec:
    """The registration of an op, which ``check`` tests on any case.

    Parameters
    ----------
    op : Primitive or function
        Takes the inputs of a case by position, as tensors or as arrays, and its parameters by
        name. A NumPy function stands for what it does to tensors.
    reference : callable, optional
        ``(*inputs, **params) -> array`` in NumPy, written differently from the op if possible.
        By default, ``op`` applied to arrays, as suits a NumPy function.
    cases : hypothesis strategy for Case
        Inputs in the domain of the op.
    order : int
        The highest order of derivatives to check.
    complex : bool
        Whether the op is defined for complex numbers too.
    name : str, optional
        The name of the tested function, such as ``"linalg.norm"``; by default, that of ``op``.

    Notes
    -----
    If an op has several results, in a tuple or list, they are checked together.

    Examples
    --------
    >>> from hypothesis import given
    >>> spec = Spec(np.tanh, cases=cases(operands(1)), complex=True)
    >>> @given(spec.cases)
    ... def test_tanh(case):
    ...     spec.check(case)
    >>> test_tanh()
    """

    op: Callable[..., Any]
    reference: Callable[..., Any] | None = None
    cases: st.SearchStrategy[Case] = field(default_factory=lambda: cases(operands(1)))
    order: int = 2
    complex: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            given: Any = self.op
            name = given.name if isinstance(given, Primitive) else given.__name__
            module = getattr(given, "__module__", None) or ""
            inner = module.removeprefix("numpy.") if module.startswith("numpy.") else ""
            object.__setattr__(self, "name", f"{inner}.{name}" if inner else name)

    def check(self, case: Case) -> None:
        """Check all properties of the op on this case.

        - Results equal those of the reference in value, shape and dtype, without a warning, in
          float64 and float32, and in complex128 and complex64 if the op is defined for them.
          Those in single precision are compared with the reference in double precision, unless
          they are too large.
        - The gradients pass :func:`check_gradients` to the given order.
        - A backward pass is linear in the cotangent, and gives each input the same gradient
          when it is differentiated alone.
        - Neither the inputs nor the cotangent are changed.

        Raises
        ------
        GradientCheckError
            If a property doesn't hold.
        """
        versions = [case.inputs]
        if self.complex:
            versions.append(_complexified(case.inputs))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for inputs in versions:
                double = _cast(inputs, double=True)
                largest = self._check_values(double, double, case, 1e-12)
                largest = max(largest, self._check_backward(double, case, 1e-12))
                if largest < _LARGEST_SINGLE:
                    single = _cast(inputs, double=False)
                    self._check_values(single, _cast(single, double=True), case, 1e-4)
                    self._check_backward(single, case, 1e-4)
                prove(
                    lambda *tensors: _joined(self.op(*tensors, **case.params)),
                    double,
                    order=self.order,
                    name=self.name,
                    known_dtypes=True,
                )

    def _check_values(
        self, inputs: Sequence[Array], wide: Sequence[Array], case: Case, rtol: float
    ) -> float:
        """Compare values with the reference on ``wide``, and dtypes with it on ``inputs``."""
        reference = self.op if self.reference is None else self.reference
        found = _several(self.op(*leaves_of(inputs), **case.params))
        expected = list(map(np.asarray, _several(reference(*wide, **case.params))))
        dtypes = [x.dtype for x in expected]
        if wide is not inputs:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the reference may overflow in this precision
                results = _several(reference(*inputs, **case.params))
            dtypes = [np.asarray(x).dtype for x in results]
        self._require(len(found) == len(expected), f"{len(found)} results, not {len(expected)}")
        for ours, theirs, dtype in zip(found, expected, dtypes, strict=True):
            self._require(ours.shape == theirs.shape, f"shape {ours.shape}, not {theirs.shape}")
            self._require(ours.dtype == dtype, f"dtype {ours.dtype}, not {dtype}")
            close = np.allclose(ours.data, theirs, rtol, atol=rtol, equal_nan=True)
            self._require(close, f"values {worst(ours.data, theirs)}")
        return max((float(np.abs(x).max(initial=0)) for x in expected), default=0.0)

    def _check_backward(self, inputs: Sequence[Array], case: Case, rtol: float) -> float:
        """Check the properties of a backward pass; return the size of the largest gradient."""
        frozen = [np.array(x) for x in inputs]
        for x in frozen:
            x.flags.writeable = False
        leaves = leaves_of(frozen)
        wrt = [x for x in leaves if x.requires_grad]
        output = _joined(self.op(*leaves, **case.params))
        if not output.requires_grad:
            raise GradientCheckError(f"{self.name}: the result has no graph")
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
                f"gradient {position} has shape {gu.shape} ({gu.dtype}), not {x.shape} ({x.dtype})",
            )
            expected = gu.data + 2 * gv.data
            # terms that cancel in a rule may be as large as the cotangent
            scale = float(np.abs(gu.data).sum() + 2 * np.abs(gv.data).sum() + np.abs(total).sum())
            linear = np.allclose(sum_.data, expected, 10 * rtol, atol=10 * rtol * scale)
            self._require(linear, f"gradient {position} is not linear in the cotangent")
            alone = gradients(output, x, u, retain_graph=True, allow_unused=True)
            self._require(
                np.array_equal(alone.data, gu.data),
                f"gradient {position} differs when only its input is differentiated",
            )
        return max((float(np.abs(g.data).max(initial=0)) for g in results[2]), default=0.0)

    def _require(self, kept: bool, found: str) -> None:
        if not kept:
            raise GradientCheckError(f"{self.name}: {found}")


_DTYPES = {("f", True): "f8", ("f", False): "f4", ("c", True): "c16", ("c", False): "c8"}


def _cast(inputs: Sequence[Array], double: bool) -> list[Array]:
    """Convert floating and complex inputs to one precision, and keep their layout in memory."""
    return [
        x.astype(_DTYPES[x.dtype.kind, double], order="K", copy=False)
        if x.dtype.kind in "fc"
        else x
        for x in inputs
    ]


def _complexified(inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Add imaginary parts, which aren't near 0, to floating inputs."""
    rng = np.random.default_rng(len(inputs))
    return tuple(
        np.asarray(x + 1j * rng.uniform(0.2, 0.9, x.shape)) if x.dtype.kind == "f" else x
        for x in inputs
    )


def _several(result: Any) -> Sequence[Any]:
    return result if isinstance(result, (tuple, list)) else (result,)


def _joined(result: Any) -> Any:
    """Return the floating results of an op as one tensor."""
    several = [x for x in _several(result) if x.dtype.kind in "fc"]
    if len(several) == 1:
        return several[0]
    return concatenate([x.reshape(-1) for x in several])
