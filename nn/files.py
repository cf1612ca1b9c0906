"""Files of arrays, in the format safetensors: written whole or not at all, read with suspicion."""

from __future__ import annotations

import errno
import importlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import CheckpointError, DomainError, MissingExtraError

Array: TypeAlias = npt.NDArray[Any]

LONGEST_HEADER = 32 * 2**20
"""Bytes; a header lists names, dtypes and shapes, some 100 bytes for each array."""

_DTYPES = {
    "BOOL": "?",
    **{f"U{8 * size}": f"u{size}" for size in (1, 2, 4, 8)},
    **{f"I{8 * size}": f"i{size}" for size in (1, 2, 4, 8)},
    **{f"F{8 * size}": f"f{size}" for size in (2, 4, 8)},
    "C64": "c8",
}


def write_arrays(
    path: str | os.PathLike[str], arrays: Mapping[str, Array], metadata: Mapping[str, str]
) -> None:
    """Write arrays and texts into a file that replaces an older one only when it is complete.

    The new file is written beside the old one under another name, synced to the disk, and renamed;
    then the folder is synced. Whenever the process or the machine dies, one whole file is there.

    Raises
    ------
    DomainError
        If names and texts are longer than :func:`open_arrays` reads.
    MissingExtraError
        If safetensors isn't installed.
    OSError
        If the file can't be written. The old one is as it was.
    """
    contiguous = {
        name: np.ascontiguousarray(array).reshape(array.shape) for name, array in arrays.items()
    }
    content = _safetensors("safetensors.numpy").save(contiguous, metadata=dict(metadata))
    header = int.from_bytes(content[:8], "little")
    if header > LONGEST_HEADER:
        raise DomainError(
            f"{os.fspath(path)}: names and metadata take {header:,} bytes, and {LONGEST_HEADER:,} "
            "are the most that could be loaded again; nothing was saved"
        )
    replace_file(path, content)


def replace_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file that replaces an older one only when it is complete, and on the disk.

    Raises
    ------
    OSError
        If the file can't be written. The old one is as it was.
    """
    check_place(path)
    target = Path(path)
    # a name of its own: other threads, and other machines, may be writing the same file
    part = target.with_name(f"{target.name}.{os.urandom(6).hex()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def check_place(path: str | os.PathLike[str], *, for_arrays: bool = False) -> None:
    """Raise an error if a file can't be written there, as far as that can be told beforehand.

    Before a long computation whose results are for this file, it is better told than after.

    Parameters
    ----------
    path : path
    for_arrays : bool
        The file is for :func:`write_arrays`.

    Raises
    ------
    OSError
        If the path is a folder, or in none that exists.
    MissingExtraError
        If safetensors is needed, and isn't installed.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder, not a file's name", str(target))
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no folder for this file", str(target))
    if for_arrays:
        _safetensors("safetensors")


def _sync_folder(folder: Path) -> None:
    """Bring the new name of a file to the disk, where the system can."""
    if os.name != "posix":
        return
    with suppress(PermissionError):  # a folder that can be written to, and not be read
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class SavedArrays:
    """The arrays in a file, read one by one, after their shapes and dtypes were looked at.

    Attributes
    ----------
    path : Path
    shapes : dict of str to shape
    dtypes : dict of str to dtype
    metadata : dict of str to str
    """

    def __init__(self, opened: Any, path: Path) -> None:
        self._opened, self.path = opened, path
        self.metadata: dict[str, str] = dict(opened.metadata() or {})
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.dtypes: dict[str, np.dtype[Any]] = {}
        for name in opened.keys():  # noqa: SIM118 - it is no dict
            about = opened.get_slice(name)
            dtype = about.get_dtype()
            if dtype not in _DTYPES:
                raise CheckpointError(
                    f"{path}: {_short(name)} has dtype {dtype}, which NumPy doesn't have; convert "
                    "it to F32 where it was written"
                )
            self.shapes[name] = tuple(about.get_shape())
            self.dtypes[name] = np.dtype(_DTYPES[dtype])

    def read(self, name: str) -> Array:
        """Return one of the arrays."""
        with _refusing(self.path):
            array: Array = self._opened.get_tensor(name)
        return array


@contextmanager
def open_arrays(path: str | os.PathLike[str]) -> Iterator[SavedArrays]:
    """Open a file of arrays that somebody else may have written.

    Raises
    ------
    CheckpointError
        If it is no such file, or a truncated or contradictory one.
    MissingExtraError
        If safetensors isn't installed.
    OSError
        If it can't be opened.
    """
    target = Path(path)
    safe_open = _safetensors("safetensors").safe_open
    with open(target, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise CheckpointError(f"{target} is no regular file")
        begin = file.read(8)
        size = os.fstat(file.fileno()).st_size
    header = int.from_bytes(begin, "little")
    if len(begin) < 8 or header > size - 8:
        raise CheckpointError(f"{target} is truncated, or no file of the format safetensors")
    if header > LONGEST_HEADER:
        raise CheckpointError(
            f"{target} begins with a header of {header:,} bytes, more than any model needs"
        )
    with _refusing(target):
        opened = safe_open(str(target), framework="numpy")
    with opened:
        yield SavedArrays(opened, target)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; a named pipe, too, without waiting for somebody to write into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn what the library raises for a bad file into one error that names the file."""
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as error:
        message = f"{path} isn't a whole file of the format safetensors: {error}"
        raise CheckpointError(message) from error


def _short(name: str) -> str:
    return repr(name if len(name) < 80 else f"{name[:77]}...")


def _safetensors(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError("safetensors", "saving") from error
