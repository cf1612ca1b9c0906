"""Forward derivatives, computed by going back through the backward pass: jvp."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from autograd_lite import trees
from autograd_lite.backward.algorithm import recorded_below
from autograd_lite.kinks import choices_are_constant, is_open
from autograd_lite.modes import is_recording
from autograd_lite.tensor import Tensor
from autograd_lite.transforms.checking import (
    fitting,
    leaves_of,
    require_function,
    require_sequences,
    with_aux,
)
from autograd_lite.transforms.results import gradients_of, tensor_or_numbers
from autograd_lite.transforms.tracing import Trace, is_inside, pull_back, retire, trace

__all__ = ["jvp"]


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Return ``f(*primals)``, and the derivative of ``f`` in the direction of ``tangents``.

    Parameters
    ----------
    f : callable
        Takes and returns floating or complex arrays of any shape, or containers of them.
    primals : tuple or list
        The arguments of ``f``, at which to differentiate.
    tangents : tuple or list
        The direction, with the structure and shapes of ``primals``. Values in place of something
        that can't be differentiated are ignored.
    has_aux : bool
        Set this if ``f`` returns a pair: the outputs, and other results to pass on.

    Returns
    -------
    outputs, tangents_out
        Both with the structure of the outputs of ``f``: arrays and numbers, or tensors if a primal
        or a tangent is or contains one. For ``has_aux``, ``aux`` follows.

    Raises
    ------
    ShapeError
        If tangents have another structure or shape. The message has the path, as in
        ``tangents[0]["layer"]``.
    DTypeError
        If ``primals`` or ``tangents`` isn't a tuple or list, if the primals contain nothing
        floating or complex, or if a tangent is complex and its primal real.
    GraphError
        If an output of ``f`` isn't a tensor, or if ``f`` assigns into its argument.
    UnsupportedError
        If ``f`` can't be called, or has an op that is ``first_order_only``.

    Notes
    -----
    Computed by double reverse mode [1]_: the pullback is linear in its cotangent, and the pullback
    of the pullback is the jvp. So it costs a few times as much as ``f``, whatever the sizes, but
    keeps the graph of ``f``, which true forward mode wouldn't. For complex numbers it is the
    derivative along the direction, whether or not ``f`` is holomorphic.

    References
    ----------
    .. [1] J. Townsend, "A new trick for calculating Jacobian vector products", 2017.

    Examples
    --------
    >>> jvp(lambda x: x**2, (3.0,), (10.0,))
    (np.float64(9.0), np.float64(60.0))
    """
    require_function("jvp", f, "(f, (x,), (v,))")
    require_sequences("jvp", primals, tangents)
    run = trace("jvp", f, tuple(primals), {}, None, besides=tangents)
    result, aux = with_aux("jvp", run.result, has_aux)
    outputs = leaves_of("jvp", result)
    given = fitting("jvp", "tangents", tuple(primals), tuple(tangents), run.variables)
    recorded = is_recording() and (run.recorded or any(t.tracked for t in given))
    tensors = recorded or run.given_tensors or is_inside()
    found = iter(_pushed_forward(run, outputs, given, recorded=recorded, tensors=tensors))
    out = trees.visit(lambda path, leaf: next(found), result, static=lambda x: None)
    values = run.settled(result), out
    retire(run.variables)
    return (*values, run.settled(aux)) if has_aux else values


def _pushed_forward(
    run: Trace,
    outputs: Sequence[Tensor],
    tangents: Sequence[Tensor],
    *,
    recorded: bool,
    tensors: bool,
) -> list[Any]:
    """Return the tangents of the outputs, by differentiating the backward pass."""
    if _has_open_kinks([*outputs, *run.variables]):
        rows = [_by_rows("jvp", run, y, tangents, recorded) for y in outputs]
        return [tensor_or_numbers(row, tensors) for row in rows]
    dummies, pulled = linear_pullback("jvp", run.variables, outputs, recorded=recorded)
    start = tangents if recorded else [t.array for t in tangents]
    live = [(p, t) for p, t in zip(pulled, start, strict=True) if p is not None]
    found = pull_back("jvp", [p for p, _ in live], [t for _, t in live], dummies, recorded=recorded)
    retire(dummies)
    return gradients_of(found, start, dummies, [tensors] * len(dummies))


def _has_open_kinks(tensors: Sequence[Tensor]) -> bool:
    if any(x.dtype.kind == "c" for x in tensors):
        return False
    ends = [x for x in tensors if x.tracked and x.op is not None]
    return any(is_open(node) for x in ends for node in recorded_below([x]))


def _by_rows(what: str, run: Trace, y: Tensor, tangents: Sequence[Tensor], recorded: bool) -> Any:
    """Return the tangent of one output, computed for one value after the other.

    This is for graphs with kinks: double reverse mode would multiply NaN by 0 there too early.
    """
    found = []
    for i in range(y.size):
        unit = np.zeros(y.size, y.dtype)
        unit[i] = 1
        pulled = pull_back(what, [y], [unit.reshape(y.shape)], run.variables, recorded=recorded)
        products = [
            np.sum(np.where(t.array == 0, 0, p * (t if recorded else t.array)))
            for p, t in zip(pulled, tangents, strict=True)
            if p is not None
        ]
        found.append(sum(products, start=np.zeros((), y.dtype)))
    return np.stack(found).reshape(y.shape) if found else np.zeros_like(y.array)


def linear_pullback(
    what: str, variables: Sequence[Tensor], outputs: Sequence[Tensor], *, recorded: bool
) -> tuple[list[Tensor], list[Any]]:
    """Return dummy cotangents of the outputs, and the variables' cotangents as functions of them.

    The values of the dummies don't matter, except that all are different: no difference between
    two of them is 0.
    """
    dummies = [Tensor.of(_all_different(y.array)) for y in outputs]
    for u in dummies:
        u.tracked = True
    with nullcontext() if recorded else choices_are_constant():
        return dummies, pull_back(what, outputs, dummies, variables, recorded=True)


def _all_different(array: Any) -> Any:
    fractions = np.modf(0.618034 * np.arange(array.size))[0].reshape(array.shape)
    return np.ones_like(array) + fractions.astype(array.real.dtype)
