"""The examples beside mnist.py: what short runs leave, and which arguments are refused."""

import re
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

import nn
from autograd_lite import no_grad
from autograd_lite.errors import DatasetError, GradientCheckError, ShapeError

from .programs import FOLDER, check_help, load, refused

SHORT = {
    "characters": [
        *("--text", str(FOLDER / "custom.py"), "--length", "8", "--features", "4"),
        *("--batch-size", "200", "--epochs", "2", "--generate", "5"),
    ],
    "convolutional": ["--most", "40", "--batch-size", "20", "--epochs", "1"],
    "recurrent": ["--length", "4", "--units", "3", "--sequences", "20", "--epochs", "2"],
    "transformer": ["--length", "3", "--features", "4", "--sequences", "20", "--epochs", "2"],
    "autoencoder": ["--most", "40", "--units", "6", "--batch-size", "20", "--epochs", "2"],
    "custom": ["--cases", "5", "--units", "3", "--points", "30", "--epochs", "2"],
    "linear_regression": ["--epochs", "20"],
    "logistic_regression": ["--epochs", "20"],
    "overfitting": ["--images", "40", "--epochs", "2", "--seeds", "1", "--remedies", "elastic"],
}
DIGITS = {"autoencoder", "convolutional", "overfitting"}  # scikit-learn's, where there is no MNIST
NAMES = pytest.mark.parametrize("name", SHORT)


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """Without MNIST's files, be offline: the small digits of scikit-learn take its place."""

    def mnist(*_args):
        raise DatasetError("MNIST can't be downloaded: no network in the tests")

    monkeypatch.delenv("AUTOGRAD_LITE_DATA", raising=False)
    monkeypatch.setattr(nn.datasets, "mnist", mnist)


@NAMES
def test_a_short_run(name, run, tmp_path):
    code, lines, err = run(name)
    assert code == 0
    assert ("scikit-learn's small digits instead" in err) == (name in DIGITS)
    assert any(line.startswith("epoch 1: loss ") for line in lines)
    output = tmp_path / "output"
    assert sorted(path.name for path in output.iterdir()) == [f"{name}.png", f"{name}.safetensors"]
    assert (output / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert lines[-1] == f"wrote {output / name}.png"
    weights = load_file(output / f"{name}.safetensors")
    assert weights
    dtype = np.float64 if name.endswith("regression") else np.float32
    assert all(array.dtype == dtype for array in weights.values())


@NAMES
def test_capturing_and_the_seed(name, run):
    first, again, eager, other = (
        [line for line in run(name, *options)[1] if line.startswith("epoch ")]
        for options in ([], [], ["--eager"], ["--seed", "1"])
    )
    assert first == again == eager
    assert first != other


@pytest.mark.parametrize("name", sorted({*SHORT} - {"overfitting"}))  # its sigmoids don't overflow
def test_training_that_diverges_is_an_error_in_one_line(name, run):
    code, _, err = run(name, "--learning-rate", "1e30")
    assert code == 1
    assert re.fullmatch(
        rf"{name}.py: error: the (loss became (nan|inf) in epoch|validation loss is nan).*",
        err.splitlines()[-1],
    )


@pytest.mark.parametrize("layer", ["lstm", "gru", "rnn"])
def test_each_recurrent_layer(layer, run):
    assert run("recurrent", "--layer", layer)[0] == 0


@NAMES
@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--batch-size", "0"], "--batch-size: must be a whole number from 1 on, not '0'"),
        (["--epochs", "-1"], "--epochs: must be a whole number from 1 on, not '-1'"),
        (["--epochs", "1.5"], "--epochs: must be a whole number from 1 on, not '1.5'"),
        (["--seed", "x"], "--seed: "),
        (["--learning-rate", "nan"], "--learning-rate: must be a finite number above 0, not 'nan'"),
        (["--learning-rate", "0"], "--learning-rate: must be a finite number above 0, not '0'"),
        (["--output-dir", __file__], f"--output-dir: can't make {__file__}: "),
    ],
)
def test_what_all_refuse(name, arguments, complaint, tmp_path, monkeypatch, capsys):
    refused(name, arguments, complaint, tmp_path, monkeypatch, capsys)


