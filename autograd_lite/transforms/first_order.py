"""First derivatives: grad, value_and_grad, vjp, jvp."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
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
    require_one_value,
    require_real,
    require_sequences,
    with_aux,
)
from autograd_lite.transforms.results import gradients_of, tensor_or_numbers
from autograd_lite.transforms.tracing import (
    Argnums,
    Trace,
    chosen,
    is_inside,
    pull_back,
    retire,
    trace,
)

__all__ = ["elementwise_grad", "grad", "jvp", "value_and_grad", "vjp"]


def grad(
    f: Callable[..., Any],
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    argnum: Argnums | None = None,
) -> Callable[..., Any]:
    """Return the function that computes the gradient of ``f``, which gives one real value.

    Parameters
    ----------
    f : callable
        A function of arrays, or of containers of them: dicts, lists, tuples, dataclasses,
        modules. It is given tensors in their place; keyword arguments are passed as they are.
    argnums : int or sequence of int, optional
        The arguments to differentiate with respect to: the first, where it is left out.
    has_aux : bool
        ``f`` returns a pair: the value, and something more to hand on.
    argnum : int or sequence of int, optional
        Another name of ``argnums``.

    Returns
    -------
    callable
        Takes what ``f`` takes and returns the gradient, in the structure of the argument: a
        tuple of them for a sequence of argnums, a pair ``(gradient, aux)`` for ``has_aux``. That
        of an array is an array, of a number a number, of a tensor a tensor. What isn't
        differentiable in a container, such as an integer or a string, has None for its gradient.
        That of a module is a module with the gradients in the place of parameters.

    Raises
    ------
    ShapeError
        If ``f`` gives more than one value; use :func:`jacobian` or :func:`vjp`.
    DTypeError
        If an argument holds nothing floating or complex, or ``f`` gives a complex value.

    Notes
    -----
    Of complex z = a + ib, the gradient is dL/da + i dL/db, the direction of steepest ascent, as
    in PyTorch; JAX gives its conjugate. Nothing's ``grad`` is changed.

    What ``has_aux`` hands on is arrays and numbers, too, but tensors if any argument was or held
    one. All memory is the caller's own.

    The result is constant unless something outside is being differentiated, too: an argument
    that requires a gradient, or a tensor that ``f`` uses besides. Then it is a tensor that is
    recorded; under ``no_grad()`` it never is. Inside of another transform it always is a tensor.
    The parameters of a module that is an argument count only inside of another transform.

    Examples
    --------
    >>> import numpy as np
    >>> slope = grad(lambda x: np.sum(np.sin(x) ** 2))
    >>> slope(np.array([0.0, 0.5]))
    array([0.        , 0.84147098])
    >>> grad(grad(lambda x: x**3))(2.0)
    np.float64(12.0)
    >>> grad(lambda p: (p["w"] * 3).sum() + p["b"])({"w": np.ones(2), "b": 2.0})
    {'w': array([3., 3.]), 'b': np.float64(1.0)}
    """
    require_function("grad", f)
    positions = chosen("grad", argnums, argnum)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        run, _, aux, found = _differentiated("grad", f, args, kwargs, positions, has_aux)
        return (found, run.settled(aux)) if has_aux else found

    return gradient


def elementwise_grad(
    f: Callable[..., Any],
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    argnum: Argnums | None = None,
) -> Callable[..., Any]:
    """Return the function that computes the derivative of ``f`` at each of many values at once.

    Parameters
    ----------
    f : callable
        Each value that it gives depends on the one in the same place of the argument alone; it
        gives real values.
    argnums, has_aux, argnum
        As for :func:`grad`.

    Returns
    -------
    callable
        Takes what ``f`` takes and returns the derivatives, of the shape of the argument. In truth
        it is the gradient of the sum of all that ``f`` gives, whatever depends on what.

    Raises
    ------
    DTypeError
        If an argument holds nothing floating or complex, or ``f`` gives complex values.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0]))
    array([1.        , 0.41997434])
    """
    require_function("elementwise_grad", f)
    positions = chosen("elementwise_grad", argnums, argnum)

    @wraps(f)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        run = trace("elementwise_grad", f, args, kwargs, positions)
        result, aux = with_aux("elementwise_grad", run.result, has_aux)
        outputs = leaves_of("elementwise_grad", result)
        for y in outputs:
            require_real("elementwise_grad", y)
        found = _gradient("elementwise_grad", run, outputs)
        return (found, run.settled(aux)) if has_aux else found

    return derivative


def value_and_grad(
    f: Callable[..., Any],
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    argnum: Argnums | None = None,
) -> Callable[..., Any]:
    """Return the function that computes both ``f`` and its gradient; see :func:`grad`.

    Returns
    -------
    callable
        Returns ``(value, gradient)``, or ``((value, aux), gradient)`` for ``has_aux``.

    Examples
    --------
    >>> value_and_grad(lambda x: x**2)(3.0)
    (np.float64(9.0), np.float64(6.0))
    """
    require_function("value_and_grad", f)
    positions = chosen("value_and_grad", argnums, argnum)

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> Any:
        run, value, aux, found = _differentiated(
            "value_and_grad", f, args, kwargs, positions, has_aux
        )
        y = run.settled(value)
        return ((y, run.settled(aux)) if has_aux else y), found

    return both


def _differentiated(
    what: str,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    has_aux: bool,
) -> tuple[Trace, Tensor, Any, Any]:
    """Return a call of ``f``, what it gave, and the gradient."""
    run = trace(what, f, args, kwargs, argnums)
    value, aux = with_aux(what, run.result, has_aux)
    require_one_value(what, value, has_aux)
    return run, value, aux, _gradient(what, run, [value])


def _gradient(what: str, run: Trace, outputs: Sequence[Tensor]) -> Any:
    """Return the gradient of the sum of all outputs, and be done with the variables."""
    ones = [np.ones_like(y.array) for y in outputs]
    found = pull_back(what, outputs, ones, run.variables, recorded=run.recorded)
    gradient = run.gradients(found, ones, recorded=run.recorded)
    retire(run.variables)
    return gradient


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return ``f(*primals)``, and the function that pulls cotangents back through it.

    Parameters
    ----------
    f : callable
        Takes and returns arrays or containers of them.
    *primals
        Where to differentiate.
    has_aux : bool
        ``f`` returns a pair: the outputs, and something more to hand on.

    Returns
    -------
    outputs
        What ``f`` returned: arrays and numbers, but tensors if any primal is or holds one.
    pullback : callable
        Takes cotangents in the structure of the outputs, returns a tuple with those of each
        primal: of an array an array, of a tensor a tensor. It can be called any number of times,
        arrays may be written into meanwhile; it keeps the graph as long as it lives.
    aux
        Only for ``has_aux``.

    Raises
    ------
    ShapeError
        If cotangents have another structure or shape; the path is named, as in
        ``cotangents["layer"][0]``.

    Notes
    -----
    For a Jacobian J, complex or not, ``pullback(u)`` is ``J^H u``: Re(conj(u) . J v) is
    Re(conj(pullback(u)) . v) for every v. So it is in PyTorch; JAX has ``J^T u``.

    Examples
    --------
    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 5.0)
    >>> y
    np.float64(10.0)
    >>> pullback(1.0)
    (np.float64(5.0), np.float64(2.0))
    """
    require_function("vjp", f, "(f, x)")
    run = trace("vjp", f, primals, {}, None, copy=True)
    result, aux = with_aux("vjp", run.result, has_aux)
    outputs = leaves_of("vjp", result)
    # what is a parameter in it doesn't show any more when the variables are retired
    structure = result if isinstance(result, Tensor) else trees.skeleton(result)

    def pullback(cotangents: Any) -> Any:
        given = fitting("vjp", "cotangents", structure, cotangents, outputs)
        recorded = is_recording() and (run.recorded or any(g.tracked for g in given))
        start = given if recorded else [g.array for g in given]
        found = pull_back("vjp", outputs, start, run.variables, recorded=recorded)
        return run.gradients(found, start, recorded=recorded)

    settled = run.settled(result)
    retire(run.variables)
    return (settled, pullback, run.settled(aux)) if has_aux else (settled, pullback)


