"""First derivatives: grad, value_and_grad, vjp, jvp."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import wraps
from typing import Any

import numpy as np

from autograd_lite import trees
from autograd_lite.backward import recorded_below
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.modes import is_recording
from autograd_lite.ops.kinks import choices_are_constant, is_open
from autograd_lite.tensor import Tensor
from autograd_lite.transforms.tracing import (
    Argnums,
    Trace,
    fitting,
    gradients_of,
    pull_back,
    require_function,
    retire,
    settled,
    trace,
)

__all__ = ["grad", "jvp", "value_and_grad", "vjp"]


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return the function that computes the gradient of ``f``, which gives one real value.

    Parameters
    ----------
    f : callable
        A function of arrays, or of containers of them: dicts, lists, tuples, dataclasses,
        modules. It is given tensors in their place; keyword arguments are passed as they are.
    argnums : int or sequence of int
        The arguments to differentiate with respect to.
    has_aux : bool
        ``f`` returns a pair: the value, and something more to hand on.

    Returns
    -------
    callable
        Takes what ``f`` takes and returns the gradient, in the structure of the argument: a
        tuple of them for a sequence of argnums, a pair ``(gradient, aux)`` for ``has_aux``. What
        isn't differentiable in a container, such as an integer or a string, has None for its
        gradient. That of a module is a module with the gradients in the place of parameters.

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

    The result is constant unless something outside is being differentiated, too: an argument
    that requires a gradient, or a tensor that ``f`` uses besides. Under ``no_grad()`` it always
    is. The parameters of a module that is an argument count only inside of another transform.

    Examples
    --------
    >>> import numpy as np
    >>> slope = grad(lambda x: np.sum(np.sin(x) ** 2))
    >>> slope(np.array([0.0, 0.5]))
    Tensor([0.        , 0.84147098])
    >>> grad(grad(lambda x: x**3))(2.0)
    Tensor(12.)
    >>> grad(lambda p: p["w"] * 3 + p["b"])({"w": 1.0, "b": 2.0})
    {'w': Tensor(3.), 'b': Tensor(1.)}
    """
    require_function("grad", f)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        _, aux, found = value_and_gradient("grad", f, args, kwargs, argnums, has_aux)
        return (found, aux) if has_aux else found

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """Return the function that computes both ``f`` and its gradient; see :func:`grad`.

    Returns
    -------
    callable
        Returns ``(value, gradient)``, or ``((value, aux), gradient)`` for ``has_aux``.

    Examples
    --------
    >>> value_and_grad(lambda x: x**2)(3.0)
    (Tensor(9.), Tensor(6.))
    """
    require_function("value_and_grad", f)

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> Any:
        value, aux, found = value_and_gradient("value_and_grad", f, args, kwargs, argnums, has_aux)
        return ((value, aux) if has_aux else value), found

    return both


def value_and_gradient(
    what: str,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    argnums: Argnums,
    has_aux: bool,
) -> tuple[Tensor, Any, Any]:
    run = trace(what, f, args, kwargs, argnums)
    value, aux = with_aux(what, run.result, has_aux)
    require_one_value(what, value, has_aux)
    start = np.ones_like(value.array)
    found = pull_back(what, [value], [start], run.variables, recorded=run.recorded)
    gradient = run.fill(gradients_of(found, [start], run.variables))
    retire(run.variables)
    return settled(value, run.recorded), settled(aux, run.recorded), gradient


def with_aux(what: str, result: Any, has_aux: bool) -> tuple[Any, Any]:
    """Return the pair that a function returned for ``has_aux``, else its result and None."""
    if not has_aux:
        return result, None
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ShapeError(
            f"{what} with has_aux=True needs a function that returns a tuple (value, aux)"
        )
    return result


NO_GRAPH = "which has no graph, such as what .data, .numpy(), .item() or float() give"


