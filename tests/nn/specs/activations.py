"""Activations: references that choose the piece of each value by ``np.where`` or ``np.select``."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, broadcastable_shapes, cases, operands
from nn.functional import (
    celu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    logsigmoid,
    mish,
    prelu,
    relu6,
    rrelu,
    selu,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanhshrink,
    threshold,
)


def with_options(low: float, high: float, *choices: dict[str, Any]) -> st.SearchStrategy[Case]:
    return st.builds(Case, operands(1, low=low, high=high), st.sampled_from(choices))


def between(low: float, high: float) -> st.SearchStrategy[Case]:
    return cases(operands(1, low=low, high=high))


@st.composite
def prelu_cases(draw: st.DrawFn) -> Case:
    shape = draw(st.sampled_from([(3,), (4, 3), (2, 3, 4), (2, 3, 2, 2), (0, 3), (1, 1, 5)]))
    channels = shape[1] if len(shape) > 1 else 1
    slopes = (draw(st.sampled_from([1, channels])),)
    return Case(draw(operands(2, low=-2, high=2, shapes=st.just((shape, slopes)))))


def prelu_reference(x: Any, weight: Any) -> Any:
    y = np.array(x)
    for place in np.ndindex(x.shape):
        if x[place] < 0:
            y[place] *= weight[place[1] if len(weight) > 1 else 0]
    return y


@st.composite
def halved(draw: st.DrawFn) -> Case:
    shape, axis = draw(st.sampled_from([((4,), 0), ((2, 3), -2), ((3, 6), -1), ((2, 4, 3), 1)]))
    return Case(draw(operands(1, low=-4, high=4, shapes=st.just((shape,)))), {"axis": axis})


def glu_reference(x: Any, axis: int) -> Any:
    a, b = np.split(x, 2, axis)
    return a / (1 + np.exp(-b))


def softmin_reference(x: Any, axis: int) -> Any:
    e = np.exp(-x)
    return e / e.sum(axis=axis, keepdims=True)


def exponential(x: Any, alpha: float = 1.0, rate: float = 1.0) -> Any:
    return np.where(x > 0, x, alpha * np.expm1(np.where(x > 0, 0, x) * rate))


SELU = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
NOT_A_SCALAR = broadcastable_shapes(1, max_dims=3, max_side=4, min_side=1).filter(lambda s: s[0])

SPECS = [
    Spec(
        hardtanh,
        lambda x, min_val=-1.0, max_val=1.0: np.where(
            x < min_val, min_val, np.where(x > max_val, max_val, x)
        ).astype(x.dtype),
        with_options(-2, 2, {}, {"min_val": -0.5, "max_val": 1.5}, {"min_val": 0, "max_val": 0}),
    ),
    Spec(relu6, lambda x: np.minimum(np.maximum(x, 0), 6), between(-9, 9)),
    Spec(
        hardsigmoid,
        lambda x: np.select([x < -3, x > 3], [0 * x, 0 * x + 1], x / 6 + 0.5),
        between(-6, 6),
    ),
    Spec(
        hardswish,
        lambda x: np.select([x < -3, x > 3], [0 * x, x], x * (x + 3) / 6),
        between(-6, 6),
    ),
    Spec(
        hardshrink,
        lambda x, lambd=0.5: np.where((x > lambd) | (x < -lambd), x, 0),
        with_options(-2, 2, {}, {"lambd": 1.0}, {"lambd": 0.0}, {"lambd": -1.0}),
    ),
    Spec(
        softshrink,
        lambda x, lambd=0.5: np.sign(x) * np.maximum(np.abs(x) - lambd, 0),
        with_options(-2, 2, {}, {"lambd": 1.0}, {"lambd": 0.0}),
    ),
    Spec(
        threshold,
        lambda x, threshold, value: np.where(x > threshold, x, value),
        with_options(-2, 2, {"threshold": 0.5, "value": -3.0}, {"threshold": -1, "value": 2}),
    ),
    Spec(prelu, prelu_reference, prelu_cases()),
    Spec(rrelu, lambda x: np.where(x > 0, x, x * (11 / 48)), between(-2, 2)),
    Spec(
        celu,
        lambda x, alpha=1.0: exponential(x, alpha, 1 / alpha),
        with_options(-4, 4, {}, {"alpha": 0.5}, {"alpha": 2}),
    ),
    Spec(selu, lambda x: SELU[0] * exponential(x, SELU[1]), between(-4, 4)),
    Spec(
        softplus,
        lambda x, beta=1.0, threshold=20.0: np.where(
            x * beta > threshold, x, np.logaddexp(0, x * beta) / beta
        ).astype(x.dtype),
        with_options(
            -5, 5, {}, {"beta": 2.0}, {"beta": 8, "threshold": 20}, {"beta": 0.5, "threshold": 60}
        ),
    ),
    Spec(logsigmoid, lambda x: -np.logaddexp(0, -x), cases(operands(1))),
    Spec(softsign, lambda x: x / (1 + np.abs(x)), between(-4, 4)),
    Spec(tanhshrink, lambda x: x - np.tanh(x), between(-4, 4)),
    Spec(
        softmin,
        softmin_reference,
        st.builds(
            Case,
            operands(1, low=-4, high=4, shapes=NOT_A_SCALAR),
            st.sampled_from([{"axis": 0}, {"axis": -1}]),
        ),
    ),
    Spec(
        gelu,
        lambda x, approximate: (
            x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi).astype(x.dtype) * (x + 0.044715 * x**3)))
        ),
        with_options(-3, 3, {"approximate": "tanh"}),
    ),
    Spec(mish, lambda x: x * np.tanh(np.logaddexp(0, x)), cases(operands(1))),
    Spec(glu, glu_reference, halved()),
]
