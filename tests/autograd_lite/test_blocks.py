"""Blocks of a mode in generators, coroutines, other contexts and threads; and as decorators."""

import asyncio
import gc
import inspect
import random
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from threading import Barrier, Thread

import numpy as np
import pytest

from autograd_lite import Tensor, enable_grad, grad, is_recording, no_grad, trace_nans
from autograd_lite.errors import NonFiniteError, UnsupportedError
from autograd_lite.modes import PLAIN, current_mode

from .building import leaf

MODES = [no_grad, enable_grad, trace_nans]


def in_force():
    """Return whether ops are recorded and watched here, and whether NumPy's warnings are off."""
    mode = current_mode()
    return mode.recording, mode.watch is not None, np.geterr()["divide"] == "ignore"


ORDINARY = True, False, False


@pytest.fixture(autouse=True)
def _nothing_stays_in_force():
    yield
    assert in_force() == ORDINARY
    assert current_mode() is PLAIN


def opened(block):
    """Return a generator that holds a block open until it is closed."""

    def hold():
        with block:
            yield

    generator = hold()
    next(generator)
    return generator


# ---------------------------------------------------------------- blocks that end out of order


@pytest.mark.parametrize("seed", range(60))
def test_the_mode_follows_from_the_blocks_that_are_open(seed):
    draw, held = random.Random(seed), []
    for _ in range(14):
        if held and draw.random() < 0.5:
            held.pop(draw.randrange(len(held)))[1].close()
        else:
            mode = draw.choice(MODES)
            held.append((mode, opened(mode())))
        deciding = [mode for mode, _ in held if mode is not trace_nans]
        watched = len(deciding) < len(held)
        assert in_force() == (not deciding or deciding[-1] is enable_grad, watched, watched)
    for _, generator in draw.sample(held, len(held)):
        generator.close()


@pytest.mark.parametrize("mode", MODES)
def test_a_block_can_be_left_in_a_copy_of_its_context(mode):
    generator = opened(mode())
    copy = copy_context()
    copy.run(generator.close)
    assert copy.run(in_force) == in_force() == ORDINARY


@pytest.mark.parametrize("mode", MODES)
def test_a_block_can_be_left_in_another_context(mode):
    inside = copy_context()
    generator = inside.run(opened, mode())
    assert in_force() == ORDINARY
    generator.close()
    assert inside.run(in_force) == ORDINARY


@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_in_force_once_all_blocks_have_ended_anywhere(seed):
    draw, held = random.Random(seed), []
    for _ in range(10):
        if held and draw.random() < 0.5:
            close = held.pop(draw.randrange(len(held))).close
            copy_context().run(close) if draw.random() < 0.5 else close()
        else:
            held.append(opened(draw.choice(MODES)()))
    for generator in draw.sample(held, len(held)):
        copy_context().run(generator.close) if draw.random() < 0.5 else generator.close()
    assert in_force() == ORDINARY


def test_a_copy_of_a_context_keeps_what_was_in_force():
    with no_grad():
        inherited = copy_context()
    generator = opened(no_grad())
    other = copy_context()
    copy_context().run(generator.close)
    for _ in range(2):
        assert not inherited.run(is_recording)
        assert not other.run(is_recording)
        assert is_recording()


def test_a_block_inside_is_not_disturbed_by_one_that_ends_elsewhere():
    with no_grad():
        generator = opened(enable_grad())
        copy_context().run(generator.close)
        with no_grad():
            assert not is_recording()
        assert not is_recording()


def test_a_block_can_be_left_in_another_thread():
    generator = opened(no_grad())
    thread = Thread(target=generator.close)
    thread.start()
    thread.join()
    assert is_recording()


def test_an_abandoned_asynchronous_generator_leaves_nothing_behind():
    async def hold():
        with no_grad():
            yield
            yield

    async def main():
        generator = hold()
        await anext(generator)
        assert not is_recording()
        await asyncio.gather(generator.aclose())  # in a task of its own, with its own context
        assert is_recording()
        generator = hold()
        await anext(generator)
        del generator
        gc.collect()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert is_recording()

    asyncio.run(main())


def test_an_exception_is_passed_on_where_a_block_is_left_in_another_context():
    def fail():
        with no_grad():
            yield
            raise KeyError("ours")

    generator = fail()
    copy_context().run(next, generator)
    with pytest.raises(KeyError, match="ours"):
        next(generator)


# ---------------------------------------------------------------- blocks that are used again


@pytest.mark.parametrize("mode", MODES)
def test_a_block_can_be_entered_again_and_inside_itself(mode):
    block = mode()
    for _ in range(2):
        with block:
            outer = in_force()
            with block:
                assert in_force() == outer
            assert in_force() == outer
        assert in_force() == ORDINARY


