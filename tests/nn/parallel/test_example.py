"""examples/mnist.py --parallel: what one process does, in several, and printed once."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file

from .launching import ROOT, SECONDS, command, needs_mpi

pytestmark = needs_mpi
FILES = ["learning_curve.png", "mistakes.png", "weights.safetensors"]
PRELUDE = f"""
import runpy, sys, nn.datasets
from autograd_lite.errors import DatasetError
def mnist(*_): raise DatasetError("offline")
nn.datasets.mnist = mnist
sys.argv[0] = "mnist.py"
runpy.run_path({str(ROOT / "examples" / "mnist.py")!r}, run_name="__main__")
"""


def start(size, folder, *options):
    """Start the example on the small digits, in several processes or in one without mpiexec."""
    path = folder / "program.py"
    path.write_text(PRELUDE, encoding="utf-8")
    arguments, environment = command(size, path, "--output-dir", folder / "out", *options)
    environment.pop("AUTOGRAD_LITE_DATA", None)
    del environment["PYTHONWARNINGS"]  # Matplotlib's
    if size == 1:
        arguments = [sys.executable, *arguments[4:]]
    return subprocess.Popen(
        arguments,
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments):
    started = start(*arguments)
    try:
        out, err = started.communicate(timeout=SECONDS)
    finally:
        started.kill()
    return started.returncode, out, err


def written(folder):
    return sorted(path.name for path in (folder / "out").iterdir())


@pytest.mark.parametrize("mode", [(), ("--fast",)])
def test_two_processes_do_what_one_does(mode, tmp_path):
    for name in ("alone", "together"):
        (tmp_path / name).mkdir()
    options = [
        "--epochs",
        "2",
        "--batch-size",
        "27",
        "--learning-rate",
        "1",
        *mode,
    ]  # 1297 = 48 * 27 + 1
    code, out, err = run(2, tmp_path / "together", "--parallel", *options)
    assert code == 0, err
    assert "epoch" not in err  # no progress bar
    code, alone, _ = run(1, tmp_path / "alone", *options)
    assert code == 0
    assert out.replace("together", "alone") == alone  # printed once, with the same accuracies
    found, expected = (
        load_file(tmp_path / name / "out" / "weights.safetensors") for name in ("together", "alone")
    )
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], 1e-3, 1e-3)
    assert written(tmp_path / "together") == FILES


def test_a_progress_bar_is_shown_once_if_asked_for(tmp_path):
    code, _, err = run(2, tmp_path, "--parallel", "--epochs", "1", "--progress")
    assert code == 0, err
    assert err.count("epoch  1:   0%") == 1


def test_training_that_diverges_is_an_error(tmp_path):
    code, out, err = run(3, tmp_path, "--parallel", "--learning-rate", "1e38")
    assert code == 1
    assert "the loss became" in err and "Traceback" not in err
    assert "wrote" not in out


def test_ctrl_c_stops_all_and_keeps_what_was_learned(tmp_path):
    started = start(2, tmp_path, "--parallel", "--epochs", "100000", "--batch-size", "100")
    try:
        for line in started.stdout:
            if line.startswith("epoch  2"):
                break
        started.send_signal(signal.SIGINT)
        begun = time.monotonic()
        out, err = started.communicate(timeout=SECONDS)
    finally:
        started.kill()
    assert started.returncode == 130, err
    assert "stopped early" in out and "Traceback" not in err
    assert written(tmp_path) == FILES
    assert time.monotonic() - begun < SECONDS / 2
