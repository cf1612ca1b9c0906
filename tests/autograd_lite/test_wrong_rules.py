"""The kit finds wrong rules and forwards: a list of what goes wrong, each in one way."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from autograd_lite import Primitive, Tensor
from autograd_lite.errors import GradientCheckError
from autograd_lite.testing import Case, Spec, cases, check_gradients, operands

Rule = Callable[..., Any]


class Mutant(NamedTuple):
    """An op that is right but for one thing."""

    name: str
    op: Any
    drawn: st.SearchStrategy[tuple[Any, ...]] = operands(1)
    reference: Rule | None = None
    """What its values should be, where its forward is what is wrong."""


def sine(rule: Rule, forward: Rule = np.sin) -> Primitive:
    return Primitive("sine", forward, [rule], elementwise=True)


def wrong_where(condition: Callable[[Any], Any], name: str) -> Mutant:
    """Return a sine whose slope is 1.1 times too large where the input is such."""
    return Mutant(name, sine(lambda g, y, x: g * np.cos(x) * np.where(condition(x), 1.1, 1.0)))


def wrong_for(condition: Callable[[Any], Any], name: str) -> Mutant:
    """Return a sine whose slope is 1.1 times too large where the cotangent is such."""
    return Mutant(name, sine(lambda g, y, x: g * np.cos(x) * np.where(condition(g), 1.1, 1.0)))


def at(index: int, name: str) -> Mutant:
    def rule(g: Any, y: Any, x: Any) -> Any:
        factors = np.ones(x.size)
        factors[index:][:1] = 1.1
        return g * np.cos(x) * factors.reshape(x.shape)

    return Mutant(name, sine(rule))


def array(x: Any) -> Any:
    return x.data if isinstance(x, Tensor) else x


def flags(x: Any) -> Any:
    return array(x).flags


def pair(forward: Rule, *rules: Rule) -> Primitive:
    return Primitive("pair", forward, rules, elementwise=True)


def product(left: Rule, right: Rule = lambda g, y, a, b: g * a) -> Primitive:
    return pair(np.multiply, left, right)


def right_left(g: Any, y: Any, a: Any, b: Any) -> Any:
    return g * b


def ramp(x: Any) -> Any:
    return np.maximum(x, 0)


def kinked(forward: Rule, slope: Callable[[Any], Any]) -> Primitive:
    return sine(lambda g, y, x: g * slope(x), forward)


def overwriting(g: Any, y: Any, x: Any) -> Any:
    result = g * np.cos(x)
    array(x)[...] = 0
    return result


def with_memory() -> Primitive:
    """Return a sine whose rule uses what the last forward left behind."""
    seen: list[Any] = [None]

    def forward(x: Any) -> Any:
        seen[0] = np.array(x)
        return np.sin(x)

    return sine(lambda g, y, x: g * np.cos(seen[0]), forward)


def counting() -> Primitive:
    """Return a sine whose every third gradient is wrong."""
    calls = [0]

    def rule(g: Any, y: Any, x: Any) -> Any:
        calls[0] += 1
        return g * np.cos(x) * (1.1 if calls[0] % 3 == 2 else 1)

    return sine(rule)


def buffered() -> Primitive:
    """Return a sine whose results lie in memory that the next one takes."""
    buffers: dict[Any, Any] = {}

    def forward(x: Any) -> Any:
        out = buffers.setdefault((x.shape, x.dtype), np.empty_like(x))
        return np.sin(x, out=out)

    return sine(lambda g, y, x: g * np.cos(x), forward)


def reduction(forward: Rule, rule: Rule) -> Primitive:
    return Primitive("reduction", forward, [rule])


def extremum(share: Callable[[Any], Any]) -> Primitive:
    """Return the maximum of all, whose ties have some share each."""
    return reduction(
        lambda x: np.max(x, initial=-1e3),
        lambda g, y, x: g * np.where(x == y, share(np.sum(x == y)), 0),
    )


SQUARES = operands(2, low=-2, high=2, shapes=st.just(((3, 3), (3, 3))))

cube = Primitive("cube", lambda x, n: x**n, [lambda g, y, x, n: g * 3 * x**2], elementwise=True)

MUTANTS = [
    # where the input is such
    wrong_where(lambda x: abs(x) > 2, "beyond 2"),
    wrong_where(lambda x: x > 20, "far up"),
    wrong_where(lambda x: x < -20, "far down"),
    wrong_where(lambda x: abs(x) > 100, "beyond 100"),
    wrong_where(lambda x: abs(x) < 0.01, "near 0"),
    wrong_where(lambda x: x == 0, "at 0"),
    wrong_where(lambda x: x < 0, "below 0"),
    wrong_where(lambda x: x == np.rint(x), "at whole numbers"),
    wrong_where(lambda x: x == 1, "at 1"),
    wrong_where(lambda x: x.ndim == 0, "without axes"),
    wrong_where(lambda x: x.ndim >= 4, "with 4 axes"),
    wrong_where(lambda x: x.ndim == 5, "with 5 axes"),
    wrong_where(lambda x: x.size == 1, "for one element"),
    wrong_where(lambda x: x.size >= 28, "for 28 elements"),
    wrong_where(lambda x: x.size > 32, "for 33 elements"),
    wrong_where(lambda x: max(x.shape, default=0) > 8, "for a long axis"),
    wrong_where(lambda x: x.ndim > 1 and 1 in x.shape, "with an axis of 1"),
    wrong_where(lambda x: not flags(x).c_contiguous, "where it isn't contiguous"),
    wrong_where(lambda x: flags(x).f_contiguous and x.ndim > 1, "in Fortran's order"),
    wrong_where(lambda x: not flags(x).writeable, "where it is read-only"),
    wrong_where(lambda x: min(array(x).strides, default=0) < 0, "with negative strides"),
    wrong_where(lambda x: x.dtype == np.float32, "in float32"),
    at(0, "at the first element"),
    at(-1, "at the last element"),
    # where the cotangent is such
    wrong_for(lambda g: g < 0, "for negative cotangents"),
    wrong_for(lambda g: abs(g) > 1, "for large cotangents"),
    wrong_for(lambda g: abs(g) > 500, "for very large cotangents"),
    wrong_for(lambda g: not flags(g).c_contiguous, "where the cotangent isn't contiguous"),
    Mutant("clipped", sine(lambda g, y, x: np.clip(g, -1, 1) * np.cos(x))),
    Mutant("only the sign", sine(lambda g, y, x: np.sign(g) * np.cos(x))),
    Mutant("without the cotangent", sine(lambda g, y, x: np.cos(x) + 0 * g)),
    Mutant("the mean cotangent", sine(lambda g, y, x: np.mean(g) * np.cos(x) + 0 * g)),
    Mutant("permuted", sine(lambda g, y, x: np.flip(g) * np.cos(x))),
    Mutant("coarse", sine(lambda g, y, x: g.astype(np.float32).astype(g.dtype) * np.cos(x))),
    # wrong in size
    Mutant("a little off", sine(lambda g, y, x: g * np.cos(x) * 1.00001)),
    Mutant("the sign", sine(lambda g, y, x: -g * np.cos(x))),
    Mutant("zero", sine(lambda g, y, x: g * 0)),
    Mutant("NaN", sine(lambda g, y, x: g * np.nan)),
    Mutant("NaN at 0", sine(lambda g, y, x: g * np.where(x == 0, np.nan, np.cos(x)))),
    Mutant("twice the factor", sine(lambda g, y, x: g * np.cos(x) ** 2)),
    # what isn't pure
    Mutant("last forward's", with_memory()),
    Mutant("changing", counting()),
    Mutant("a buffer", buffered()),
    Mutant("writes into its input", sine(overwriting)),
    Mutant("returns its cotangent changed", sine(lambda g, y, x: np.multiply(g, np.cos(x), out=g))),
    # of several inputs
    Mutant("the second", product(right_left, right_left), operands(2)),
    Mutant("swapped", product(lambda g, y, a, b: g * a), operands(2)),
    Mutant(
        "where shapes differ",
        product(lambda g, y, a, b: g * b * (1.1 if a.shape != b.shape else 1)),
        operands(2),
    ),
    Mutant(
        "where inputs are the same",
        product(lambda g, y, a, b: g * b * np.where(a == b, 1.1, 1)),
        operands(2),
    ),
    Mutant(
        "the mean over what was broadcast",
        Primitive(
            "shift",
            lambda a, b: a + b,
            [lambda g, y, a, b: g, lambda g, y, a, b: np.mean(g, axis=0)],
        ),
        operands(2, shapes=st.integers(1, 4).map(lambda n: ((n, 3), (3,)))),
    ),
    Mutant(
        "not transposed",
        Primitive("matmul", np.matmul, [lambda g, y, a, b: g @ b, lambda g, y, a, b: a.mT @ g]),
        SQUARES,
    ),
    Mutant("parameters ignored", lambda x: cube(x, n=4), operands(1)),
    # at kinks and ties
    Mutant("7 at the kink", kinked(ramp, lambda x: np.where(x == 0, 7, x > 0))),
    Mutant("-1 at it", kinked(ramp, lambda x: np.where(x == 0, -1, x > 0))),
    Mutant("NaN at it", kinked(np.abs, lambda x: np.where(x == 0, np.nan, np.sign(x)))),
    Mutant("2 for abs", kinked(np.abs, lambda x: np.where(x == 0, 2, np.sign(x)))),
    Mutant("a shift of the kink", kinked(ramp, lambda x: x > -0.3)),
    Mutant(
        "ties counted twice",
        pair(np.maximum, lambda g, y, a, b: g * (a >= b), lambda g, y, a, b: g * (b >= a)),
        operands(2),
    ),
    Mutant(
        "ties not counted",
        pair(np.minimum, lambda g, y, a, b: g * (a < b), lambda g, y, a, b: g * (b < a)),
        operands(2),
    ),
    Mutant(
        "a third to each",
        pair(
            np.maximum,
            lambda g, y, a, b: g * np.where(a == b, 1 / 3, a > b),
            lambda g, y, a, b: g * np.where(a == b, 1 / 3, b > a),
        ),
        operands(2),
    ),
    Mutant("the whole to each of the largest", extremum(lambda n: 1)),
    Mutant("too little to each of the largest", extremum(lambda n: 1 / (n * n))),
    # reductions
    Mutant(
        "divided by the first axis",
        reduction(
            lambda x: np.mean(x) if x.size else np.float64(0),
            lambda g, y, x: np.broadcast_to(g / max(x.shape[0] if x.ndim else 1, 1), x.shape),
        ),
    ),
    Mutant(
        "along another axis",
        reduction(
            lambda x: np.sum(x, axis=0), lambda g, y, x: np.broadcast_to(g[:, None], x.shape)
        ),
        operands(1, shapes=st.just(((3, 3),))),
    ),
    # in single precision
    Mutant(
        "promotes",
        sine(lambda g, y, x: g * np.cos(x), lambda x: np.sin(x.astype(np.float64))),
        reference=np.sin,
    ),
    Mutant(
        "promotes by a scalar",
        sine(lambda g, y, x: g * 2.0, lambda x: x * np.float64(2)),
        reference=lambda x: x + x,
    ),
    Mutant(
        "overflows", sine(lambda g, y, x: g / (1 + np.exp(-x)), lambda x: np.log(1 + np.exp(x)))
    ),
    Mutant(
        "its rule overflows",
        sine(
            lambda g, y, x: g * np.exp(x) / (1 + np.exp(x)),
            lambda x: np.logaddexp(0, x).astype(x.dtype),
        ),
    ),
    Mutant("cancels", sine(lambda g, y, x: g * np.cos(x), lambda x: (np.sin(x) + 1e6) - 1e6)),
    # of second order
    Mutant("a hidden input", sine(lambda g, y, x: g * np.cos(array(x)))),
    Mutant("a hidden cotangent", sine(lambda g, y, x: array(g) * np.cos(x))),
    Mutant(
        "a hidden output",
        Primitive("exp", np.exp, [lambda g, y, x: g * array(y)], elementwise=True),
    ),
    # of complex numbers
    Mutant(
        "conjugated",
        Primitive("square", np.square, [lambda g, y, x: g * 2 * np.conjugate(x)], elementwise=True),
        operands(1, complex=True),
    ),
    Mutant(
        "the real part alone",
        Primitive("square", np.square, [lambda g, y, x: g * 2 * x.real], elementwise=True),
        operands(1, complex=True),
    ),
]


def examine(mutant: Mutant, check: Callable[..., None]) -> None:
    @settings(
        max_examples=100, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
    )
    @given(mutant.drawn)
    def look(inputs: tuple[Any, ...]) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            check(inputs)

    look()


by_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])


@by_mutant
def test_check_gradients_finds_it(mutant: Mutant) -> None:
    with pytest.raises(GradientCheckError):
        examine(mutant, lambda inputs: check_gradients(mutant.op, *inputs))


@by_mutant
def test_a_spec_finds_it(mutant: Mutant) -> None:
    reference = mutant.reference or getattr(mutant.op, "forward", None)
    spec = Spec(mutant.op, reference, cases(mutant.drawn))
    with pytest.raises((GradientCheckError, ValueError, RuntimeWarning)):
        examine(mutant, lambda inputs: spec.check(Case(inputs)))


RIGHT = {
    "sine": (sine(lambda g, y, x: g * np.cos(x)), operands(1)),
    "ramp": (kinked(ramp, lambda x: x > 0), operands(1)),
    "ramp to the left": (kinked(ramp, lambda x: x >= 0), operands(1)),
    "product": (product(right_left), operands(2)),
    "complex square": (np.square, operands(1, complex=True)),
    "ties to the first": (
        pair(np.maximum, lambda g, y, a, b: g * (a >= b), lambda g, y, a, b: g * (b > a)),
        operands(2),
    ),
    "ties in halves": (np.maximum, operands(2)),
    "ties in equal parts": (extremum(lambda n: 1 / n), operands(1)),
    "a jump": (np.sign, operands(1)),
    "sorting": (lambda x: np.sort(x, axis=None), operands(1)),
    "a median": (np.median, operands(1, shapes=st.just(((7,),)))),
    "a root at its end": (lambda x: np.sqrt(np.abs(x)), operands(1)),
    "a distance": (np.linalg.norm, operands(1)),
    "a jump of the second derivative": (lambda x: ramp(x) ** 2, operands(1)),
    "a kink of the slope": (lambda x: x * np.abs(x), operands(1)),
    "bounds": (lambda x: np.clip(x, -1, 1), operands(1)),
    "different values": (np.unique, operands(1)),
    "large": (lambda x: x * 1e15, operands(1)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_rules_pass_wherever_they_are_drawn(name: str) -> None:
    op, drawn = RIGHT[name]
    examine(Mutant(name, op, drawn), lambda inputs: check_gradients(op, *inputs))
