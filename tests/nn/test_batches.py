"""Batches: read ahead, mapped from files, weighted, changed, and on from the middle of an epoch."""

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import time
import traceback

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import nn
from autograd_lite.errors import DomainError, ShapeError, StateDictError
from nn.data import Batches, mapping


def noisy(x, rng):
    return x + rng.standard_normal(x.shape)


def epoch(batches):
    return [[array.tolist() for array in batch] for batch in batches]


def make(rng=0, **settings):
    x = np.arange(23.0)
    return Batches(x, x * 10, **{"batch_size": 4, "rng": rng, **settings})


def work(batches, function):
    for _ in batches:
        function()


def no_thread_is_left():
    return not any(thread.name == "nn.data prefetching" for thread in threading.enumerate())


# ---------------------------------------------------------------- read ahead


@settings(deadline=None, derandomize=True, max_examples=30)
@given(
    prefetch=st.integers(1, 9),
    batch_size=st.integers(1, 25),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    transform=st.sampled_from([(), noisy, [noisy, noisy]]),
)
def test_prefetched_batches_are_the_same(prefetch, **settings):
    plain, ahead = make(**settings), make(prefetch=prefetch, **settings)
    for _ in range(2):
        assert epoch(plain) == epoch(ahead)
    assert no_thread_is_left()


def test_a_generator_that_all_draw_from_gives_the_same_with_prefetch():
    def drawn(prefetch):
        rng = np.random.default_rng(0)
        batches = make(rng, prefetch=prefetch, transform=noisy)
        return [(x.tolist(), rng.random()) for _ in range(2) for x, _ in batches]

    assert drawn(0) == drawn(1) == drawn(5)


def test_batches_are_read_in_a_thread_and_no_more_of_them_than_asked_for():
    threads = []

    def seen(x, rng):
        threads.append(threading.current_thread())
        return x

    iterator = iter(make(transform=seen, prefetch=2))
    next(iterator)
    while len(threads) < 3:
        time.sleep(0.001)
    time.sleep(0.02)
    assert len(threads) == 3
    assert threading.main_thread() not in threads
    iterator.close()
    assert no_thread_is_left()


def test_leaving_the_loop_ends_the_thread():
    batches = make(prefetch=3, transform=noisy)
    for _ in batches:
        break
    assert no_thread_is_left()
    with pytest.raises(ZeroDivisionError):
        work(batches, lambda: 1 / 0)
    assert no_thread_is_left()
    iterator = iter(batches)
    next(iterator)
    assert not no_thread_is_left()
    del iterator
    gc.collect()
    assert no_thread_is_left()


def test_an_iterator_in_a_cycle_is_collected_with_its_thread():
    class Owner:
        pass

    owner = Owner()
    owner.me, owner.iterator = owner, iter(make(prefetch=2))
    next(owner.iterator)
    del owner
    gc.collect()
    assert no_thread_is_left()


def test_an_error_in_the_thread_reaches_the_loop_with_its_traceback():
    def breaking(x, rng):
        if 7 in x:
            raise KeyError("seven")
        return x

    given = []
    with pytest.raises(KeyError, match="seven") as caught:
        work(make(prefetch=4, shuffle=False, transform=breaking), lambda: given.append(1))
    assert len(given) == 1
    assert "breaking" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert no_thread_is_left()


def test_settings_that_are_in_force_hold_in_the_thread():
    def divide(x, rng):
        return x / 0.0

    with np.errstate(all="ignore"):
        epoch(make(prefetch=2, transform=divide))
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        epoch(make(prefetch=2, transform=divide))


@pytest.mark.parametrize("ending", ["", "import os, signal; os.kill(os.getpid(), signal.SIGINT)"])
def test_a_program_ends_while_an_iterator_is_kept(ending):
    program = f"""
import numpy as np, nn
kept = iter(nn.data.Batches(np.arange(9), batch_size=1, prefetch=2))
next(kept)
{ending}
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ("KeyboardInterrupt" in done.stderr) == bool(ending)
    assert done.returncode == 0 or ending


def test_an_interrupt_is_heard_while_a_batch_is_waited_for():
    program = """
