"""Functions of matrices."""

from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import strategies as st

from autograd_lite.ops import matrix_functions
from autograd_lite.testing import Case, Spec, operands

from .linear_algebra import matrices


def exponentials(a: Any) -> Any:
    y = np.empty_like(a)
    for i in np.ndindex(a.shape[:-2]):
        y[i] = scipy.linalg.expm(a[i])
    return y


def slopes(a: Any, x: Any) -> Any:
    n, y = a.shape[-1], np.empty_like(a)
    for i in np.ndindex(a.shape[:-2]):
        y[i] = scipy.linalg.expm(np.block([[a[i], x[i]], [0 * a[i], a[i]]]))[:n, n:]
    return y


far = operands(1, low=-4, high=4, shapes=st.sampled_from([((3, 3),), ((2, 4, 4),), ((0, 0),)]))

SPECS = [
    Spec(matrix_functions.expm, exponentials, far.map(Case), complex=True, order=3),
    Spec(matrix_functions.expm_slope, slopes, matrices(count=2), complex=True),
]
