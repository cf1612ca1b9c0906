"""Making tensors: constants, but for what is made from tensors that require gradients.

``device`` is there for the array API standard; tensors live on ``"cpu"``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import SharingError, UnsupportedError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.operands import as_array, check_device
from autograd_lite.ops.manipulation import joining, shaping
from autograd_lite.tensor import Tensor, TensorLike, apply, compute, wrap

__all__ = [
    "arange",
    "array",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "fromfunction",
    "full",
    "full_like",
    "identity",
    "ones",
    "ones_like",
    "tri",
    "zeros",
    "zeros_like",
]

Shape = int | tuple[int, ...]


def _made(function: Callable[..., Any], *args: Any, device: Any = None, **kwargs: Any) -> Tensor:
    """Return what a NumPy function makes, as a constant."""
    check_device(device)
    made: Tensor = compute(function, *args, **kwargs)
    return made


def asarray(
    obj: TensorLike,
    /,
    dtype: npt.DTypeLike | None = None,
    *,
    device: Any = None,
    copy: bool | None = None,
) -> Tensor:
    """Return ``obj`` as a Tensor, without a copy where none is needed.

    Parameters
    ----------
    obj : Tensor, array_like, or nested sequences of them
        What requires a gradient passes it on: the result is recorded.
    dtype : dtype, optional
        Convert to this dtype.
    device : str, optional
        ``"cpu"``.
    copy : bool, optional
        True: always copy. False: never, but raise where it would be necessary.

    Raises
    ------
    DTypeError
        If the values aren't numbers, or are complex and ``dtype`` isn't.
    ShapeError
        If nested sequences are ragged.
    SharingError
        If a copy would be necessary with ``copy=False``.

    Examples
    --------
    >>> asarray([1, 2], dtype=np.float32)
    Tensor([1., 2.], dtype=float32)
    >>> x = Tensor(2.0, requires_grad=True)
    >>> asarray([x, x * x]).sum().backward()
    >>> x.grad
    Tensor(5.)
    """
    check_device(device)
    if isinstance(obj, (list, tuple)) and _any_tracked(obj):
        if copy is False:
            raise SharingError("tensors can't be joined without a copy; leave out copy=False")
        joined = apply(joining.stack, tuple(map(asarray, obj)), {"axis": 0})
        return joined if dtype is None else joined.astype(dtype)
    kept = getattr(obj, "dtype", None)
    new = kept if dtype is None else np.dtype(dtype)
    if copy is False and (kept is None or kept != new):
        given = type(obj).__name__ if kept is None else kept
        raise SharingError(f"{given} can't become {new} without a copy; leave out copy=False")
    if isinstance(obj, Tensor):
        return obj if kept == new and not copy else obj.astype(new)
    return wrap(as_array(obj, dtype, copy=copy))


def _any_tracked(obj: Any) -> bool:
    if isinstance(obj, (list, tuple)):
        return any(map(_any_tracked, obj))
    return isinstance(obj, Tensor) and obj.requires_grad


def array(
    object: TensorLike, dtype: npt.DTypeLike | None = None, *, copy: bool | None = True
) -> Tensor:
    """Return ``object`` as a Tensor, copied; see :func:`asarray`.

    Examples
    --------
    >>> array([[1, 2], [3, 4]])
    Tensor([[1, 2],
            [3, 4]])
    """
    return asarray(object, dtype, copy=copy)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """Return a constant that shares the memory of another library's array.

    Parameters
    ----------
    x : object with ``__dlpack__`` and ``__dlpack_device__``
        Such as an array of PyTorch, JAX or CuPy.
    device : str, optional
        ``"cpu"``.
    copy : bool, optional
        True: copy. False: raise where sharing is impossible.

    Examples
    --------
    >>> from_dlpack(np.array([1.0, 2.0]))
    Tensor([1., 2.])
    """
    check_device(device)
    return wrap(np.from_dlpack(x, device=device, copy=copy))


def arange(
    start: float,
    /,
    stop: float | None = None,
    step: float = 1,
    *,
    dtype: npt.DTypeLike | None = None,
    device: Any = None,
) -> Tensor:
    """Return the numbers from ``start``, or 0, to below ``stop``, ``step`` apart.

    Examples
    --------
    >>> arange(3), arange(1.0, 2.0, 0.5)
    (Tensor([0, 1, 2]), Tensor([1. , 1.5]))
    """
    if any(isinstance(x, Tensor) and x.requires_grad for x in (start, step)):
        raise UnsupportedError(
            "arange makes constants; write start + step * arange(n), or give detach()ed numbers"
        )
    return _made(np.arange, start, stop, step, dtype=dtype, device=device)


def empty(shape: Shape, *, dtype: npt.DTypeLike | None = None, device: Any = None) -> Tensor:
    """Return a tensor whose values are yet to be set: anything.

    Examples
    --------
    >>> empty((2, 3)).shape
    (2, 3)
    """
    return _made(np.empty, shape, dtype=dtype, device=device)


def zeros(shape: Shape, *, dtype: npt.DTypeLike | None = None, device: Any = None) -> Tensor:
    """Return zeros.

    Examples
    --------
    >>> zeros((2, 2))
    Tensor([[0., 0.],
            [0., 0.]])
    """
    return _made(np.zeros, shape, dtype=dtype, device=device)


def ones(shape: Shape, *, dtype: npt.DTypeLike | None = None, device: Any = None) -> Tensor:
    """Return ones.

    Examples
    --------
    >>> ones(3, dtype=np.float32)
    Tensor([1., 1., 1.], dtype=float32)
    """
    return _made(np.ones, shape, dtype=dtype, device=device)


def full(
    shape: Shape,
    fill_value: TensorLike,
    *,
    dtype: npt.DTypeLike | None = None,
    device: Any = None,
) -> Tensor:
    """Return ``fill_value`` everywhere; a tensor gets the sum of the gradients.

    Examples
    --------
    >>> full((2, 2), 7.0)
    Tensor([[7., 7.],
            [7., 7.]])
    """
    check_device(device)
    fill = asarray(fill_value, dtype)
    # astype copies: the places of what broadcast_to gives share their memory
    return apply(shaping.broadcast_to, (fill,), {"shape": shape}).astype(fill.dtype)


def empty_like(
    x: TensorLike, /, *, dtype: npt.DTypeLike | None = None, device: Any = None
) -> Tensor:
    """Return a tensor of the shape and dtype of ``x``, whose values are yet to be set.

    Examples
    --------
    >>> empty_like([[1.0, 2.0]]).shape
    (1, 2)
    """
    return _made(np.empty_like, x, dtype=dtype, device=device)


def zeros_like(
    x: TensorLike, /, *, dtype: npt.DTypeLike | None = None, device: Any = None
) -> Tensor:
    """Return zeros of the shape and dtype of ``x``.

    Examples
    --------
    >>> zeros_like([1.0, 2.0])
    Tensor([0., 0.])
    """
    return _made(np.zeros_like, x, dtype=dtype, device=device)


def ones_like(
    x: TensorLike, /, *, dtype: npt.DTypeLike | None = None, device: Any = None
) -> Tensor:
    """Return ones of the shape and dtype of ``x``.

    Examples
    --------
    >>> ones_like([1, 2])
    Tensor([1, 1])
    """
    return _made(np.ones_like, x, dtype=dtype, device=device)


@implements(np.full_like)
def full_like(
    a: TensorLike,
    fill_value: TensorLike,
    dtype: npt.DTypeLike | None = None,
    *,
    device: Any = None,
) -> Tensor:
    """Return ``fill_value`` in the shape and dtype of ``a``; see :func:`full`.

    Examples
    --------
    >>> full_like([1.0, 2.0], 7)
    Tensor([7., 7.])
    """
    like = as_tensor(a)
    return full(like.shape, fill_value, dtype=dtype or like.dtype, device=device)


def eye(
    n_rows: int,
    n_cols: int | None = None,
    /,
    k: int = 0,
    dtype: npt.DTypeLike | None = None,
    *,
    device: Any = None,
) -> Tensor:
    """Return ones on the ``k``-th diagonal and zeros elsewhere.

    Examples
    --------
    >>> eye(2, 3, k=1)
    Tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    return _made(np.eye, n_rows, n_cols, k=k, dtype=dtype, device=device)


def identity(n: int, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return the identity matrix of ``n`` rows.

    Examples
    --------
    >>> identity(2)
    Tensor([[1., 0.],
            [0., 1.]])
    """
    return _made(np.identity, n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: npt.DTypeLike = float) -> Tensor:
    """Return ones on and below the ``k``-th diagonal and zeros above.

    Examples
    --------
    >>> tri(2, 3)
    Tensor([[1., 0., 0.],
            [1., 1., 0.]])
    """
    return _made(np.tri, N, M, k, dtype=dtype)


def fromfunction(
    function: Callable[..., Any],
    shape: tuple[int, ...],
    *,
    dtype: npt.DTypeLike = float,
    **kwargs: Any,
) -> Any:
    """Return what ``function`` makes of the indices along each axis, given as tensors.

    Examples
    --------
    >>> fromfunction(lambda i, j: i + 10 * j, (2, 2))
    Tensor([[ 0., 10.],
            [ 1., 11.]])
    """
    return function(*map(wrap, np.indices(shape, dtype=dtype)), **kwargs)