def test_threads_may_share_a_block():
    block, barrier, seen = no_grad(), Barrier(2, timeout=60), []

    def work(first):
        with block:
            barrier.wait()
            if first:
                seen.append(is_recording())
        if first:
            seen.append(is_recording())
            barrier.wait()
        else:
            barrier.wait()
            seen.append(is_recording())

    threads = [Thread(target=work, args=(first,)) for first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [False, True, True]


# ---------------------------------------------------------------- decorators


@pytest.mark.parametrize("decorate", [no_grad(), no_grad], ids=["called", "bare"])
class TestDecorators:
    """With parentheses, and without."""

    def test_functions(self, decorate):
        @decorate
        def double(x, *, by=2.0):
            """Say what it does."""
            return x * by

        assert not double(leaf(2.0)).requires_grad
        assert double(leaf(2.0), by=3.0).item() == 6.0
        assert (double.__name__, double.__doc__) == ("double", "Say what it does.")
        assert list(inspect.signature(double).parameters) == ["x", "by"]

    def test_generators_hold_it_while_their_own_lines_run(self, decorate):
        @decorate
        def lines(count):
            seen = []
            try:
                for number in range(count):
                    seen.append(((yield number), is_recording()))
            finally:
                seen.append(is_recording())
            return seen

        assert inspect.isgeneratorfunction(lines)
        generator = lines(2)
        assert next(generator) == 0
        assert is_recording()
        assert generator.send("one") == 1
        assert is_recording()
        with pytest.raises(StopIteration) as stop:
            generator.send("two")
        assert stop.value.value == [("one", False), ("two", False), False]
        assert list(lines(3)) == [0, 1, 2]

    def test_generators_that_are_thrown_into_or_closed(self, decorate):
        seen = []

        @decorate
        def lines():
            try:
                yield "first"
            except KeyError:
                seen.append(is_recording())
            try:
                yield "second"
            finally:
                seen.append(is_recording())

        generator = lines()
        next(generator)
        assert generator.throw(KeyError()) == "second"
        assert is_recording()
        generator.close()
        assert seen == [False, False]
        generator = lines()
        next(generator)
        with pytest.raises(ValueError, match="of the caller"):
            generator.throw(ValueError("of the caller"))

    def test_generators_in_any_context_and_order(self, decorate):
        @decorate
        def lines():
            for _ in range(3):
                yield is_recording()

        one, other = lines(), lines()
        contexts = [copy_context(), copy_context()]
        assert [context.run(next, one) for context in contexts] == [False, False]
        assert next(other) is False
        one.close()
        assert is_recording()
        other.close()

    def test_a_context_manager_made_of_a_generator(self, decorate):
        @contextmanager
        @decorate
        def manager():
            yield is_recording()

        with manager() as inside:
            assert not inside
            assert is_recording()

    def test_coroutines(self, decorate):
        @decorate
        async def compute(x):
            before = is_recording()
            await asyncio.sleep(0)
            return before, is_recording(), x * 2

        async def other():
            await asyncio.sleep(0)
            return is_recording()

        async def main():
            assert is_recording()
            found, outside = await asyncio.gather(compute(leaf(1.0)), other())
            assert outside
            assert found[:2] == (False, False)
            assert not found[2].requires_grad
            return await compute(leaf(1.0))

        assert inspect.iscoroutinefunction(compute)
        assert asyncio.run(main())[:2] == (False, False)
        stopped = compute(1.0)
        stopped.send(None)
        assert is_recording()
        stopped.close()

    def test_asynchronous_generators(self, decorate):
        seen = []

        @decorate
        async def lines():
            try:
                for number in range(3):
                    await asyncio.sleep(0)
                    try:
                        seen.append(((yield number), is_recording()))
                    except KeyError:
                        yield "caught"
            finally:
                await asyncio.sleep(0)
                seen.append(is_recording())

        async def main():
            numbers = []
            async for number in lines():
                assert is_recording()
                numbers.append(number)
            assert numbers == [0, 1, 2]
            generator = lines()
            await anext(generator)
            assert await generator.asend("sent") == 1
            assert await generator.athrow(KeyError()) == "caught"
            await generator.aclose()
            assert is_recording()

        assert inspect.isasyncgenfunction(lines)
        asyncio.run(main())
        assert seen == [(None, False)] * 3 + [False, ("sent", False), False]

    def test_methods_of_every_kind(self, decorate):
        class Model:
            @decorate
            def method(self):
                return is_recording()

            @decorate
            def lines(self):
                yield is_recording()

            @decorate
            @classmethod
            def of_the_class(cls):
                return cls, is_recording()

            @decorate
            @staticmethod
            def static():
                return is_recording()

            def __call__(self):
                yield is_recording()

        model = Model()
        assert model.method() is False
        assert list(model.lines()) == [False]
        assert model.of_the_class() == Model.of_the_class() == (Model, False)
        assert model.static() is Model.static() is False
        assert list(decorate(model)()) == [False]
        assert list(decorate(partial(Model.lines, model))()) == [False]

    @pytest.mark.parametrize("given", [int, 3, False, property(lambda self: 1), "f"])
    def test_what_is_no_function_is_refused(self, decorate, given):
        with pytest.raises(UnsupportedError, match=r"only functions can be .* use a with block"):
            decorate(given)


@pytest.mark.parametrize("decorate", [trace_nans, trace_nans(infinities=False)])
def test_trace_nans_checks_decorated_generators_during_each_step(decorate):
    @decorate
    def lines(p):
        recorded = (0 * p).sum()
        yield "harmless"
        yield recorded / recorded

    generator = lines(leaf([1.0, 2.0]))
    next(generator)
    with np.errstate(invalid="ignore"):
        assert np.isnan((Tensor(0.0) / 0.0).item())  # no watch here
    with pytest.raises(NonFiniteError, match="divide turned finite values into NaN"):
        next(generator)


def test_a_transform_of_a_function_that_closes_a_generator():
    generator = opened(no_grad())

    def f(x):
        generator.close()
        return x * x

    with enable_grad():
        assert np.asarray(grad(f)(3.0)) == 6.0
