"""The digits: read, verified, cached, downloaded; none of it needs the network."""

import gzip
import hashlib
import logging.handlers
import os
import socket
import subprocess
import sys
import tracemalloc
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import pooch
import pytest
import requests

from autograd_lite.errors import DatasetError, DomainError, DTypeError, MissingExtraError
from nn import datasets

TRAIN, TEST = 6, 3
NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
GIVEN = os.environ.get("AUTOGRAD_LITE_DATA")


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return gzip.compress(header + array.astype(np.uint8).tobytes(), mtime=0)


def fake_files():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (TRAIN + TEST, 28, 28))
    images[0, 0, :3] = 0, 51, 255
    labels = np.arange(TRAIN + TEST) % 10
    arrays = images[:TRAIN], labels[:TRAIN], images[TRAIN:], labels[TRAIN:]
    return {name: idx(array) for name, array in zip(NAMES, arrays, strict=True)}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise socket.gaierror("no network in the tests")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.delenv("AUTOGRAD_LITE_DATA", raising=False)


@pytest.fixture
def published(monkeypatch):
    """Let a few made-up digits pass for the published files."""
    files = fake_files()
    contents = {name: gzip.decompress(content) for name, content in files.items()}
    monkeypatch.setattr(datasets, "_SHA256", {n: sha256(c) for n, c in files.items()})
    monkeypatch.setattr(
        datasets, "_CONTENTS", {n: (sha256(c), len(c)) for n, c in contents.items()}
    )
    return files


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def folder(published, tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    for name, content in published.items():
        (folder / name).write_bytes(content)
    return folder


def one_sentence(error):
    message = str(error.value)
    assert "\n" not in message
    assert len(message) < 600
    return message


class TestFolder:
    def test_what_is_read(self, folder):
        train, test = datasets.mnist(folder)
        assert train.images.shape == (TRAIN, 784)
        assert test.images.shape == (TEST, 784)
        assert train.images.dtype == np.float32
        assert train.labels.dtype == test.labels.dtype == np.int64
        assert train.labels.tolist() == [0, 1, 2, 3, 4, 5]
        assert test.labels.tolist() == [6, 7, 8]
        np.testing.assert_allclose(train.images[0, :3], [0, 0.2, 1], rtol=1e-7)
        assert train.images.max() == 1
        assert train.images.flags.writeable
        assert train.images.flags.c_contiguous

    @pytest.mark.parametrize("dtype", [np.float16, "float32", np.float64, np.dtype(">f8")])
    def test_dtypes(self, folder, dtype):
        train, _ = datasets.mnist(folder, dtype)
        assert train.images.dtype == dtype
        assert train.images[0, 1] == np.dtype(dtype).type(51) / np.dtype(dtype).type(255)

    @pytest.mark.parametrize("dtype", [np.int64, complex, bool, object, "nonsense"])
    def test_a_dtype_that_is_not_real_and_floating_is_refused(self, folder, dtype):
        with pytest.raises(DTypeError, match="mnist:"):
            datasets.mnist(folder, dtype)

    def test_a_path_may_be_a_string(self, folder):
        assert datasets.mnist(str(folder)).test.labels.tolist() == [6, 7, 8]

    def test_the_environment_variable_names_the_folder(self, folder, monkeypatch):
        monkeypatch.setenv("AUTOGRAD_LITE_DATA", str(folder))
        assert len(datasets.mnist().train.labels) == TRAIN

    def test_data_dir_goes_before_the_environment_variable(self, folder, monkeypatch):
        monkeypatch.setenv("AUTOGRAD_LITE_DATA", "no/such/folder")
        assert len(datasets.mnist(folder).train.labels) == TRAIN

    def test_pooch_is_not_needed(self, folder, monkeypatch):
        monkeypatch.setitem(sys.modules, "pooch", None)
        assert len(datasets.mnist(folder).train.labels) == TRAIN

    def test_a_missing_folder(self, tmp_path):
        with pytest.raises(
            DatasetError, match=r"data_dir: '.*nowhere' is no folder; name"
        ) as error:
            datasets.mnist(tmp_path / "nowhere")
        one_sentence(error)

    def test_a_missing_folder_in_the_environment(self, monkeypatch):
        monkeypatch.setenv("AUTOGRAD_LITE_DATA", "no/such/folder")
        with pytest.raises(DatasetError, match="AUTOGRAD_LITE_DATA: 'no/such/folder' is no folder"):
            datasets.mnist()

    def test_a_file_for_a_folder(self, folder):
        with pytest.raises(DatasetError, match="is no folder"):
            datasets.mnist(folder / NAMES[0])

    @pytest.mark.parametrize("name", NAMES)
    def test_a_missing_file(self, folder, name):
        (folder / name).unlink()
        with pytest.raises(DatasetError, match=f"has no file {name}; name the folder") as error:
            datasets.mnist(folder)
        one_sentence(error)

    def test_a_file_that_cannot_be_read(self, folder):
        (folder / NAMES[1]).unlink()
        (folder / NAMES[1]).mkdir()
        with pytest.raises(DatasetError, match=f"can't read '.*{NAMES[1]}'"):
            datasets.mnist(folder)

    @pytest.mark.parametrize("below", ["", "raw", "MNIST/raw"])
    @pytest.mark.parametrize(
        ("rename", "repack"),
        [
            (lambda name: name.removesuffix(".gz"), gzip.decompress),
            (lambda name: name.removesuffix(".gz").replace("-idx", ".idx"), gzip.decompress),
            (lambda name: name, gzip.decompress),  # some programs unpack, and keep the name
            (lambda name: name, lambda c: gzip.compress(gzip.decompress(c), 0, mtime=9)),
            (lambda name: name.replace("-idx", ".idx"), lambda c: c),
        ],
    )
    def test_files_are_known_by_their_content(self, published, tmp_path, below, rename, repack):
        where = tmp_path / below
        where.mkdir(parents=True, exist_ok=True)
        for name, content in published.items():
            (where / rename(name)).write_bytes(repack(content))
        train, test = datasets.mnist(tmp_path)
        assert train.labels.tolist() == [0, 1, 2, 3, 4, 5]
        assert test.labels.tolist() == [6, 7, 8]

    def test_a_good_file_stands_in_for_a_damaged_one(self, folder, published):
        (folder / NAMES[0]).write_bytes(published[NAMES[0]][:-9])
        (folder / NAMES[1]).unlink()
        (folder / NAMES[1]).mkdir()
        for name in NAMES[:2]:
            (folder / name.removesuffix(".gz")).write_bytes(gzip.decompress(published[name]))
        assert len(datasets.mnist(folder).train.labels) == TRAIN

    @pytest.mark.parametrize("name", NAMES)
    def test_unpacked_files_are_checked(self, folder, published, name):
        (folder / name).unlink()
        content = gzip.decompress(published[name])
        (folder / name.removesuffix(".gz")).write_bytes(content[:-1] + b"x")
        with pytest.raises(DatasetError, match=r"idx.-ubyte' is truncated or altered"):
            datasets.mnist(folder)

    def test_no_more_is_unpacked_than_a_file_may_hold(self, folder, published):
        bomb = gzip.compress(bytes(2**28))
        (folder / NAMES[0]).write_bytes(bomb)
        tracemalloc.start()
        try:
            with pytest.raises(DatasetError, match="is truncated or altered"):
                datasets.mnist(folder)
            assert tracemalloc.get_traced_memory()[1] < 2**24
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: c + b"\0", lambda _: b""])
    def test_a_changed_file_is_refused_before_it_is_parsed(
        self, folder, published, name, change, monkeypatch
    ):
        (folder / name).write_bytes(change(published[name]))
        monkeypatch.setattr(datasets, "_parse_idx", lambda _: pytest.fail("it was parsed"))
        with pytest.raises(DatasetError, match=f"'.*{name}' is truncated or altered.* replace it"):
            datasets.mnist(folder)


