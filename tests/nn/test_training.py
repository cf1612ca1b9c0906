"""fit, its callbacks, its history, and checkpoints to go on from."""

import json
import os
import signal
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import (
    CheckpointError,
    DomainError,
    DTypeError,
    MissingExtraError,
    NonFiniteError,
    ShapeError,
    StateDictError,
)
from nn import files
from nn.training import (
    Averaging,
    Callback,
    Checkpoint,
    EarlyStopping,
    History,
    KeepBest,
    Picture,
    Scheduled,
    fit,
)

X = np.random.default_rng(0).standard_normal((53, 4)).astype(np.float32)
T = np.tanh(X @ np.float32([[1, 0], [2, -1], [0, 1], [-1, 1]]))
LOSS = nn.losses.mean_squared_error


class Parts:
    """A model with dropout, its optimizer, schedule, average and batches, from one seed."""

    def __init__(self, seed=0, **batching):
        self.rng = np.random.default_rng(seed)
        self.model = nn.Sequential(
            nn.Dense(4, 8, rng=self.rng),
            nn.Tanh(),
            nn.Dropout(0.2, rng=self.rng),
            nn.Dense(8, 2, rng=self.rng),
        )
        self.optimizer = nn.optim.Adam(self.model.parameters(), 0.01)
        self.schedule = nn.optim.CosineAnnealingLR(self.optimizer, 6)
        self.average = nn.optim.EMA(self.model, 0.9)
        self.batches = nn.data.Batches(X, T, **{"batch_size": 10, "rng": self.rng, **batching})

    def fit(self, **settings):
        return fit(self.model, self.optimizer, LOSS, self.batches, **{"epochs": 3, **settings})

    def checkpoint(self, path):
        return Checkpoint(path, model=self.model, optimizer=self.optimizer, rng=self.rng)

    def callbacks(self):
        return [Scheduled(self.schedule), Averaging(self.average)]


def assert_same(one, other):
    for name, values in one.state_dict().items():
        assert_array_equal(values, other.state_dict()[name], err_msg=name)


@pytest.mark.parametrize("step", ["eager", "captured"])
def test_fit_is_the_plain_loop(step):
    ours, plain = Parts(), Parts()
    history = ours.fit(step=step, validation=(X, T))
    for epoch in range(3):
        losses = []
        for x, t in plain.batches:
            plain.optimizer.zero_grad()
            loss = LOSS(plain.model(x), t)
            loss.backward()
            plain.optimizer.step()
            losses.append((loss.item(), len(x)))
        mean = sum(value * count for value, count in losses) / 53
        assert history["loss"][epoch] == pytest.approx(mean, rel=1e-12)
    assert_same(ours.model, plain.model)
    assert history["epoch"] == [1, 2, 3]
    outputs = plain.model.eval()(X)
    assert history.last["validation loss"] == pytest.approx(LOSS(outputs, T).item())
    assert not ours.model.training


