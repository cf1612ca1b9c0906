"""What the errors say: the op, the shapes and dtypes, the rule that was broken, what to do."""

import inspect

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import autograd_lite as ag
from autograd_lite import Primitive, Tensor, errors, gradients
from autograd_lite.errors import (
    AutogradLiteError,
    DomainError,
    DTypeError,
    GraphError,
    MissingExtraError,
    ShapeError,
    UnsupportedError,
)

LOSSES = {
    "mean_squared_error": ag.mean_squared_error,
    "binary_cross_entropy": ag.binary_cross_entropy,
    "binary_cross_entropy_with_logits": ag.binary_cross_entropy_with_logits,
    "cross_entropy": ag.cross_entropy,
}


def leaf(values):
    return Tensor(values, requires_grad=True, dtype=np.float64)


def zeros(*shape):
    return leaf(np.zeros(shape))


def own_errors():
    return [
        error
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if error is not AutogradLiteError and not issubclass(error, Warning)
    ]


# ---------------------------------------------------------------- classes


@pytest.mark.parametrize("error", own_errors())
def test_every_error_is_ours_and_one_of_pythons(error):
    assert issubclass(error, AutogradLiteError)
    assert any(base.__module__ == "builtins" for base in error.__bases__)


def test_a_missing_extra_is_named_with_its_command():
    error = MissingExtraError("some_package", "some_extra")
    assert isinstance(error, ImportError)
    assert error.name == "some_package"
    assert str(error) == (
        "this needs the package 'some_package', which isn't installed; "
        "run: pip install 'autograd-lite[some_extra]'"
    )


# ---------------------------------------------------------------- shapes

