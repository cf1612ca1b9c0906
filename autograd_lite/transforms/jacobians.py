"""Matrices of first and second derivatives, and Hessian-vector products: jacobian, hessian, hvp."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd_lite import trees
from autograd_lite.backward.algorithm import recorded_below
from autograd_lite.errors import DomainError
from autograd_lite.kinks import is_open
from autograd_lite.modes import current_mode, is_recording
from autograd_lite.ops.manipulation import joining
from autograd_lite.tensor import Tensor, apply
from autograd_lite.transforms.batching import Batched
from autograd_lite.transforms.checking import (
    fitting,
    leaves_of,
    require_function,
    require_one_value,
    require_sequences,
    with_aux,
)
from autograd_lite.transforms.forward_mode import linear_pullback
from autograd_lite.transforms.results import tensor_or_numbers, unshared
from autograd_lite.transforms.tracing import Argnums, chosen, pull_back, retire, trace

__all__ = ["hessian", "hvp", "jacobian"]

_WIDE = 2
"""From this many outputs for each input on, columns are faster than rows, as measured."""

_BATCH = 2**20
"""The most values that a batch of cotangents may have at the largest node of the graph."""


def jacobian(
    f: Callable[..., Any],
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    argnum: Argnums | None = None,
) -> Callable[..., Any]:
    """Return a function that computes the derivatives of all outputs of ``f`` by all inputs.

    Parameters
    ----------
    f : callable
        Takes and returns floating or complex arrays of any shape, or containers of them; see
        :func:`grad`.
    argnums, argnum : int or sequence of int, optional
        The positions of the arguments to differentiate with respect to; the first by default.
    has_aux : bool
        Set this if ``f`` returns a pair: the outputs, and other results to pass on.

    Returns
    -------
    callable
        Takes the arguments of ``f``. For each output of shape ``out`` and input of shape ``in`` it
        returns an array of shape ``out + in``, or a tensor if the input is one. The result has the
        structure of the outputs, with the structure of the inputs in place of each output. For
        ``has_aux`` it is a pair ``(jacobian, aux)``.

    Raises
    ------
    DomainError
        If complex outputs depend on complex inputs by a function that isn't holomorphic: it has
        no complex derivative. Use :func:`jvp` or :func:`vjp`.
    DTypeError, GraphError, IndexingError, UnsupportedError
        As for :func:`grad`.

    Notes
    -----
    One backward pass computes all rows together, with a batch axis in every NumPy function. If
    there are many more outputs than inputs, double reverse mode computes the columns instead.

    The Jacobian of a holomorphic function is f'(z), not conjugated. That of a real function of
    complex numbers is its gradient, as for :func:`grad`.

    Examples
    --------
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    require_function("jacobian", f)
    positions = chosen("jacobian", argnums, argnum)

    @wraps(f)
    def derivatives(*args: Any, **kwargs: Any) -> Any:
        run = trace("jacobian", f, args, kwargs, positions)
        result, aux = with_aux("jacobian", run.result, has_aux)
        tensors = run.tensors(run.recorded)
        blocks = (
            run.fill(_blocks(y, run.variables, tensors, recorded=run.recorded))
            for y in leaves_of("jacobian", result)
        )
        found = trees.visit(lambda path, leaf: next(blocks), result, static=lambda x: None)
        retire(run.variables)
        return (found, run.settled(aux)) if has_aux else found

    return derivatives


