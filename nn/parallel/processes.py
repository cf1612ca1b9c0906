"""Processes that exchange arrays by MPI, in agreement about what they do, and end together."""

import atexit
import importlib
import os
import sys
import time
from functools import cache
from types import TracebackType
from typing import Any, final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import MissingExtraError, ParallelError

_NUMBERS = 3
"""How many numbers a process may send along when all meet."""
_TEXT = 500
"""How much of what a process does is told to the others, if they do something else."""
_ENDS = "has ended"
_SPINNING, _YIELDING = 0.0001, 0.005
"""Until when, in seconds, waiting holds the core, and offers it to others; later it sleeps."""
_FAREWELL = 5.0
"""Seconds that a process which ends too early leaves to the others to say so."""
_PASSING_ON = 0.1
"""Seconds that mpiexec has to pass on what was printed, before all is ended."""


@final
class Processes:
    """The processes that ``mpiexec`` has started, which are more than one.

    Every exchange begins with a meeting: each process tells what it is about to do, in a few
    bytes. So a process that does something else, or ends, is an error in all of them. MPI itself
    would hang, or mix up bytes.

    Nothing waits inside of MPI. Processes that are more than the cores would take turns in waiting
    there, and Ctrl-C wouldn't be heard.

    Attributes
    ----------
    rank, size : int
    """

    def __init__(self, mpi: Any) -> None:
        self._mpi = mpi
        self._world: Any = mpi.COMM_WORLD.Dup()
        self._pid = os.getpid()
        self._over = ""
        self.rank: int = self._world.Get_rank()
        self.size: int = self._world.Get_size()
        self._heads = np.zeros(1 + _NUMBERS), np.zeros((self.size, 1 + _NUMBERS))
        self._excepthook = sys.excepthook
        sys.excepthook = self._abort_after_error
        atexit.register(self._end)

    # ------------------------------------------------------------------ exchanges

    def meet(self, what: str, *numbers: float) -> list[tuple[float, ...]]:
        """Wait until all processes do ``what``; return the numbers of each.

        Parameters
        ----------
        what : str
            Follows the name of a process in an error message: "adds up float32 (10,)".
        *numbers : float
            At most three.

        Returns
        -------
        list of tuples
            In the order of ranks.

        Raises
        ------
        ParallelError
            In all processes, if one does something else, or has ended.
        """
        head, heads = self._heads
        count = len(numbers)
        head[: 1 + count] = crc32(what.encode()), *numbers
        self._finish(self._start("Iallgather", head, heads))
        codes, *columns = heads.T.tolist()
        if len(set(codes)) > 1:
            raise self._disagreement(what)
        return [*zip(*columns[:count], strict=True)]

    def gather(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the arrays of all processes in the order of ranks, along a new first axis."""
        gathered = np.empty((self.size, *array.shape), array.dtype)
        self._finish(self._start("Iallgather", as_bytes(array), as_bytes(gathered)))
        return gathered

    def send(self, array: npt.NDArray[Any]) -> None:
        """Overwrite a contiguous array by that of the first process."""
        self._finish(self._start("Ibcast", as_bytes(array)))

    def add_up(
        self, array: npt.NDArray[Any], room: npt.NDArray[Any], total: npt.NDArray[Any]
    ) -> None:
        """Write the sum over all processes into ``total``; all three have shape (size, n).

        It is one all-reduce. Each process adds up one row, in the order of ranks, and sends it to
        the others. So the bits are the same in all of them, whatever the version of MPI.
        """
        self._finish(self._start("Ialltoall", array, room))
        mine = total[self.rank]
        np.add(room[0], room[1], out=mine)
        for row in room[2:]:
            mine += row
        self._finish(self._start("Iallgather", self._mpi.IN_PLACE, total))

    def _start(self, name: str, *buffers: Any) -> Any:
        if self._over:
            raise ParallelError(f"the processes can't go on together: {self._over}")
        return getattr(self._world, name)(*buffers)

    def _finish(self, request: Any) -> None:
        """Wait for an exchange; if that is interrupted, no other can follow."""
        # capture hears the clock, and so doesn't take an exchange for a part of a program
        start = time.monotonic()
        try:
            while not request.Test():
                waited = time.monotonic() - start
                if waited > _YIELDING:
                    time.sleep(1e-4)
                elif waited > _SPINNING:
                    _offer_core()
        except BaseException:
            self._over = f"rank {self.rank} was interrupted in an exchange"
            raise

    def _disagreement(self, what: str) -> ParallelError:
        """Return an error that tells what each process does; all of them ask for it."""
        text = what.encode()
        if len(text) > _TEXT:
            text = text[: _TEXT - 4] + b" ..."
        row = np.zeros(_TEXT, np.uint8)
        row[: len(text)] = np.frombuffer(text, np.uint8)
        told = [bytes(r).rstrip(b"\0").decode(errors="ignore") for r in self.gather(row)]
        listed = "; ".join(f"rank {rank} {doing}" for rank, doing in enumerate(told))
        if _ENDS in told:
            self._over = listed
        return ParallelError(f"the processes must do the same, but {listed}")

    # ------------------------------------------------------------------ ends

    def _abort_after_error(
        self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        self._excepthook(kind, error, traceback)
        if os.getpid() == self._pid:
            self._abort(130 if issubclass(kind, KeyboardInterrupt) else 1)

    def _end(self) -> None:
        """Wait until all processes end; if others wait for this one, end all with an error."""
        if os.getpid() != self._pid:  # a fork of the process
            return
        if self._over:
            self._abort(1)
        try:
            self.meet(_ENDS)
        except ParallelError:
            time.sleep(_FAREWELL)
            self._abort(1)
        except KeyboardInterrupt:
            self._abort(130)

    def _abort(self, code: int) -> None:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        time.sleep(_PASSING_ON)
        self._world.Abort(code)


@cache
def processes() -> Processes | None:
    """Return the processes that ``mpiexec`` has started; None if it is this one alone.

    Raises
    ------
    MissingExtraError
        If mpi4py isn't installed.
    """
    try:
        mpi = importlib.import_module("mpi4py.MPI")
    except ModuleNotFoundError as error:
        raise MissingExtraError("mpi4py", "parallel") from error
    return Processes(mpi) if mpi.COMM_WORLD.Get_size() > 1 else None


def as_bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return the memory of a contiguous array: there is no dtype that MPI can't send then."""
    return array.reshape(-1).view(np.uint8)


def _offer_core() -> None:
    """Let another process have the core, if one waits for it."""
    if hasattr(os, "sched_yield"):
        os.sched_yield()
    else:
        time.sleep(0)