MISFITS = {
    "add": (lambda: zeros(2, 3) + zeros(4), "(2, 3)", "(4,)"),
    "subtract": (lambda: np.zeros((2, 3)) - zeros(4), "(2, 3)", "(4,)"),
    "multiply": (lambda: np.multiply(zeros(2), [1.0, 2.0, 3.0]), "(2,)", "(3,)"),
    "divide": (lambda: zeros(2) / np.ones(3), "(2,)", "(3,)"),
    "power": (lambda: zeros(2) ** zeros(3), "(2,)", "(3,)"),
    "maximum": (lambda: ag.maximum(zeros(2), zeros(3)), "(2,)", "(3,)"),
    "where": (lambda: ag.where([True, False], zeros(3), 0.0), "(2,)", "(3,)"),
    "less": (lambda: zeros(2) < zeros(3), "(2,)", "(3,)"),
    "matmul": (lambda: zeros(2, 3) @ zeros(4, 5), "(2, 3)", "(4, 5)"),
    "linear": (lambda: ag.linear(zeros(5, 2), zeros(3, 4), zeros(4)), "(5, 2)", "(3, 4)"),
    "concatenate": (lambda: ag.concatenate([zeros(2, 3), zeros(2, 4)]), "(2, 3)", "(2, 4)"),
    "stack": (lambda: ag.stack([zeros(2, 3), zeros(3, 2)]), "(2, 3)", "(3, 2)"),
    "reshape": (lambda: zeros(2, 3).reshape(4, 2), "(2, 3)", "(4, 2)"),
    "broadcast_to": (lambda: ag.broadcast_to(zeros(2, 3), (2, 4)), "(2, 3)", "(2, 4)"),
    "transpose": (lambda: ag.transpose(zeros(2, 3), (0, 0)), "(2, 3)", "axes=(0, 0)"),
    "swapaxes": (lambda: ag.swapaxes(zeros(2, 3), 0, 4), "(2, 3)", "axis2=4"),
    "squeeze": (lambda: ag.squeeze(zeros(2, 3), 0), "(2, 3)", "axis=0"),
    "expand_dims": (lambda: ag.expand_dims(zeros(2, 3), 5), "(2, 3)", "axis=5"),
    "sum": (lambda: zeros(2, 3).sum(axis=2), "(2, 3)", "axis=2"),
    "mean": (lambda: zeros(2, 3).mean(axis=2), "(2, 3)", "axis=2"),
    "max": (lambda: zeros(0, 3).max(), "(0, 3)", "axis=None"),
    "min": (lambda: zeros(2, 3).min(axis=-3), "(2, 3)", "axis=-3"),
    "argmax": (lambda: ag.argmax(zeros(2, 3), axis=2), "(2, 3)", "axis=2"),
    "argmin": (lambda: ag.argmin(zeros(0)), "(0,)", "axis=None"),
    "softmax": (lambda: ag.softmax(zeros(2, 3), axis=2), "(2, 3)", "axis=2"),
    "log_softmax": (lambda: ag.log_softmax(zeros(2, 3), axis=2), "(2, 3)", "axis=2"),
    "logsumexp": (lambda: ag.logsumexp(zeros(2, 3), axis=2), "(2, 3)", "axis=2"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_shapes_that_do_not_fit_are_named_with_the_op(name):
    compute, first, second = MISFITS[name]
    with pytest.raises(ShapeError) as caught:
        compute()
    message = str(caught.value)
    assert message.startswith(f"{name} of ")
    assert f"shape {first} (float64)" in message or f"shape {first} (bool)" in message
    assert second in message
    assert isinstance(caught.value.__cause__, Exception)


@pytest.mark.parametrize(
    "shapes",
    [((5, 2), (3, 4), (4,)), ((5, 3), (3, 4), (3,)), ((5, 3), (3, 4), (1, 4)), ((3,), (3,), (3,))],
)
def test_linear_says_what_it_needs(shapes):
    with pytest.raises(ShapeError, match=r"\(inputs, outputs\) and the bias \(outputs,\)$") as e:
        ag.linear(*(zeros(*shape) for shape in shapes))
    assert all(f"shape {shape}" in str(e.value) for shape in shapes)


def test_operands_that_are_no_numbers_are_named():
    with pytest.raises(DTypeError, match=r"^dict is not an operand; give a Tensor"):
        ag.exp({})
    with pytest.raises(DTypeError, match="dtype datetime64"):
        zeros(1) + np.array(["2020-01-01"], "M8[D]")
    with pytest.raises(DTypeError, match=r"^floor of \(1\+2j\) \(complex\)|^floor of shape"):
        np.floor(Tensor([1 + 2j]))


# ---------------------------------------------------------------- losses


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("shapes", [((4, 3), (4,)), ((4,), (4, 1)), ((4, 3), (3, 4)), ((3,), ())])
def test_losses_do_not_broadcast(name, shapes):
    prediction, target = zeros(*shapes[0]), np.zeros(shapes[1])
    if name == "cross_entropy":
        target = target[None]
    with pytest.raises(ShapeError, match=f"^{name}: ") as caught:
        LOSSES[name](prediction, target)
    assert str(prediction.shape) in str(caught.value)
    assert str(target.shape) in str(caught.value)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "batch_mean"])
def test_losses_of_an_empty_batch_have_no_mean(name, reduction):
    with pytest.raises(ShapeError, match=rf"^{name} of an empty batch \(shape \(0.*examples"):
        LOSSES[name](zeros(0, 3), np.zeros((0, 3)), reduction)


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_an_empty_batch_have_a_sum(name):
    prediction = zeros(0, 3)
    loss = LOSSES[name](prediction, np.zeros((0, 3)), "sum")
    loss.backward()
    assert loss.item() == 0.0
    assert prediction.grad.shape == (0, 3)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["average", None, "Mean"])
def test_losses_name_their_reductions(name, reduction):
    expected = rf"^{name} has no reduction {reduction!r}; choose mean, batch_mean, sum or none"
    with pytest.raises(DomainError, match=expected):
        LOSSES[name](zeros(2, 3), np.zeros((2, 3)), reduction)