def require_one_value(what: str, value: Any, has_aux: bool) -> None:
    """Raise if a function that is to be differentiated didn't return one real value."""
    if not isinstance(value, Tensor):
        hint = "" if has_aux else ", or (value, aux) with has_aux=True"
        raise GraphError(
            f"{what} of a function that returned a {type(value).__name__}, {NO_GRAPH}; "
            f"return a Tensor of one value (as_tensor makes a constant one){hint}"
        )
    if value.size != 1:
        raise ShapeError(
            f"{what} of a function that returned shape {value.shape}; reduce it to one value, or "
            "use jacobian() for all derivatives, vjp() for a combination of them"
        )
    if value.dtype.kind == "c":
        raise DTypeError(
            f"{what} of a function that returned {value.dtype}; it needs one real floating value, "
            "such as .real or abs(); use jacobian() for a holomorphic function"
        )
    if value.dtype.kind != "f":
        raise DTypeError(
            f"{what} of a function that returned {value.dtype}; it needs one real floating value: "
            "counts, positions and comparisons have no derivative"
        )


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
        What ``f`` returned.
    pullback : callable
        Takes cotangents in the structure of the outputs, returns a tuple with those of each
        primal. It can be called any number of times; it keeps the graph as long as it lives.
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
    Tensor(10.)
    >>> pullback(1.0)
    (Tensor(5.), Tensor(2.))
    """
    require_function("vjp", f, "(f, x)")
    run = trace("vjp", f, primals, {}, None)
    result, aux = with_aux("vjp", run.result, has_aux)
    outputs = leaves_of("vjp", result)

    def pullback(cotangents: Any) -> Any:
        given = fitting("vjp", "cotangents", result, cotangents, outputs)
        recorded = is_recording() and (run.recorded or any(g.tracked for g in given))
        start = given if recorded else [g.array for g in given]
        found = pull_back("vjp", outputs, start, run.variables, recorded=recorded)
        return run.fill(gradients_of(found, start, run.variables))

    retire(run.variables)
    settled_result = settled(result, run.recorded)
    if has_aux:
        return settled_result, pullback, settled(aux, run.recorded)
    return settled_result, pullback


def leaves_of(what: str, result: Any) -> list[Tensor]:
    """Return the tensors that a function returned; all that could vary in it must be one."""
    found: list[Tensor] = []

    def take(path: str, leaf: Any) -> None:
        if not isinstance(leaf, Tensor):
            raise GraphError(
                f"{what}: {path} of the function is a {type(leaf).__name__}, {NO_GRAPH}; "
                "return tensors"
            )
        found.append(leaf)

    trees.visit(take, result, path="the result")
    if not found:
        raise GraphError(
            f"{what} of a function that returned nothing floating or complex "
            f"({type(result).__name__}); return a Tensor, or a container of them"
        )
    return found


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
        Both in the structure of what ``f`` returns; and ``aux`` for ``has_aux``.

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
    (Tensor(9.), Tensor(60.))
    """
    require_function("jvp", f, "(f, (x,), (v,))")
    require_sequences("jvp", primals, tangents)
    run = trace("jvp", f, tuple(primals), {}, None)
    result, aux = with_aux("jvp", run.result, has_aux)
    outputs = leaves_of("jvp", result)
    given = fitting("jvp", "tangents", tuple(primals), tuple(tangents), run.variables)
    recorded = is_recording() and (run.recorded or any(t.tracked for t in given))
    found = iter(pushed_forward("jvp", run, outputs, given, recorded=recorded))
    retire(run.variables)
    out = trees.visit(lambda path, leaf: next(found), result, static=lambda x: None)
    values = settled(result, run.recorded), out
    return (*values, settled(aux, run.recorded)) if has_aux else values


def require_sequences(what: str, primals: Any, tangents: Any) -> None:
    """Raise unless both are what arguments are unpacked from."""
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            raise DTypeError(
                f"{what}: {name} must be a tuple or list, one for each argument, such as (x,); "
                f"this is a {type(given).__name__}"
            )


def pushed_forward(
    what: str, run: Trace, outputs: Sequence[Tensor], tangents: Sequence[Tensor], *, recorded: bool
) -> Any:
    """Return the tangents of the outputs, by going back through the backward pass."""
    if _has_open_kinks([*outputs, *run.variables]):
        return [_by_rows(what, run, y, tangents, recorded) for y in outputs]
    dummies, pulled = linear_pullback(what, run.variables, outputs, recorded=recorded)
    start = tangents if recorded else [t.array for t in tangents]
    live = [(p, t) for p, t in zip(pulled, start, strict=True) if p is not None]
    found = pull_back(what, [p for p, _ in live], [t for _, t in live], dummies, recorded=recorded)
    retire(dummies)
    return gradients_of(found, start, dummies)


def _has_open_kinks(tensors: Sequence[Tensor]) -> bool:
    if any(x.dtype.kind == "c" for x in tensors):
        return False
    ends = [x for x in tensors if x.tracked and x.op is not None]
    return any(is_open(node) for x in ends for node in recorded_below(x, False))


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
