"""Programs that mpiexec starts as several processes."""

import importlib.util
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
BESIDE = Path(sys.executable).with_name("mpiexec")  # where the package mpich puts it
MPIEXEC = str(BESIDE) if BESIDE.exists() else shutil.which("mpiexec")
needs_mpi = pytest.mark.skipif(
    importlib.util.find_spec("mpi4py") is None or MPIEXEC is None,
    reason="needs mpi4py and mpiexec: pip install 'autograd-lite[parallel]'",
)
SECONDS = 60
"""In which every program ends, also on a machine that has much else to do."""
HEAD = """
import os, signal, sys, time, warnings
from pathlib import Path
import numpy as np
import nn
from autograd_lite import Tensor, as_tensor, capture, errors, gradients
group = nn.parallel.Group()
# older Matplotlib with newer pyparsing
warnings.filterwarnings("ignore", "'.*' (argument is )?deprecated", DeprecationWarning)
def keep(**arrays):
    np.savez(Path(sys.argv[1]) / f"rank{group.rank}.npz", **arrays)
def refused(error, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except error as found:
        return str(found)
    raise AssertionError(f"{call} raised nothing")
"""


def command(size, *arguments):
    """Return the command that starts Python in several processes, and its environment."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment = {**os.environ, **threads, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return [MPIEXEC, "-n", str(size), sys.executable, *map(str, arguments)], environment


def write(folder, program):
    path = folder / "program.py"
    path.write_text(HEAD + textwrap.dedent(program), encoding="utf-8")
    return path


def launch(size, program, folder):
    """Run a program in several processes until it ends; return how it ended."""
    arguments, environment = command(size, write(folder, program), folder)
    return subprocess.run(
        arguments,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def kept(size, program, folder):
    """Run a program that must succeed; return the arrays that each process has kept."""
    done = launch(size, program, folder)
    assert done.returncode == 0, done.stderr
    return [dict(np.load(folder / f"rank{rank}.npz")) for rank in range(size)]
