"""Weights in files: round trips, PyTorch's layout, interrupted writing, hostile files."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import nn
from autograd_lite import Tensor
from autograd_lite.errors import (
    AutogradLiteError,
    CheckpointError,
    DomainError,
    MissingExtraError,
    StateDictError,
)
from nn import files

pytest.importorskip("safetensors", reason="the extra 'saving' isn't installed")
ROOT = Path(__file__).resolve().parents[2]


class Mixed(nn.Module):
    """State of several dtypes, shapes and orders in memory."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.layer = nn.Dense(3, 2, rng=rng)
        self.wide = Tensor(rng.random((2, 3)).T, requires_grad=True)
        self.count = Tensor(int(rng.integers(100)))
        self.flags = Tensor(rng.random(3) < 0.5)
        self.small = Tensor(rng.random(()).astype(np.float16), requires_grad=True)
        self.none = Tensor(np.zeros((0, 4)))


def same(one, other):
    ours, theirs = one.state_dict(), other.state_dict()
    assert list(ours) == list(theirs)
    return all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes()
        for a, b in zip(ours.values(), theirs.values(), strict=True)
    )


def test_what_is_saved_is_loaded(tmp_path):
    model, other = Mixed(0), Mixed(1)
    assert not same(model, other)
    weight = other.layer.weight
    nn.save(model, tmp_path / "a.safetensors", metadata={"epoch": "3"})
    nn.load(other, str(tmp_path / "a.safetensors"))
    assert same(model, other)
    assert other.layer.weight is weight
    with files.open_arrays(tmp_path / "a.safetensors") as saved:
        assert saved.metadata == {"epoch": "3"}
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_file_takes_the_place_of_an_older_one_and_has_the_usual_rights(tmp_path):
    file = tmp_path / "a.safetensors"
    nn.save(Mixed(0), file)
    nn.save(Mixed(1), file)
    other = Mixed(2)
    nn.load(other, file)
    assert same(other, Mixed(1))
    usual = tmp_path / "usual"
    usual.write_bytes(b"")
    assert file.stat().st_mode == usual.stat().st_mode


def test_layout_of_torch_transposes_dense_weights(tmp_path):
    model = nn.Sequential(nn.Dense(3, 2, rng=0), nn.Tanh(), nn.Dense(2, 2, rng=1))
    nn.save(model, tmp_path / "t.safetensors", layout="torch")
    with files.open_arrays(tmp_path / "t.safetensors") as saved:
        assert saved.shapes == {
            "0.weight": (2, 3),
            "0.bias": (2,),
            "2.weight": (2, 2),
            "2.bias": (2,),
        }
        assert_array_equal(saved.read("0.weight"), model[0].weight.data.T)
        assert_array_equal(saved.read("2.weight"), model[2].weight.data.T)
    other = nn.Sequential(nn.Dense(3, 2, rng=2), nn.Tanh(), nn.Dense(2, 2, rng=3))
    nn.load(other, tmp_path / "t.safetensors", layout="torch")
    assert same(other, model)
    with pytest.raises(StateDictError, match=r"misshapen: 0.weight has \(2, 3\), needs \(3, 2\)"):
        nn.load(other, tmp_path / "t.safetensors")
    with pytest.raises(DomainError, match="layout must be"):
        nn.save(model, tmp_path / "u", layout="keras")
    assert not (tmp_path / "u").exists()


@pytest.mark.parametrize("other", [nn.Dense(3, 3), nn.Dense(3, 2, bias=False), nn.Tanh()])
def test_a_file_of_another_model_is_refused_before_it_is_read(tmp_path, other, monkeypatch):
    nn.save(nn.Dense(3, 2), tmp_path / "a")
    before = other.state_dict()
    monkeypatch.setattr(files.SavedArrays, "read", None)
    with pytest.raises(StateDictError, match=r"fit (Dense|Tanh), in .*a, and nothing was loaded"):
        nn.load(other, tmp_path / "a")
    for name, values in other.state_dict().items():
        assert_array_equal(values, before[name])


def test_values_that_do_not_fit_are_refused(tmp_path):
    files.write_arrays(tmp_path / "a", {"weight": np.full((3, 2), 1e300), "bias": np.zeros(2)}, {})
    with pytest.raises(StateDictError, match="weight has values beyond float32"):
        nn.load(nn.Dense(3, 2), tmp_path / "a")