def test_the_fast_step_is_the_same_to_rounding():
    ours, plain = Parts(), Parts()
    ours.fit(step="fast")
    plain.fit(step="eager")
    for name, values in ours.model.state_dict().items():
        assert_allclose(values, plain.model.state_dict()[name], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("step", ["eager", "captured"])
def test_accumulated_batches_are_one_large_batch(step):
    def trained(**settings):
        model = nn.Dense(4, 2, rng=0, dtype=np.float64)
        optimizer = nn.optim.SGD(model.parameters(), 0.1, momentum=0.9)
        size = settings.pop("size")
        batches = nn.data.Batches(X.astype(float), T, batch_size=size, shuffle=False)
        history = fit(model, optimizer, LOSS, batches, epochs=2, **settings)
        return model, history

    model, history = trained(size=5, accumulate=4, step=step)
    expected, whole = trained(size=20)
    for name, values in model.state_dict().items():
        assert_allclose(values, expected.state_dict()[name], rtol=1e-6)
    assert_allclose(history["loss"], whole["loss"], rtol=1e-6)


def test_metrics_are_means_over_examples_and_modes_come_back():
    parts = Parts()
    seen = []
    metrics = {"error": lambda y, t: abs(y.numpy() - t).mean(), "count": lambda y, t: 1}
    batches = nn.data.Batches(X, T, batch_size=25, shuffle=False)

    class Modes(Callback):
        def on_update(self, run):
            seen.append(run.model[2].training)

    history = parts.fit(validation=batches, metrics=metrics, callbacks=[Modes()])
    assert all(seen)
    error = abs(parts.model(X).numpy() - T).mean()
    assert history.last["error"] == pytest.approx(error, rel=1e-5)
    assert history["count"] == [1.0] * 3


def test_inputs_may_be_several():
    class Sum(nn.Module):
        def __init__(self):
            self.layer = nn.Dense(4, 2, rng=0)

        def forward(self, a, b):
            return self.layer(a + b)

    model = Sum()
    optimizer = nn.optim.SGD(model.parameters(), 0.1)
    history = fit(model, optimizer, LOSS, nn.data.Batches(X, X, T, batch_size=53), epochs=2)
    assert history["loss"][1] < history["loss"][0]


# ---------------------------------------------------------------- ends


class At(Callback):
    """Calls a function after so many updates."""

    def __init__(self, updates, function):
        self.updates, self.function = updates, function

    def on_update(self, run):
        if run.updates == self.updates:
            self.function(run)


def test_an_interrupt_ends_training_after_the_batch_and_keeps_what_was_learned():
    ours, plain = Parts(), Parts()
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        history = ours.fit(callbacks=[At(8, lambda run: os.kill(os.getpid(), signal.SIGINT))])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, previous)
    assert history.interrupted
    assert len(history) == 1
    plain.fit(callbacks=[At(8, lambda run: run.stop())])
    assert_same(ours.model, plain.model)


def test_a_second_interrupt_comes_through():
    def twice(run):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            Parts().fit(callbacks=[At(2, twice)])
    finally:
        signal.signal(signal.SIGINT, previous)


def test_a_loss_that_is_no_number_is_an_error():
    parts = Parts()

    def broken(run):
        parts.model[0].weight.data = np.full((4, 8), np.nan)

    with pytest.raises(NonFiniteError, match="the loss became nan in epoch 1, after 3 updates"):
        parts.fit(callbacks=[At(3, broken)])


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"epochs": 0}, "epochs must be a positive integer"),
        ({"epochs": 1.5}, "epochs must be a positive integer"),
        ({"accumulate": 0}, "accumulate must be"),
        ({"save_every": 5}, "save_every needs a checkpoint"),
        ({"step": "slow"}, "step must be"),
        ({"validation": []}, "no example to validate with"),
        ({"validation": (X[:0], T[:0])}, "no example to validate with"),
        ({"validation": (b for b in [(X, T)])}, "a generator as validation .* 3 epochs"),
        ({"metrics": {"error": LOSS}}, "metrics are computed on the validation"),
        *(
            ({"metrics": {name: LOSS}, "validation": (X, T)}, f"can't be called '{name}'")
            for name in ("epoch", "loss", "validation loss")
        ),
    ],
)
def test_settings_out_of_range_are_refused(settings, complaint):
    with pytest.raises(DomainError, match=complaint):
        Parts().fit(**settings)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"validation": [X, T]}, "a batch must be a tuple .* one is: ndarray"),
        ({"validation": (X,)}, "one is: tuple of 1"),
        ({"metrics": LOSS, "validation": (X, T)}, "metrics must be a dict"),
        ({"metrics": {"error": 3}, "validation": (X, T)}, "metrics must be a dict"),
        ({"callbacks": EarlyStopping(2)}, "callbacks must be a list"),
        ({"callbacks": [EarlyStopping]}, "callbacks must be a list"),
    ],
)
def test_what_is_not_of_the_form_is_refused_before_training(settings, complaint):
    parts = Parts()
    with pytest.raises(DTypeError, match=complaint):
        parts.fit(**settings)
    assert_same(parts.model, Parts().model)


@pytest.mark.parametrize("batches", [(X, T), [X, T], [(X,)], [{"x": X, "t": T}]])
def test_batches_are_tuples_of_inputs_and_targets(batches):
    parts = Parts()
    with pytest.raises(DTypeError, match=r"nn\.data\.Batches\(inputs, targets"):
        fit(parts.model, parts.optimizer, LOSS, batches, epochs=1)
    assert_same(parts.model, Parts().model)


def test_a_generator_of_batches_does_for_one_epoch():
    parts = Parts()
    fit(parts.model, parts.optimizer, LOSS, (b for b in [(X, T)]), epochs=1)
    with pytest.raises(DomainError, match="a generator as batches can be gone through once"):
        fit(parts.model, parts.optimizer, LOSS, (b for b in [(X, T)]), epochs=2)