@pytest.mark.parametrize(("labels", "span"), [([0, 3], "0 to 3"), ([-1, 2], "-1 to 2")])
def test_labels_out_of_range_are_named(labels, span):
    with pytest.raises(
        DomainError, match=f"^cross_entropy: labels must lie between 0 and 2 .*from {span}"
    ):
        ag.cross_entropy(zeros(2, 3), labels)


@pytest.mark.parametrize(("labels", "name"), [([0.0, 1.0], "float64"), ([True, False], "bool")])
def test_labels_must_be_integers(labels, name):
    with pytest.raises(DTypeError, match=f"^cross_entropy: class indices must be integers.*{name}"):
        ag.cross_entropy(zeros(2, 3), labels)


@pytest.mark.parametrize(
    ("logits", "labels"), [((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 3), ()), ((), ())]
)
def test_labels_must_have_the_shape_of_the_batch(logits, labels):
    expected = r"^cross_entropy: logits of shape \(.*\(int64\)"
    with pytest.raises(ShapeError, match=expected) as caught:
        ag.cross_entropy(zeros(*logits), np.zeros(labels, np.int64))
    assert f"the target has shape {labels}" in str(caught.value)


def test_integer_targets_of_the_shape_of_the_logits_are_not_probabilities():
    with pytest.raises(ShapeError, match=r"probabilities \(floating\) of shape \(2, 3\)"):
        ag.cross_entropy(zeros(2, 3), np.zeros((2, 3), np.int64))


@pytest.mark.parametrize("values", [[0.5, 1.5], [-0.5, 0.5], [np.nan, 0.5]])
def test_probabilities_must_lie_between_0_and_1(values):
    expected = "^binary_cross_entropy needs probabilities between 0 and 1; these go from .*logits"
    with pytest.raises(DomainError, match=expected):
        ag.binary_cross_entropy([values], [[0.0, 1.0]])


# ---------------------------------------------------------------- backward


def test_backward_from_several_values_needs_a_cotangent():
    x = zeros(2, 3)
    expected = r"tensor of shape \(2, 3\) needs a cotangent of that shape.*sum\(\) or mean\(\)"
    with pytest.raises(ShapeError, match=expected):
        (x * 2).backward()
    with pytest.raises(ShapeError, match=expected):
        gradients(x * 2, x)
    assert x.grad is None


@pytest.mark.parametrize("cotangent", [1.0, np.ones(3), np.ones((1, 2, 3))], ids=np.ndim)
def test_a_cotangent_of_another_shape_is_refused(cotangent):
    x = zeros(2, 3)
    y = x * 2
    with pytest.raises(ShapeError, match=r"cotangent has shape .*needs the tensor's, \(2, 3\)"):
        y.backward(cotangent)
    y.backward(np.ones((2, 3)))  # nothing was released
    assert_array_equal(x.grad.data, np.full((2, 3), 2.0))


def test_a_cotangent_must_be_numbers():
    with pytest.raises(DTypeError, match="not one of numbers"):
        (zeros(2) * 2).backward(["a", "b"])


def test_backward_needs_a_graph():
    x = leaf([1.0])
    with ag.no_grad():
        unrecorded = x * 2
    for y in (Tensor(1.0), unrecorded, x.detach(), x < 2.0):
        with pytest.raises(GraphError, match=r"no graph to go backward through.*no_grad\(\)"):
            y.backward()
        with pytest.raises(GraphError, match="no graph"):
            gradients(y, x)


# ---------------------------------------------------------------- wrong rules