def test_a_long_list_of_problems_is_cut(tmp_path):
    arrays = {f"{i}{'x' * 5000}": np.zeros(1) for i in range(100)}
    files.write_arrays(tmp_path / "a", arrays, {})
    with pytest.raises(StateDictError, match="and 82 more") as caught:
        nn.load(nn.Dense(3, 2), tmp_path / "a")
    assert len(str(caught.value)) < 6000


def test_without_safetensors_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    for call in (nn.save, nn.load):
        with pytest.raises(MissingExtraError, match=r"autograd-lite\[saving\]"):
            call(nn.Tanh(), tmp_path / "a")


def test_a_folder_that_is_not_there_or_no_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.save(nn.Tanh(), tmp_path / "none" / "a")
    with pytest.raises(FileNotFoundError):
        nn.load(nn.Tanh(), tmp_path / "a")
    with pytest.raises(OSError, match="directory"):
        nn.load(nn.Tanh(), tmp_path)


def test_what_could_not_be_loaded_is_not_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LONGEST_HEADER", 1000)
    with pytest.raises(DomainError, match="the most that could be loaded again; nothing was saved"):
        nn.save(nn.Tanh(), tmp_path / "a", metadata={"text": "x" * 1000})
    assert not list(tmp_path.iterdir())


def test_threads_that_write_one_file_leave_a_whole_one(tmp_path):
    models = [nn.Dense(300, 300, rng=seed) for seed in range(3)]
    start, failed = threading.Barrier(3), []

    def write(model):
        start.wait()
        try:
            for _ in range(20):
                nn.save(model, tmp_path / "a")
                nn.load(nn.Dense(300, 300, rng=9), tmp_path / "a")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=[model]) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_named_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CheckpointError, match="no regular file"):
        nn.load(nn.Tanh(), tmp_path / "pipe")


# ---------------------------------------------------------------- dying while writing

DYING = """
import os, sys, nn, numpy as np
from pathlib import Path
file, deadline = Path(sys.argv[1]), int(sys.argv[2])
import safetensors.numpy
nn.save(nn.Dense(30, 20, rng=0), file)
calls = 0
def counted(event, args):
    global calls
    if started and (event in {"open", "os.rename", "os.remove"} or event.startswith("shutil")):
        count()
def count():
    global calls
    calls += 1
    if calls == deadline:
        os._exit(9)
def dying(f):
    def call(*args, **kwargs):
        count()
        result = f(*args, **kwargs)
        count()
        return result
    return call
started = False
sys.addaudithook(counted)
os.fsync, os.close = dying(os.fsync), dying(os.close)
real = os.fdopen
class Halving:
    def __init__(self, file): self.file = file
    def __enter__(self): self.file.__enter__(); return self
    def __exit__(self, *error): return self.file.__exit__(*error)
    def write(self, content):
        count()
        self.file.write(content[: len(content) // 2]); self.file.flush()
        count()
        self.file.write(content[len(content) // 2 :])
    def flush(self): count(); self.file.flush(); count()
    def fileno(self): return self.file.fileno()
os.fdopen = lambda *args: Halving(real(*args))
started = True
nn.save(nn.Dense(30, 20, rng=1), file)
print(calls)
"""


