"""Creating tensors. They are constants unless made from tensors that require gradients.

The array API standard asks for ``device``; tensors live on ``"cpu"``. Without ``dtype``, dtypes
are those that NumPy chooses.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import (
    DomainError,
    DTypeError,
    ShapeError,
    SharingError,
    UnsupportedAttributeError,
    UnsupportedError,
)
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
    """Return the result of a NumPy function as a constant."""
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
    """Return ``obj`` as a Tensor, copied only where that is needed.

    Parameters
    ----------
    obj : Tensor, array_like, or nested sequences of them
        If it is or contains a tensor that requires a gradient, the result is recorded.
    dtype : dtype, optional
        The dtype to convert to.
    device : str, optional
        ``"cpu"``.
    copy : bool, optional
        True: always copy. False: raise an error where a copy is needed.

    Raises
    ------
    DTypeError
        If the values aren't numbers, or are complex and ``dtype`` isn't.
    ShapeError
        If nested sequences are ragged.
    SharingError
        If ``copy=False`` and a copy is needed.

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
            raise SharingError(
                "asarray can't join tensors into one without a copy; leave out copy=False"
            )
        joined = apply(joining.stack, tuple(map(asarray, obj)), {"axis": 0})
        return joined if dtype is None else joined.astype(dtype)
    kept = getattr(obj, "dtype", None)
    new = kept if dtype is None else np.dtype(dtype)
    if copy is False and (kept is None or kept != new):
        given = type(obj).__name__ if kept is None else kept
        raise SharingError(
            f"asarray can't make {new} of {given} without a copy; leave out copy=False"
        )
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
    """Return ``object`` as a Tensor, copied by default; see :func:`asarray`.

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
        True: always copy. False: raise ``BufferError`` where the memory can't be shared.

    Raises
    ------
    UnsupportedAttributeError
        If ``x`` has no ``__dlpack__``.

    Examples
    --------
    >>> from_dlpack(np.array([1.0, 2.0]))
    Tensor([1., 2.])
    """
    check_device(device)
    if not hasattr(x, "__dlpack__"):
        raise UnsupportedAttributeError(
            f"from_dlpack: {type(x).__name__} has no __dlpack__; asarray() takes numbers, lists "
            "and what NumPy can convert"
        )
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
    """Return evenly spaced numbers from ``start`` up to, but not including, ``stop``.

    Parameters
    ----------
    start, stop : float
        With one number alone, that is ``stop``, and ``start`` is 0.
    step : float
        The distance between two numbers.
    dtype : dtype, optional
    device : str, optional
        ``"cpu"``.

    Raises
    ------
    DomainError
        If ``step`` is 0.
    UnsupportedError
        If ``start`` or ``step`` requires a gradient.

    Examples
    --------
    >>> arange(3), arange(1.0, 2.0, 0.5)
    (Tensor([0, 1, 2]), Tensor([1. , 1.5]))
    """
    if any(isinstance(x, Tensor) and x.requires_grad for x in (start, step)):
        raise UnsupportedError(
            "arange makes constants; write start + step * arange(n), or give detach()ed numbers"
        )
    if np.size(step) == 1 and step == 0:
        raise DomainError(
            "arange: the step is 0; give another one, or use linspace() for a count of numbers"
        )
    return _made(np.arange, start, stop, step, dtype=dtype, device=device)


def empty(shape: Shape, *, dtype: npt.DTypeLike | None = None, device: Any = None) -> Tensor:
    """Return a tensor of the given shape whose values aren't set yet.

    Examples
    --------
    >>> empty((2, 3)).shape
    (2, 3)
    """
    return _made(np.empty, shape, dtype=dtype, device=device)


def zeros(shape: Shape, *, dtype: npt.DTypeLike | None = None, device: Any = None) -> Tensor:
    """Return a tensor of zeros of the given shape.

    Examples
    --------
    >>> zeros((2, 2))
    Tensor([[0., 0.],
            [0., 0.]])
    """
    return _made(np.zeros, shape, dtype=dtype, device=device)