import os, signal, sys, threading, time, numpy as np, nn
once = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
def slow(x, rng):
    if not once.is_alive():
        once.start()
    time.sleep(0.5)
    return x
try:
    for _ in nn.data.Batches(np.arange(9), batch_size=1, prefetch=2, transform=slow):
        sys.exit("a batch came first")
except KeyboardInterrupt:
    once.join()
    print(threading.active_count())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr


# ---------------------------------------------------------------- mapped files


def test_of_a_mapped_file_only_the_rows_of_a_batch_are_read(tmp_path, monkeypatch):
    data = np.random.default_rng(0).integers(0, 256, (500, 6), np.uint8)
    np.save(tmp_path / "x.npy", data)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    monkeypatch.setattr(mapping, "_MOST", 1)  # lets go after each row
    plain = Batches(data, np.arange(500), batch_size=7, rng=0)
    ours = Batches(mapped[::1], np.arange(500), batch_size=7, rng=0)
    assert ours.arrays[0].base is not None
    assert np.shares_memory(ours.arrays[0], mapped)
    assert mapping._mapping(ours.arrays[0]) is not None
    for (x, labels), (expected, _) in zip(ours, plain, strict=True):
        assert type(x) is np.ndarray
        assert not np.shares_memory(x, mapped)
        assert_array_equal(x, expected, strict=True)
        assert_array_equal(x, data[labels])


