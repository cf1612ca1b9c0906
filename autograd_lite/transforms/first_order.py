"""First derivatives by reverse mode: grad, elementwise_grad, value_and_grad, vjp."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd_lite import trees
from autograd_lite.modes import is_recording
from autograd_lite.tensor import Tensor
from autograd_lite.transforms.checking import (
    fitting,
    leaves_of,
    require_function,
    require_one_value,
    require_real,
    with_aux,
)
from autograd_lite.transforms.tracing import (
    Argnums,
    Trace,
    chosen,
    pull_back,
    retire,
    trace,
)

__all__ = ["elementwise_grad", "grad", "value_and_grad", "vjp"]


def grad(
    f: Callable[..., Any],
    argnums: Argnums | None = None,
    has_aux: bool = False,
    *,
    argnum: Argnums | None = None,
) -> Callable[..., Any]:
    """Return a function that computes the gradient of ``f``, a function with one real value.

    Parameters
    ----------
    f : callable
        A function of floating or complex arrays of any shape, or of containers of them: dicts,
        lists, tuples, dataclasses, modules. It is given tensors in their place; keyword arguments
        are passed unchanged.
    argnums : int or sequence of int, optional
        The positions of the arguments to differentiate with respect to; the first by default.
    has_aux : bool
        Set this if ``f`` returns a pair: the value, and other results to pass on.
    argnum : int or sequence of int, optional
        Another name of ``argnums``.

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns the gradient, with the argument's structure,
        shapes and dtypes; a tuple of gradients for a sequence of argnums; a pair
        ``(gradient, aux)`` for ``has_aux``. The gradient by an array is an array, by a number a
        number, by a tensor a tensor. By a module it is a module with gradients in place of
        parameters. Values in containers that can't be differentiated, such as integers and
        strings, have None as their gradient.

    Raises
    ------
    ShapeError
        If ``f`` returns more than one value; use :func:`jacobian` or :func:`vjp`.
    DTypeError
        If an argument contains nothing floating or complex, or if ``f`` returns a value that isn't
        real and floating.
    GraphError
        If ``f`` returns something else than a tensor, or assigns into its argument.
    IndexingError
        If ``argnums`` doesn't name positional arguments, each once.
    UnsupportedError
        If ``f`` can't be called.

    Notes
    -----
    For complex z = a + ib, the gradient is dL/da + i dL/db, the direction of steepest ascent, as in
    PyTorch; JAX gives its conjugate. No tensor's ``grad`` is changed.

    The ``aux`` of ``has_aux`` consists of arrays and numbers, too, or of tensors if any argument
    is or contains one. Results share no memory with anything else.

    The result is constant unless something outside is being differentiated too: an argument that
    requires a gradient, or another tensor that ``f`` uses. Then it is a recorded tensor; under
    ``no_grad()`` it never is. Inside of another transform it is always a tensor. If a module is an
    argument, its parameters count only inside of another transform.

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
    """Return a function that computes the derivative of an elementwise ``f`` at many values.

    Parameters
    ----------
    f : callable
        Returns real values, each of which depends only on the value in the same place of the
        argument.
    argnums, has_aux, argnum
        As for :func:`grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns the derivatives, with the shape and dtype of the
        argument. It computes the gradient of the sum of all values of ``f``, and doesn't check
        that ``f`` is elementwise.

    Raises
    ------
    DTypeError
        If an argument contains nothing floating or complex, or if ``f`` returns values that aren't
        real and floating.
    GraphError, IndexingError, UnsupportedError
        As for :func:`grad`.

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
    """Return a function that computes both ``f`` and its gradient.

    Parameters
    ----------
    f, argnums, has_aux, argnum
        As for :func:`grad`.

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns ``(value, gradient)``, or
        ``((value, aux), gradient)`` for ``has_aux``.

    Raises
    ------
    ShapeError, DTypeError, GraphError, IndexingError, UnsupportedError
        As for :func:`grad`.

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
    """Return the trace of a call of ``f``, its value, aux, and the gradient."""
    run = trace(what, f, args, kwargs, argnums)
    value, aux = with_aux(what, run.result, has_aux)
    require_one_value(what, value, has_aux)
    return run, value, aux, _gradient(what, run, [value])


def _gradient(what: str, run: Trace, outputs: Sequence[Tensor]) -> Any:
    """Return the gradient of the sum of all outputs, and retire the variables."""
    ones = [np.ones_like(y.array) for y in outputs]
    found = pull_back(what, outputs, ones, run.variables, recorded=run.recorded)
    gradient = run.gradients(found, ones, recorded=run.recorded)
    retire(run.variables)
    return gradient


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """Return ``f(*primals)``, and a function that pulls cotangents back through ``f``.

    Parameters
    ----------
    f : callable
        Takes and returns floating or complex arrays of any shape, or containers of them.
    *primals
        The arguments of ``f``, at which to differentiate.
    has_aux : bool
        Set this if ``f`` returns a pair: the outputs, and other results to pass on.

    Returns
    -------
    outputs
        The outputs of ``f``: arrays and numbers, or tensors if any primal is or contains one.
    pullback : callable
        Takes cotangents with the structure and shapes of the outputs, and returns a tuple with a
        cotangent for each primal: an array for an array, a tensor for a tensor. It can be called
        any number of times, even after the primals were written into. It keeps the graph alive.
    aux
        Only for ``has_aux``.

    Raises
    ------
    ShapeError
        From ``pullback``, if cotangents have another structure or shape. The message has the path,
        as in ``cotangents["layer"][0]``.
    DTypeError
        If the primals contain nothing floating or complex. From ``pullback``, if a cotangent is
        complex and the output real.
    GraphError
        If an output of ``f`` isn't a tensor, or if ``f`` assigns into its argument.
    UnsupportedError
        If ``f`` can't be called.

    Notes
    -----
    For a Jacobian J, complex or not, ``pullback(u)`` is ``J^H u``: Re(conj(u) . J v) equals
    Re(conj(pullback(u)) . v) for every v. PyTorch has the same convention; JAX has ``J^T u``.

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
    # parameters in the result no longer count as leaves once the variables are retired
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
