"""fit in several processes: what one of them would do, and all of them stop alike."""

import os
import signal
import subprocess
import time

import numpy as np
import pytest

from .launching import SECONDS, command, kept, needs_mpi, write

pytestmark = needs_mpi

PARTS = """
rng = np.random.default_rng(5)
x = rng.random((50, 20)).astype(np.float32)
labels = rng.integers(0, 3, 50)

def parts(group, seed=3, **settings):
    rng = np.random.default_rng(seed)
    first, last = nn.Dense(20, 16, rng=rng), nn.Dense(16, 3, rng=rng)
    model = nn.Sequential(first, nn.Tanh(), last)
    optimizer = nn.optim.Adam(model.parameters(), 0.01)
    batches = nn.data.Batches(
        x[:38], labels[:38], batch_size=6, rng=rng, share=group.share, **settings
    )
    return model, optimizer, batches

def fit(model, optimizer, batches, group, **settings):
    return nn.fit(model, optimizer, nn.losses.cross_entropy, batches, group=group, **settings)

alone = nn.parallel.Group(parallel=False)
validation = x[38:], labels[38:]
metrics = {"accuracy": nn.metrics.accuracy}
"""

SAME = """
def train(group, **settings):
    model, optimizer, batches = parts(group, prefetch=prefetch)
    lines, stopping = [], nn.training.EarlyStopping(2, metric="accuracy", mode="max")
    history = fit(
        model, optimizer, batches, group, epochs=8, validation=validation, metrics=metrics,
        accumulate=accumulate, step=step, callbacks=[stopping], report=lines.append,
    )
    assert bool(lines) == (group.rank == 0)
    rows = {name: np.array(history[name]) for name in history.last}
    return {**model.state_dict(), **rows, "best": np.array(stopping.best_epoch)}

keep(**train(group), **{f"alone {name}": array for name, array in train(alone).items()})
"""


@pytest.mark.parametrize(
    ("size", "accumulate", "step", "prefetch"),
    [(2, 1, "captured", 0), (2, 3, "captured", 2), (3, 1, "eager", 1), (3, 4, "eager", 0)],
)
def test_fit_is_that_of_one_process(size, accumulate, step, prefetch, tmp_path):
    # of batches of 6, the last one has 2 examples: the third process has none of them
    settings = f"{accumulate=}; {step=}; {prefetch=}\n"
    ranks = kept(size, settings + PARTS + SAME, tmp_path)
    for name, expected in ranks[0].items():
        assert all(np.array_equal(rank[name], ranks[0][name]) for rank in ranks), name
        if not name.startswith("alone"):
            np.testing.assert_allclose(
                expected, ranks[0][f"alone {name}"], 1e-3, 1e-4, err_msg=name
            )


def test_validation_may_be_shared(tmp_path):
    program = """
    def train(share):
        model, optimizer, batches = parts(group)
        data = nn.data.Batches(*validation, batch_size=5, shuffle=False, share=share)
        return fit(model, optimizer, batches, group, epochs=2, validation=data, metrics=metrics)
    whole, shared = train(None), train(group.share)
    for ours, theirs in zip(whole.rows, shared.rows):
        np.testing.assert_allclose([*ours.values()], [*theirs.values()], 1e-5)
    keep(loss=shared["validation loss"])
    """
    first, second = kept(2, PARTS + _dedented(program), tmp_path)
    assert np.array_equal(first["loss"], second["loss"])