@pytest.mark.parametrize("mode", ["r+", "c"])
def test_changes_of_a_mapped_array_are_kept(tmp_path, mode, monkeypatch):
    monkeypatch.setattr(mapping, "_MOST", 1)
    np.save(tmp_path / "x.npy", np.zeros(5000))
    mapped = np.load(tmp_path / "x.npy", mmap_mode=mode)
    mapped[:] = 3.0
    for (x,) in Batches(mapped, batch_size=1000, rng=0):
        assert (x == 3).all()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_whole_copy_of_a_mapped_file_is_made(tmp_path):
    size = 150 * 2**20
    with open(tmp_path / "x", "wb") as file:  # noqa: PTH123 - a hole, which takes no room
        file.truncate(size)
    program = f"""
import numpy as np, nn, resource
from pathlib import Path
x = np.memmap({str(tmp_path / "x")!r}, np.float32, "r", shape=({size // 4096}, 1024))
def memory():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
before = memory()
for a, in nn.data.Batches(x, batch_size=100, rng=0, prefetch=2):
    pass
print((memory() - before) / 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert float(done.stdout) < 100


# ---------------------------------------------------------------- which examples


def test_positions_are_the_only_examples():
    batches = make(positions=[3, 5, 8], batch_size=2)
    assert (len(batches), batches.examples) == (2, 3)
    assert sorted(number for x, _ in batches for number in x) == [3, 5, 8]
    plain = make(positions=np.array([9, 1, 1]), shuffle=False, batch_size=3)
    assert epoch(plain) == [[[9, 1, 1], [90, 10, 10]]]


def test_weights_are_probabilities():
    weights = np.array([0, 1, 2, 0, 5.0])
    batches = Batches(np.arange(5), batch_size=5, weights=weights, rng=0)
    seen = np.zeros(5)
    for _ in range(1000):
        for (x,) in batches:
            np.add.at(seen, x, 1)
    assert len(x) == 5
    expected = 5000 * weights / weights.sum()
    assert (abs(seen - expected) <= 4.5 * np.sqrt(expected)).all()


def test_weights_of_positions():
    batches = make(positions=[3, 5], weights=[0, 1], batch_size=10)
    assert epoch(batches) == [[[5, 5], [50, 50]]]


@pytest.mark.parametrize(
    ("wrong", "error", "complaint"),
    [
        ({"prefetch": -1}, DomainError, "prefetch must be 0 or a positive integer, not -1"),
        ({"prefetch": True}, DomainError, "prefetch must be"),
        ({"positions": []}, DomainError, "positions must be integers"),
        ({"positions": [[1]]}, DomainError, r"of shape \(1, 1\)"),
        ({"positions": np.ones(23, bool)}, DomainError, r"flatnonzero\(mask\)"),
        ({"positions": [0, 23]}, DomainError, "between 0 and 22 for 23 examples"),
        ({"positions": [-1, 3]}, DomainError, "lie between -1 and 3"),
        ({"weights": np.ones(5)}, ShapeError, r"shape \(5,\), need \(23,\)"),
        ({"weights": np.zeros(23)}, DomainError, "not all 0"),
        ({"weights": np.full(23, -1)}, DomainError, "not negative"),
        ({"weights": np.full(23, np.nan)}, DomainError, "must be finite"),
        ({"weights": np.full(23, 1e308)}, DomainError, "must be finite"),
        ({"weights": np.ones(23), "shuffle": False}, DomainError, "shuffle can't be False"),
        ({"transform": [3]}, DomainError, r"a function \(x, rng\) -> x"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong, error, complaint):
    with pytest.raises(error, match=complaint):
        make(**wrong)


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_transform_must_keep_the_number_of_examples(prefetch):
    with pytest.raises(ShapeError, match=r"transform returned shape \(3,\) for 4 examples"):
        epoch(make(transform=lambda x, rng: x[1:], prefetch=prefetch))


def test_each_batch_of_each_epoch_draws_anew():
    batches = make(transform=lambda x, rng: rng.random(x.shape))
    drawn = [x[0] for _ in range(3) for x, _ in batches]
    assert len(set(drawn)) == 18


def test_processes_that_share_a_batch_draw_differently():
    def shared(rank):
        return make(
            share=lambda chosen: chosen[rank::2], transform=lambda x, rng: rng.random(x.shape)
        )

    first, second = epoch(shared(0)), epoch(shared(1))
    assert all(a[0] != b[0] for a, b in zip(first, second, strict=True))
    assert epoch(shared(0)) == first


def test_shares_are_taken_in_the_thread_of_the_loop_at_the_same_time():
    # a Group counts what was shared, and compares that between processes
    def counts(pause):
        shared = []

        def slow(x, rng):
            time.sleep(pause)
            return x

        def share(chosen):
            assert threading.current_thread() is threading.main_thread()
            shared.append(len(chosen))
            return chosen

        return [len(shared) for _ in make(share=share, transform=slow, prefetch=2)]

    assert counts(0) == counts(0.005) == [3, 4, 5, 6, 6, 6]


# ---------------------------------------------------------------- states

KINDS = [
    {},
    {"transform": noisy},
    {"shuffle": False, "transform": noisy},
    {"weights": np.arange(23)},
    {"positions": np.arange(3, 20)},
    {"drop_last": True, "prefetch": 3, "transform": noisy},
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("taken", [0, 1, 3, 9])
def test_an_epoch_goes_on_from_its_middle(kind, taken):
    whole = make(**kind)
    expected = [epoch(whole) for _ in range(3)]
    started = make(**kind)
    epoch(started)
    taken = min(taken, len(started))
    iterator = iter(started)
    before = [[array.tolist() for array in next(iterator)] for _ in range(taken)]
    state = copy.deepcopy(started.state_dict())
    del iterator
    other = make(rng=99, **{**kind, "prefetch": 1})
    other.load_state_dict(state)
    assert other.state_dict() == state
    # before its first batch an epoch hasn't begun; after the last one it hasn't ended
    after = epoch(other)
    assert before + after == expected[1]
    assert epoch(other) == expected[2]


def test_the_order_of_an_epoch_is_found_though_others_draw_from_the_generator():
    rng = np.random.default_rng(5)
    batches = make(rng, transform=noisy)
    iterator = iter(batches)
    next(iterator)
    rng.random(100)
    state = batches.state_dict()
    left = [[array.tolist() for array in batch] for batch in iterator]
    later = rng.random()
    shared = np.random.default_rng(6)
    other = make(shared, transform=noisy)
    other.load_state_dict(state)
    assert epoch(other) == left
    assert shared.random() == later


@pytest.mark.parametrize("kind", ["PCG64", "MT19937", "Philox", "SFC64"])
def test_states_go_through_a_file_whatever_the_generator(tmp_path, kind):
    def generator(seed):
        return np.random.Generator(getattr(np.random, kind)(seed))

    batches = make(generator(0), transform=noisy)
    iterator = iter(batches)
    next(iterator)
    nn.training.Checkpoint(tmp_path / "c", batches=batches).save()
    other = make(generator(1), transform=noisy)
    nn.training.Checkpoint(tmp_path / "c", batches=other).load()
    assert epoch(other) == [[array.tolist() for array in batch] for batch in iterator]


def changed(state, **values):
    return {**state, "epoch": {**state["epoch"], **values}}


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda s: {}, "isn't the state of Batches"),
        (lambda s: {**s, "more": 1}, "isn't the state of Batches"),
        (lambda s: {**s, "rng": {}}, "isn't the state of a PCG64"),
        (lambda s: {**s, "epoch": 3}, "isn't the state of Batches"),
        (lambda s: {**s, "batch_size": 5}, "in batches of 5, not of 4"),
        (lambda s: changed(s, rng=7), "isn't the state of a PCG64"),
        (lambda s: changed(s, batches=7), "counts 7 batches of 6"),
        (lambda s: changed(s, batches=-1), "counts -1 batches of 6"),
        (lambda s: changed(s, batches=1.0), "counts 1.0 batches"),
        (lambda s: changed(s, batches=True), "counts True batches"),
        (lambda s: changed(s, order=1), "other examples, or in another order"),
        (lambda s: changed(s, order=None), "other examples, or in another order"),
        (lambda s: changed(s, seed=0), "isn't the state of Batches"),
    ],
)
def test_what_is_no_state_changes_nothing(damage, complaint):
    other = make(rng=1)
    next(iter(other))
    state = other.state_dict()
    batches = make()
    with pytest.raises(StateDictError, match=complaint):
        batches.load_state_dict(damage(state))
    assert epoch(batches) == epoch(make())


@pytest.mark.parametrize(
    "other",
    [
        {"shuffle": False},
        {"weights": np.ones(23)},
        {"positions": range(22)},
        {"transform": noisy},
    ],
)
def test_a_state_of_another_order_is_refused_in_the_middle_of_an_epoch_only(other):
    batches = make()
    between = batches.state_dict()
    next(iter(batches))
    with pytest.raises(StateDictError, match="other examples, or in another order"):
        make(**other).load_state_dict(batches.state_dict())
    transformed = make(transform=noisy)
    next(iter(transformed))
    with pytest.raises(StateDictError, match="with transforms on one side only"):
        make().load_state_dict(transformed.state_dict())
    make(**other, batch_size=9).load_state_dict(between)


# ---------------------------------------------------------------- copies and forks


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda b: pickle.loads(pickle.dumps(b))])
@pytest.mark.parametrize("mapped", [False, True])
def test_copies_go_on_from_the_middle_of_an_epoch(copied, mapped, tmp_path, monkeypatch):
    monkeypatch.setattr(mapping, "_MOST", 0)
    array = np.arange(23.0)
    if mapped:
        np.save(tmp_path / "a.npy", array)
        array = np.load(tmp_path / "a.npy", mmap_mode="r")
    batches = Batches(array, batch_size=4, rng=0)
    iterator = iter(batches)
    next(iterator)
    other = Batches(np.arange(23.0), batch_size=4, rng=1)
    other.load_state_dict(batches.state_dict())
    copies = copied(batches)
    copies.load_state_dict(batches.state_dict())
    assert epoch(copies) == epoch(other) == epoch(iterator)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_an_iteration_that_was_forked_is_an_error_and_no_hang():
    program = """
import os, sys, numpy as np
from nn.data import Batches
from autograd_lite.errors import UnsupportedError
batches = Batches(np.arange(100), batch_size=1, prefetch=2, rng=0)
iterator = iter(batches)
next(iterator)
if not os.fork():
    try:
        next(iterator)
    except UnsupportedError:
        os._exit(3 if len(list(batches)) == 100 else 1)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 3
assert len(list(iterator)) == 99
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_transform_cannot_end_an_epoch_in_silence(prefetch):
    def ending(x, rng):
        raise StopIteration

    with pytest.raises(RuntimeError, match="StopIteration"):
        epoch(make(transform=ending, prefetch=prefetch))