def jvp(
    f: Callable[..., Any],
    primals: Sequence[Any],
    tangents: Sequence[Any],
    has_aux: bool = False,
) -> tuple[Any, ...]:
    """Return ``f(*primals)``, and its derivative in the direction of ``tangents``.

    Parameters
    ----------
    f : callable
        Takes and returns arrays or containers of them.
    primals : tuple or list
        Where to differentiate: the arguments of ``f``.
    tangents : tuple or list
        The direction, in the structure of ``primals``; what is in the place of something that
        isn't differentiable is ignored.
    has_aux : bool
        ``f`` returns a pair: the outputs, and something more to hand on.

    Returns
    -------
    outputs, tangents_out
        Both in the structure of what ``f`` returns, arrays and numbers, but tensors if a primal
        or a tangent is or holds one; and ``aux`` for ``has_aux``.

    Raises
    ------
    ShapeError
        If tangents have another structure or shape; the path is named, as in
        ``tangents[0]["layer"]``.
    UnsupportedError
        If ``f`` has an op that is ``first_order_only``.

    Notes
    -----
    Computed by double reverse: the pullback is linear in its cotangent, and its own pullback is
    the jvp. So it costs a few times ``f``, whatever the sizes, but keeps the graph of ``f`` where
    a forward mode would not. Of complex numbers it is the derivative along the direction, whether
    or not ``f`` is holomorphic.

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
    """Return the tangents of the outputs, by going back through the backward pass."""
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
    """Return the tangent of one output, one value after the other.

    Going back through a backward pass multiplies what is unknown at a kink by 0 too soon.
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
    """Return dummy cotangents of the outputs, and those of the variables as functions of them.

    Their values are of no account, but for being different: none of their differences is 0.
    """
    dummies = [Tensor.of(_all_different(y.array)) for y in outputs]
    for u in dummies:
        u.tracked = True
    with nullcontext() if recorded else choices_are_constant():
        return dummies, pull_back(what, outputs, dummies, variables, recorded=True)


def _all_different(array: Any) -> Any:
    fractions = np.modf(0.618034 * np.arange(array.size))[0].reshape(array.shape)
    return np.ones_like(array) + fractions.astype(array.real.dtype)