def hessian(
    f: Callable[..., Any],
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    argnum: Argnums | None = None,
) -> Callable[..., Any]:
    """Return a function that computes all second derivatives of ``f``, a function with one value.

    Parameters
    ----------
    f, argnums, has_aux, argnum
        As for :func:`grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns the Jacobian of the gradient. For inputs of shapes
        ``a`` and ``b`` it returns an array of shape ``a + b``, or a tensor if either input is one.
        The result has the structure of the inputs, twice nested. For ``has_aux`` it is a pair
        ``(hessian, aux)``.

    Raises
    ------
    UnsupportedError
        If ``f`` can't be called, or has an op that is ``first_order_only``.
    DomainError
        If the gradient by complex inputs isn't holomorphic; use :func:`hvp`.
    ShapeError, DTypeError, GraphError, IndexingError
        As for :func:`grad`.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    require_function("hessian", f)
    positions = chosen("hessian", argnums, argnum)

    @wraps(f)
    def derivatives(*args: Any, **kwargs: Any) -> Any:
        run = trace("hessian", f, args, kwargs, positions)
        value, aux = with_aux("hessian", run.result, has_aux)
        require_one_value("hessian", value, has_aux)
        slopes = _slopes("hessian", value, run.variables)
        tensors = run.tensors(run.recorded)
        rows = [
            run.fill(
                _blocks(
                    Tensor.of(np.zeros_like(x.array)) if slope is None else slope,
                    run.variables,
                    [row or column for column in tensors],
                    recorded=run.recorded,
                )
            )
            for slope, x, row in zip(slopes, run.variables, tensors, strict=True)
        ]
        retire(run.variables)
        found = run.fill(rows)
        return (found, run.settled(aux)) if has_aux else found

    return derivatives


def _slopes(what: str, value: Tensor, variables: Sequence[Tensor]) -> list[Any]:
    """Return the gradient of one value as recorded tensors; None for variables not reached."""
    start = Tensor.of(np.ones_like(value.array))
    return pull_back(what, [value], [start], variables, recorded=True)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
    """Return the product of the Hessian of ``f`` with a vector, without forming the Hessian.

    Parameters
    ----------
    f : callable
        Takes floating or complex arrays of any shape, or containers of them, and returns one real
        value.
    primals : tuple or list
        The arguments of ``f``, at which to differentiate.
    tangents : tuple or list
        The vector, with the structure and shapes of ``primals``.

    Returns
    -------
    tuple
        The product, with the structure of ``primals``: arrays for arrays, tensors for tensors.

    Raises
    ------
    ShapeError
        If ``f`` returns more than one value, or if tangents have another structure or shape.
    DTypeError
        If ``primals`` or ``tangents`` isn't a tuple or list, if the primals contain nothing
        floating or complex, or if ``f`` returns a value that isn't real and floating.
    GraphError
        If ``f`` returns something else than a tensor, or assigns into its argument.
    UnsupportedError
        If ``f`` can't be called, or has an op that is ``first_order_only``.

    Notes
    -----
    Computed as the gradient of the product of the gradient and the vector: reverse over reverse.
    It costs a few times as much as ``f``, whatever the number of variables.

    Examples
    --------
    >>> hvp(lambda x: (x**3).sum(), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    (array([6., 0.]),)
    """
    require_function("hvp", f, "(f, (x,), (v,))")
    require_sequences("hvp", primals, tangents)
    run = trace("hvp", f, tuple(primals), {}, None)
    require_one_value("hvp", run.result, False)
    given = fitting("hvp", "tangents", tuple(primals), tuple(tangents), run.variables)
    recorded = is_recording() and (run.recorded or any(t.tracked for t in given))
    slopes = _slopes("hvp", run.result, run.variables)
    live = [
        (p, t if recorded else t.array) for p, t in zip(slopes, given, strict=True) if p is not None
    ]
    found = pull_back(
        "hvp", [p for p, _ in live], [t for _, t in live], run.variables, recorded=recorded
    )
    product: tuple[Any, ...] = run.gradients(found, given, recorded=recorded)
    retire(run.variables)
    return product


def _blocks(
    y: Tensor, variables: Sequence[Tensor], tensors: Sequence[bool], *, recorded: bool
) -> list[Any]:
    """Return the derivatives of one output by each variable, of shape ``y.shape + x.shape``.

    They are arrays where ``tensors`` is False and nothing is recorded, otherwise tensors.
    """
    if not y.tracked:
        found = [np.zeros((y.size, *x.shape), _dtype(y, x)) for x in variables]
    elif _columns_are_faster(y, variables):
        found = _columns(y, variables, recorded)
    else:
        found = _rows(y, variables, recorded)
        if y.dtype.kind == "c":
            turned = _rows(y, variables, recorded, unit=1j)
            found = list(map(_derivative, found, turned, variables))
    return [
        tensor_or_numbers(g.reshape(y.shape + x.shape), tensor)
        for g, x, tensor in zip(unshared(found), variables, tensors, strict=True)
    ]


def _dtype(y: Tensor, x: Tensor) -> Any:
    return x.dtype if y.dtype.kind != "c" else np.result_type(x.dtype, np.complex64)


def _derivative(rows: Any, turned: Any, x: Tensor) -> Any:
    """Return complex derivatives from the cotangents that pull back 1 (rows) and 1j (turned).

    For dy = A dx + B conj(dx) these are conj(A) + B and 1j (conj(A) - B), or for real x their real
    parts.
    """
    if x.dtype.kind != "c":
        return rows + 1j * turned
    values = [r.array if isinstance(r, Tensor) else r for r in (rows, turned)]
    a, b = (abs(values[0] + sign * 1j * values[1]) for sign in (-1, 1))
    if b.size and b.max() > np.sqrt(np.finfo(x.dtype).eps) * a.max():
        raise DomainError(
            "jacobian of a function that isn't holomorphic: it has no complex derivative; use "
            "jvp() or vjp(), hvp() for hessian(), or give real and imaginary parts as two arguments"
        )
    return np.conjugate(rows)


def _columns_are_faster(y: Tensor, variables: Sequence[Tensor]) -> bool:
    if any(x.dtype.kind == "c" for x in (y, *variables)):
        return False
    if y.size < _WIDE * sum(x.size for x in variables):
        return False
    return not any(node.op.first_order_only or is_open(node) for node in _nodes(y))


def _columns(y: Tensor, variables: Sequence[Tensor], recorded: bool) -> list[Any]:
    """Return the rows by differentiating the backward pass, once for each input."""
    (u,), pulled = linear_pullback("jacobian", variables, [y], recorded=recorded)
    found = []
    for x, p in zip(variables, pulled, strict=True):
        if p is None or not p.tracked:
            found.append(np.zeros((y.size, *x.shape), x.dtype))
            continue
        (columns,) = _rows(p, [u], recorded)
        rows = columns.reshape(x.size, y.size).T.astype(x.dtype)
        found.append(rows if x.ndim == 1 else rows.reshape(y.size, *x.shape))  # not a view
    retire([u])
    return found


def _rows(y: Tensor, variables: Sequence[Tensor], recorded: bool, unit: complex = 1) -> list[Any]:
    """Return the pullback of each unit vector, of shape ``(y.size, *x.shape)`` for each x."""
    alone = recorded or current_mode().watch is not None
    parts = []
    for units in _unit_vectors(y, unit, _batch_size(y, variables)):
        part = None if alone else _together(y, units, variables)
        parts.append(_one_by_one(y, units, variables, recorded) if part is None else part)
    if not parts:
        return [np.zeros((0, *x.shape), x.dtype) for x in variables]
    if len(parts) == 1:
        return parts[0]
    return [np.concatenate(several) for several in zip(*parts, strict=True)]


def _unit_vectors(y: Tensor, unit: complex, batch: int) -> Iterator[Any]:
    for start in range(0, y.size, batch):
        count = min(batch, y.size - start)
        units = np.zeros((count, y.size), y.dtype)
        units[np.arange(count), start + np.arange(count)] = unit
        yield units.reshape(count, *y.shape)


def _nodes(y: Tensor) -> list[Any]:
    return recorded_below([y])


def _batch_size(y: Tensor, variables: Sequence[Tensor]) -> int:
    largest: int = max(1, *(node.size for node in (*_nodes(y), *variables)))
    return max(1, _BATCH // largest)


def _together(y: Tensor, units: Any, variables: Sequence[Tensor]) -> list[Any] | None:
    """Go backward once with all unit vectors; return None if a rule can't process a batch."""
    try:
        found = pull_back("jacobian", [y], [Batched(units)], variables, recorded=False)
    except Exception:  # a batch can make a rule raise anything; other errors recur one by one
        return None
    rows = []
    for g, x in zip(found, variables, strict=True):
        if isinstance(g, Batched):
            rows.append(g.array)
        else:
            same = np.zeros(x.shape, x.dtype) if g is None else g
            rows.append(np.broadcast_to(same, (len(units), *x.shape)))
    return rows


def _one_by_one(y: Tensor, units: Any, variables: Sequence[Tensor], recorded: bool) -> list[Any]:
    rows: list[list[Any]] = [[] for _ in variables]
    for unit in units:
        found = pull_back("jacobian", [y], [np.asarray(unit)], variables, recorded=recorded)
        for g, x, row in zip(found, variables, rows, strict=True):
            row.append(np.zeros(x.shape, x.dtype) if g is None else g)
    if recorded:
        return [apply(joining.stack, tuple(row), {"axis": 0}) for row in rows]
    return [np.stack(row) for row in rows]
