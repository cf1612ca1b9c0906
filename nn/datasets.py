"""Handwritten digits: MNIST, and the small ones that come with scikit-learn."""

import hashlib
import importlib
import logging
import os
import socket
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DatasetError, DomainError, DTypeError, MissingExtraError

_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
_TIMEOUT = 10.0  # seconds to wait for a mirror that sends nothing
_SHA256 = {  # of the files as they were published, which is what is downloaded
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}
_CONTENTS = {  # the SHA-256 of what is packed in them, and its length
    "train-images-idx3-ubyte.gz": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        47_040_016,
    ),
    "train-labels-idx1-ubyte.gz": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        60_008,
    ),
    "t10k-images-idx3-ubyte.gz": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        7_840_016,
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        10_008,
    ),
}
_OTHERWISE = (
    "get the four files in another way, and name their folder with data_dir (--data-dir in the "
    "examples) or the environment variable AUTOGRAD_LITE_DATA"
)


class Split(NamedTuple):
    """Images and their labels.

    Attributes
    ----------
    images : array, shape (n, pixels)
        Row by row, from 0 (background) to 1 (ink).
    labels : array of int64, shape (n,)
    """

    images: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]


class MNIST(NamedTuple):
    """Handwritten digits, in MNIST's form: some to train on, others to test with.

    Attributes
    ----------
    train, test : Split
    """

    train: Split
    test: Split


def mnist(
    data_dir: str | os.PathLike[str] | None = None, dtype: npt.DTypeLike = np.float32
) -> MNIST:
    """Return the MNIST digits: 60,000 to train on and 10,000 to test with, of 28 x 28 pixels.

    They are read from ``data_dir``, else from the folder that the environment variable
    ``AUTOGRAD_LITE_DATA`` names, else from a cache in the user's own folder, which is filled from
    the network the first time. Files are read only if their content has the SHA-256 of
    the published one.

    Parameters
    ----------
    data_dir : path, optional
        A folder with the four files, such as ``train-images-idx3-ubyte.gz``. They may be as
        published, repacked or unpacked, also under names like ``train-images.idx3-ubyte``, and
        they may be in a folder inside it, such as ``MNIST/raw``.
    dtype : dtype
        Of the images; real and floating.

    Returns
    -------
    MNIST
        Images of shape (n, 784), pixels divided by 255; labels of shape (n,).

    Raises
    ------
    DatasetError
        If a file is missing, was altered, or can't be downloaded or kept.
    DTypeError
        If ``dtype`` isn't real and floating.
    MissingExtraError
        If no folder is given, and pooch, which keeps the cache, isn't installed.

    Notes
    -----
    LeCun, Bottou, Bengio and Haffner, Gradient-based learning applied to document recognition,
    1998.

    Examples
    --------
    >>> mnist("no/such/folder")
    Traceback (most recent call last):
        ...
    autograd_lite.errors.DatasetError: data_dir: 'no/such/folder' is no folder; name the folder ...
    """
    dtype = _floating(dtype, "mnist")
    variable = os.environ.get("AUTOGRAD_LITE_DATA")
    if data_dir is not None:
        contents = [_read_given(Path(data_dir), name, "data_dir") for name in _SHA256]
    elif variable:
        contents = [_read_given(Path(variable), name, "AUTOGRAD_LITE_DATA") for name in _SHA256]
    else:
        contents = _read_cache()
    train_images, train_labels, test_images, test_labels = map(_parse_idx, contents)
    return MNIST(
        Split(_scaled(train_images, 255, dtype), train_labels.astype(np.int64)),
        Split(_scaled(test_images, 255, dtype), test_labels.astype(np.int64)),
    )


def digits(dtype: npt.DTypeLike = np.float32, test_size: int = 500, seed: int = 0) -> MNIST:
    """Return scikit-learn's 1,797 digits of 8 x 8 pixels: MNIST in small, without a download.

    Parameters
    ----------
    dtype : dtype
        Of the images; real and floating.
    test_size : int
        How many to test with; the others are for training.
    seed : int
        Decides which digits are for testing.

    Returns
    -------
    MNIST
        Images of shape (n, 64), pixels divided by 16; labels of shape (n,).

    Raises
    ------
    DomainError
        If ``test_size`` leaves nothing to train on or to test with.
    DTypeError
        If ``dtype`` isn't real and floating.
    MissingExtraError
        If scikit-learn isn't installed.

    Examples
    --------
    >>> train, test = digits()
    >>> train.images.shape, test.labels.shape
    ((1297, 64), (500,))
    """
    dtype = _floating(dtype, "digits")
    images, labels = _import("sklearn.datasets", "scikit-learn", "examples").load_digits(
        return_X_y=True
    )
    if not 0 < test_size < len(images):
        raise DomainError(
            f"digits: test_size must lie between 1 and {len(images) - 1}, not {test_size}"
        )
    order = np.random.default_rng(seed).permutation(len(images))
    train, test = (
        Split(_scaled(images[chosen], 16, dtype), labels[chosen].astype(np.int64))
        for chosen in (order[test_size:], order[:test_size])
    )
    return MNIST(train, test)


