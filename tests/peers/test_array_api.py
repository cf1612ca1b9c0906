"""einops, SciPy, scikit-learn and others take tensors, by the array API standard and by DLPack.

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
from autograd_lite.errors import GraphError, SharingError

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


def as_one_of(x: Any, values: Any) -> Any:
    """Return values as a tensor where x is one, as an array where it is one."""
    return Tensor(values) if type(x) is Tensor else np.asarray(values)


@pytest.mark.parametrize(
    "function",
    [
        lambda e, x: e.at(1 * x)[0].set(2 * x[1]),
        lambda e, x: e.at(x)[0].multiply(2 * x[1], copy=True),
        lambda e, x: e.apply_where(x > 0, (x, x + 1), lambda a, b: a / b, fill_value=1.0),
        lambda e, x: e.atleast_nd(x, ndim=3),
        lambda e, x: e.cov(x),
        lambda e, x: e.create_diagonal(x[0]),
        lambda e, x: e.kron(x[:2], x[:2]),
        lambda e, x: e.nan_to_num(x),
        lambda e, x: e.pad(x, 1),
        lambda e, x: e.setdiff1d(x[0], x[1]),
        lambda e, x: e.sinc(x),
    ],
)
def test_array_api_extra(function: Any) -> None:
    extra = pytest.importorskip("array_api_extra")
    gradient(lambda x: function(extra, x), X[:4])


# ------------------------------------------------------------------ DLPack


@pytest.fixture(params=["numpy", "torch", "jax.numpy"])
def peer(request: pytest.FixtureRequest) -> Any:
    if request.param == "jax.numpy":
        pytest.importorskip("jax").config.update("jax_enable_x64", True)
    return pytest.importorskip(request.param)


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "uint8", "int64", "float32", "float64", "complex64", "complex128"]
)
def test_dtypes_are_given_and_taken(peer: Any, dtype: str) -> None:
    x = ag.asarray([[1, 0], [2, 3]], dtype=dtype)
    theirs = peer.from_dlpack(x)
    assert str(theirs.dtype).removeprefix("torch.") == dtype
    for copy in (None, True):
        back = ag.from_dlpack(theirs, copy=copy)
        assert type(back) is Tensor
        assert back.dtype == x.dtype
        assert back.tolist() == x.tolist()


@pytest.mark.parametrize(
    "view",
    [lambda x: x.T, lambda x: x[:0], lambda x: x[1, 1]],
    ids=["transposed", "empty", "without axes"],
)
def test_views_are_given_and_taken(peer: Any, view: Any) -> None:
    x = view(ag.asarray(X[:3, :3].copy()))
    back = ag.from_dlpack(peer.from_dlpack(x))
    assert back.shape == x.shape
    assert back.tolist() == x.tolist()


def test_what_is_taken_can_require_a_gradient(peer: Any) -> None:
    x = ag.from_dlpack(peer.asarray([1.0, 2.0]))
    x.requires_grad = True
    (x * x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 4.0]


def test_what_is_recorded_is_not_given(peer: Any) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    for recorded in (x, 2 * x):
        with pytest.raises(SharingError, match=r"tensor\.detach"):
            peer.from_dlpack(recorded)
    assert peer.from_dlpack(x.detach()).tolist() == [1.0, 2.0]


def test_what_torch_records_is_not_taken() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(BufferError):
        ag.from_dlpack(torch.ones(2, requires_grad=True))


def test_memory_that_jax_owns_is_not_written() -> None:
    x = ag.from_dlpack(pytest.importorskip("jax.numpy").zeros(2))
    with pytest.raises(ValueError, match="memory must be writeable"):
        x[0] = 1.0
    y = ag.asarray(x, copy=True)
    y[0] = 1.0
    assert (x.tolist(), y.tolist()) == ([0.0, 0.0], [1.0, 0.0])


# ------------------------------------------------------------------ einops


@pytest.mark.parametrize(
    "function",
    [
        lambda e, x: e.rearrange(x, "a (b c) -> c b a", b=2),
        lambda e, x: e.reduce(x, "a (b c) -> c", "sum", b=2),
        lambda e, x: e.reduce(x, "a (b c) -> c", "mean", b=2),
        lambda e, x: e.reduce(x, "a (b c) -> a b", "max", b=2),
        lambda e, x: e.reduce(x, "... b -> b", "prod"),
        lambda e, x: e.rearrange([x, 2 * x], "two a b -> a (b two)"),
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
    pytest.importorskip("scipy", minversion="1.17")
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
        ("special", lambda m, x: m.log_softmax(x, axis=0), X),
        ("special", lambda m, x: m.erf(x) + m.erfc(x**2), X),
        ("special", lambda m, x: m.expit(x) + m.logit(m.expit(x)), X),
        ("special", lambda m, x: m.gammaln(x) + m.psi(x), INNER),
        ("special", lambda m, x: m.cbrt(x) + m.exp2(x) + m.i0(x) + m.sinc(x), INNER),
        ("special", lambda m, x: m.xlogy(x, x + 1) + m.rel_entr(x, x**2), INNER),
        ("stats", lambda m, x: m.zscore(x), X),
        ("stats", lambda m, x: m.pmean(x**2 + 1, 3, axis=0), X),
        ("stats", lambda m, x: m.quantile(x, 0.3), X),
        ("stats", lambda m, x: m.differential_entropy(x), X),
        ("stats", lambda m, x: m.gmean(x**2 + 1, axis=0), X),
        ("stats", lambda m, x: m.skew(x, axis=0), X),
        ("stats", lambda m, x: m.kurtosis(x, axis=0), X),
        ("stats", lambda m, x: m.circmean(x), INNER),
        ("stats", lambda m, x: m.lmoment(x, axis=0), X),
        ("fft", lambda m, x: m.rfft(x), INNER),
        ("fft", lambda m, x: m.irfftn(m.rfftn(x) ** 2), X),
        ("integrate", lambda m, x: m.trapezoid(x, dx=0.5, axis=0), X),
        ("integrate", lambda m, x: m.cumulative_simpson(x, dx=0.5, axis=0), X),
        (
            "integrate",
            lambda m, x: m.cubature(lambda t: t**2 * x[0], x[1:2], x[2:]).estimate,
            INNER,
        ),
        ("differentiate", lambda m, x: m.derivative(lambda t: t**3, x).df, INNER),
        ("signal", lambda m, x: m.fftconvolve(x, x), INNER),
        ("signal", lambda m, x: m.hilbert(x, axis=0), X),
        ("signal", lambda m, x: m.resample(x, 6), X),
        ("cluster.vq", lambda m, x: m.whiten(x), X),
        ("linalg", lambda m, x: m.block_diag(x[:2], x[2:4]), X[:4]),
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
        ("special", lambda m, x: m.ndtr(x)),
        ("stats", lambda m, x: m.pearsonr(x[:, 0], x[:, 1]).statistic),
        ("stats", lambda m, x: m.spearmanr(x[:, 0], x[:, 1]).statistic),
        ("stats", lambda m, x: m.ttest_1samp(x, 0.0).pvalue),
        ("stats", lambda m, x: m.f_oneway(x[:2, 0], x[2:, 0]).statistic),
        ("ndimage", lambda m, x: m.gaussian_filter(x, 1.0)),
        ("signal", lambda m, x: m.convolve(x[0], x[1])),
        ("cluster.hierarchy", lambda m, x: m.linkage(x)),
        ("cluster.vq", lambda m, x: m.kmeans(x, x[:2])[0]),
        ("signal", lambda m, x: m.filtfilt(x[0], x[1], x[:, 0], padlen=2)),
        (
            "optimize.elementwise",
            lambda m, x: m.find_root(lambda t, a: t**3 - a, (0 * x, x + 1), args=(x,)).x,
        ),
        (
            "interpolate",
            lambda m, x: m.CubicSpline(as_one_of(x, np.arange(12.0)), x)(x[0]),
        ),
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
        special.i1(Tensor(INNER, requires_grad=True))


# ------------------------------------------------------------------ scikit-learn


# scikit-learn divides 0 by 0 on the way, and hushes it for NumPy's arrays alone
of_no_number = pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")


def fitted(name: str, estimator: Any, method: str) -> Any:
    """Return what an estimator gives for tensors, and for arrays."""
    sklearn = pytest.importorskip("sklearn", minversion="1.9")
    module = pytest.importorskip(f"sklearn.{name}")

    def result(x: Any, y: Any) -> Any:
        return getattr(estimator(module).fit(x, y), method)(x)

    with sklearn.config_context(array_api_dispatch=True):
        return result(Tensor(X), Tensor(Y)), result(X, Y)


@of_no_number
@in_the_second_process
@pytest.mark.parametrize(
    ("name", "estimator", "method"),
    [
        ("decomposition", lambda m: m.PCA(2, svd_solver="full"), "transform"),
        ("discriminant_analysis", lambda m: m.LinearDiscriminantAnalysis(), "predict_proba"),
        ("linear_model", lambda m: m.LogisticRegression(), "predict_proba"),
        ("linear_model", lambda m: m.Ridge(solver="svd"), "predict"),
        ("linear_model", lambda m: m.RidgeCV(), "predict"),
        ("naive_bayes", lambda m: m.GaussianNB(), "predict_proba"),
        ("preprocessing", lambda m: m.MaxAbsScaler(), "transform"),
        ("preprocessing", lambda m: m.MinMaxScaler(), "transform"),
        ("preprocessing", lambda m: m.Normalizer(), "transform"),
        ("preprocessing", lambda m: m.StandardScaler(), "transform"),
    ],
)
def test_scikit_learn_fits_tensors(name: str, estimator: Any, method: str) -> None:
    ours, theirs = fitted(name, estimator, method)
    assert type(ours) is Tensor
    np.testing.assert_allclose(ours.data, theirs, atol=1e-6)


@of_no_number
@in_the_second_process
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("metrics.pairwise", lambda m, x: m.rbf_kernel(x)),
        ("metrics.pairwise", lambda m, x: m.sigmoid_kernel(x, x + 1)),
        ("metrics.pairwise", lambda m, x: m.polynomial_kernel(x)),
        ("metrics.pairwise", lambda m, x: m.euclidean_distances(x, 2 * x + 1)),
        ("decomposition", lambda m, x: m.PCA(2, svd_solver="full").fit_transform(x)),
        ("preprocessing", lambda m, x: m.StandardScaler().fit_transform(x)),
        ("preprocessing", lambda m, x: m.MinMaxScaler().fit_transform(x)),
        (
            "linear_model",
            lambda m, x: m.Ridge(solver="svd").fit(x[:, :3], x[:, 3]).predict(x[:, :3]),
        ),
    ],
)
def test_scikit_learn_gives_gradients_where_it_computes_with_the_namespace(
    name: str, function: Any
) -> None:
    sklearn = pytest.importorskip("sklearn", minversion="1.9")
    module = pytest.importorskip(f"sklearn.{name}")
    with sklearn.config_context(array_api_dispatch=True):
        gradient(lambda x: function(module, x), X[:6])


@in_the_second_process
@pytest.mark.parametrize(
    ("metric", "actual", "predicted"),
    [
        ("accuracy_score", Y, 1 - Y),
        ("f1_score", Y, Y),
        ("log_loss", Y, 0.2 + 0.5 * Y),
        ("mean_absolute_error", X[:, 0], X[:, 1]),
        ("mean_squared_error", X[:, 0], X[:, 1]),
        ("r2_score", X[:, 0], X[:, 1]),
        ("roc_auc_score", Y, X[:, 0]),
    ],
)
def test_scikit_learn_measures_tensors(metric: str, actual: Any, predicted: Any) -> None:
    sklearn = pytest.importorskip("sklearn", minversion="1.9")
    measure = getattr(pytest.importorskip("sklearn.metrics"), metric)
    with sklearn.config_context(array_api_dispatch=True):
        ours = measure(Tensor(actual), Tensor(predicted))
        assert ours == pytest.approx(measure(actual, predicted))
