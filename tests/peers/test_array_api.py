"""einops, SciPy and scikit-learn take tensors: their namespace is one of the array API standard.

Gradients flow wherever they compute with the namespace alone. SciPy and scikit-learn, which needs
it, look at SCIPY_ARRAY_API once, when SciPy is imported: so a second process runs their tests.
"""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import GraphError

SWITCHED = os.environ.get("SCIPY_ARRAY_API") == "1"
in_the_second_process = pytest.mark.skipif(not SWITCHED, reason="the second process runs it")

RNG = np.random.default_rng(0)
X = RNG.standard_normal((12, 4))
Y = np.arange(12) % 2
INNER = np.array([0.1, 0.45, 0.9])


def gradient(function: Any, values: Any) -> Any:
    """Return the gradient of the sum of a function's real result, and that of finite differences.

    The differences are taken of the function on NumPy's arrays.
    """
    x = Tensor(values, requires_grad=True)
    result = function(x)
    assert type(result) is Tensor
    weights = np.random.default_rng(1).standard_normal(result.shape)
    (result * weights).sum().real.backward()

    def at(moved: Any) -> float:
        return float(np.sum(np.asarray(function(moved)) * weights).real)

    differences = np.empty_like(values)
    for index in np.ndindex(values.shape):
        step = np.zeros_like(values)
        step[index] = 1e-6
        differences[index] = (at(values + step) - at(values - step)) / 2e-6
    np.testing.assert_allclose(x.grad.data, differences, rtol=1e-5, atol=1e-7)


# ------------------------------------------------------------------ array_api_compat


def test_array_api_compat_knows_tensors() -> None:
    compat = pytest.importorskip("array_api_compat")
    x = Tensor([[1.0, 2.0]])
    assert compat.is_array_api_obj(x)
    assert compat.array_namespace(x, x + 1) is ag
    assert compat.device(x) == "cpu"
    assert compat.to_device(x, "cpu") is x
    assert compat.size(x) == 2


# ------------------------------------------------------------------ einops


@pytest.mark.parametrize(
    "function",
    [
        lambda e, x: e.rearrange(x, "a (b c) -> c b a", b=2),
        lambda e, x: e.reduce(x, "a (b c) -> c", "sum", b=2),
        lambda e, x: e.reduce(x, "a (b c) -> c", "mean", b=2),
        lambda e, x: e.reduce(x, "a (b c) -> a b", "max", b=2),
        lambda e, x: e.repeat(x, "a b -> a b c", c=2),
        lambda e, x: e.pack([x, 2 * x], "* b")[0],
        lambda e, x: e.unpack(x, [[4], [8]], "* b")[1],
    ],
)
def test_einops(function: Any) -> None:
    einops = pytest.importorskip("einops.array_api")
    gradient(lambda x: function(einops, x), X)


# ------------------------------------------------------------------ SciPy