def _read_given(folder: Path, name: str, giver: str) -> bytes:
    """Return what is in a file of a folder that the user keeps and ``giver`` names."""
    complaints = []
    for path in _places(folder, name):
        try:
            content = _genuine(path, name)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            complaints.append(f"can't read {str(path)!r} ({error.strerror})")
            continue
        if content is not None:
            return content
        complaints.append(
            f"{str(path)!r} is truncated or altered, for the SHA-256 of its content is not that "
            "of the published file; replace it by a fresh copy"
        )
    if complaints:
        raise DatasetError(f"{giver}: {complaints[0]}")
    lack = f"{str(folder)!r} " + (f"has no file {name}" if folder.is_dir() else "is no folder")
    raise DatasetError(
        f"{giver}: {lack}; name the folder with the four files of MNIST, packed or unpacked, "
        "or no folder, and they are downloaded"
    )


def _places(folder: Path, name: str) -> Iterator[Path]:
    """Yield where a file may be: as it was published, and as others keep it."""
    unpacked = name.removesuffix(".gz")
    dotted = unpacked.replace("-idx", ".idx")
    for below in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for called in (name, unpacked, f"{dotted}.gz", dotted):
            yield below / called


def _genuine(path: Path, name: str) -> bytes | None:
    """Return the content of a file, unpacked, or None if it isn't the published one."""
    digest, size = _CONTENTS[name]
    with path.open("rb") as file:
        content = file.read(2 * size + 2**16)  # packed or not, it is shorter
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content, size)
    genuine = len(content) == size and hashlib.sha256(content).hexdigest() == digest
    return content if genuine else None


def _unpacked(packed: bytes, size: int) -> bytes:
    """Return the content of a gzip file, or nothing if it is incomplete or above ``size``."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(packed, size + 1)
    except zlib.error:
        return b""
    return content if unpacking.eof and not unpacking.unused_data else b""


def _read_cache() -> list[bytes]:
    """Return the contents of the files, downloading those that are missing or altered."""
    pooch = _import("pooch", "pooch", "data")
    folder = Path(pooch.os_cache("autograd_lite")) / "mnist"
    if folder.parts[0].startswith("~"):
        raise DatasetError(f"MNIST has no place to be kept in: you have no home; {_OTHERWISE}")
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)  # pooch announces downloads, which a library should not
    try:
        return [_read_kept(folder, name) or _retrieve(pooch, folder, name) for name in _SHA256]
    finally:
        logger.setLevel(level)


def _read_kept(folder: Path, name: str) -> bytes | None:
    try:
        return _genuine(folder / name, name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable("read", folder / name, error) from error


def _retrieve(pooch: Any, folder: Path, name: str) -> bytes:
    """Return one file; pooch keeps it only if its SHA-256 is right."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable("make the folder", folder, error) from error
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unusable("write into", folder, error) from error
    causes = []
    for mirror in _MIRRORS:
        try:
            pooch.retrieve(
                mirror + name,
                known_hash="sha256:" + _SHA256[name],
                fname=name,
                path=folder,
                downloader=pooch.HTTPDownloader(timeout=_TIMEOUT, chunk_size=2**16),
            )
            content = _genuine(folder / name, name)
        except (OSError, ValueError) as error:  # what requests raises are OSErrors
            if _is_local(error):
                raise _unusable("write", folder / name, error) from error
            causes.append(f"{mirror.split('/')[2]}: {_cause(error)}")
        else:
            if content is not None:
                return content
            causes.append(f"{str(folder / name)!r} was altered while it was read")
    held = "an altered copy" if (folder / name).exists() else "no copy"
    raise DatasetError(
        f"MNIST can't be downloaded: no mirror gave {name} ({'; '.join(causes)}), and the cache "
        f"{str(folder)!r} has {held}; {_OTHERWISE}"
    )


def _unusable(what: str, path: Path, error: OSError | ValueError) -> DatasetError:
    reason = getattr(error, "strerror", None) or error
    return DatasetError(
        f"MNIST has no place to be kept in: can't {what} {str(path)!r} ({reason}); {_OTHERWISE}"
    )


def _is_local(error: OSError | ValueError) -> bool:
    """Return True if an error comes from this machine, not from a mirror or the network."""
    remote = (ConnectionError, TimeoutError, socket.gaierror)
    return (
        isinstance(error, OSError)
        and not isinstance(error, remote)
        and not hasattr(error, "response")
    )


def _cause(error: OSError | ValueError) -> str:
    """Return in a few words what requests and urllib3 say in pages."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "what it sent is not the published file"


def _parse_idx(content: bytes) -> npt.NDArray[np.uint8]:
    """Return the array of an IDX file: its fourth byte counts the axes, their sizes follow."""
    axes = content[3]
    shape = np.frombuffer(content, ">i4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _scaled(pixels: npt.NDArray[Any], largest: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return rows of pixels between 0 and 1."""
    rows = pixels.reshape(len(pixels), -1).astype(dtype)
    rows /= largest
    return rows


def _floating(dtype: npt.DTypeLike, name: str) -> np.dtype[Any]:
    try:
        asked = np.dtype(dtype)
    except TypeError as error:
        raise DTypeError(f"{name}: {dtype!r} is not a dtype") from error
    if asked.kind != "f":
        raise DTypeError(f"{name}: images can't have dtype {asked}; it must be real and floating")
    return asked


def _import(module: str, package: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(package, extra) from error
