"""The dtypes of statistics: arrays promote as in NumPy, Python's numbers never do."""

from typing import Any

import numpy as np
import pytest

from autograd_lite import Tensor

X = np.random.default_rng(0).uniform(1, 2, (3, 6))
WEIGHTS = np.array([1, 2, 1, 3, 1, 2])
QUANTILES = (np.quantile, np.percentile, np.nanquantile, np.nanpercentile)

FUNCTIONS: dict[str, Any] = {
    "cov": np.cov,
    "cov of float32": lambda x: np.cov(x, dtype=np.float32),
    "corrcoef": np.corrcoef,
    "cov with frequencies": lambda x: np.cov(x, fweights=WEIGHTS),
    "variance with a NumPy number for ddof": lambda x: np.var(x, ddof=np.float64(1)),
    **{
        f"{what}, {np.dtype(dtype)}": function
        for dtype in (np.int8, np.int64, np.float16, np.float32, np.float64)
        for what, function in {
            "cov with weights": lambda x, d=dtype: np.cov(x, aweights=WEIGHTS.astype(d)),
            "cov of two": lambda x, d=dtype: np.cov(x, WEIGHTS.astype(d)),
            "average": lambda x, d=dtype: np.average(x, axis=1, weights=WEIGHTS.astype(d)),
            "variance": lambda x, d=dtype: np.var(x, axis=1, mean=np.ones((3, 1), d)),
        }.items()
    },
    **{
        f"{function.__name__} of {type(q).__name__} {q!r}": (
            lambda x, function=function, q=q: function(x, q, axis=1)
        )
        for function in QUANTILES
        for q in (0.5, 1, [0.5], np.array([0.25, 0.5]), np.float32([0.5]), np.array([0, 1]))
    },
    **{
        f"{function.__name__}, {method}": (
            lambda x, function=function, method=method: function(x, np.array([0.3]), method=method)
        )
        for function in QUANTILES
        for method in ("lower", "nearest", "inverted_cdf", "hazen", "midpoint", "weibull")
    },
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.complex64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_dtypes_are_numpys(name: str, dtype: Any) -> None:
    x = X.astype(dtype)
    if x.dtype.kind == "c" and name.startswith(("quan", "perc", "nan", "cov of float32")):
        return
    expected = np.asarray(FUNCTIONS[name](x))
    found = FUNCTIONS[name](Tensor(x, requires_grad=True))
    assert found.dtype == expected.dtype
    rtol = 1e-2 if expected.dtype == np.float16 or dtype is np.float16 else 1e-5
    np.testing.assert_allclose(found.data, expected, rtol=rtol, atol=rtol)


def test_quantiles_of_more_values_than_their_dtype_can_count() -> None:
    x = (np.arange(40_000) / 40_000).astype(np.float16)
    np.testing.assert_allclose(np.quantile(Tensor(x), 0.3).item(), 0.3, rtol=1e-3)
