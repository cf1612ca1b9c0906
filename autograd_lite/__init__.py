"""Automatic differentiation on NumPy, small enough to be read in an afternoon.

This page is a table of contents, chapter by chapter. Search it for a name: the comments list the
names that the imports below them bring, and an import tells which file defines them.
``help(name)`` has the details.

Examples
--------
>>> from autograd_lite import Tensor
>>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> (x * x).sum().backward()
>>> x.grad
Tensor([2., 4., 6.])
"""

from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

# ---- Namespaces: the errors, and what has a namespace of its own in NumPy or SciPy.
# fft: fft, fft2, fftfreq, fftn, fftshift, hfft, ifft, ifft2, ifftn, ifftshift, ihfft, irfft,
# irfft2, irfftn, rfft, rfft2, rfftfreq, rfftn
# linalg: EigResult, EighResult, QRResult, SVDResult, SlogdetResult, cholesky, cond, cross, det,
# diagonal, eig, eigh, eigvals, eigvalsh, expm, inv, lstsq, matmul, matrix_norm, matrix_power,
# matrix_rank, matrix_transpose, multi_dot, norm, outer, pinv, qr, slogdet, solve,
# solve_triangular, svd, svdvals, tensordot, tensorinv, tensorsolve, trace, vecdot, vector_norm
# special: betaln, cbrt, digamma, entr, erf, erfc, erfcx, exp2, expit, expm1, gammaln, i0,
# kl_div, log1p, log_ndtr, logit, logsumexp, ndtr, polygamma, psi, rel_entr, sinc, xlog1py,
# xlogy
from autograd_lite import errors as errors
from autograd_lite import fft as fft
from autograd_lite import linalg as linalg
from autograd_lite import special as special

# ---- Debugging: finding the op that first made NaN or infinity.
from autograd_lite.debugging import trace_nans as trace_nans

# ---- Dtypes and constants, under the names of the array API standard.
# bool, complex64, complex128, e, float32, float64, inf, int8, int16, int32, int64, nan,
# newaxis, pi, uint8, uint16, uint32, uint64
from autograd_lite.dtypes import *

# ---- Algebra: products, linear equations, decompositions, norms, Fourier transforms.
# einsum
from autograd_lite.functions.algebra.contraction import *

# cross, dot, inner, linear, matmul, matvec, outer, tensordot, trace, vdot, vecdot, vecmat
from autograd_lite.functions.algebra.products import *

# ---- Creation: new tensors of a shape, ranges, grids.
# arange, array, asarray, empty, empty_like, eye, from_dlpack, fromfunction, full, full_like,
# identity, ones, ones_like, tri, zeros, zeros_like
from autograd_lite.functions.creation.creation import *

# geomspace, linspace, logspace
from autograd_lite.functions.creation.spacing import *

# ---- What every tensor may need: gradients, dtypes, and what other libraries ask of a namespace.
# broadcast_shapes, can_cast, finfo, iinfo, iscomplexobj, isdtype, isrealobj, promote_types,
# result_type
from autograd_lite.functions.general.data_types import *

# as_tensor, gradients
from autograd_lite.functions.general.differentiation import *

# __array_api_version__, __array_namespace_info__
from autograd_lite.functions.general.inspection import *

# ---- Learning: activations and losses.
# elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, swish
from autograd_lite.functions.learning.activations import *

# binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mean_squared_error
from autograd_lite.functions.learning.losses import *

# log_softmax, logsumexp, softmax
from autograd_lite.functions.learning.softmax import *

# ---- Manipulation: shape and order of axes, joining, splitting, padding, writing into a tensor.
# apply_along_axis, apply_over_axes, piecewise
from autograd_lite.functions.manipulation.applying import *

# diag, diagflat, diagonal, kron, tril, triu, vander
from autograd_lite.functions.manipulation.diagonals import *

# append, block, column_stack, concat, concatenate, dstack, hstack, insert, stack, vstack
from autograd_lite.functions.manipulation.joining import *

# pad
from autograd_lite.functions.manipulation.padding import *

# flip, fliplr, flipud, repeat, resize, roll, rot90, tile
from autograd_lite.functions.manipulation.rearranging import *

# intersect1d, isin, setdiff1d, setxor1d, union1d, unique, unique_all, unique_counts,
# unique_inverse, unique_values
from autograd_lite.functions.manipulation.sets import *

# astype, atleast_1d, atleast_2d, atleast_3d, broadcast_arrays, broadcast_to, copy, expand_dims,
# matrix_transpose, meshgrid, moveaxis, permute_dims, ravel, reshape, rollaxis, squeeze,
# swapaxes, transpose
from autograd_lite.functions.manipulation.shaping import *

# array_split, delete, dsplit, hsplit, sliding_window_view, split, trim_zeros, unstack, vsplit
from autograd_lite.functions.manipulation.splitting import *

# copyto, fill_diagonal, place, put, put_along_axis, putmask
from autograd_lite.functions.manipulation.writing import *

# ---- Mathematics: elementwise functions, sums and products, polynomials, calculus.
# add, divide, divmod, float_power, floor_divide, fmod, gcd, lcm, mod, multiply, negative,
# positive, pow, power, reciprocal, remainder, square, subtract, true_divide
from autograd_lite.functions.mathematics.arithmetic import *

