"""The exponential of matrices, and the solver for triangles, which SciPy has and NumPy lacks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd_lite as ag
from autograd_lite import Tensor, linalg

RNG = np.random.default_rng(0)


def test_expm_and_its_slope_are_scipys():
    scipy_linalg = pytest.importorskip("scipy.linalg")
    a, along = RNG.standard_normal((2, 4, 4)) * np.array([30.0, 1.0])[:, None, None]
    values, slope = scipy_linalg.expm_frechet(a, along)
    assert_allclose(linalg.expm(a).data, values, rtol=1e-10)
    _, found = ag.jvp(linalg.expm, (a,), (along,))
    assert_allclose(np.asarray(found), slope, rtol=1e-9)


def test_expm_of_what_is_not_finite_or_too_large_is_silent():
    assert np.isnan(linalg.expm([[np.nan, 0.0], [0.0, 1.0]]).data).all()
    assert linalg.expm([[1000.0, 0.0], [0.0, 0.0]]).data.tolist() == [[np.inf, 0], [0, 1]]
    assert linalg.expm(np.eye(2, dtype=np.float32)).dtype == np.float32


def test_solve_triangular_takes_what_scipys_takes():
    b = np.ones(2)
    linalg.solve_triangular([[2.0, 1.0], [0.0, 4.0]], b, overwrite_b=True, check_finite=False)
    assert b.tolist() == [1, 1]


def test_solve_triangular_reads_one_triangle():
    a = Tensor([[2.0, np.nan], [1.0, 4.0]], requires_grad=True)
    x = linalg.solve_triangular(a, [2.0, 5.0], lower=True)
    assert x.data.tolist() == [1, 1]
    assert ag.gradients(x.sum(), a).data.tolist() == [[-0.375, 0], [-0.25, -0.25]]


@pytest.mark.parametrize(
    ("a", "how", "message"),
    [
        ([[1.0, 2.0], [0.0, 0.0]], {}, "0 on the diagonal"),
        (np.ones(3), {}, r"shape \(3,\): the last two axes must be of one length"),
        (np.ones((2, 3)), {}, r"shape \(2, 3\): the last two axes"),
        (np.eye(2), {"trans": 3}, "trans is 3; it must be 0, 1, 2"),
    ],
)
def test_what_solve_triangular_refuses(a, how, message):
    with pytest.raises(ValueError, match=message):
        linalg.solve_triangular(a, np.ones(2), **how)
