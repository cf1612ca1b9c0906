"""The comparison itself: captures that lie in one thing or another are found out."""

import functools
import types

import numpy as np
import pytest

from autograd_lite import Tensor
from autograd_lite.capturing.program.calls import same_bits

from . import comparing
from .comparing import both, inputs, leaf


def world(capture):
    """Return a world in which all things happen that a capture may be wrong about."""
    w = leaf(3)
    rng = np.random.default_rng(0)
    s = types.SimpleNamespace(rate=0.5, log=[], table=np.zeros(3))

    @capture
    def f(x):
        w.grad = None
        y = w * x * s.rate + rng.random(3)
        y.sum().backward()
        w.data -= 0.1 * w.grad.data
        s.log.append("called")
        s.table[0] += 1.0
        print("called")
        if x[0] > 100.0:
            raise ValueError("too large")
        return {"y": y.data, "top": y.data[:2], "log": np.log(x - 1.0)}

    f.of = types.SimpleNamespace(w=w, rng=rng, s=s)
    xs = [np.abs(x) for x in inputs(3)]
    xs[4][0] = 200.0

    def call(turn):
        s.rate = 0.5 if turn < 3 else 0.7
        return f(xs[turn])

    return call, (w, rng, s, xs)


def lying(lie):
    """Return a capture that is honest twice, and then calls ``lie(function, of, memory, x)``."""

    def capture(function):
        memory = types.SimpleNamespace(calls=0)

        @functools.wraps(function)
        def captured(x):
            memory.calls += 1
            if memory.calls <= 2:
                memory.last = function(x)
                return memory.last
            return lie(function, captured.of, memory, x)

        return captured

    return capture


def honest(function, of, memory, x):
    return function(x)


def old_result(function, of, memory, x):
    function(x)
    return memory.last


def buffer(function, of, memory, x):
    memory.last["y"][...] = function(x)["y"]
    return memory.last


def other_memory(function, of, memory, x):
    return {name: y.copy() for name, y in function(x).items()}


def other_order(function, of, memory, x):
    return dict(reversed(list(function(x).items())))


def other_type(function, of, memory, x):
    return {name: Tensor.of(y) for name, y in function(x).items()}


def other_layout(function, of, memory, x):
    return {name: np.repeat(y, 2)[::2] for name, y in function(x).items()}


def last_bit(function, of, memory, x):
    result = function(x)
    result["y"][2] = np.nextafter(result["y"][2], np.inf)
    return result


def old_setting(function, of, memory, x):
    of.s.rate, rate = 0.5, of.s.rate
    result = function(x)
    of.s.rate = rate
    return result


def no_draw(function, of, memory, x):
    before = of.rng.bit_generator.state
    result = function(x)
    of.rng.bit_generator.state = before
    return result


def no_append(function, of, memory, x):
    before = list(of.s.log)
    result = function(x)
    of.s.log[:] = before
    return result


def other_list(function, of, memory, x):
    result = function(x)
    of.s.log = list(of.s.log)
    return result


def no_write(function, of, memory, x):
    before = of.s.table.copy()
    result = function(x)
    of.s.table[...] = before
    return result


def no_grad_kept(function, of, memory, x):
    result = function(x)
    of.w.grad = None
    return result


def update_lost(function, of, memory, x):
    before = of.w.data.copy()
    result = function(x)
    of.w.data[...] = before
    return result


def error_swallowed(function, of, memory, x):
    try:
        return function(x)
    except ValueError:
        return None


def error_reworded(function, of, memory, x):
    try:
        return function(x)
    except ValueError as error:
        raise ValueError("in a program") from error


def no_warning(function, of, memory, x):
    with np.errstate(all="ignore"):
        return function(x)


def no_print(function, of, memory, x):
    with comparing.redirect_stdout(comparing.io.StringIO()):
        return function(x)


def argument_changed(function, of, memory, x):
    result = function(x)
    x += 1.0
    return result


LIES = {
    old_result: r"result\[2\]",
    buffer: r"result\[",
    other_memory: "memory shared by",
    other_order: r"result\[2\]\['y'\]|result\[2\]",
    other_type: r"result\[2\]\['y'\]",
    other_layout: r"strides \[16\]",
    last_bit: r"result\[2\]\['y'\]",
    old_setting: r"after call 3, result\[3\]\['y'\]",
    no_draw: r"state\[1\]\.state",
    no_append: r"state\[2\]\.log",
    other_list: r"state\[2\]\.log is another object",
    no_write: r"state\[2\]\.table",
    no_grad_kept: r"state\[0\]\.grad",
    update_lost: r"state\[0\]\.array",
    error_swallowed: r"after call 4, result\[4\]",
    error_reworded: r"after call 4, result\[4\]\[2\]",
    no_warning: "warnings",
    no_print: "printed",
    argument_changed: r"state\[3\]",
}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lie_is_found(lie, monkeypatch):
    monkeypatch.setattr(comparing, "capture", lying(lie))
    with pytest.raises(AssertionError, match=LIES[lie]):
        both(world)


def test_the_truth_is_believed(monkeypatch):
    monkeypatch.setattr(comparing, "capture", lying(honest))
    both(world)


def turned(x, bits):
    """Return a copy with other bits in the last element."""
    copy = x.copy()
    copy.view(np.uint8).reshape(-1)[-x.itemsize :] ^= np.frombuffer(bits, np.uint8)
    return copy


@pytest.mark.parametrize("size", [3, 100_000])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "c8", "c16", "i4", "u1", "?"])
def test_bits_are_compared_whatever_they_mean(size, dtype):
    x = np.zeros(size, dtype)
    one = np.ones((), dtype).tobytes()
    assert same_bits(x, x.copy())
    assert same_bits(x, np.zeros(2 * size, dtype)[::2])
    assert not same_bits(x, turned(x, one))
    assert not same_bits(x, x.reshape(1, -1))
    assert not same_bits(x, x.view(f"V{x.itemsize}"))
    if x.dtype.kind in "fc":
        nan = np.full(size, np.nan, dtype)
        assert same_bits(nan, nan.copy())
        assert not same_bits(x, -x)  # 0 and -0
        assert not same_bits(nan, turned(nan, one))


def test_objects_are_compared_by_identity():
    x = np.full(100_000, None, object)
    assert same_bits(x, x.copy())
    assert not same_bits(x, np.full(100_000, "x", object))