@pytest.mark.parametrize("step", ["eager", "captured"])
@pytest.mark.parametrize(
    "loss", [lambda y, t: 3.0, lambda y, t: ((y.numpy() - t) ** 2).mean(), lambda y, t: None]
)
def test_a_loss_that_is_no_tensor_is_named(loss, step):
    parts = Parts()
    with pytest.raises(DTypeError, match="the loss must return a Tensor"):
        fit(parts.model, parts.optimizer, loss, parts.batches, epochs=1, step=step)


def test_a_metric_of_several_numbers_is_named():
    with pytest.raises(ShapeError, match=r"the each must be one number, and has shape \(53,\)"):
        Parts().fit(validation=(X, T), metrics={"each": lambda y, t: y.data[:, 0]})


def test_an_optimizer_of_another_model_is_refused():
    parts, other = Parts(), Parts()
    with pytest.raises(DomainError, match="none of the parameters of this Sequential"):
        fit(parts.model, other.optimizer, LOSS, parts.batches, epochs=1)
    with pytest.raises(DTypeError, match="'sgd' is no optimizer"):
        fit(parts.model, "sgd", LOSS, parts.batches, epochs=1)
    first = nn.optim.SGD(parts.model[0].parameters(), 0.1)
    fit(parts.model, first, LOSS, parts.batches, epochs=1)


@pytest.mark.parametrize("kind", ["Checkpoint", "KeepBest", "Picture"])
@pytest.mark.parametrize(
    ("name", "error"), [("none/file", FileNotFoundError), (".", IsADirectoryError)]
)
def test_a_file_that_cannot_be_written_is_told_before_training(tmp_path, kind, name, error):
    parts, file = Parts(), tmp_path / name
    settings = {
        "Checkpoint": {"checkpoint": Checkpoint(file)},
        "KeepBest": {"callbacks": [KeepBest(file)], "validation": (X, T)},
        "Picture": {"callbacks": [Picture(file)]},
    }
    with pytest.raises(error):
        parts.fit(**settings[kind])
    assert_same(parts.model, Parts().model)
    assert not list(tmp_path.iterdir())


def test_without_safetensors_nothing_is_trained(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)
    for settings in ({"checkpoint": Checkpoint(tmp_path / "c")}, {"callbacks": [KeepBest("b")]}):
        parts = Parts()
        with pytest.raises(MissingExtraError, match=r"autograd-lite\[saving\]"):
            parts.fit(**settings)
        assert_same(parts.model, Parts().model)


def test_no_batches_are_an_error():
    parts = Parts()
    with pytest.raises(DomainError, match="no batches"):
        fit(parts.model, parts.optimizer, LOSS, [], epochs=1)
    with pytest.raises(ShapeError, match="no axis of examples"):
        fit(parts.model, parts.optimizer, LOSS, [(X, Tensor(1.0))], epochs=1)


def test_progress_without_tqdm_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    with pytest.raises(MissingExtraError, match=r"autograd-lite\[training\]"):
        Parts().fit(progress=True)
    Parts().fit()


def test_epochs_are_reported_and_progress_shows(capsys):
    lines = []
    Parts().fit(report=lines.append, progress=True, epochs=2)
    assert [line.partition(":")[0] for line in lines] == ["epoch 1", "epoch 2"]
    assert "epoch 2/2" in capsys.readouterr().err


# ---------------------------------------------------------------- callbacks


def test_early_stopping_brings_the_best_weights_back():
    values = iter([0.5, 0.3, 0.4, 0.35, 0.1])
    parts, kept = Parts(), {}

    class Keeping(Callback):
        def on_epoch(self, run):
            kept[run.history.last["epoch"]] = run.model.state_dict()

    stopping = EarlyStopping(2, metric="made up")
    history = parts.fit(
        epochs=9,
        validation=(X, T),
        metrics={"made up": lambda y, t: next(values)},
        callbacks=[stopping, Keeping()],
    )
    assert history["made up"] == pytest.approx([0.5, 0.3, 0.4, 0.35])
    assert stopping.best_epoch == 2
    for name, expected in kept[2].items():
        assert_array_equal(parts.model.state_dict()[name], expected)


