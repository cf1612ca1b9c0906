"""What is said of NumPy functions that tensors have no answer to, and the lines that add one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import GraphError, UnsupportedError
from autograd_lite.numpy_protocols import dispatch, unsupported
from autograd_lite.testing import check_gradients

from .building import leaf


@pytest.fixture
def unregistered(monkeypatch):
    """Let NumPy functions pass for ones without a rule; the registries are restored after."""

    def forget(function):
        for name in ("UFUNCS", "FUNCTIONS"):
            registry = dict(getattr(dispatch, name))
            registry.pop(function, None)
            monkeypatch.setattr(dispatch, name, registry)

    return forget


def refusal(function, *args):
    with pytest.raises(UnsupportedError) as caught:
        function(*args)
    return str(caught.value)


REFUSED = {
    np.array_str: (np.array_str, "result is text; call it on tensor.numpy()"),
    np.save: (lambda x: np.save("nowhere", x), "writes a file; call it on tensor.numpy()"),
    np.is_busday: (np.is_busday, "for dates"),
}


@pytest.mark.parametrize("function", REFUSED, ids=lambda function: function.__name__)
def test_functions_without_a_derivative_by_nature_say_what_to_do(function):
    call, advice = REFUSED[function]
    message = refusal(call, leaf([1.0, 2.0]))
    assert message.startswith(f"np.{function.__name__} has no derivative: ")
    assert advice in message


@pytest.mark.parametrize("function", unsupported.REFUSED, ids=lambda function: function.__name__)
def test_nothing_is_both_refused_and_answered(function):
    assert function not in dispatch.FUNCTIONS
    assert function not in dispatch.CONSTANT_FUNCTIONS


def pasted(message):
    """Return the lines of a message that are to be pasted."""
    prose, _, code = message.partition("\n\n")
    assert prose.endswith(":")
    return code


@pytest.mark.parametrize("function", [np.hypot, np.exp2], ids=lambda function: function.__name__)
def test_the_lines_for_a_ufunc_work_when_pasted(function, unregistered):
    unregistered(function)
    inputs = [np.array([3.0, 1.0]), np.array([[4.0], [2.0]])][: function.nin]
    message = refusal(function, *map(leaf, inputs))
    assert message.startswith(f"np.{function.__name__} has no rule here yet. If no gradient is")
    code = pasted(message)
    exec(code, {})
    leaves = [leaf(x) for x in inputs]
    y = function(*leaves)
    assert_allclose(y.data, function(*inputs))
    with pytest.raises(NotImplementedError, match=f"derivative of np.{function.__name__} by x"):
        y.sum().backward()

    slopes = {"hypot": ["x1 / y", "x2 / y"], "exp2": ["y * 0.6931471805599453"]}
    for slope in slopes[function.__name__]:
        start, _, rest = code.partition("raise NotImplementedError")
        code = f"{start}return g * {slope}{rest[rest.index(chr(10)) :]}"
    exec(code, {})
    check_gradients(function, *inputs)


def test_the_lines_for_a_ufunc_of_scipy_work_when_pasted(unregistered):
    special = pytest.importorskip("scipy.special")
    unregistered(special.expi)
    start, _, rest = pasted(refusal(special.expi, leaf([0.5]))).partition("raise NotImplemented")
    exec(f"{start}return g * np.exp(x) / x{rest[rest.index(chr(10)) :]}", {})
    check_gradients(special.expi, np.array([0.5, -1.0]))


def test_a_ufunc_of_the_users_own_is_named():
    message = refusal(np.frompyfunc(lambda x: 2 * x, 1, 1), leaf([1.0]))
    assert "a ufunc that isn't NumPy's, has no rule; write what it does" in message


GRADIENTS_THAT_WOULD_BE_LOST = {
    "quantile": (lambda t: np.quantile(np.arange(3.0), t), "no derivative by q here"),
    "nanpercentile": (lambda t: np.nanpercentile(leaf([1.0, 2.0]), t), "no derivative by q here"),
    "arange": (lambda t: ag.arange(t, 3.0), r"arange makes constants; write start \+ step \* ara"),
    "arange by its step": (lambda t: ag.arange(0.0, 3.0, t), "arange makes constants"),
    "std": (lambda t: np.std(leaf([1.0, 2.0]), ddof=t), "would lose the gradient"),
}


@pytest.mark.parametrize("name", GRADIENTS_THAT_WOULD_BE_LOST)
def test_a_parameter_is_refused_where_its_gradient_would_be_lost(name):
    call, message = GRADIENTS_THAT_WOULD_BE_LOST[name]
    with pytest.raises((UnsupportedError, GraphError), match=message):
        call(leaf(0.5))
    call(leaf(0.5).detach())


def test_the_lines_for_a_function_work_when_pasted(unregistered):
    unregistered(np.trapezoid)
    message = refusal(np.trapezoid, leaf([1.0, 2.0, 4.0]))
    code = pasted(message)
    start, _, rest = code.partition("raise NotImplementedError")
    half = "return g * np.where(np.arange(len(y)) % (len(y) - 1) == 0, 0.5, 1.0)"
    exec(f"{start}{half}{rest[rest.index(chr(10)) :]}", {})
    check_gradients(np.trapezoid, np.array([1.0, 2.0, 4.0]))
    assert np.trapezoid(leaf([1.0, 2.0, 4.0]), x=None).item() == 4.5
    with pytest.raises(UnsupportedError, match="does not take 'dx'"):
        np.trapezoid(leaf([1.0, 2.0, 4.0]), dx=2.0)


def test_the_lines_for_a_function_of_a_namespace_name_it(unregistered):
    unregistered(np.linalg.inv)
    code = pasted(refusal(np.linalg.inv, leaf(np.eye(2))))
    assert "def inv_by_a(g, y, a):" in code
    assert 'Primitive("inv", np.linalg.inv, [inv_by_a])' in code
    assert "@implements(np.linalg.inv)" in code


@pytest.mark.parametrize("function", [*dispatch.FUNCTIONS, *dispatch.UFUNCS])
def test_the_lines_are_python_for_every_function(function):
    compile(pasted(unsupported.explanation(function)), "pasted", "exec")


def test_keywords_and_methods_of_ufuncs_without_a_rule_are_named():
    x = leaf([1.0, 2.0])
    advice = "write it with functions that have one, or call it on tensor.detach"
    message = refusal(lambda: np.exp(x, where=np.array([True, False])))
    assert message.startswith("np.exp with where= has no rule here; ")
    assert advice in message
    assert refusal(np.hypot.reduce, x).startswith("np.hypot.reduce has no rule here; ")


def test_a_keyword_that_numpy_does_not_have_either_is_answered_with_those_there_are():
    x = leaf([1.0, 2.0])
    assert refusal(lambda: np.sum(x, out=np.zeros(()))).endswith("'out' for tensors; leave it out")
    for call in (lambda: x.mean(dim=0), lambda: np.mean(x, dim=0)):
        with pytest.raises(TypeError, match="dim"):
            call()
    assert "does not take 'dim' for tensors; it takes (a, axis," in refusal(lambda: x.mean(dim=0))


def test_a_constant_still_works_by_hand():
    x = leaf([1.0, 2.0])
    assert np.array_str(x.numpy()) == "[1. 2.]"
    assert isinstance(ag.as_tensor(np.array(x.detach())), Tensor)
