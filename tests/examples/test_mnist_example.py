"""examples/mnist.py: what it prints, writes and refuses, and how it stops."""

import importlib.util
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from safetensors.numpy import load_file

import nn
from autograd_lite.errors import DatasetError, MissingExtraError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "examples" / "mnist.py"
GIVEN = os.environ.get("AUTOGRAD_LITE_DATA")
FILES = ["learning_curve.png", "mistakes.png", "weights.safetensors"]
OFFLINE = "MNIST can't be downloaded: no network in the tests"


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("mnist_example", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def offline(monkeypatch):
    def mnist(*_args):
        raise DatasetError(OFFLINE)

    monkeypatch.delenv("AUTOGRAD_LITE_DATA", raising=False)
    monkeypatch.setattr(nn.datasets, "mnist", mnist)


@pytest.fixture
def tiny_mnist(monkeypatch):
    """Let 300 made-up images of 784 pixels, of two kinds, pass for MNIST."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 300)
    images = (rng.random((300, 784)) * (0.1 + 0.9 * labels[:, None])).astype(np.float32)
    split = nn.datasets.Split(images, labels)
    monkeypatch.setattr(nn.datasets, "mnist", lambda *_: nn.datasets.MNIST(split, split))
    return split


@pytest.fixture
def run(example, tmp_path, capsys):
    """Run the program in this process; return its exit code, lines and errors."""

    def run(*arguments):
        folder = tmp_path / "output"
        code = example.main(["--output-dir", str(folder), *arguments])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return run


def start(*arguments, before="", **settings):
    """Start the program in a process of its own, without network; run ``before`` first."""
    prelude = (
        "import runpy, sys, nn.datasets\n"
        "from autograd_lite.errors import DatasetError\n"
        "def mnist(*_): raise DatasetError('offline')\n"
        f"nn.datasets.mnist = mnist\n{before}\n"
        f"sys.argv = {['mnist.py', *map(str, arguments)]!r}\n"
        f"runpy.run_path({str(PROGRAM)!r}, run_name='__main__')\n"
    )
    env = {k: v for k, v in os.environ.items() if k != "AUTOGRAD_LITE_DATA"}
    return subprocess.Popen(
        [sys.executable, "-c", prelude],
        env={**env, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


@pytest.fixture
def empty_folder(example, tmp_path, monkeypatch):
    """Be in an empty folder, where training must not begin."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(example, "train", lambda _: pytest.fail("work began"))
    return tmp_path


def written(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("offline")
class TestFallback:
    def test_it_trains_on_the_small_digits_and_says_so(self, run, tmp_path):
        code, lines, err = run("--epochs", "12", "--no-progress")
        assert code == 0
        assert err.splitlines() == [
            f"mnist.py: {OFFLINE}",
            "mnist.py: training on scikit-learn's small digits instead",
        ]
        assert lines[0] == "scikit-learn's digits: 1297 to train on, 500 to test with"
        before = next(line for line in lines if line.startswith("before training: "))
        epochs = [line for line in lines if line.startswith("epoch ")]
        assert float(before.split()[2]) < 30
        assert [line.split(":")[0] for line in epochs] == [f"epoch {n:2}" for n in range(1, 13)]
        assert all(line.endswith(" %") for line in epochs)
        assert max(float(line.split()[2]) for line in epochs) > 90
        output = tmp_path / "output"
        assert lines[-3:] == [f"wrote {output / name}" for name in (FILES[2], FILES[0], FILES[1])]
        assert written(output) == FILES

    def test_require_mnist(self, run, tmp_path):
        code, lines, err = run("--require-mnist")
        assert (code, lines, err) == (1, [], f"mnist.py: error: {OFFLINE}\n")
        assert written(tmp_path / "output") == []

    def test_the_weights_are_those_that_were_trained(self, run, tmp_path):
        assert run("--epochs", "2")[0] == 0
        weights = load_file(tmp_path / "output" / "weights.safetensors")
        assert {name: array.shape for name, array in weights.items()} == {
            "0.weight": (64, 200),
            "0.bias": (200,),
            "2.weight": (200, 10),
            "2.bias": (10,),
        }
        assert all(array.dtype == np.float32 for array in weights.values())
        model = nn.Sequential(nn.Dense(64, 200), nn.Sigmoid(), nn.Dense(200, 10))
        model.load_state_dict(weights)
        test = nn.datasets.digits().test
        accuracy = 100 * nn.data.accuracy(model(test.images), test.labels)
        again = run("--epochs", "2")[1]
        assert f"epoch  2: {accuracy:.2f} %" in again

    def test_a_run_is_decided_by_its_seed(self, run):
        first, again, other = (run("--epochs", "1", "--seed", seed)[1] for seed in "001")
        assert first == again
        assert first != other

    def test_no_epochs(self, run, tmp_path):
        code, lines, _ = run("--epochs", "0")
        assert code == 0
        assert not [line for line in lines if line.startswith("epoch")]
        assert written(tmp_path / "output") == FILES

    @pytest.mark.parametrize(
        ("hidden", "shapes"),
        [
            (["--hidden"], [(64, 10)]),
            (["--hidden", "7"], [(64, 7), (7, 10)]),
            (["--hidden", "9", "8", "7"], [(64, 9), (9, 8), (8, 7), (7, 10)]),
            (["--hidden", "9,8"], [(64, 9), (9, 8), (8, 10)]),
        ],
    )
    def test_hidden_layers(self, run, tmp_path, hidden, shapes):
        assert run("--epochs", "1", "--dtype", "float64", *hidden)[0] == 0
        weights = load_file(tmp_path / "output" / "weights.safetensors")
        assert [weights[f"{2 * n}.weight"].shape for n in range(len(shapes))] == shapes
        assert len(weights) == 2 * len(shapes)
        assert all(array.dtype == np.float64 for array in weights.values())

    def test_a_batch_may_be_everything(self, run):
        assert run("--epochs", "1", "--batch-size", "100000000000000000000")[0] == 0

    @pytest.mark.parametrize("mode", [[], ["--eager"], ["--fast"]])
    def test_a_loss_that_diverges_stops_training(self, run, tmp_path, mode):
        code, lines, err = run("--epochs", "3", "--learning-rate", "1e38", "--no-progress", *mode)
        assert code == 1
        assert err.splitlines()[-1].startswith("mnist.py: error: the loss became ")
        assert err.splitlines()[-1].endswith("in epoch 1; try a lower --learning-rate")
        assert not any(line.startswith("wrote") for line in lines)
        assert written(tmp_path / "output") == []

    def test_a_network_that_does_not_fit_in_memory(self, run, monkeypatch):
        def too_large(*_args):
            raise MemoryError("Unable to allocate 7.28 TiB")

        monkeypatch.setattr(nn.init, "standard_normal", too_large)
        code, _, err = run()
        assert code == 1
        assert err.splitlines()[-1] == "mnist.py: error: Unable to allocate 7.28 TiB"

    def test_a_file_that_cannot_be_written(self, run, tmp_path):
        (tmp_path / "output" / "weights.safetensors").mkdir(parents=True)
        code, _, err = run("--epochs", "0")
        assert code == 1
        assert err.splitlines()[-1].startswith("mnist.py: error: ")
        assert written(tmp_path / "output") == ["weights.safetensors"]

    def test_old_files_are_replaced(self, run, tmp_path):
        (tmp_path / "output").mkdir()
        for name in FILES:
            (tmp_path / "output" / name).write_bytes(b"old")
        assert run("--epochs", "0")[0] == 0
        assert all((tmp_path / "output" / name).stat().st_size > 1000 for name in FILES)

    def test_a_missing_scikit_learn(self, run, monkeypatch):
        monkeypatch.setitem(sys.modules, "sklearn", None)
        monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
        code, _, err = run()
        assert code == 1
        assert err.splitlines()[-1].startswith("mnist.py: error: this needs the package 'scikit-")


class TestCapture:
    @pytest.fixture
    def trained(self, run, tmp_path):
        """Train; return what was printed and the file of weights."""

        def trained(*arguments):
            code, lines, _ = run(*arguments)
            assert code == 0
            return lines, (tmp_path / "output" / "weights.safetensors").read_bytes()

        return trained

    @pytest.fixture
    def captured(self, example, monkeypatch):
        """Collect the captured functions."""
        made, capture = [], example.capture

        def kept(*arguments, **options):
            made.append(capture(*arguments, **options))
            return made[-1]

        monkeypatch.setattr(example, "capture", kept)
        return made

    @pytest.mark.usefixtures("offline")
    @pytest.mark.parametrize(
        ("options", "programs"),
        [
            ([], 2),  # the last batch has 97 digits
            (["--batch-size", "10"], 2),
            (["--batch-size", "1297", "--epochs", "6"], 1),
            (["--batch-size", "150"], 2),
            (["--dtype", "float64", "--hidden", "20,10"], 2),
            (["--hidden"], 2),
        ],
    )
    def test_it_changes_no_bit(self, trained, captured, options, programs):
        assert trained("--epochs", "4", *options) == trained("--epochs", "4", *options, "--eager")
        assert [len(step.programs) for step in captured] == [programs]

    @pytest.mark.usefixtures("offline")
    def test_fast_differs_by_rounding(self, trained, captured, tmp_path):
        weights = []
        for mode in ("--fast", "--eager"):
            trained("--epochs", "1", "--dtype", "float64", mode)
            weights.append(load_file(tmp_path / "output" / "weights.safetensors"))
        assert [len(step.programs) for step in captured] == [2]
        fast, eager = weights
        for name in eager:
            np.testing.assert_allclose(fast[name], eager[name], rtol=0, atol=1e-12)
        assert any((fast[name] != eager[name]).any() for name in eager)

    @pytest.mark.skipif(not GIVEN, reason="AUTOGRAD_LITE_DATA names no folder with MNIST")
    def test_it_changes_no_bit_on_mnist(self, trained):
        options = ("--epochs", "1", "--batch-size", "64", "--data-dir", str(GIVEN))
        assert trained(*options) == trained(*options, "--eager")


class TestMNIST:
    def test_it_is_told_nothing_on_standard_error(self, run, tiny_mnist):
        code, lines, err = run("--epochs", "2", "--batch-size", "10")
        assert (code, err) == (0, "")
        assert lines[0] == "MNIST: 300 to train on, 300 to test with"
        assert lines[1] == "Sequential: 159,010 parameters"

    def test_the_options_reach_the_data(self, run, tmp_path, monkeypatch):
        def mnist(data_dir, dtype):
            raise DatasetError(f"asked {data_dir} for {dtype}")

        monkeypatch.setattr(nn.datasets, "mnist", mnist)
        code, _, err = run("--data-dir", str(tmp_path), "--dtype", "float64")
        assert (code, err) == (1, f"mnist.py: error: asked {tmp_path} for float64\n")

    def test_a_folder_without_the_files_is_an_error(self, run, tmp_path):
        code, lines, err = run("--data-dir", str(tmp_path))
        assert (code, lines) == (1, [])
        assert err.startswith("mnist.py: error: data_dir: ")
        assert err.count("\n") == 1

    def test_a_bad_folder_in_the_environment_is_an_error(self, run, monkeypatch):
        monkeypatch.setenv("AUTOGRAD_LITE_DATA", "no/such/folder")
        code, lines, err = run()
        assert (code, lines) == (1, [])
        assert err.startswith("mnist.py: error: AUTOGRAD_LITE_DATA: 'no/such/folder' is no folder")

    def test_a_missing_pooch(self, run, monkeypatch):
        def mnist(*_args):
            raise MissingExtraError("pooch", "data")

        monkeypatch.setattr(nn.datasets, "mnist", mnist)
        code, _, err = run()
        assert code == 1
        assert err.startswith("mnist.py: error: this needs the package 'pooch'")

    def test_the_figure_shows_the_published_points(self, example):
        run = [(0, 9.8), (1, 92.7), (2, 94.0), (3, 95.1), (4, 95.3)]
        figure = example.draw_learning_curve("MNIST", run, [(1, 1.4), (2, 0.4), (3, 0.3), (4, 0.2)])
        whole, close_up, loss = figure.axes
        ours, published = whole.get_lines()
        assert ours.get_xydata().tolist() == [list(point) for point in run]
        assert published.get_xydata()[:, 1].tolist() == [10.66, 92.78, 94.14, 95.13]
        assert close_up.get_lines()[1].get_ydata().tolist() == [92.78, 94.14, 95.13]
        assert len(loss.get_lines()) == 1
        assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)

    def test_other_digits_are_not_compared_with_it(self, example):
        figure = example.draw_learning_curve("others", [(0, 9.8), (0.4, 92.7)], [(0.4, 1.4)])
        assert [len(axes.get_lines()) for axes in figure.axes] == [1, 1, 1]


class TestMistakes:
    def draw(self, example, mistakes, digits=100):
        labels = np.arange(digits) % 10
        logits = np.full((digits, 10), -4.0, np.float32)
        logits[np.arange(digits), (labels + (np.arange(digits) < mistakes)) % 10] = 3.0
        split = nn.datasets.Split(np.full((digits, 64), 0.5, np.float32), labels)
        return example.draw_mistakes(logits, split)

    @pytest.mark.parametrize(
        ("mistakes", "shown", "title"),
        [
            (0, 0, "0 of 100 test digits are read wrong"),
            (1, 1, "1 of 100 test digits are read wrong"),
            (24, 24, "24 of 100 test digits are read wrong"),
            (99, 24, "99 of 100 test digits are read wrong; the first 24"),
        ],
    )
    def test_how_many_are_shown(self, example, mistakes, shown, title):
        figure = self.draw(example, mistakes)
        assert len(figure.axes) == shown
        assert figure.get_suptitle().splitlines()[0] == title
        assert example.png(figure).startswith(b"\x89PNG")

    def test_what_is_said_of_each(self, example):
        titles = [axes.get_title() for axes in self.draw(example, 3).axes]
        assert titles == [f"{n}, seen as {n + 1}\n(95.3 %)" for n in range(3)]

    def test_probabilities_do_not_overflow(self, example):
        split = nn.datasets.Split(np.zeros((1, 64), np.float32), np.array([3]))
        logits = np.full((1, 10), -1e4, np.float32)
        assert self.titles(example.draw_mistakes(logits, split)) == ["3, seen as 0\n(0.0 %)"]

    def titles(self, figure):
        return [axes.get_title() for axes in figure.axes]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--batch-size", "0"], "--batch-size: must be a whole number from 1 on, not '0'"),
        (["--batch-size", "-5"], "--batch-size: must be a whole number from 1 on, not '-5'"),
        (["--batch-size", "ten"], "--batch-size: must be a whole number from 1 on, not 'ten'"),
        (["--epochs", "-1"], "--epochs: must be a whole number from 0 on, not '-1'"),
        (["--epochs", "1.5"], "--epochs: must be a whole number from 0 on, not '1.5'"),
        (["--seed", "-1"], "--seed: must be a whole number from 0 on, not '-1'"),
        (["--learning-rate", "nan"], "--learning-rate: must be a finite number above 0, not 'nan'"),
        (["--learning-rate", "inf"], "--learning-rate: must be a finite number above 0, not 'inf'"),
        (["--learning-rate", "-3"], "--learning-rate: must be a finite number above 0, not '-3'"),
        (["--learning-rate", "0"], "--learning-rate: must be a finite number above 0, not '0'"),
        (["--hidden", "0"], "--hidden: must be sizes from 1 to 1000000, not '0'"),
        (["--hidden", "20", "-1"], "--hidden: must be sizes from 1 to 1000000, not '-1'"),
        (["--hidden", "20,,10"], "--hidden: must be sizes from 1 to 1000000, not '20,,10'"),
        (["--hidden", "9" * 20], "--hidden: must be sizes from 1 to 1000000, not '999"),
        (["--dtype", "float16"], "--dtype: invalid choice: 'float16'"),
        (["--data-dir", "no/such"], "--data-dir: must be a folder that exists, not 'no/such'"),
        (["--output-dir", __file__], "--output-dir: can't make"),
        (["--eager", "--fast"], "--fast: not allowed with argument --eager"),
    ],
)
def test_what_is_refused(example, arguments, complaint, empty_folder, capsys):
    with pytest.raises(SystemExit) as stopped:
        example.main(arguments)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("mnist.py: error: argument " + complaint)
    assert not list(empty_folder.iterdir())