def test_the_best_weights_are_kept_in_a_file(tmp_path):
    values = iter([0.5, 0.7, np.nan, 0.6])
    parts, kept = Parts(), {}

    class Keeping(Callback):
        def on_epoch(self, run):
            kept[run.history.last["epoch"]] = run.model.state_dict()

    best = KeepBest(tmp_path / "best", metric="made up", mode="max")
    metrics = {"made up": lambda y, t: next(values)}
    parts.fit(epochs=4, validation=(X, T), metrics=metrics, callbacks=[best, Keeping()])
    other = Parts(seed=1).model
    nn.load(other, tmp_path / "best")
    for name, expected in kept[2].items():
        assert_array_equal(other.state_dict()[name], expected)


def test_a_metric_that_is_not_there_is_named():
    with pytest.raises(DomainError, match=r"no 'accuracy' to watch, only \['epoch', 'loss'\]"):
        Parts().fit(callbacks=[EarlyStopping(1, metric="accuracy")])
    parts = Parts()
    plateau = nn.optim.ReduceLROnPlateau(parts.optimizer)
    with pytest.raises(DomainError, match="Scheduled: there is no 'accuracy' to watch"):
        parts.fit(callbacks=[Scheduled(plateau, metric="accuracy")])


@pytest.mark.parametrize(
    "make",
    [
        lambda: EarlyStopping(0),
        lambda: EarlyStopping(1, mode="best"),
        lambda: EarlyStopping(1, min_delta=-1),
        lambda: Scheduled(None, each="batch"),
        lambda: Scheduled(None),
        lambda: Scheduled(Parts().schedule, each="update", metric="loss"),
        lambda: Averaging(None, each="batch"),
        lambda: Averaging(None),
    ],
)
def test_settings_of_callbacks_out_of_range_are_refused(make):
    with pytest.raises(DomainError):
        make()


def test_schedules_and_averages_are_moved_on():
    parts, plain = Parts(), Parts()
    parts.fit(callbacks=parts.callbacks())
    for _ in range(3):
        for x, t in plain.batches:
            plain.optimizer.zero_grad()
            LOSS(plain.model(x), t).backward()
            plain.optimizer.step()
            plain.average.update()
        plain.schedule.step()
    assert parts.optimizer.learning_rate == plain.optimizer.learning_rate
    for name, values in parts.average.state_dict().items():
        assert_array_equal(values, plain.average.state_dict()[name])


def test_a_picture_is_drawn_after_each_epoch(tmp_path):
    file = tmp_path / "history.png"
    Parts().fit(validation=(X, T), metrics={"one": lambda y, t: 1.0}, callbacks=[Picture(file)])
    assert file.read_bytes().startswith(b"\x89PNG")


# ---------------------------------------------------------------- history


def test_a_history_is_plain_data():
    history = History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25, "accuracy": 0.9}])
    assert history["accuracy"] == [0.9]
    assert list(history) == history.rows
    assert repr(history) == "History: 2 epochs, the last one loss 0.2500, accuracy 0.9000"
    assert repr(History()) == "History: no epochs"
    with pytest.raises(KeyError, match=r"no epoch has 'f1'; there are \['epoch', 'loss', 'acc"):
        history["f1"]
    with pytest.raises(DomainError, match="no epoch was finished"):
        History().last  # noqa: B018
    for wrong in ({}, {"rows": 3}, {"rows": [{"a": "b"}]}, {"rows": [3]}, {"rows": [], "x": 1}):
        with pytest.raises(StateDictError):
            history.load_state_dict(wrong)
    assert len(history) == 2


# ---------------------------------------------------------------- checkpoints


def test_training_that_was_killed_goes_on_bit_for_bit(tmp_path):
    whole = Parts()
    expected = whole.fit(epochs=6, callbacks=whole.callbacks(), validation=(X, T))

    class Killed(Exception):
        pass

    def kill(run):
        raise Killed

    for updates in (9, 20):
        parts = Parts(seed=updates)  # what it starts with is overwritten, but for the first time
        if updates == 9:
            parts = Parts()
        with pytest.raises(Killed):
            parts.fit(
                epochs=6,
                checkpoint=parts.checkpoint(tmp_path / "c"),
                callbacks=[*parts.callbacks(), At(updates, kill)],
                validation=(X, T),
            )
    last = Parts(seed=7)
    history = last.fit(
        epochs=6,
        checkpoint=last.checkpoint(tmp_path / "c"),
        callbacks=[*last.callbacks(), Callback()],
        validation=(X, T),
    )
    assert_same(last.model, whole.model)
    assert history.rows == expected.rows
    assert last.optimizer.learning_rate == whole.optimizer.learning_rate
    for name, values in last.average.state_dict().items():
        assert_array_equal(values, whole.average.state_dict()[name])