@pytest.mark.parametrize(
    ("name", "arguments", "complaint"),
    [
        ("recurrent", ["--length", "1"], "--length: must be 2 or more"),
        ("recurrent", ["--layer", "cnn"], "--layer: invalid choice: 'cnn'"),
        ("recurrent", ["--seed", "-1"], "--seed: must be a whole number from 0 on, not '-1'"),
        ("transformer", ["--features", "6"], "--features: must be a multiple of 4"),
        ("transformer", ["--seed", "-1"], "--seed: must be a whole number from 0 on, not '-1'"),
        (
            "characters",
            ["--text", "none.txt"],
            "--text: must be a file that exists, not 'none.txt'",
        ),
        ("characters", ["--text", "."], "--text: must be a file that exists, not '.'"),
        ("characters", ["--model", "cnn"], "--model: invalid choice: 'cnn'"),
        ("characters", ["--length", "1"], "--length: must be 2 or more, not '1'"),
        ("characters", ["--features", "6"], "--features: must be a multiple of 4"),
        ("characters", ["--temperature", "-1"], "--temperature: must be a finite number from 0 on"),
        ("characters", ["--dropout", "1"], "--dropout: must be a number from 0 to less than 1"),
        ("autoencoder", ["--codes", "0"], "--codes: must be a whole number from 1 on, not '0'"),
        ("custom", ["--cases", "0"], "--cases: must be a whole number from 1 on, not '0'"),
        ("custom", ["--seed", "-1"], "--seed: must be a whole number from 0 on, not '-1'"),
        ("linear_regression", ["--momentum", "1"], "--momentum: must be a number from 0 to below"),
        ("logistic_regression", ["--weight-decay", "0"], "--weight-decay: must be a finite number"),
        ("overfitting", ["--seeds", "0"], "--seeds: must be a whole number from 1 on, not '0'"),
        ("overfitting", ["--images", "0"], "--images: must be a whole number from 1 on, not '0'"),
        ("overfitting", ["--remedies", "sleep"], "--remedies: invalid choice: 'sleep'"),
    ],
)
def test_what_one_refuses(name, arguments, complaint, tmp_path, monkeypatch, capsys):
    refused(name, arguments, complaint, tmp_path, monkeypatch, capsys)


@NAMES
def test_help(name, capsys):
    check_help(name, capsys)


@pytest.mark.parametrize("package", ["matplotlib", "safetensors"])
def test_a_missing_package_is_told_before_training(package, tmp_path):
    program = (
        f"import runpy, sys; sys.modules[{package!r}] = None; sys.argv = ['recurrent.py']; "
        f"sys.path.insert(0, {str(FOLDER)!r}); "
        f"runpy.run_path({str(FOLDER / 'recurrent.py')!r}, run_name='__main__')"
    )
    command = [sys.executable, "-c", program]
    found = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == (
        f"recurrent.py: error: this needs the package {package!r}, which isn't installed; "
        "run: pip install 'autograd-lite[examples]'\n"
    )
    assert not list(tmp_path.iterdir())


class TestRecurrent:
    def test_two_numbers_are_marked_one_in_each_half(self):
        x, sums = load("recurrent").sequences(200, 7, np.random.default_rng(0))
        assert x.shape == (200, 7, 2)
        assert set(np.unique(x[..., 1])) == {0, 1}
        assert (x[:, :3, 1].sum(axis=1) == 1).all()
        assert (x[:, 3:, 1].sum(axis=1) == 1).all()
        expected = [[sum(n for n, mark in sequence if mark)] for sequence in x.tolist()]
        np.testing.assert_allclose(sums, expected, rtol=1e-6)


class TestTransformer:
    def test_no_place_sees_what_comes_after_it(self):
        example = load("transformer")
        model = example.Sorter(5, 8, np.random.default_rng(0))
        digits, written, _ = example.examples(3, 5, np.random.default_rng(1))
        changed = written.copy()
        changed[:, 3:] = (changed[:, 3:] + 1) % 10
        before, after = (model(digits, w).numpy() for w in (written, changed))
        np.testing.assert_array_equal(before[:, :3], after[:, :3])
        assert (before[:, 3:] != after[:, 3:]).any()

    def test_the_attention_that_is_drawn_is_that_of_the_call(self):
        example = load("transformer")
        model = example.Sorter(5, 8, np.random.default_rng(0))
        digits, written, _ = example.examples(3, 5, np.random.default_rng(1))
        layer, seen = model.decoder.layers[0], []
        attend = layer.multihead_attn.forward

        def forward(query, key, value, *others, **options):
            seen.append(attend(query, key, value, average_attn_weights=False)[1].numpy())
            return attend(query, key, value, *others, **options)

        layer.multihead_attn.forward = forward
        model(digits, written)
        (weights,) = seen
        del layer.multihead_attn.forward
        with no_grad():
            np.testing.assert_allclose(model.attention(digits, written), weights, rtol=1e-5)

    def test_it_writes_from_what_it_has_written(self):
        example = load("transformer")

        def model(digits, written):
            """Return the smallest digit after the last, or after the start."""
            found = np.where(written == example.START, 0, written + 1)
            return np.eye(10)[found % 10]

        assert example.generate(model, np.zeros((2, 4), int)).tolist() == [[0, 1, 2, 3]] * 2