WRONG_RULES = {
    "shape": (lambda g, y, x: g[:1], r"returned shape \(1,\); the input has shape \(3,\)"),
    "more axes": (lambda g, y, x: g[None], r"returned shape \(1, 3\); the input has shape \(3,\)"),
    "a float": (lambda g, y, x: 1.0, "returned float where an array is needed"),
    "None": (lambda g, y, x: None, "returned NoneType where an array is needed"),
    "a list": (lambda g, y, x: [1.0] * 3, "returned list where an array is needed"),
    "complex": (lambda g, y, x: g * 1j, "returned dtype complex128; the input has dtype float64"),
    "integers": (lambda g, y, x: x.astype(int), "returned dtype int64.*be floating"),
}


@pytest.mark.parametrize("elementwise", [False, True])
@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_wrong_rule_is_named_with_its_input(name, elementwise):
    rule, complaint = WRONG_RULES[name]
    rules = [lambda g, y, a, b: g, lambda g, y, a, b: rule(g, y, b)]
    op = Primitive("mine", np.add, rules, elementwise=elementwise)
    a, b = zeros(3), zeros(3)
    with pytest.raises(GraphError, match=rf"^the rule of mine for input 1 {complaint}"):
        op(a, b).backward(np.ones(3))
    assert a.grad is None
    assert b.grad is None


def test_every_input_has_a_rule_or_none():
    op = Primitive("mine", np.add, [lambda g, y, a, b: g], elementwise=True)
    with pytest.raises(GraphError, match=r"^mine has rules for 1 inputs, and is given 2; let None"):
        op(zeros(3), np.ones(3))


@pytest.mark.parametrize("result", [[1.0], None, 2.0, "text"], ids=repr)
def test_a_forward_that_gives_no_array_is_named(result):
    op = Primitive("mine", lambda x: result, [lambda g, y, x: g])
    message = f"^mine gives {type(result).__name__} where an array is needed$"
    for x in (zeros(3), Tensor([1.0])):
        with pytest.raises(GraphError, match=message):
            op(x)


def test_a_rule_in_another_floating_dtype_is_converted():
    op = Primitive("mine", lambda x: x * 2, [lambda g, y, x: np.full(3, 2.0)])
    x = Tensor(np.zeros(3), requires_grad=True, dtype=np.float32)
    op(x).sum().backward()
    assert x.grad.dtype == np.float32


def test_an_error_of_a_rule_is_not_hidden():
    def rule(g, y, x):
        raise ZeroDivisionError("my words")

    with pytest.raises(ZeroDivisionError, match="my words") as raised:
        Primitive("mine", lambda x: x, [rule])(zeros(3)).backward(np.ones(3))
    assert raised.value.__notes__ == ["in the rule of mine for input 0"]


def test_a_rule_that_takes_other_arguments_is_named():
    with pytest.raises(TypeError, match="positional") as raised:
        Primitive("mine", lambda x: x, [lambda g, x: g])(zeros(3)).backward(np.ones(3))
    assert raised.value.__notes__ == ["in the rule of mine for input 0"]


def test_an_error_of_a_forward_is_explained():
    def forward(x):
        raise ValueError("in my forward")

    with pytest.raises(ShapeError, match=r"^mine of shape \(3,\) \(float64\): in my forward$"):
        Primitive("mine", forward, [None])(zeros(3))
    with pytest.raises(ShapeError, match=r"^mine of shape \(3,\) \(float64\): x must be long$"):
        Primitive("mine", forward, [None], requirement="x must be long")(zeros(3))


def test_an_op_of_first_order_only_refuses_and_stays_usable():
    op = Primitive("cached", lambda x: x**2, [lambda g, y, x: g * (2 * x)], first_order_only=True)
    x = leaf([1.0, 2.0])
    y = (op(x) * x).sum()
    expected = "^cached has no second derivative here.*without create_graph=True"
    with pytest.raises(UnsupportedError, match=expected):
        gradients(y, x, create_graph=True)
    with pytest.raises(UnsupportedError, match=expected):
        y.backward(create_graph=True)
    assert x.grad is None
    y.backward()
    assert_array_equal(x.grad.data, 3 * x.data**2)


# ---------------------------------------------------------------- in our own words