# convolve, correlate, diff, ediff1d, gradient, trapezoid
from autograd_lite.functions.mathematics.calculus import *

# angle, conj, conjugate, imag, real, real_if_close
from autograd_lite.functions.mathematics.complex_numbers import *

# cummax, cummin, cumprod, cumsum, cumulative_prod, cumulative_sum, nancumprod, nancumsum
from autograd_lite.functions.mathematics.cumulative import *

# abs, absolute, clip, fabs, fmax, fmin, maximum, minimum, nan_to_num, unwrap
from autograd_lite.functions.mathematics.elementwise import *

# cbrt, exp, exp2, expm1, log, log1p, log2, log10, logaddexp, logaddexp2, sqrt
from autograd_lite.functions.mathematics.exponential import *

# interp
from autograd_lite.functions.mathematics.interpolation import *

# poly, polyadd, polyder, polydiv, polyfit, polyint, polymul, polysub, polyval, roots
from autograd_lite.functions.mathematics.polynomials import *

# amax, amin, max, mean, min, prod, ptp, sum
from autograd_lite.functions.mathematics.reductions import *

# around, ceil, copysign, fix, floor, frexp, heaviside, ldexp, modf, nextafter, rint, round,
# sign, spacing, trunc
from autograd_lite.functions.mathematics.rounding import *

# betaln, digamma, entr, erf, erfc, erfcx, i0, kl_div, lgamma, log_ndtr, logit, ndtr, polygamma,
# rel_entr, sinc, xlog1py, xlogy
from autograd_lite.functions.mathematics.special import *

# acos, acosh, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, asin, asinh, atan,
# atan2, atanh, cos, cosh, deg2rad, degrees, hypot, rad2deg, radians, sin, sinh, tan, tanh
from autograd_lite.functions.mathematics.trigonometric import *

# ---- Selecting: by index, condition and order; truth values.
# allclose, array_equal, array_equiv, bitwise_and, bitwise_count, bitwise_invert,
# bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift, bitwise_xor, equal, greater,
# greater_equal, invert, isclose, iscomplex, isfinite, isinf, isnan, isneginf, isposinf, isreal,
# left_shift, less, less_equal, logical_and, logical_not, logical_or, logical_xor, not_equal,
# right_shift, signbit
from autograd_lite.functions.selecting.logical import *

# argwhere, choose, compress, extract, flatnonzero, nonzero, select, take, take_along_axis,
# where
from autograd_lite.functions.selecting.selecting import *

# argpartition, argsort, bincount, digitize, lexsort, partition, searchsorted, sort,
# sort_complex
from autograd_lite.functions.selecting.sorting import *

# ---- Statistics: means, spreads, order statistics, counting.
# all, any, argmax, argmin, count_nonzero, nanargmax, nanargmin
from autograd_lite.functions.statistics.counting import *

# histogram, histogram2d, histogramdd
from autograd_lite.functions.statistics.histograms import *

# median, nanmedian, nanpercentile, nanquantile, percentile, quantile
from autograd_lite.functions.statistics.order_statistics import *

# average, corrcoef, cov, std, var
from autograd_lite.functions.statistics.statistics import *

# nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar
from autograd_lite.functions.statistics.without_nan import *

# ---- Tensors, modes, and ops of your own.
from autograd_lite.modes import enable_grad as enable_grad
from autograd_lite.modes import is_recording as is_recording
from autograd_lite.modes import no_grad as no_grad
from autograd_lite.numpy_protocols.dispatch import implements as implements
from autograd_lite.operands import register_array_type as register_array_type
from autograd_lite.primitive import AllInputs as AllInputs
from autograd_lite.primitive import EveryInput as EveryInput
from autograd_lite.primitive import Primitive as Primitive
from autograd_lite.tensor import Tensor as Tensor
from autograd_lite.tensor import TensorLike as TensorLike

# ---- Transforms: derivatives of functions, and containers of tensors.
# checkpoint, elementwise_grad, grad, hessian, hvp, jacobian, jvp, once, value_and_grad, vjp
from autograd_lite.transforms import *

# flatten, tree_map
from autograd_lite.trees import *

__version__ = "0.1.0"

if _TYPE_CHECKING:  # a type checker takes all that is imported here for public, as it is
    # ---- Capture: a function's NumPy calls, written down once and replayed.
    from autograd_lite.capturing import Captured as Captured
    from autograd_lite.capturing import Program as Program
    from autograd_lite.capturing import capture as capture
else:  # capture is imported on first use: who doesn't capture needn't wait for it
    _NAMESPACES = {"errors", "fft", "linalg", "special"}
    __all__ = [
        name
        for name, value in globals().items()
        if (not name.startswith("_") or name.startswith("__array"))
        and (name in _NAMESPACES or not isinstance(value, _ModuleType))
    ]
    __all__ += ["Captured", "Program", "capture"]

    def __getattr__(name: str) -> _Any:
        if name not in {"Captured", "Program", "capture"}:
            raise AttributeError(f"module 'autograd_lite' has no attribute {name!r}")
        found = globals()[name] = getattr(_import_module("autograd_lite.capturing"), name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