class TestCharacters:
    @pytest.fixture
    def example(self):
        return load("characters")

    def options(self, example, *arguments):
        return example.parse([*SHORT["characters"], *arguments])

    @pytest.mark.parametrize("model", ["lstm", "transformer"])
    def test_no_place_sees_what_comes_after_it(self, model, example, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        reader = example.Reader(
            9, self.options(example, "--model", model), np.random.default_rng(0)
        ).eval()
        x = np.random.default_rng(1).integers(0, 9, (2, 8))
        changed = x.copy()
        changed[:, 5:] = (changed[:, 5:] + 1) % 9
        before, after = reader(x).numpy(), reader(changed).numpy()
        np.testing.assert_array_equal(before[:, :5], after[:, :5])
        assert (before[:, 5:] != after[:, 5:]).any()

    def test_the_transformer_trains(self, run):
        assert run("characters", "--model", "transformer", "--layers", "1")[0] == 0

    def test_the_last_tenth_of_each_file_is_held_back(self, example, tmp_path):
        files = [tmp_path / "a.txt", tmp_path / "b.txt"]
        files[0].write_text("abcdefghij" * 3, encoding="utf-8-sig")
        files[1].write_text("é" * 10, encoding="utf-8")
        text = example.read(files, 2)
        assert text.characters == "abcdefghijé"
        shown = ["".join(text.characters[i] for i in part) for part in text[1:]]
        assert shown == ["abcdefghij" * 2 + "abcdefg" + "é" * 9, "hijé"]

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "there is no text in it"),
            (b"short", "the text is too short: 4 characters to train on"),
            (b"\xff\xfe\x00", "this isn't text in UTF-8"),
        ],
    )
    def test_odd_texts(self, content, complaint, run, tmp_path):
        file = tmp_path / "odd.txt"
        file.write_bytes(content)
        code, _, err = run("characters", "--text", str(file))
        assert code == 1
        assert complaint in err
        assert len(err.splitlines()) == 1

    def test_a_prompt_of_other_characters(self, run):
        code, lines, err = run("characters", "--prompt", "naïve ☃")
        assert (code, lines) == (1, [])
        assert err == "characters.py: error: --prompt: the text has no 'ï', no '☃'\n"

    def test_it_goes_on_from_the_prompt(self, run):
        code, lines, _ = run("characters", "--prompt", "import", "--temperature", "0")
        assert code == 0
        written = "\n".join(lines).split("-" * 80)[1].strip("\n")
        assert re.fullmatch(r"(?s)import\|.{5}", written)

    def test_windows_are_cut_from_the_text_with_what_comes_next(self, example):
        text = np.arange(100)
        windows = example.Windows(text, 7, 5, np.random.default_rng(0))
        epochs = [[*windows] for _ in range(2)]
        for epoch in epochs:
            assert len(epoch) == len(windows) == 3
            x, following = (np.concatenate(parts) for parts in zip(*epoch, strict=True))
            assert x.shape == (windows.examples, 7)
            np.testing.assert_array_equal(x - x[:, :1], [range(7)] * len(x))
            np.testing.assert_array_equal(following, x + 1)
            assert len({*x.flat}) == x.size
        assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])

    def test_what_counts_of_characters_cost(self, example):
        """With 2 of each in the training part, all are as likely."""
        text = example.Text("abcd", np.tile(np.arange(4), 2), np.array([0, 3, 1, 1]))
        assert example.cost(text, pairs=False) == pytest.approx(2)

    def test_counts_of_pairs_know_what_follows(self, example):
        """Each character follows one other 250 times, in an order; the first is counted once."""
        text = example.Text("abcd", np.tile(np.arange(4), 250), np.tile(np.arange(4), 3))
        assert example.cost(text, pairs=True) == pytest.approx(0, abs=0.01)

    def test_a_cost_is_in_bits(self, example):
        logits = np.log([[[0.5, 0.25, 0.25]] * 4])
        following = np.array([[1, 1, 0, 0]])
        assert example.bits(logits, following).item() == pytest.approx(1.5)
        assert example.bits_in_context(logits, following).item() == pytest.approx(1)

    def test_temperatures(self, example):
        logits, rng = np.log([0.1, 0.6, 0.3]), np.random.default_rng(0)

        def drawn(temperature):
            found = [example.chosen(logits, temperature, rng) for _ in range(5000)]
            return np.bincount(found, minlength=3) / 5000

        np.testing.assert_allclose(drawn(1), [0.1, 0.6, 0.3], atol=0.03)
        squares = np.array([0.01, 0.36, 0.09])
        np.testing.assert_allclose(drawn(0.5), squares / squares.sum(), atol=0.03)
        np.testing.assert_array_equal(drawn(0), [0, 1, 0])
        np.testing.assert_array_equal(drawn(1e-300), [0, 1, 0])

    def test_characters_that_the_font_lacks_are_drawn_as_boxes(self, example):
        assert example.drawable("a\n漢$\x00") == ["a", "⏎", "□", "$", "□"]