def test_whenever_the_process_dies_a_whole_file_is_there(tmp_path):
    file = tmp_path / "a.safetensors"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    outcomes = []
    for deadline in range(1, 40):
        done = subprocess.run(
            [sys.executable, "-c", DYING, str(file), str(deadline)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        model = nn.Dense(30, 20)
        nn.load(model, file)
        outcomes.append(next(seed for seed in (0, 1) if same(model, nn.Dense(30, 20, rng=seed))))
        if done.returncode == 0:
            break
        assert done.returncode == 9, done.stderr
    else:
        pytest.fail("the process never finished")
    assert len(outcomes) > 9
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {0, 1}


# ---------------------------------------------------------------- hostile files


def content_of(model, tmp_path):
    nn.save(model, tmp_path / "good")
    return (tmp_path / "good").read_bytes()


def file_of(header, data, length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(shape, start, stop, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def weight(*described, size=24):
    return file_of({"weight": entry(*described)}, bytes(size))


def weight_and_bias(start, stop, size):
    return file_of({"weight": entry([3, 2], 0, 24), "bias": entry([2], start, stop)}, bytes(size))


HOSTILE = {
    "empty": b"",
    "seven bytes": b"1234567",
    "a header of gigabytes": file_of(b"{}", b"", 2**33),
    "a header of 2**64 - 1 bytes": b"\xff" * 8 + b"{}",
    "a header that isn't JSON": file_of(b"{,}", b""),
    "a header that is a list": file_of([], b""),
    "a header that isn't text": file_of(b"\xff\xfe{}", b""),
    "nested brackets": file_of(b"[" * 100_000, b""),
    "pickle": b"\x80\x04\x95" + b"cos\nsystem\n(S'true'\ntR." * 4,
    "zip": b"PK\x03\x04" + bytes(100),
    "no offsets": file_of({"weight": {"dtype": "F32", "shape": [3, 2]}}, bytes(24)),
    "NaN sizes": weight([float("nan"), 2], 0, 24),
    "infinite sizes": weight([float("inf"), 2], 0, 24),
    "negative sizes": weight([-3, -2], 0, 24),
    "fractions": weight([3.5, 2], 0, 24),
    "sizes that overflow": weight([2**62, 8], 0, 0, size=0),
    "offsets beyond the end": weight([3, 2], 0, 24, size=8),
    "offsets backwards": weight([3, 2], 24, 0),
    "NaN offsets": weight([3, 2], 0, float("nan")),
    "overlapping offsets": weight_and_bias(16, 24, 24),
    "a hole": weight_and_bias(32, 40, 40),
    "bytes left over": weight_and_bias(24, 32, 64),
    "names with paths": file_of({"../../etc/passwd": entry([2], 0, 8)}, bytes(8)),
    "an unknown dtype": weight([3, 2], 0, 24, "F33"),
    "a dtype that NumPy lacks": weight([3, 2], 0, 12, "BF16", size=12),
    "metadata that isn't text": file_of({"__metadata__": {"a": 3}}, b""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(tmp_path, name):
    (tmp_path / "bad").write_bytes(HOSTILE[name])
    model = nn.Dense(3, 2, rng=0)
    with pytest.raises((CheckpointError, StateDictError), match=r"bad"):
        nn.load(model, tmp_path / "bad")
    assert same(model, nn.Dense(3, 2, rng=0))


def test_ten_thousand_variants_of_a_file_load_or_are_refused(tmp_path):
    good = content_of(nn.Dense(3, 2, rng=0), tmp_path)
    size = int.from_bytes(good[:8], "little")
    rng = np.random.default_rng(0)
    model, bad = nn.Dense(3, 2, rng=1), tmp_path / "bad"
    numbers = [m.span() for m in re.finditer(rb"\d+", good[8 : 8 + size])]
    messages = set()
    refused = 0
    for variant in range(10_000):
        content = bytearray(good)
        kind = variant % 5
        if kind == 0:  # any byte of the header, or of its length
            content[rng.integers(8 + size)] = rng.integers(256)
        elif kind == 1:
            del content[rng.integers(len(content)) :]
        elif kind == 2:  # a number in the header
            start, stop = numbers[rng.integers(len(numbers))]
            new = rng.choice([b"-1", b"1e9", b"NaN", b"0", b"25", b"18446744073709551616", b"2.5"])
            content[8 + start : 8 + stop] = new
            content[:8] = (size + len(new) - (stop - start)).to_bytes(8, "little")
        elif kind == 3:  # a piece of the header twice, or not at all
            start, stop = sorted(rng.integers(8, 8 + size, 2).tolist())
            piece = bytes(content[start:stop]) * int(rng.choice([0, 2]))
            content[start:stop] = piece
            content[:8] = (size + len(piece) - (stop - start)).to_bytes(8, "little")
        else:
            content += bytes(int(rng.integers(1, 9)))
        bad.write_bytes(content)
        model.weight.data, model.bias.data = np.zeros((3, 2)), np.zeros(2)
        try:
            nn.load(model, bad)
        except AutogradLiteError as error:
            messages.add(str(error))
            assert not model.weight.data.any()
            assert not model.bias.data.any()
            refused += 1
    assert refused > 8000
    assert max(map(len, messages)) < 2000


def test_a_file_of_a_terabyte_is_refused_without_reading_it(tmp_path):
    shape = [2**19, 2**19]
    header = {"weight": {"dtype": "F32", "shape": shape, "data_offsets": [0, 2**40]}}
    (tmp_path / "bad").write_bytes(file_of(header, b""))
    try:
        os.truncate(tmp_path / "bad", (tmp_path / "bad").stat().st_size + 2**40)
    except OSError:
        pytest.skip("the file system has no sparse files of this size")
    with pytest.raises((StateDictError, CheckpointError, OSError), match="bad"):
        nn.load(nn.Dense(3, 2), tmp_path / "bad")
