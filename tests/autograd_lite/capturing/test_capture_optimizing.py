"""What a program leaves out or does in another way: all bits are those of eager."""

import warnings

import numpy as np
import pytest

from autograd_lite import Tensor, capture, grad, value_and_grad

from .comparing import both


def lines_of(captured):
    """Return the lines of the code that is replayed."""
    return captured.program.replay._names.lines["run"]


def settled(function, *args):
    """Return the function, captured and replayed."""
    captured = capture(function, on_miss="error")
    for _ in range(4):
        captured(*args)
    return captured


def special(count, dtype="float64"):
    """Return numbers with zeros of both signs, infinities and NaN among them."""
    x = np.random.default_rng(3).standard_normal(count).astype(dtype)
    for step, value in ((7, 0.0), (11, -0.0), (13, np.inf), (17, -np.inf), (19, np.nan)):
        x[::step] = value
    return x


def same(function, make_arguments, calls=6):
    """Compare a captured function with eager, bit for bit."""
    captured = capture(function, on_miss="error")
    for turn in range(calls):
        expected = function(*make_arguments(turn))
        found = captured(*make_arguments(turn))
        for ours, theirs in zip(np.atleast_1d(found), np.atleast_1d(expected), strict=True):
            np.testing.assert_array_equal(ours, theirs)
            assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
    return captured


# ---------------------------------------------------------------------- questions


def test_a_nan_is_asked_for_once_where_several_would_show():
    def f(x):
        return np.sum((x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    captured = settled(grad(f), np.linspace(0, 1, 50))
    assert sum("isnan" in line for line in lines_of(captured)) <= 2


@pytest.mark.parametrize("place", [0, 7, 49])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 0.0, 1e200])
def test_bad_values_are_noticed_wherever_they_are(place, bad):
    def f(x):
        return np.sum(np.sqrt(x[1:] * x[:-1]) * np.log(x[1:]) / x[:-1])

    def make(capture):
        g = capture(grad(f))
        xs = [np.linspace(1, 2, 50) for _ in range(8)]
        for x in xs[4:7]:
            x[place] = bad

        def call(turn):
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return g(xs[turn])

        return call, xs

    both(make)


# ---------------------------------------------------------------------- arrays of zeros


def parts(x):
    a, b, c = x[:3], x[2:5], x[::-2]
    return np.sum(a * a) + np.sum(b[::-1] ** 3 * 2) + np.sum(np.sin(c)) + x[4] * x[-1]


def overlapping(x):
    y = np.zeros_like(x)
    a, b = x[:4] * 2.0, x[2:6] * 3.0
    y[:4] = a
    y[2:6] = b
    return y * 1.0


def later_part_computed_first(x):
    y = np.zeros_like(x)
    late, early = x[2:6] * 3.0, x[:4] * 2.0
    y[2:6] = late
    y[:4] = early
    y[7:] -= x[7:]
    return y + 0.0


def read_in_between(x):
    y = np.zeros_like(x)
    y[:4] = x[:4] * 2.0
    z = y * 2.0
    y[4:] = x[4:] * 2.0
    return z + y


def added_twice(x):
    y = np.zeros_like(x)
    y[:4] += x[:4]
    y[2:] += x[2:]
    return y * 1.0


def given_away(x):
    y = np.zeros_like(x)
    y[1:] = x[1:] * 2.0
    return y


@pytest.mark.parametrize(
    "f",
    [grad(parts), overlapping, later_part_computed_first, read_in_between, added_twice, given_away],
)
def test_arrays_that_are_filled_part_by_part(f):
    def arguments(turn):
        x = np.random.default_rng(turn).standard_normal(9)
        x[turn] = -0.0
        return (x,)

    same(f, arguments)


def test_results_that_are_filled_part_by_part_belong_to_the_caller():
    captured = settled(given_away, np.ones(5))
    first = captured(np.ones(5))
    second = captured(np.full(5, 3.0))
    np.testing.assert_array_equal(first, [0, 2, 2, 2, 2])
    assert not np.shares_memory(first, second)


# ---------------------------------------------------------------------- choosing


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("count", [10, 4096, 5_000])
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: np.heaviside(x, y) * 1,
        lambda x, y: np.heaviside(x, 0.5) * 1,
        lambda x, y: np.heaviside(-x * 1, x) * 1,
        lambda x, y: np.where(x, y, x) * 1,
        lambda x, y: np.where(x > 0, x, y) * 1,
        lambda x, y: np.where(np.heaviside(x, y), y, np.exp(-y)) * 1,
        lambda x, y: np.where(x > 0, x, 0.0) * 1,
    ],
)
def test_choosing(f, count, dtype):
    x, y = special(count, dtype), special(2 * count, dtype)[count:]
    with np.errstate(all="ignore"):
        same(f, lambda turn: (np.roll(x, turn), y))


# ---------------------------------------------------------------------- products


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(3, 4, 5), (16, 32, 32), (1, 7, 3), (5, 1, 2), (31, 17, 65)])
@pytest.mark.parametrize("orders", ["CC", "FC", "CF", "FF"])
def test_products(sizes, orders, dtype):
    m, k, n = sizes

    def arguments(turn):
        rng = np.random.default_rng(turn)
        a, b = rng.standard_normal((m, k)), rng.standard_normal((k, n))
        return np.array(a, dtype, order=orders[0]), np.array(b, dtype, order=orders[1])

    same(lambda a, b: (a @ b) * 1, arguments)
    same(lambda a, b: (a @ a.T) @ (b.T @ b).sum() * 1 if m == k else (a @ a.T) * 1, arguments)