class TestAutoencoder:
    @pytest.fixture
    def model(self):
        return load("autoencoder").Autoencoder(4, 6, 2, np.random.default_rng(0))

    def test_codes_are_drawn_from_the_distribution_that_the_encoder_gives(self, model):
        """The decoder is left out: what it is given is looked at."""
        seen = []
        model.decoder.forward = lambda codes: seen.append(codes.numpy()) or codes
        images = np.tile(np.float32([[0.2, 0.9, 0.1, 0.5]]), (20_000, 1))
        _, means, log_variances = model(images)
        (codes,) = seen
        assert codes.dtype == np.float32
        np.testing.assert_allclose(codes.mean(axis=0), means.numpy()[0], atol=0.05)
        deviations = np.exp(log_variances.numpy()[0] / 2)
        np.testing.assert_allclose(codes.std(axis=0), deviations, rtol=0.05)

    def test_the_divergence_is_the_integral_that_defines_it(self):
        means, log_variances = np.array([[0.3, -1.2], [2.0, 0.0]]), np.array([[-0.5, 0.4], [0, 1]])
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        weights = weights / weights.sum()
        expected = 0.0
        for mean, log_variance in zip(means.ravel(), log_variances.ravel(), strict=True):
            x = mean + np.exp(log_variance / 2) * nodes
            density = -(nodes**2) / 2 - log_variance / 2  # both without log(2 pi) / 2
            expected += weights @ (density + x**2 / 2)
        found = load("autoencoder").divergence((None, means, log_variances), None)
        assert float(found.item()) == pytest.approx(expected / 2)

    def test_images_stand_in_the_mosaic_where_their_codes_are(self, model):
        """Codes grow to the right and upwards."""
        example = load("autoencoder")
        model.decoder.forward = lambda codes: np.repeat(codes[:, 1:], 4, axis=1) * 5
        rows = example.plane(model, 3)[::2, 0]
        assert rows[0] > rows[1] > rows[2]
        model.decoder.forward = lambda codes: np.repeat(codes[:, :1], 4, axis=1) * 5
        columns = example.plane(model, 3)[0, ::2]
        assert columns[0] < columns[1] < columns[2]

    @pytest.mark.parametrize("codes", ["1", "3"])
    def test_other_numbers_of_codes(self, codes, run):
        assert run("autoencoder", "--codes", codes)[0] == 0


class TestCustom:
    def test_the_wrong_rule_is_refused_and_named(self, run):
        lines = run("custom")[1]
        assert lines[0] == "swish: derivatives to second order are right for 5 drawn inputs"
        assert lines[1].startswith("a wrong rule is refused: wrong_swish: order 1, input 0: ")

    def test_a_wrong_rule_in_place_of_swish_ends_it(self, run, monkeypatch, tmp_path):
        example = load("custom")
        monkeypatch.setattr(example, "swish", example.wrong)
        with pytest.raises(GradientCheckError, match="wrong_swish"):
            example.prove(5)

    def test_other_widths_are_refused(self):
        layer = load("custom").Swish(3)
        for shape in ((), (2,), (4, 1)):
            with pytest.raises(ShapeError, match=r"Swish\(3\): x must have 3 values"):
                layer(np.zeros(shape, np.float32))


