"""Softmax, its logarithm, and the logarithm of its denominator."""

from typing import Any

import numpy as np

from autograd_lite.ops.learning import softmax
from autograd_lite.testing import Spec

from ..drawing import reduced
from ..mathematics.reductions import method


def log_sum_exp(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def soft_max(x: Any, axis: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


SPECS = [
    Spec(softmax.logsumexp, log_sum_exp, reduced(empty=False)),
    Spec(softmax.softmax, soft_max, reduced(keepdims=False)),
    Spec(softmax.log_softmax, lambda x, axis: np.log(soft_max(x, axis)), reduced(keepdims=False)),
    method(np.logaddexp, "reduce", reduced(empty=False), log_sum_exp),
]
