"""Reductions, softmax."""

from typing import Any

import numpy as np

from autograd_lite.ops import reductions
from autograd_lite.testing import Spec

from .drawing import reduced


def log_sum_exp(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def soft_max(x: Any, axis: Any) -> Any:
    return np.exp(x) / np.sum(np.exp(x), axis=axis, keepdims=True)


SPECS = [
    Spec(reductions.sum, np.sum, reduced()),
    Spec(reductions.mean, np.mean, reduced(empty=False)),
    Spec(reductions.max, np.max, reduced(empty=False)),
    Spec(reductions.min, np.min, reduced(empty=False)),
    Spec(reductions.logsumexp, log_sum_exp, reduced(empty=False)),
    Spec(reductions.softmax, soft_max, reduced(keepdims=False)),
    Spec(
        reductions.log_softmax, lambda x, axis: np.log(soft_max(x, axis)), reduced(keepdims=False)
    ),
]