def ones(shape: Shape, *, dtype: npt.DTypeLike | None = None, device: Any = None) -> Tensor:
    """Return a tensor of ones of the given shape.

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
    """Return a tensor of the given shape, filled with ``fill_value``.

    Parameters
    ----------
    shape : int or tuple of int
    fill_value : Tensor or array_like
        Broadcasts to ``shape``. Its gradient is the sum over the places that it fills.
    dtype : dtype, optional
        That of ``fill_value`` by default.
    device : str, optional
        ``"cpu"``.

    Raises
    ------
    ShapeError
        If ``fill_value`` doesn't broadcast to ``shape``.

    Examples
    --------
    >>> full((2, 2), 7.0)
    Tensor([[7., 7.],
            [7., 7.]])
    """
    check_device(device)
    fill = asarray(fill_value, dtype)
    # astype copies, since the elements of a broadcast array share memory
    return apply(shaping.broadcast_to, (fill,), {"shape": shape}).astype(fill.dtype)


def empty_like(
    x: TensorLike, /, *, dtype: npt.DTypeLike | None = None, device: Any = None
) -> Tensor:
    """Return a tensor with the shape and dtype of ``x`` whose values aren't set yet.

    Examples
    --------
    >>> empty_like([[1.0, 2.0]]).shape
    (1, 2)
    """
    return _made(np.empty_like, x, dtype=dtype, device=device)


def zeros_like(
    x: TensorLike, /, *, dtype: npt.DTypeLike | None = None, device: Any = None
) -> Tensor:
    """Return zeros with the shape and dtype of ``x``.

    Examples
    --------
    >>> zeros_like([1.0, 2.0])
    Tensor([0., 0.])
    """
    return _made(np.zeros_like, x, dtype=dtype, device=device)


def ones_like(
    x: TensorLike, /, *, dtype: npt.DTypeLike | None = None, device: Any = None
) -> Tensor:
    """Return ones with the shape and dtype of ``x``.

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
    """Return a tensor with the shape and dtype of ``a``, filled with ``fill_value``.

    See :func:`full` for the parameters.

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
    """Return a matrix with ones on the ``k``-th diagonal and zeros elsewhere.

    Its shape is ``(n_rows, n_cols)``; it is square where ``n_cols`` is left out.

    Examples
    --------
    >>> eye(2, 3, k=1)
    Tensor([[0., 1., 0.],
            [0., 0., 1.]])
    """
    return _made(np.eye, n_rows, n_cols, k=k, dtype=dtype, device=device)


def identity(n: int, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return the identity matrix of shape ``(n, n)``.

    Examples
    --------
    >>> identity(2)
    Tensor([[1., 0.],
            [0., 1.]])
    """
    return _made(np.identity, n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: npt.DTypeLike = float) -> Tensor:
    """Return a matrix of shape ``(N, M)`` with ones up to the ``k``-th diagonal, and zeros above.

    It is square where ``M`` is left out.

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
    """Call ``function`` with the indices along each axis of ``shape``, and return its result.

    Parameters
    ----------
    function : callable
        Takes one tensor of the given shape for each axis.
    shape : tuple of int
    dtype : dtype
        The dtype of the indices.
    **kwargs
        Passed on to ``function``.

    Returns
    -------
    object
        Whatever ``function`` returns.

    Raises
    ------
    DTypeError
        If ``shape`` isn't a sequence of integers.
    ShapeError
        If a length is negative.

    Examples
    --------
    >>> fromfunction(lambda i, j: i + 10 * j, (2, 2))
    Tensor([[ 0., 10.],
            [ 1., 11.]])
    """
    dtype = np.dtype(dtype)
    try:
        indices = np.indices(shape, dtype=dtype)
    except (TypeError, ValueError) as error:
        kind = DTypeError if isinstance(error, TypeError) else ShapeError
        raise kind(
            "fromfunction: the shape must be a tuple of lengths, one for each axis, such as (3,); "
            f"it is {shape!r}"
        ) from error
    return function(*map(wrap, indices), **kwargs)
