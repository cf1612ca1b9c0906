"""Special functions: SciPy's names for them, and what happens without SciPy."""

import sys

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, gradients
from autograd_lite.errors import MissingExtraError


@pytest.mark.parametrize("name", ag.special.__all__)
def test_ufuncs_of_scipy_are_ours_on_tensors(name):
    theirs = getattr(pytest.importorskip("scipy.special"), name)
    x = Tensor([0.25, 0.75], requires_grad=True)
    y = theirs(x)
    np.testing.assert_allclose(y.data, theirs(x.data), rtol=1e-12)
    slope = (theirs(x.data + 1e-6) - theirs(x.data - 1e-6)) / 2e-6
    np.testing.assert_allclose(gradients(y.sum(), x).data, slope, rtol=1e-7)


def test_without_scipy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    with pytest.raises(MissingExtraError, match=r"autograd-lite\[scipy\]"):
        ag.lgamma([1.0])
