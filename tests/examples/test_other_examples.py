"""The examples beside mnist.py: what short runs leave, and which arguments are refused."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import nn
from autograd_lite import no_grad
from autograd_lite.errors import DatasetError, GradientCheckError, ShapeError

FOLDER = Path(__file__).resolve().parents[2] / "examples"
SHORT = {
    "convolutional": ["--most", "40", "--batch-size", "20", "--epochs", "1"],
    "recurrent": ["--length", "4", "--units", "3", "--sequences", "20", "--epochs", "2"],
    "transformer": ["--length", "3", "--features", "4", "--sequences", "20", "--epochs", "2"],
    "custom": ["--cases", "5", "--units", "3", "--points", "30", "--epochs", "2"],
}
NAMES = pytest.mark.parametrize("name", SHORT)


def load(name):
    spec = importlib.util.spec_from_file_location(f"{name}_example", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _beside_each_other(monkeypatch):
    """Find what the examples share, as when one is run."""
    monkeypatch.syspath_prepend(FOLDER)


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    """Without MNIST's files, be offline: the small digits of scikit-learn take its place."""

    def mnist(*_args):
        raise DatasetError("MNIST can't be downloaded: no network in the tests")

    monkeypatch.delenv("AUTOGRAD_LITE_DATA", raising=False)
    monkeypatch.setattr(nn.datasets, "mnist", mnist)


@pytest.fixture
def run(tmp_path, capsys):
    """Run a program in this process; return its exit code, lines and errors."""

    def run(name, *arguments):
        options = ["--output-dir", str(tmp_path / "output"), "--no-progress", *arguments]
        code = load(name).main([*SHORT[name], *options])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return run


@NAMES
def test_a_short_run(name, run, tmp_path):
    code, lines, err = run(name)
    assert code == 0
    assert ("scikit-learn's small digits instead" in err) == (name == "convolutional")
    assert any(line.startswith("epoch 1: loss ") for line in lines)
    output = tmp_path / "output"
    assert sorted(path.name for path in output.iterdir()) == [f"{name}.png", f"{name}.safetensors"]
    assert (output / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert lines[-1] == f"wrote {output / name}.png"
    weights = load_file(output / f"{name}.safetensors")
    assert weights
    assert all(array.dtype == np.float32 for array in weights.values())


@NAMES
def test_capturing_and_the_seed(name, run):
    first, again, eager, other = (
        [line for line in run(name, *options)[1] if line.startswith("epoch ")]
        for options in ([], [], ["--eager"], ["--seed", "1"])
    )
    assert first == again == eager
    assert first != other


@NAMES
def test_training_that_diverges_is_an_error_in_one_line(name, run):
    code, _, err = run(name, "--learning-rate", "1e30")
    assert code == 1
    assert re.fullmatch(
        rf"{name}.py: error: the loss became (nan|inf) in epoch .*", err.splitlines()[-1]
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
        ("custom", ["--cases", "0"], "--cases: must be a whole number from 1 on, not '0'"),
        ("custom", ["--seed", "-1"], "--seed: must be a whole number from 0 on, not '-1'"),
    ],
)
def test_what_one_refuses(name, arguments, complaint, tmp_path, monkeypatch, capsys):
    refused(name, arguments, complaint, tmp_path, monkeypatch, capsys)


def refused(name, arguments, complaint, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as stopped:
        load(name).main(arguments)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith(f"{name}.py: error: argument {complaint}")
    assert not list(folder.iterdir())


@NAMES
def test_help(name, capsys):
    with pytest.raises(SystemExit, match="0"):
        load(name).main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith(f"usage: {name}.py")
    assert "(default: output)" in text


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
