"""Making tensors and differentiating them."""

from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from autograd_lite.assignment import version
from autograd_lite.backward.algorithm import recorded_below
from autograd_lite.backward.entry import cotangents
from autograd_lite.errors import GraphError
from autograd_lite.operands import as_array
from autograd_lite.tensor import Tensor, TensorLike, wrap

__all__ = [
    "as_tensor",
    "gradients",
]


def as_tensor(x: TensorLike, dtype: npt.DTypeLike | None = None) -> Tensor:
    """Return ``x`` as a Tensor: a tensor as it is, anything else as a constant.

    Parameters
    ----------
    x : Tensor or array_like
        An array isn't copied: the tensor shares its memory.
    dtype : dtype, optional
        The dtype to convert to, if ``x`` has another.

    Raises
    ------
    DTypeError
        If the values aren't numbers, or are complex and ``dtype`` is real.
    ShapeError
        If nested sequences are ragged.

    Examples
    --------
    >>> as_tensor([1.0, 2.0])
    Tensor([1., 2.])
    """
    if type(x) is Tensor:
        return x if dtype is None or x.dtype == np.dtype(dtype) else x.astype(dtype)
    return wrap(as_array(x, dtype))


def as_floating(x: TensorLike) -> Tensor:
    """Return ``x`` as a Tensor of a floating dtype: float64 for integers and booleans.

    Examples
    --------
    >>> as_floating([1, 2])
    Tensor([1., 2.])
    """
    tensor = as_tensor(x)
    return tensor if tensor.dtype.kind in "fc" else tensor.astype(np.float64)


@overload
def gradients(
    output: Tensor,
    wrt: Tensor,
    cotangent: TensorLike | None = None,
    *,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> Tensor: ...


@overload
def gradients(
    output: Tensor,
    wrt: Sequence[Tensor],
    cotangent: TensorLike | None = None,
    *,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor, ...]: ...


def gradients(
    output: Tensor,
    wrt: Tensor | Sequence[Tensor],
    cotangent: TensorLike | None = None,
    *,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> Tensor | tuple[Tensor, ...]:
    """Return the gradients of ``output`` with respect to any tensors, intermediates included.

    No ``grad`` is changed, and only the part of the graph that leads to ``wrt`` is differentiated.

    Parameters
    ----------
    output : Tensor
        The tensor to differentiate, of any shape; needs a cotangent unless it has one value.
    wrt : Tensor or sequence of Tensor
        The leaves or intermediates to differentiate by. A layer's delta is the gradient with
        respect to its pre-activation.
    cotangent : array_like, shape of ``output``, optional
        The weights of the values of ``output``; 1 by default.
    retain_graph : bool, optional
        Keep the graph for another pass; by default, the same as ``create_graph``.
    create_graph : bool
        Record this pass, so that the gradients can be differentiated in turn.
    allow_unused : bool
        Return zeros for tensors that ``output`` doesn't depend on, instead of raising.

    Returns
    -------
    Tensor, or tuple of Tensor if ``wrt`` is a sequence
        The gradients, each with the shape and dtype of its tensor in ``wrt``.

    Raises
    ------
    GraphError
        If ``output`` has no graph, or doesn't depend on one of ``wrt``.
    ShapeError
        If the cotangent has another shape than ``output``, or is missing where it is needed.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> x = Tensor(3.0, requires_grad=True)
    >>> slope = gradients(x**3, x, create_graph=True)
    >>> slope.item()
    27.0
    >>> gradients(slope, x).item()
    18.0
    """
    targets = [wrt] if isinstance(wrt, Tensor) else list(wrt)
    for position, target in enumerate(targets):
        if not getattr(target, "tracked", False):
            raise GraphError(
                f"wrt[{position}] is not a tensor that requires a gradient, so nothing depends "
                "on it; make it with requires_grad=True before computing with it"
            )
    targets = [version(target) for target in targets]
    if not isinstance(output, Tensor):
        raise GraphError(f"{type(output).__name__} has no graph to go backward through")
    if output.tracked and not allow_unused:  # raise before anything is released
        order = recorded_below([output])
        reached = {output, *(parent for node in order for parent in node.inputs or ())}
        unused = [position for position, target in enumerate(targets) if target not in reached]
        if unused:
            raise GraphError(
                f"the output doesn't depend on wrt{unused}; "
                "leave it out, or pass allow_unused=True to get zeros for it"
            )
    found = cotangents(output, cotangent, dict.fromkeys(targets), retain_graph, create_graph)
    results = tuple(found[t] if t in found else wrap(np.zeros_like(t.array)) for t in targets)
    return results[0] if isinstance(wrt, Tensor) else results