class Mirrors:
    """Stands for pooch.HTTPDownloader: sends the files, or fails as it is told to."""

    def __init__(self, files):
        self.files = files
        self.asked = []
        self.failures = {}

    def __call__(self, *, timeout, **_settings):
        assert timeout > 0
        return self.download

    def download(self, url, output_file, _pooch):
        self.asked.append(url)
        mirror, _, name = url.rpartition("/")
        failure = self.failures.get(mirror + "/")
        content = self.files[name]
        if failure == "truncated":
            content = content[: len(content) // 2]
        Path(output_file).write_bytes(content)
        if isinstance(failure, BaseException):
            Path(output_file).write_bytes(content[: len(content) // 2])
            raise failure


class TestCache:
    @pytest.fixture
    def cache(self, tmp_path, monkeypatch):
        def os_cache(project):
            return tmp_path / "cache" / project

        monkeypatch.setattr(pooch, "os_cache", os_cache)
        return tmp_path / "cache" / "autograd_lite" / "mnist"

    @pytest.fixture
    def mirrors(self, published, cache, monkeypatch):
        mirrors = Mirrors(published)
        monkeypatch.setattr(pooch, "HTTPDownloader", mirrors)
        return mirrors

    @pytest.mark.usefixtures("mirrors")
    def test_the_files_are_downloaded_and_kept(self, cache, published, monkeypatch, capfd):
        level, said = pooch.get_logger().level, logging.handlers.QueueHandler(SimpleQueue())
        monkeypatch.setattr(pooch.get_logger(), "handlers", [said])
        assert datasets.mnist().train.labels.tolist() == [0, 1, 2, 3, 4, 5]
        assert {path.name: path.read_bytes() for path in cache.iterdir()} == published
        assert capfd.readouterr() == ("", "")
        assert said.queue.empty()
        assert pooch.get_logger().level == level

    def test_the_first_mirror_is_enough(self, mirrors):
        datasets.mnist()
        assert mirrors.asked == [datasets._MIRRORS[0] + name for name in NAMES]

    def test_what_is_kept_is_not_downloaded_again(self, mirrors):
        first = datasets.mnist()
        mirrors.asked.clear()
        again = datasets.mnist()
        assert not mirrors.asked
        assert np.array_equal(first.train.images, again.train.images)

    def test_an_empty_environment_variable_names_no_folder(self, mirrors, monkeypatch):
        monkeypatch.setenv("AUTOGRAD_LITE_DATA", "")
        datasets.mnist()
        assert mirrors.asked

    @pytest.mark.parametrize(
        "failure", ["truncated", requests.ConnectionError(), requests.ReadTimeout()]
    )
    def test_the_second_mirror_stands_in(self, mirrors, cache, published, failure):
        mirrors.failures[datasets._MIRRORS[0]] = failure
        datasets.mnist()
        assert len(mirrors.asked) == 8
        assert {path.name: path.read_bytes() for path in cache.iterdir()} == published

    def test_both_mirrors_fail(self, mirrors, cache):
        response = requests.Response()
        response.status_code = 503
        mirrors.failures = {
            datasets._MIRRORS[0]: requests.HTTPError(response=response),
            datasets._MIRRORS[1]: "truncated",
        }
        with pytest.raises(DatasetError) as error:
            datasets.mnist()
        message = one_sentence(error)
        assert "can't be downloaded" in message
        assert "storage.googleapis.com: HTTP status 503" in message
        assert "ossci-datasets.s3.amazonaws.com: what it sent is not the published" in message
        assert "has no copy" in message
        assert "--data-dir" in message
        assert "AUTOGRAD_LITE_DATA" in message
        assert list(cache.iterdir()) == []

    @pytest.mark.parametrize("failure", [KeyboardInterrupt(), requests.ConnectionError()])
    def test_half_a_download_is_never_kept(self, mirrors, cache, failure):
        mirrors.failures = dict.fromkeys(datasets._MIRRORS, failure)
        level = pooch.get_logger().level
        with pytest.raises((KeyboardInterrupt, DatasetError)):
            datasets.mnist()
        assert list(cache.iterdir()) == []
        assert pooch.get_logger().level == level

    def test_an_altered_file_is_downloaded_anew(self, mirrors, cache, published):
        datasets.mnist()
        (cache / NAMES[2]).write_bytes(published[NAMES[2]][:-9])
        mirrors.asked.clear()
        datasets.mnist()
        assert mirrors.asked == [datasets._MIRRORS[0] + NAMES[2]]
        assert (cache / NAMES[2]).read_bytes() == published[NAMES[2]]

    def test_an_altered_file_without_network(self, mirrors, cache):
        datasets.mnist()
        (cache / NAMES[2]).write_bytes(b"altered")
        mirrors.failures = dict.fromkeys(datasets._MIRRORS, requests.ConnectionError())
        with pytest.raises(DatasetError, match=f"no mirror gave {NAMES[2]} .* an altered copy"):
            datasets.mnist()

    @pytest.mark.parametrize(
        "failure",
        [
            OSError(28, "No space left on device"),
            PermissionError(13, "Permission denied"),
            OSError(30, "Read-only file system"),
        ],
    )
    def test_a_cache_that_cannot_be_written_is_not_blamed_on_the_mirror(self, mirrors, failure):
        mirrors.failures = dict.fromkeys(datasets._MIRRORS, failure)
        complaint = f"can't write '.*{NAMES[0]}' .{failure.strerror}.; .* AUTOGRAD_LITE_DATA"
        with pytest.raises(DatasetError, match=complaint) as error:
            datasets.mnist()
        assert "mirror" not in one_sentence(error)
        assert len(mirrors.asked) == 1

    def test_no_mirror_is_asked_where_nothing_can_be_kept(self, mirrors, cache, monkeypatch):
        def refuse(**_settings):
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr(datasets.tempfile, "TemporaryFile", refuse)
        complaint = r"can't write into '.*mnist' \(Read-only file system\)"
        with pytest.raises(DatasetError, match=complaint):
            datasets.mnist()
        assert not mirrors.asked

    def test_a_full_cache_need_not_be_writable(self, mirrors, monkeypatch):
        datasets.mnist()
        mirrors.asked.clear()
        monkeypatch.setattr(Path, "mkdir", lambda *_, **__: pytest.fail("a folder was made"))
        monkeypatch.setattr(datasets.tempfile, "TemporaryFile", lambda **_: pytest.fail("written"))
        assert len(datasets.mnist().train.labels) == TRAIN
        assert not mirrors.asked

    def test_a_kept_file_that_cannot_be_read(self, mirrors, cache):
        datasets.mnist()
        (cache / NAMES[1]).unlink()
        (cache / NAMES[1]).mkdir()
        with pytest.raises(DatasetError, match=f"can't read '.*{NAMES[1]}' .Is a directory"):
            datasets.mnist()

    def test_a_user_without_a_home(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(pooch, "os_cache", lambda project: Path("~/.cache") / project)
        with pytest.raises(DatasetError, match=r"you have no home; .* AUTOGRAD_LITE_DATA"):
            datasets.mnist()
        assert not list(tmp_path.iterdir())

    @pytest.mark.usefixtures("cache", "published")
    def test_no_network_at_all(self, capfd):
        with pytest.raises(DatasetError, match="MNIST can't be downloaded") as error:
            datasets.mnist()
        one_sentence(error)
        assert capfd.readouterr() == ("", "")

    @pytest.mark.usefixtures("mirrors")
    def test_a_cache_that_cannot_be_made(self, tmp_path):
        (tmp_path / "cache").write_bytes(b"a file in the way")
        with pytest.raises(DatasetError, match=r"can't make the folder .* AUTOGRAD_LITE_DATA"):
            datasets.mnist()

    def test_a_missing_pooch_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pooch", None)
        with pytest.raises(MissingExtraError, match=r"'pooch'.*autograd-lite\[data\]"):
            datasets.mnist()


class TestDigits:
    def test_the_split(self):
        train, test = datasets.digits()
        assert train.images.shape == (1297, 64)
        assert test.images.shape == (500, 64)
        assert train.images.dtype == test.images.dtype == np.float32
        assert train.labels.dtype == test.labels.dtype == np.int64
        assert train.images.min() == 0
        assert train.images.max() == 1
        assert set(test.labels) == set(range(10))

    def test_every_digit_is_in_one_part(self):
        train, test = datasets.digits(np.float64, test_size=1000)
        other, rest = datasets.digits(np.float64, test_size=1)
        together = np.concatenate([train.images, test.images])
        assert sorted(map(bytes, together)) == sorted(
            map(bytes, np.concatenate([other.images, rest.images]))
        )
        assert (len(train.labels), len(test.labels), len(rest.labels)) == (797, 1000, 1)

    def test_the_seed_decides(self):
        first, again, other = (datasets.digits(seed=seed).test for seed in (0, 0, 1))
        assert np.array_equal(first.images, again.images)
        assert np.array_equal(first.labels, again.labels)
        assert not np.array_equal(first.labels, other.labels)

    @pytest.mark.parametrize("test_size", [-1, 0, 1797, 10**6])
    def test_a_part_may_not_be_empty(self, test_size):
        with pytest.raises(DomainError, match="between 1 and 1796"):
            datasets.digits(test_size=test_size)

    def test_a_dtype_that_is_not_real_and_floating_is_refused(self):
        with pytest.raises(DTypeError, match=r"digits: .* int64"):
            datasets.digits(np.int64)

    def test_a_missing_scikit_learn_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "sklearn", None)
        monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
        with pytest.raises(MissingExtraError, match=r"'scikit-learn'.*autograd-lite\[examples\]"):
            datasets.digits()


def test_importing_costs_no_optional_package():
    program = (
        "import sys, nn.datasets; "
        "print({'pooch', 'requests', 'sklearn', 'matplotlib', 'tqdm'} & set(sys.modules))"
    )
    root = str(Path(datasets.__file__).parents[1])
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert ran.stdout == "set()\n"


@pytest.mark.skipif(not GIVEN, reason="AUTOGRAD_LITE_DATA names no folder with MNIST")
class TestPublished:
    def test_what_the_article_had_unpacked_too(self, tmp_path):
        for name in NAMES:
            content = (Path(GIVEN) / name).read_bytes()
            (tmp_path / name.removesuffix(".gz")).write_bytes(gzip.decompress(content))
        given, unpacked = datasets.mnist(GIVEN), datasets.mnist(tmp_path)
        assert np.array_equal(given.train.images, unpacked.train.images)
        assert np.array_equal(given.test.labels, unpacked.test.labels)

    def test_what_the_article_had(self):
        train, test = datasets.mnist(GIVEN)
        assert train.images.shape == (60_000, 784)
        assert test.images.shape == (10_000, 784)
        assert train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
        assert test.labels[:5].tolist() == [7, 2, 1, 0, 4]
        assert np.bincount(test.labels).tolist() == [
            980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
        ]  # fmt: skip
        assert float(train.images.mean(dtype=np.float64)) == pytest.approx(0.1306605, abs=1e-6)