def test_a_folder_that_cannot_be_written_to_is_refused(example, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SystemExit, match="2"):
        example.main(["--output-dir", str(tmp_path)])
    assert "argument --output-dir: can't write in" in capsys.readouterr().err


def test_help_shows_the_defaults(example, capsys):
    with pytest.raises(SystemExit, match="0"):
        example.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for default in ("30", "100", "3.0", "200", "float32", "0", "$AUTOGRAD_LITE_DATA,", "output"):
        assert f"(default: {default}" in text


@contextmanager
def interrupts(handler):
    """Have SIGINT handled like this, whatever whoever started the tests has set."""
    previous = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


class TestInterrupt:
    @pytest.fixture(autouse=True)
    def _heard(self):
        with interrupts(signal.default_int_handler):
            yield

    def test_the_first_asks_and_the_second_kills(self, example):
        previous = signal.getsignal(signal.SIGINT)
        with example.stop_on_interrupt() as stop:
            assert not stop.is_set()
            signal.raise_signal(signal.SIGINT)
            assert stop.is_set()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is previous

    @pytest.mark.usefixtures("offline")
    def test_what_was_learned_is_kept(self, example, run, tmp_path, monkeypatch):
        previous = signal.getsignal(signal.SIGINT)
        measure, accuracies = example.test, []

        def test(*arguments):
            accuracies.append(measure(*arguments))
            if len(accuracies) == 3:
                signal.raise_signal(signal.SIGINT)
            return accuracies[-1]

        monkeypatch.setattr(example, "test", test)
        code, lines, _ = run("--epochs", "9")
        assert code == 130
        assert f"epoch  2: {accuracies[2]:.2f} %" in lines
        assert "stopped early, after 2.00 of 9 epochs" in lines
        assert lines[-1].startswith("wrote ")
        assert written(tmp_path / "output") == FILES
        assert signal.getsignal(signal.SIGINT) is previous

    @pytest.mark.usefixtures("offline")
    @pytest.mark.parametrize("mode", [[], ["--eager"], ["--fast"]])
    def test_it_does_not_wait_for_the_end_of_the_epoch(self, example, run, monkeypatch, mode):
        make, calls = example.training_step, []

        def training_step(*arguments):
            compute = make(*arguments)

            def step(*batch):
                calls.append(batch)
                if len(calls) == 5:
                    signal.raise_signal(signal.SIGINT)
                return compute(*batch)

            return step

        monkeypatch.setattr(example, "training_step", training_step)
        code, lines, _ = run("--epochs", "9", *mode)
        assert code == 130
        assert len(calls) == 5
        assert f"stopped early, after {5 / 13:.2f} of 9 epochs" in lines

    @pytest.mark.usefixtures("offline")
    def test_before_training(self, example, run, monkeypatch):
        monkeypatch.setattr(example, "load", lambda _: signal.raise_signal(signal.SIGINT))
        assert run() == (130, [], "mnist.py: interrupted\n")

    @pytest.mark.usefixtures("offline")
    def test_who_ignores_them_is_respected(self, example, run, monkeypatch):
        measure = example.test

        def test(*arguments):
            signal.raise_signal(signal.SIGINT)
            return measure(*arguments)

        monkeypatch.setattr(example, "test", test)
        with interrupts(signal.SIG_IGN):
            code, lines, _ = run("--epochs", "2")
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert code == 0
        assert not [line for line in lines if line.startswith("stopped early")]

    def test_a_real_one(self, tmp_path):
        # a parent that ignores them has its children ignore them as well
        hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        with start("--epochs", 10**6, "--output-dir", tmp_path, before=hear) as process:
            try:
                assert process.stdout.readline().startswith("scikit-learn's digits: 1297")
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
        assert process.returncode == 130
        assert "stopped early, after " in out
        assert out.count("wrote ") == 3
        assert "Traceback" not in err
        assert written(tmp_path) == FILES
        assert matplotlib.image.imread(tmp_path / "learning_curve.png").ndim == 3


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize(("batch_size", "limits"), [("10", [1]), ("100", [1]), ("1000", [])])
def test_small_products_are_computed_on_one_thread(example, run, monkeypatch, batch_size, limits):
    asked = []

    @contextmanager
    def threadpool_limits(limits, user_api):
        asked.append(limits)
        yield

    monkeypatch.setattr(example, "threadpool_limits", threadpool_limits)
    code, with_it, _ = run("--epochs", "1", "--batch-size", batch_size)
    assert (code, asked) == (0, limits)
    monkeypatch.setattr(example, "threadpool_limits", None)
    assert run("--epochs", "1", "--batch-size", batch_size)[:2] == (0, with_it)