# ---------------------------------------------------------------------- what is left out


def test_what_depends_on_nothing_is_computed_once():
    captured = settled(grad(lambda x: np.sum(x * x)), np.ones(5))
    code = "\n".join(lines_of(captured))
    assert "ones_like" not in code
    assert "reduce" not in code


def test_calls_on_what_is_written_later_are_shared_as_long_as_it_is_not():
    def f(x):
        y = x * 2.0
        first = np.vdot(y, y) + np.vdot(y, y)
        y[0] = 5.0
        return first - np.vdot(y, y)

    captured = same(lambda x: [f(x)], lambda turn: (np.arange(4.0) + turn,))
    assert sum("= k_" in line for line in lines_of(captured)) <= 3


def test_copies_are_what_was_copied_before_it_was_written_into():
    def f(x):
        y = x * 2.0
        kept, alias = y.copy(), np.copy(x)
        y[1:] = 0.0
        return np.stack([kept, y, alias])

    same(f, lambda turn: (np.arange(4.0) + turn,))


def test_copies_that_are_given_away_are_apart():
    def f(x):
        y = np.exp(x)
        return y.copy(), y.copy(), y.reshape(2, 2).copy()

    captured = settled(f, np.arange(4.0))
    results = [*captured(np.arange(4.0)), *captured(np.arange(4.0))]
    for i, a in enumerate(results):
        assert a.base is None
        assert not any(np.shares_memory(a, b) for b in results[:i])


def test_arguments_are_not_given_back_for_their_copies():
    captured = settled(lambda x: (x.copy(), x * np.ones_like(x)), np.arange(4.0))
    x = np.arange(4.0)
    assert not any(np.shares_memory(x, result) for result in captured(x))


# ---------------------------------------------------------------------- their order


def test_gates_share_a_setting_of_floating_point_errors():
    def gates(x):
        parts = []
        for _ in range(4):
            with np.errstate(over="ignore"):
                parts.append(1 / (1 + np.exp(-x - len(parts))))
            parts[-1] = parts[-1] * 2.0
        return sum(parts)

    captured = same(gates, lambda turn: (np.linspace(-800, 800, 20) + turn,))
    assert sum("put_errors(ERRORS[1])" in line for line in lines_of(captured)) == 1


def test_a_step_with_slices_and_gates():
    def make(capture):
        rng = np.random.default_rng(0)
        w = Tensor(rng.standard_normal((3, 8)), requires_grad=True)
        u = Tensor(rng.standard_normal((2, 8)), requires_grad=True)

        @capture
        def step(x):
            w.zero_grad()
            u.zero_grad()
            h = c = np.zeros((5, 2))
            for xt in x:
                i, f, g, o = np.split(xt @ w + h @ u, 4, axis=1)
                c = np.tanh(f) * c + np.tanh(i) * np.tanh(g)
                h = np.tanh(o) * np.tanh(c)
            loss = (h * h).mean()
            loss.backward()
            w.data -= 0.1 * w.grad.data
            u.data -= 0.1 * u.grad.data
            return loss.detach()

        return lambda turn: step(np.random.default_rng(turn).standard_normal((4, 5, 3))), (w, u)

    both(make)


def test_value_and_grad_of_single_elements():
    def f(p):
        return np.mean((p[0] * np.exp(-p[1] * times) + p[2] - times) ** 2)

    times = np.linspace(0, 1, 9)

    def make(capture):
        g = capture(value_and_grad(f))
        return lambda turn: g(np.arange(3.0) + turn), ()

    both(make)


# ---------------------------------------------------------------------- arrays that are filled


def test_memory_of_sliding_windows_isn_t_used_again_before_them():
    windows = np.lib.stride_tricks.sliding_window_view

    def f(x):
        view = windows(x * 2, 3, axis=0)  # of a buffer that nothing else holds
        total = x[2:] * 0
        for _ in range(4):
            total = total + np.exp(x)[2:]
        return total * view.sum(axis=-1), view[::2].copy()

    captured = settled(f, np.linspace(0, 1, 4000))
    for seed in range(3):
        x = np.random.default_rng(seed).standard_normal(4000)
        for ours, theirs in zip(captured(x), f(x), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_new_arrays_that_are_written_into_lie_in_buffers():
    def f(x):
        y = np.empty_like(x, shape=(2, *x.shape))
        np.multiply(x, 2, out=y[0])
        np.exp(x, out=y[1])
        z = np.zeros_like(y)
        for i in range(2):
            z[:, i:] += y[:, i:]  # parts that overlap
        return z.sum(), y[0] * 1

    x = np.linspace(0, 1, 40_000)
    captured = settled(f, x)
    assert not any("_like" in line for line in lines_of(captured))
    for seed in range(3):
        x = np.random.default_rng(seed).standard_normal(40_000)
        for ours, theirs in zip(captured(x), f(x), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_new_arrays_that_are_given_away_are_new_in_each_call():
    def f(x):
        y = np.empty_like(x)
        np.exp(x, out=y)
        z = np.zeros_like(x)
        z[1:] += x[1:]
        z[:2] += x[:2]
        return y, z

    x = np.linspace(0, 1, 100)
    captured = settled(f, x)
    kept = captured(x)
    first = [array.copy() for array in kept]
    captured(x + 1)
    for array, before in zip(kept, first, strict=True):
        np.testing.assert_array_equal(array, before)
