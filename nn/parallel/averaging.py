"""Averages of gradients over processes, by flat buffers that are used again."""

from collections.abc import Sequence
from typing import Any, final

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor
from nn.parallel.processes import Processes

Array = npt.NDArray[Any]


@final
class Averaging:
    """Averages gradients; keeps two flat buffers for each dtype."""

    def __init__(self) -> None:
        self._buffers: dict[np.dtype[Any], tuple[Array, Array]] = {}

    def average(
        self, processes: Processes, due: Sequence[tuple[Tensor, Array | None]], weight: float
    ) -> None:
        """Set the ``grad`` of parameters to the sum of what all processes have, each weighted.

        Parameters
        ----------
        processes : Processes
        due : sequence of (Tensor, array or None)
            Parameters, the same in all processes, and this process's gradients; None counts as 0.
        weight : float
            Of this process; the weights of all add up to 1.
        """
        of_dtype: dict[np.dtype[Any], list[tuple[Tensor, Array | None]]] = {}
        for p, g in due:
            wide = np.dtype(np.float32) if p.dtype == np.float16 else p.dtype
            of_dtype.setdefault(wide, []).append((p, g))
        for dtype, group in of_dtype.items():
            self._average(processes, group, weight, dtype)

    def _average(
        self,
        processes: Processes,
        due: Sequence[tuple[Tensor, Array | None]],
        weight: float,
        dtype: np.dtype[Any],
    ) -> None:
        count = sum(p.size for p, _ in due)
        each = -(-count // processes.size)
        mine, room = self._room(dtype, (processes.size, each))
        flat, start = mine.reshape(-1), 0
        # a gradient may be infinite or NaN: that is for the loss, or trace_nans, to tell
        with np.errstate(all="ignore"):
            for p, g in due:
                part = flat[start : start + p.size].reshape(p.shape)
                start += p.size
                if g is None:
                    part[...] = 0
                else:
                    np.multiply(g, weight, out=part, dtype=dtype)
            total = np.empty_like(mine)  # new each time: gradients are whose they are given to
            processes.add_up(mine, room, total)
            flat, start = total.reshape(-1), 0
            for p, _ in due:
                average = flat[start : start + p.size].reshape(p.shape)
                start += p.size
                p.grad = as_tensor(average.astype(p.dtype, copy=False))

    def _room(self, dtype: np.dtype[Any], shape: tuple[int, int]) -> tuple[Array, Array]:
        """Return the two buffers: what this process sends, and what it receives."""
        found = self._buffers.get(dtype)
        if found is None or found[0].shape != shape:
            found = self._buffers[dtype] = np.zeros(shape, dtype), np.zeros(shape, dtype)
        return found