@pytest.mark.skipif(SWITCHED, reason="this is the second process")
def test_scipy_and_scikit_learn_in_a_process_that_is_switched_on() -> None:
    pytest.importorskip("scipy", minversion="1.15")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(
        [*command, "-k", "scipy_ or scikit_learn_"],
        env={**os.environ, "SCIPY_ARRAY_API": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


@in_the_second_process
@pytest.mark.parametrize(
    ("name", "function", "values"),
    [
        ("special", lambda m, x: m.logsumexp(x, axis=1), X),
        ("special", lambda m, x: m.softmax(x, axis=0), X),
        ("stats", lambda m, x: m.gmean(x**2 + 1, axis=0), X),
        ("stats", lambda m, x: m.skew(x, axis=0), X),
        ("stats", lambda m, x: m.kurtosis(x, axis=0), X),
        ("stats", lambda m, x: m.circmean(x), INNER),
        ("stats", lambda m, x: m.lmoment(x, axis=0), X),
        ("fft", lambda m, x: m.rfft(x), INNER),
        ("integrate", lambda m, x: m.trapezoid(x, dx=0.5, axis=0), X),
        ("integrate", lambda m, x: m.cumulative_simpson(x, dx=0.5, axis=0), X),
        ("signal", lambda m, x: m.fftconvolve(x, x), INNER),
        ("spatial.transform", lambda m, x: m.Rotation.from_rotvec(x).as_matrix(), INNER),
    ],
)
def test_scipy_gives_gradients_where_it_computes_with_the_namespace(
    name: str, function: Any, values: Any
) -> None:
    module = pytest.importorskip(f"scipy.{name}")
    gradient(lambda x: function(module, x), values)


@in_the_second_process
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("special", lambda m, x: m.gammaln(x)),
        ("stats", lambda m, x: m.zscore(x)),
        ("stats", lambda m, x: m.ttest_1samp(x, 0.0).pvalue),
        ("stats", lambda m, x: m.f_oneway(x[:2, 0], x[2:, 0]).statistic),
        ("ndimage", lambda m, x: m.gaussian_filter(x, 1.0)),
        ("signal", lambda m, x: m.convolve(x[0], x[1])),
        ("cluster.hierarchy", lambda m, x: m.linkage(x)),
        ("cluster.vq", lambda m, x: m.whiten(x)),
    ],
)
def test_scipy_takes_constants(name: str, function: Any) -> None:
    module = pytest.importorskip(f"scipy.{name}")
    values = np.abs(X) + 0.1
    result = function(module, Tensor(values))
    assert type(result) is Tensor
    np.testing.assert_allclose(result.data, function(module, values))


@in_the_second_process
def test_scipy_is_not_let_lose_a_gradient() -> None:
    special = pytest.importorskip("scipy.special")
    with pytest.raises(GraphError, match="would lose the gradient"):
        special.gammaln(Tensor(INNER, requires_grad=True))


# ------------------------------------------------------------------ scikit-learn


def fitted(name: str, estimator: Any, method: str) -> Any:
    """Return what an estimator gives for tensors, and for arrays."""
    sklearn = pytest.importorskip("sklearn", minversion="1.6")
    module = pytest.importorskip(f"sklearn.{name}")

    def result(x: Any, y: Any) -> Any:
        return getattr(estimator(module).fit(x, y), method)(x)

    with sklearn.config_context(array_api_dispatch=True):
        return result(Tensor(X), Tensor(Y)), result(X, Y)


@in_the_second_process
@pytest.mark.parametrize(
    ("name", "estimator", "method"),
    [
        ("decomposition", lambda m: m.PCA(2, svd_solver="full"), "transform"),
        ("linear_model", lambda m: m.Ridge(solver="svd"), "predict"),
        ("preprocessing", lambda m: m.MaxAbsScaler(), "transform"),
        ("preprocessing", lambda m: m.MinMaxScaler(), "transform"),
        (
            "discriminant_analysis",
            lambda m: m.LinearDiscriminantAnalysis(),
            "predict_proba",
        ),
    ],
)
def test_scikit_learn_fits_tensors(name: str, estimator: Any, method: str) -> None:
    ours, theirs = fitted(name, estimator, method)
    assert type(ours) is Tensor
    np.testing.assert_allclose(ours.data, theirs, atol=1e-12)


@in_the_second_process
@pytest.mark.parametrize(
    "function",
    [
        lambda m, x: m.pairwise.rbf_kernel(x),
        lambda m, x: m.pairwise.sigmoid_kernel(x, x + 1),
        lambda m, x: m.pairwise.polynomial_kernel(x),
    ],
)
def test_scikit_learn_gives_gradients_where_it_computes_with_the_namespace(function: Any) -> None:
    sklearn = pytest.importorskip("sklearn", minversion="1.6")
    metrics = pytest.importorskip("sklearn.metrics")
    with sklearn.config_context(array_api_dispatch=True):
        gradient(lambda x: function(metrics, x), X[:4])


@in_the_second_process
def test_scikit_learn_measures_tensors() -> None:
    sklearn = pytest.importorskip("sklearn", minversion="1.6")
    metrics = pytest.importorskip("sklearn.metrics")
    with sklearn.config_context(array_api_dispatch=True):
        assert metrics.accuracy_score(Tensor(Y), Tensor(Y)) == 1
        assert metrics.mean_squared_error(Tensor(INNER), Tensor(INNER + 1)) == pytest.approx(1)