def test_a_finished_training_is_not_trained_on(tmp_path):
    parts = Parts()
    expected = parts.fit(checkpoint=parts.checkpoint(tmp_path / "c"))
    other = Parts(seed=3)
    history = other.fit(checkpoint=other.checkpoint(tmp_path / "c"))
    assert history.rows == expected.rows
    assert_same(other.model, parts.model)


def kinds_of_generators():
    names = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")
    return [getattr(np.random, name) for name in names]


@pytest.mark.parametrize("kind", kinds_of_generators())
def test_generators_of_every_kind_go_on(tmp_path, kind):
    rng, other = np.random.Generator(kind(0)), np.random.Generator(kind(1))
    rng.integers(5, dtype=np.uint32)  # leaves half of a draw
    Checkpoint(tmp_path / "c", rng=rng).save()
    Checkpoint(tmp_path / "c", rng=other).load()
    draws = (g.integers(9, size=5, dtype=np.uint32) for g in (rng, other))
    assert_array_equal(*draws)


def pcg(state, *, has_uint32=0, name="text:PCG64"):
    return {"bit_generator": name, "state": state, "has_uint32": has_uint32, "uinteger": 0}


HOSTILE_STATES = [
    {},
    {"bit_generator": "text:MT19937"},
    pcg({"state": 1, "inc": -1}),
    pcg({"state": 1, "inc": 2**200}),
    pcg({"state": 1, "inc": 1}, has_uint32=7),
    pcg([1, 1]),
    pcg({"state": True, "inc": 1}),
    pcg({"state": 1, "inc": 1}, name="array:nothing"),
    pcg({"state": 1, "inc": 1}, name="text:MT19937"),
]


@pytest.mark.parametrize("state", HOSTILE_STATES)
def test_what_is_no_state_of_a_generator_changes_nothing(tmp_path, state):
    model, rng = nn.Dense(2, 2, rng=0), np.random.default_rng(0)
    checkpoint = Checkpoint(tmp_path / "c", model=model, rng=rng)
    checkpoint.save()
    with files.open_arrays(tmp_path / "c") as saved:
        kept = json.loads(saved.metadata["checkpoint"])
        arrays = {name: saved.read(name) + 1 for name in saved.shapes}
    kept["states"]["rng"] = state
    files.write_arrays(tmp_path / "c", arrays, {"checkpoint": json.dumps(kept)})
    with pytest.raises((StateDictError, CheckpointError)):
        checkpoint.load()
    assert_same(model, nn.Dense(2, 2, rng=0))
    assert rng.random() == np.random.default_rng(0).random()


def test_a_file_of_weights_is_no_checkpoint(tmp_path):
    model = nn.Dense(2, 2)
    nn.save(model, tmp_path / "a")
    with pytest.raises(CheckpointError, match=r"no checkpoint of a training; nn\.load reads"):
        Checkpoint(tmp_path / "a", model=model).load()


def test_other_parts_are_refused(tmp_path):
    model = nn.Dense(2, 2)
    Checkpoint(tmp_path / "a", model=model).save()
    with pytest.raises(CheckpointError, match=r"other parts.*'optimizer'"):
        Checkpoint(tmp_path / "a", model=model, optimizer=model).load()
    with pytest.raises(DomainError, match="no state_dict"):
        Checkpoint(tmp_path / "a", model=3)
    with pytest.raises(DomainError, match="part model already"):
        Checkpoint(tmp_path / "a", model=model).add("model", model)


KINDS = [
    lambda p: [EarlyStopping(5)],
    lambda p: [EarlyStopping(5, metric="loss")],
    lambda p: [EarlyStopping(5, mode="max")],
    lambda p: [KeepBest(p.folder / "best")],
    lambda p: [Scheduled(nn.optim.StepLR(p.optimizer, 1))],
    lambda p: [Scheduled(nn.optim.ExponentialLR(p.optimizer, 0.5))],
    lambda p: [Averaging(nn.optim.EMA(p.model, 0.9))],
    lambda p: [Averaging(nn.optim.SWA(p.model))],
]