UFUNCS = [n for n in ag.__all__ if isinstance(getattr(np, n, None), np.ufunc)]


@pytest.mark.parametrize("name", UFUNCS)
def test_python_numbers_alone_give_what_numpy_gives(name):
    for numbers in ((2, 3), (2.5, 0.5), (0.5, 2.5)):
        operands = numbers[: getattr(np, name).nin]
        with np.errstate(invalid="ignore"):
            try:
                expected = getattr(np, name)(*operands)
            except (TypeError, ValueError):  # no floating numbers, or no numbers without axes
                continue
            found = getattr(ag, name)(*operands)
        several = isinstance(expected, tuple)
        for y, e in zip(*((found, expected) if several else ([found], [expected])), strict=True):
            assert type(y) is Tensor
            assert y.dtype == e.dtype
            assert_array_equal(y.data, e)


def test_a_division_by_a_python_zero_is_no_error():
    assert ag.special.rel_entr(2, 0).item() == np.inf
    assert ag.special.kl_div(2, 0).item() == np.inf


@pytest.mark.parametrize("call", [np.add, np.where, np.hypot, np.isclose, np.less, np.clip])
def test_the_end_of_a_message_of_numpy_is_the_end_of_ours(call):
    operands = [zeros(2, 3), zeros(2, 4), zeros(2, 4)][: 3 if call in (np.where, np.clip) else 2]
    with pytest.raises(ShapeError, match=r"\(2,4\)$"):
        call(*operands)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: ~x,
        lambda x: x & x,
        lambda x: x << 1,
        lambda x: ag.gcd(x, 2),
        lambda x: ag.bitwise_count(x.data.tolist()),
    ],
)
def test_what_takes_integers_says_so_and_what_to_do(call):
    with pytest.raises(DTypeError, match=r"\w+ of .* needs integers .* astype\(int\)$"):
        call(leaf([1.0]))


@pytest.mark.parametrize("call", [np.floor, lambda x: x // 2, lambda x: np.arctan2(x, 1)])
def test_what_takes_no_complex_numbers_says_so_and_what_to_do(call):
    with pytest.raises(DTypeError, match=r"complex128.* isn't defined for complex.* take \.real"):
        call(Tensor([1j]))


def test_linear_says_which_operand_is_which():
    with pytest.raises(ShapeError, match="these are x, the weights and the bias, in this order"):
        ag.linear(zeros(2, 3), zeros(4, 2), zeros(2))


def test_an_update_of_a_parameter_is_shown_and_works():
    x = leaf([1.0])
    with pytest.raises(GraphError, match=r"under no_grad\(\), as in with no_grad\(\): x -= step$"):
        x -= 1.0
    with ag.no_grad():
        x -= 1.0
    assert_array_equal(x.data, [0.0])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ag.arange(0, 3, 0), DomainError, "arange: the step is 0; give another"),
        (lambda: ag.arange(0, 3, Tensor(0)), DomainError, "arange: the step is 0; give another"),
        (lambda: ag.fromfunction(abs, 3), DTypeError, r"fromfunction: .* such as \(3,\); it is 3"),
        (lambda: ag.fromfunction(abs, (-1,)), ShapeError, r"fromfunction: .* it is \(-1,\)"),
        (lambda: ag.from_dlpack(3), AttributeError, r"from_dlpack: int has no .* asarray\(\)"),
        (lambda: ag.linalg.eigh(np.eye(2), "X"), DomainError, "eigh: UPLO must be 'L' or 'U'"),
        (lambda: ag.linalg.eigvalsh(np.eye(2), 2), DomainError, "eigvalsh: UPLO must be 'L'"),
        (lambda: ag.trim_zeros([1.0], 2), DomainError, "trim_zeros: trim must be"),
    ],
)
def test_arguments_that_are_wrong_are_named(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert isinstance(caught.value, AutogradLiteError)