def test_threadpoolctl_is_not_needed(tmp_path):
    absent = "sys.modules['threadpoolctl'] = None"
    with start("--epochs", 0, "--help", before=absent) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "--batch-size" in out


@pytest.mark.parametrize("package", ["matplotlib", "safetensors", "tqdm"])
def test_a_missing_package_is_told_before_anything(package, tmp_path):
    before = (
        f"for name in [n for n in sys.modules if n.split('.')[0] == {package!r}]:\n"
        "    del sys.modules[name]\n"
        f"sys.modules[{package!r}] = None"
    )
    with start("--output-dir", tmp_path / "output", before=before) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out == ""
    assert err == (
        f"mnist.py: error: this needs the package {package!r}, which isn't installed; "
        "run: pip install 'autograd-lite[examples]'\n"
    )
    assert not (tmp_path / "output").exists()


def test_it_is_silent_where_no_terminal_listens(tmp_path):
    with start("--epochs", 1, "--output-dir", tmp_path) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.splitlines() == [
        "mnist.py: offline",
        "mnist.py: training on scikit-learn's small digits instead",
    ]


@pytest.mark.skipif(not GIVEN, reason="AUTOGRAD_LITE_DATA names no folder with MNIST")
def test_the_published_accuracies_are_reached(run):
    code, lines, err = run("--epochs", "3", "--data-dir", str(GIVEN))
    assert (code, err) == (0, "")
    reached = [float(line.split()[2]) for line in lines if line.startswith("epoch ")]
    assert reached[0] >= 91.5
    assert reached[1] >= 92.0
    assert reached[2] >= 93.5