def test_a_state_goes_to_no_other_kind_of_object(tmp_path):
    def make(callbacks):
        parts = Parts()
        parts.folder = tmp_path
        settings = {"checkpoint": parts.checkpoint(tmp_path / "c"), "validation": (X, T)}
        parts.fit(epochs=1, callbacks=callbacks(parts), **settings)

    for saved in KINDS:
        (tmp_path / "c").unlink(missing_ok=True)
        make(saved)
        make(saved)
        for other in KINDS:
            if other is not saved:
                with pytest.raises(CheckpointError, match=r"callback 0 is .* there, and .* here"):
                    make(other)


def test_what_adam_remembers_is_not_for_adamw(tmp_path):
    parts = Parts()
    parts.checkpoint(tmp_path / "c").save()
    other = nn.optim.AdamW(parts.model.parameters(), 0.01)
    with pytest.raises(CheckpointError, match="optimizer is Adam there, and AdamW here"):
        Checkpoint(tmp_path / "c", model=parts.model, optimizer=other, rng=parts.rng).load()


@pytest.mark.parametrize("levels", [600, 1500, 30_000])
def test_a_state_of_many_levels_is_refused(tmp_path, levels):
    part = Anything({"a": 1})
    text = '{"kinds": {"part": "Anything"}, "notes": {}, "states": {"part": {"a": '
    text += "[" * levels + "]" * levels + "}}}"
    files.write_arrays(tmp_path / "c", {}, {"checkpoint": text})
    checkpoint = Checkpoint(tmp_path / "c", part=part)
    if levels == 600 and sys.version_info >= (3, 12):  # where that isn't too much yet
        checkpoint.load()
        return
    with pytest.raises(CheckpointError):
        checkpoint.load()
    assert part.state == {"a": 1}


def test_a_part_that_does_not_fit_puts_the_others_back(tmp_path):
    first, second = nn.Dense(2, 2, rng=0), nn.Dense(2, 2, rng=1)
    Checkpoint(tmp_path / "a", first=first, second=second).save()
    other, wrong = nn.Dense(2, 2, rng=2), nn.Dense(3, 2, rng=3)
    with pytest.raises(StateDictError, match="misshapen: weight"):
        Checkpoint(tmp_path / "a", first=other, second=wrong).load()
    assert_same(other, nn.Dense(2, 2, rng=2))


class Anything:
    def __init__(self, state):
        self.state = state

    def state_dict(self):
        return self.state

    def load_state_dict(self, state):
        self.state = state


def test_states_are_arrays_and_plain_values(tmp_path):
    state = {"a": [1, 2.5, None, True, "text", "array:b"], "b": {"c": np.arange(3), "d": ()}}
    Checkpoint(tmp_path / "a", part=Anything(state)).save({"epoch": 3})
    part = Anything({})
    assert Checkpoint(tmp_path / "a", part=part).load() == {"epoch": 3}
    assert part.state["a"] == state["a"]
    assert_array_equal(part.state["b"]["c"], [0, 1, 2])
    assert part.state["b"]["d"] == []


@pytest.mark.parametrize("value", [object(), np.array(["text"]), {3: 1}, {"a": {1, 2}}])
def test_what_cannot_be_saved_is_refused_and_leaves_the_file(tmp_path, value):
    part = Anything({"a": 1})
    checkpoint = Checkpoint(tmp_path / "a", part=part)
    checkpoint.save()
    part.state = {"a": value}
    with pytest.raises(DomainError, match=r"Checkpoint: .*part"):
        checkpoint.save()
    checkpoint.load()
    assert part.state == {"a": 1}


def test_outputs_that_became_nan_are_named_before_a_metric_meets_them():
    parts = Parts()
    last = parts.model[3].weight
    spoil = type("Spoil", (Callback,), {"on_update": lambda self, run: last.data.fill(np.nan)})
    with pytest.raises(NonFiniteError, match="the validation loss is nan"):
        fit(
            parts.model,
            parts.optimizer,
            LOSS,
            [(X, T)],
            epochs=1,
            validation=(X, T),
            metrics={"accuracy": nn.metrics.accuracy},
            callbacks=[spoil()],
        )
