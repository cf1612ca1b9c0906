"""Training that goes on from the middle of an epoch, bit for bit, whatever was killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite.errors import DomainError, StateDictError
from nn.training import Averaging, Callback, Checkpoint, EarlyStopping, Scheduled

ROOT = Path(__file__).resolve().parents[2]
X = np.random.default_rng(0).random((37, 1, 6, 6)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 3, 37)
LOSS = nn.losses.cross_entropy


class Killed(Exception):
    pass


class Kill(Callback):
    """Raises after so many updates; with their number negative, at the end of the epoch."""

    def __init__(self, updates):
        self.updates = updates

    def on_update(self, run):
        if run.updates == self.updates:
            raise Killed

    def on_epoch(self, run):
        if self.updates is not None and run.updates == -self.updates:
            raise Killed


class Parts:
    """All that draws and remembers, from one generator."""

    def __init__(self, seed, optimizer, prefetch=0):
        self.rng = np.random.default_rng(seed)
        self.model = nn.Sequential(
            nn.Flatten(),
            nn.Dense(36, 8, rng=self.rng),
            nn.Tanh(),
            nn.Dropout(0.3, rng=self.rng),
            nn.Dense(8, 3, rng=self.rng),
        )
        self.optimizer = optimizer(self.model.parameters())
        self.average = nn.optim.EMA(self.model, 0.9)
        self.batches = nn.data.Batches(
            X[:30],
            LABELS[:30],
            batch_size=4,
            transform=nn.data.RandomAffine(20, 0.1, 0.1),
            prefetch=prefetch,
            rng=self.rng,
        )
        self.callbacks = [
            Scheduled(nn.optim.CosineAnnealingLR(self.optimizer, 24), each="update"),
            Averaging(self.average),
            EarlyStopping(patience=9),
        ]

    def fit(self, path=None, kill=None, **settings):
        checkpoint = None
        if path is not None:
            checkpoint = Checkpoint(
                path, model=self.model, optimizer=self.optimizer, rng=self.rng, batches=self.batches
            )
        return nn.fit(
            self.model,
            self.optimizer,
            LOSS,
            self.batches,
            epochs=3,
            validation=(X[30:], LABELS[30:]),
            callbacks=[*self.callbacks, Kill(kill)],
            checkpoint=checkpoint,
            **settings,
        )


OPTIMIZERS = {
    "momentum": lambda parameters: nn.optim.SGD(parameters, 0.1, momentum=0.9),
    "Adam": lambda parameters: nn.optim.Adam(parameters, 0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("prefetch", [0, 3])
@pytest.mark.parametrize(
    ("step", "accumulate", "save_every", "kills"),
    [
        ("captured", 1, 1, (2, 8, -8, 9, 17)),  # an epoch has 8 updates
        ("eager", 1, 3, (5, 13, 20)),
        ("captured", 3, 1, (2, 3, -3, 4, 7)),  # and 3 of several batches: 3, 3 and 2
        ("eager", 3, 2, (3, 5, -9)),
    ],
)
def test_training_goes_on_bit_for_bit(
    tmp_path, optimizer, prefetch, step, accumulate, save_every, kills
):
    make = OPTIMIZERS[optimizer]
    how = {"step": step, "accumulate": accumulate}
    whole = Parts(0, make)
    expected = whole.fit(**how)
    settings = {**how, "path": tmp_path / "c", "save_every": save_every}
    for number, updates in enumerate(kills):
        # from another seed, but for the first time, when there is nothing to go on from
        started = Parts(number and 50 + number, make, prefetch)
        with pytest.raises(Killed):
            started.fit(kill=updates, **settings)
    last = Parts(99, make, prefetch)
    history = last.fit(**settings)
    assert history.rows == expected.rows
    for ours, theirs in ((last.model, whole.model), (last.average, whole.average)):
        for name, values in theirs.state_dict().items():
            assert_array_equal(ours.state_dict()[name], values)
    assert last.optimizer.learning_rate == whole.optimizer.learning_rate
    assert last.rng.random() == whole.rng.random()


class Interrupt(Callback):
    """Sends the signal of Ctrl-C after so many updates, or at the end of the epoch."""

    def __init__(self, updates):
        self.updates = updates

    def on_update(self, run):
        if run.updates == self.updates:
            os.kill(os.getpid(), signal.SIGINT)

    def on_epoch(self, run):
        if run.updates == -self.updates:
            os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("save_every", [None, 1])
def test_training_goes_on_after_ctrl_c(tmp_path, save_every):
    whole = Parts(0, OPTIMIZERS["Adam"])
    expected = whole.fit()
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for number, updates in enumerate((3, 8, -8, 20)):
            started = Parts(number, OPTIMIZERS["Adam"])
            started.callbacks.append(Interrupt(updates))
            history = started.fit(tmp_path / "c", save_every=save_every)
            assert history.interrupted
    finally:
        signal.signal(signal.SIGINT, previous)
    last = Parts(9, OPTIMIZERS["Adam"])
    last.callbacks.append(Callback())
    history = last.fit(tmp_path / "c")
    assert not history.interrupted
    assert history.rows == expected.rows
    for name, values in whole.model.state_dict().items():
        assert_array_equal(last.model.state_dict()[name], values)


def test_batches_are_saved_unasked_or_must_have_a_state(tmp_path):
    model = nn.Dense(4, 3, rng=0)
    optimizer = nn.optim.SGD(model.parameters(), 0.1)
    checkpoint = Checkpoint(tmp_path / "c", model=model, optimizer=optimizer)
    rows = [(np.ones((2, 4), np.float32), np.array([0, 1]))]
    with pytest.raises(DomainError, match=r"save_every needs batches with a state.*not list"):
        nn.fit(model, optimizer, LOSS, rows, epochs=1, checkpoint=checkpoint, save_every=1)
    batches = nn.data.Batches(*rows[0], batch_size=1, rng=0)
    nn.fit(model, optimizer, LOSS, batches, epochs=1, checkpoint=checkpoint, save_every=1)
    assert set(checkpoint.parts) == {"model", "optimizer"}
    other = nn.data.Batches(*rows[0], batch_size=1, rng=1)
    nn.fit(model, optimizer, LOSS, other, epochs=1, checkpoint=checkpoint)
    assert other.state_dict() == batches.state_dict()


def test_a_checkpoint_of_other_batches_is_refused_and_changes_nothing(tmp_path):
    parts = Parts(0, OPTIMIZERS["Adam"])
    with pytest.raises(Killed):
        parts.fit(tmp_path / "c", kill=3, save_every=1)
    other, same = Parts(7, OPTIMIZERS["Adam"]), Parts(7, OPTIMIZERS["Adam"])
    other.batches.batch_size = 5
    with pytest.raises(StateDictError, match="in batches of 4, not of 5"):
        other.fit(tmp_path / "c")
    for name, values in same.model.state_dict().items():
        assert_array_equal(other.model.state_dict()[name], values)
    assert other.rng.random() == same.rng.random()


PROGRAM = """
import sys, numpy as np, nn
rng = np.random.default_rng(0)
x = rng.random((60, 16)).astype(np.float32)
labels = rng.integers(0, 3, 60)
model = nn.Sequential(nn.Dense(16, 8, rng=rng), nn.Dropout(0.2, rng=rng), nn.Dense(8, 3, rng=rng))
optimizer = nn.optim.Adam(model.parameters(), 0.01)
batches = nn.data.Batches(
    x, labels, batch_size=4, rng=rng, prefetch=2,
    transform=nn.data.ElasticTransform(5, 1, image_shape=(4, 4)),
)
path = sys.argv[1]
checkpoint = nn.training.Checkpoint(path, model=model, optimizer=optimizer, rng=rng)
history = nn.fit(
    model, optimizer, nn.losses.cross_entropy, batches, epochs=14, validation=(x, labels),
    checkpoint=checkpoint, save_every=1,
)
np.savez(path + ".npz", loss=history["loss"], **model.state_dict())
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_process_that_is_killed_again_and_again_ends_with_the_same_weights(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}

    def start(name):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / name)]
        return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)

    with start("whole") as whole:
        assert whole.wait(60) == 0, whole.stderr.read()
    moments, kills, interrupted = random.Random(5), 0, set()
    file, done = tmp_path / "killed", None
    while done is None:
        before = file.stat().st_mtime_ns if file.exists() else 0
        with start("killed") as killed:
            # wait until it trains, and then a little: so it gets on, whatever the machine does
            while killed.poll() is None and (
                not file.exists() or file.stat().st_mtime_ns == before
            ):
                time.sleep(0.002)
            if kills < 3:
                time.sleep(moments.uniform(0, 0.1))
                killed.send_signal(signal.SIGKILL)
            code = killed.wait(60)
            assert code in (0, -signal.SIGKILL), killed.stderr.read()
        kills += code != 0
        interrupted.add(file.stat().st_mtime_ns)
        done = code == 0 or None
    assert kills  # three times, unless the machine lets this process wait for long
    assert len(interrupted) == kills + 1
    expected, found = (np.load(tmp_path / f"{name}.npz") for name in ("whole", "killed"))
    assert set(found) == set(expected)
    for name in expected:
        assert_array_equal(found[name], expected[name], err_msg=name)
