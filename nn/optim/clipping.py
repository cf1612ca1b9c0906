"""Clipping: gradients that are too large are made smaller before a step."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import DomainError, DTypeError
from nn.options import is_number


def clip_grad_norm(
    parameters: Tensor | Iterable[Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
) -> Tensor:
    """Scale all gradients by one factor, so that their norm together is at most ``max_norm``.

    Each ``grad`` is replaced; the arrays of the old ones aren't changed. Those that are None are
    skipped.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
    max_norm : float
    norm_type : float
        Above 0; ``inf`` for the largest size of an element.
    error_if_nonfinite : bool
        Raise an error if the norm is NaN or infinite, rather than make gradients of NaN or 0.

    Returns
    -------
    Tensor, shape ()
        The norm before. It is in float32 at least; squares don't overflow.

    Raises
    ------
    DomainError
        If ``max_norm`` is negative, ``norm_type`` isn't positive, or the norm isn't finite and
        ``error_if_nonfinite`` is set. No gradient is changed then.

    Notes
    -----
    Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013. The
    factor is ``max_norm / (norm + 1e-6)``, at most 1, as in PyTorch.

    Examples
    --------
    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_norm([w], max_norm=1.0)
    Tensor(10.)
    >>> w.grad.data.round(5)
    array([0.6, 0.8])
    """
    if not (is_number(max_norm) and max_norm >= 0):
        raise DomainError(f"clip_grad_norm: max_norm must be at least 0: {max_norm!r}")
    if not (is_number(norm_type) and norm_type > 0):
        raise DomainError(f"clip_grad_norm: norm_type must be above 0: {norm_type!r}")
    found = [*_gradients("clip_grad_norm", parameters)]
    if not found:
        return as_tensor(np.float32(0))
    total = _norm([_at_least_float32(g) for _, g in found], norm_type)
    if error_if_nonfinite and not np.isfinite(total):
        raise DomainError(
            f"clip_grad_norm: the norm of the gradients is {total}; find the op that first gave "
            "NaN or infinity with autograd_lite.trace_nans"
        )
    factor = np.minimum(max_norm / (total + 1e-6), 1.0)
    for p, g in found:
        p.grad = as_tensor(g * factor.astype(_real(g.dtype)))
    return as_tensor(total)


def clip_grad_value(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Set elements of gradients that are beyond ``-clip_value`` or ``clip_value`` to these.

    Each ``grad`` is replaced; the arrays of the old ones aren't changed. Those that are None are
    skipped.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
    clip_value : float
        At least 0.

    Raises
    ------
    DomainError
        If ``clip_value`` is negative.
    DTypeError
        If a gradient is complex, which has no order.

    Examples
    --------
    >>> w = Tensor([3.0, -0.2], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> clip_grad_value([w], 1.0)
    >>> w.grad
    Tensor([ 1. , -0.4])
    """
    if not (is_number(clip_value) and clip_value >= 0):
        raise DomainError(f"clip_grad_value: clip_value must be at least 0: {clip_value!r}")
    found = [*_gradients("clip_grad_value", parameters)]
    for _, g in found:
        if g.dtype.kind == "c":
            raise DTypeError(
                f"clip_grad_value: a gradient is {g.dtype}, and complex numbers have no order; use "
                "clip_grad_norm"
            )
    for p, g in found:
        p.grad = as_tensor(np.minimum(np.maximum(g, -clip_value), clip_value))


def _gradients(name: str, parameters: Any) -> Iterator[tuple[Tensor, Any]]:
    """Yield the parameters that have a gradient, and the array of that."""
    for p in [parameters] if isinstance(parameters, Tensor) else parameters:
        if not isinstance(p, Tensor):
            raise DTypeError(f"{name} needs Tensors, such as model.parameters(), not {p!r}")
        if p.grad is not None:
            yield p, p.grad.data


def _at_least_float32(g: Any) -> Any:
    return g.astype(np.float32) if g.dtype == np.float16 else g


def _real(dtype: Any) -> Any:
    return {"F": np.float32, "D": np.float64}.get(dtype.char, dtype)


def _norm(arrays: list[Any], order: float) -> Any:
    """Return the norm of all elements together, each divided by the largest before its power."""
    sizes = [np.abs(x) for x in arrays]
    top = np.max(np.stack([np.max(x, initial=0) for x in sizes]))
    if order == np.inf:
        return top
    # nothing is divided by 0, nor by infinity, which would give NaN
    scale = np.where((top > 0) & np.isfinite(top), top, np.ones_like(top))
    parts = [np.sum((x / scale.astype(x.dtype)) ** order) for x in sizes]
    return scale * np.sum(np.stack(parts)) ** (1 / order)