class TestLinearRegression:
    def test_gradient_descent_arrives_at_the_solution_of_the_equations(self, run):
        lines = run("linear_regression", "--epochs", "400", "--momentum", "0.9")[1]
        said = next(line for line in lines if line.startswith("they differ by at most "))
        assert float(said.split()[-1]) < 1e-3

    def test_the_contours_are_those_of_the_loss_that_is_least_over_all_other_weights(self):
        example = load("linear_regression")
        _, (x, target), _ = example.load(0)
        exact = example.least_squares(x, target)

        def least(columns, target):
            errors = np.linalg.lstsq(columns, target)[0]
            return np.mean((columns @ errors - target) ** 2)

        ones = np.ones((len(x), 1))
        moved = np.array([[0.0, 0.0], [3.0, -1.0], [-2.0, 5.0]])
        two, others = [4, 5], np.delete(x, [4, 5], axis=1)
        losses = [
            least(np.hstack([others, ones]), target[:, 0] - x[:, two] @ (exact[two] + step))
            for step in moved
        ]
        found = example.above_least(x, two, moved)
        np.testing.assert_allclose(found, np.array(losses) - losses[0], atol=1e-8)


class TestLogisticRegression:
    def test_newton_finds_what_scikit_learn_finds(self):
        linear_model = pytest.importorskip("sklearn.linear_model")
        example = load("logistic_regression")
        names, (x, target), _ = example.load(0)
        cost = example.cost_of(x, target, 0.01)
        points = example.newton_steps(cost, np.zeros(len(names) + 1))
        theirs = linear_model.LogisticRegression(C=1 / (0.01 * len(x)), tol=1e-10, max_iter=10_000)
        theirs.fit(x, target[:, 0])
        np.testing.assert_allclose(points[-1][:-1], theirs.coef_[0], atol=1e-5)
        np.testing.assert_allclose(points[-1][-1], theirs.intercept_[0], atol=1e-5)
        assert len(points) < 15

    def test_gradient_descent_arrives_there_too(self, run):
        lines = run("logistic_regression", "--epochs", "400", "--momentum", "0.9")[1]
        said = next(line for line in lines if line.startswith("Newton's method: "))
        assert float(said.split()[-1]) < 1e-4

    def test_newton_arrives_where_whole_steps_lead_away(self):
        example = load("logistic_regression")
        x, target = np.array([[-1.0], [1.0], [30.0]]), np.array([[0], [1], [0]])
        cost = example.cost_of(x, target, 1e-4)
        points = example.newton_steps(cost, np.array([3.0, -2.0]))
        costs = [cost(point) for point in points]
        assert costs == sorted(costs, reverse=True)
        assert abs(points[-1] - points[-2]).max() < 1e-9


class TestOverfitting:
    def test_each_remedy_trains_another_network(self, run):
        arguments = ["--remedies", *load("overfitting").REMEDIES, "--batch-size", "20"]
        code, lines, _ = run("overfitting", *arguments)
        assert code == 0
        told = [line for line in lines if ", seed 0: " in line]
        assert len(told) == len(load("overfitting").REMEDIES)

    def test_seeds_are_trained_one_after_the_other(self, run):
        lines = run("overfitting", "--seeds", "2", "--seed", "5")[1]
        told = [line.split(": ")[0] for line in lines if ", seed " in line]
        assert told == ["elastic bending, seed 5", "elastic bending, seed 6"]

    def test_what_is_measured_is_neither_smoothed_nor_penalised(self):
        example = load("overfitting")
        images, labels = nn.datasets.digits().test
        model = example.network(64, 0.5, np.random.default_rng(0))
        cost, accuracy = example.measured(model, images, labels)
        outputs = model.eval()(images).numpy()
        assert accuracy == np.mean(outputs.argmax(axis=1) == labels)
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        np.testing.assert_allclose(cost, -logs[np.arange(len(labels)), labels].mean(), rtol=1e-5)
