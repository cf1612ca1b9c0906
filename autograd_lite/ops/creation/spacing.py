"""Evenly spaced values between two ends; both ends can be differentiated."""

from typing import Any

import numpy as np

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.precision import total
from autograd_lite.primitive import Primitive


def _linspace_start(
    g: Any, y: Any, start: Any, stop: Any, *, num: int, endpoint: bool, axis: int
) -> Any:
    share = _share(g, y.ndim, num, endpoint, axis)
    return unbroadcast(total(g * (1 - share), axis), np.shape(start))


def _linspace_stop(
    g: Any, y: Any, start: Any, stop: Any, *, num: int, endpoint: bool, axis: int
) -> Any:
    share = _share(g, y.ndim, num, endpoint, axis)
    return unbroadcast(total(g * share, axis), np.shape(stop))


# start (1 - share) + stop share
linspace = Primitive("linspace", np.linspace, [_linspace_start, _linspace_stop])


def _geomspace_start(
    g: Any, y: Any, start: Any, stop: Any, *, num: int, endpoint: bool, axis: int
) -> Any:
    share = _share(g, y.ndim, num, endpoint, axis)
    return unbroadcast(total(g * y * (1 - share), axis), np.shape(start)) / start


def _geomspace_stop(
    g: Any, y: Any, start: Any, stop: Any, *, num: int, endpoint: bool, axis: int
) -> Any:
    share = _share(g, y.ndim, num, endpoint, axis)
    return unbroadcast(total(g * y * share, axis), np.shape(stop)) / stop


# start**(1 - share) stop**share
geomspace = Primitive("geomspace", np.geomspace, [_geomspace_start, _geomspace_stop])


def _share(g: Any, ndim: int, num: int, endpoint: bool, axis: int) -> Any:
    """Return the share of ``stop`` in each value: from 0 to 1, along ``axis``."""
    parts = np.arange(num, dtype=g.real.dtype) / max(num - endpoint, 1)
    shape = [1] * ndim
    shape[axis] = num
    return parts.reshape(shape)