def test_models_begin_alike_and_only_the_first_process_saves(tmp_path):
    program = """
    folder = Path(sys.argv[1]) / str(group.rank)
    folder.mkdir()
    model, optimizer, _ = parts(group, seed=group.rank)
    *_, batches = parts(group)
    checkpoint = nn.training.Checkpoint(folder / "c", model=model, optimizer=optimizer)
    callbacks = [nn.training.KeepBest(folder / "b"), nn.training.Picture(folder / "p.png")]
    fit(
        model, optimizer, batches, group, epochs=2, validation=validation, callbacks=callbacks,
        checkpoint=checkpoint, save_every=1,
    )
    assert sorted(os.listdir(folder)) == ([] if group.rank else ["b", "c", "p.png"])
    keep(**model.state_dict())
    """
    first, second = kept(2, PARTS + _dedented(program), tmp_path)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_training_goes_on_from_the_first_process_s_checkpoint(tmp_path):
    program = """
    class Killed(Exception):
        pass
    class Kill(nn.training.Callback):
        def on_update(self, run):
            if run.updates == 10:
                raise Killed
    def train(seed, path=None, kill=False):
        model, optimizer, batches = parts(group, seed=seed, prefetch=2)
        checkpoint = path and nn.training.Checkpoint(path, model=model, optimizer=optimizer)
        callbacks = [Kill()] if kill else [nn.training.Callback()]
        history = fit(
            model, optimizer, batches, group, epochs=3, callbacks=callbacks,
            checkpoint=checkpoint, save_every=checkpoint and 1,
        )
        return {**model.state_dict(), "loss": np.array(history["loss"])}
    path = Path(sys.argv[1]) / "c"
    expected = train(3)
    refused(Killed, train, 3, path, kill=True)
    found = train(8, path)
    for name, array in expected.items():
        assert np.array_equal(found[name], array), name
    own = np.random.default_rng(group.rank)
    model, optimizer, batches = parts(group)
    said = refused(
        errors.DomainError, fit, model, optimizer, batches, group, epochs=1,
        checkpoint=nn.training.Checkpoint(Path(sys.argv[1]) / "d", rng=own),
    )
    assert "generators whose states differ between the processes" in said
    keep()
    """
    kept(2, PARTS + _dedented(program), tmp_path)


def test_what_stops_one_process_stops_all_after_the_same_batch(tmp_path):
    program = """
    class Stop(nn.training.Callback):
        def on_update(self, run):
            self.updates = run.updates
            if run.updates == 9 and group.rank == 1:
                run.stop()
    model, optimizer, batches = parts(group)
    stop = Stop()
    fit(model, optimizer, batches, group, epochs=5, callbacks=[stop])
    assert stop.updates == 9
    def broken(outputs, targets):
        return nn.losses.cross_entropy(outputs, targets) * (np.nan if group.rank else 1.0)
    other = parts(group)
    refused(
        errors.NonFiniteError,
        lambda: nn.fit(*other[:2], broken, other[2], epochs=1, group=group, step="eager"),
    )
    keep(**model.state_dict())
    """
    first, second = kept(2, PARTS + _dedented(program), tmp_path)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_an_interrupt_ends_all_processes_after_the_same_batch(tmp_path):
    program = """
    class Slow(nn.training.Callback):
        def on_update(self, run):
            (Path(sys.argv[1]) / f"ready{group.rank}").touch()
            time.sleep(0.005)
            self.updates = run.updates
    model, optimizer, batches = parts(group)
    slow = Slow()
    history = fit(model, optimizer, batches, group, epochs=100000, callbacks=[slow])
    assert history.interrupted
    keep(updates=slow.updates, **model.state_dict())
    """
    arguments, environment = command(2, write(tmp_path, PARTS + _dedented(program)), tmp_path)
    with subprocess.Popen(
        arguments, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as running:
        until = time.monotonic() + SECONDS
        while not all((tmp_path / f"ready{rank}").exists() for rank in range(2)):
            assert time.monotonic() < until, "it didn't begin"
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.01)
        os.kill(running.pid, signal.SIGINT)
        running.wait(SECONDS)
        assert running.stderr is not None
        told = running.stderr.read()
    first, second = (dict(np.load(tmp_path / f"rank{rank}.npz")) for rank in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first), told


def _dedented(program):
    lines = program.splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines) + "\n"
