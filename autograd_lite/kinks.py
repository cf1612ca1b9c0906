"""Zeros by choice in a first derivative, and the second derivative there.

At a kink a first derivative is a choice, mostly 0, and 0 times infinity is taken to be 0. Both are
right, or one right value of many. But they don't tell how the first derivative varies. So the
second derivative there is NaN, unless its cotangent is 0 or the 0 is settled: a factor of it is a 0
that no variable can change, such as one in a mask or at a place that an index left out.

All this is for rules that are given tensors. Given arrays, nothing here changes a value.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_lite.graph import Node
from autograd_lite.primitive import Primitive
from autograd_lite.settled_zeros import (
    passing_on,
    settled_as,
    settled_with_first,
    settled_zeros,
    zeros_of,
)

_constant: ContextVar[bool] = ContextVar("autograd_lite.choices_are_constant", default=False)
_open: ContextVar[list[Any] | None] = ContextVar("autograd_lite.open_kinks", default=None)


@contextmanager
def choices_are_constant() -> Iterator[None]:
    """Treat choices as constant while a backward pass is differentiated by its cotangents alone.

    That gives the first derivative again, in which nothing is unknown.
    """
    token = _constant.set(True)
    try:
        yield
    finally:
        _constant.reset(token)


@contextmanager
def open_kinks(*, as_nan: bool) -> Iterator[list[Any]]:
    """Collect the kinks whose second derivatives are unknown, in the list that this gives.

    With ``as_nan`` the derivatives chosen there are NaN meanwhile: a second derivative that
    multiplies by one is unknown too.
    """
    found: list[Any] = []
    token = _open.set(found if as_nan else None)
    try:
        yield found
    finally:
        _open.reset(token)


def _kink(c: Any, settled: Any, unknown: Any, as_nan: bool) -> Any:
    return np.where(unknown, np.nan, c) if as_nan else c


def _kink_rule(g: Any, y: Any, c: Any, settled: Any, unknown: Any, as_nan: bool) -> Any:
    lost = np.logical_and(unknown, np.not_equal(g, 0))
    return np.where(lost, np.nan * g, np.where(settled, 0, g))


# The first derivative c. To second order its cotangent is 0 where c is settled, and NaN where c is
# unknown and the cotangent isn't 0.
kink = Primitive("kink", _kink, [_kink_rule], elementwise=True, singular=True)

# a first derivative c that was NaN in places, with its true values
valued = Primitive(
    "kink", lambda c, value: value, [lambda g, y, c, value: g], elementwise=True, singular=True
)


@settled_as(kink)
def _settled(node: Node, known: Mapping[Node, Any]) -> Any:
    ones = np.logical_and(zeros_of(node, known, 0), np.logical_not(node.params["unknown"]))
    return np.logical_or(node.params["settled"], ones)


settled_with_first(valued)
passing_on(kink, valued)


def _marked(c: Any, settled: Any, unknown: Any) -> Any:
    found = _open.get()
    if found is not None and np.any(unknown):
        found.append(unknown)
    return kink(c, settled=settled, unknown=unknown, as_nan=found is not None)


def value_of(x: Any) -> Any:
    """Return the array of a tensor or of an absorbing array; anything else as it is."""
    if hasattr(type(x), "inner"):
        x = x.inner
    return x.array if isinstance(x, Node) else x


def undecided(c: Any, g: Any, *sizes: Any, convention: bool = False) -> Any:
    """Return ``c``: the cotangent ``g`` times a derivative that is a choice where sizes are 0.

    Parameters
    ----------
    c : array or Tensor
    g, *sizes : array or Tensor
        They broadcast to the shape of ``c``. The derivative is a choice where all sizes are 0. The
        0 in ``c`` must come from a size: from a constant it would be settled.
    convention : bool
        The derivative is taken to be constant there. So a second derivative is unknown only if
        ``g`` varies.
    """
    c_node, g_node = getattr(c, "inner", c), getattr(g, "inner", g)  # of absorbing arrays
    if not isinstance(c_node, Node) or not c_node.tracked or _constant.get():
        return c
    varies = isinstance(g_node, Node) and g_node.tracked
    at = np.ones((), bool)
    for size in sizes:
        at = np.logical_and(at, np.equal(value_of(size), 0))
    if not at.any() or (convention and not varies):
        return c
    settled = settled_zeros(g_node) if varies else np.equal(value_of(g_node), 0)
    unknown = np.broadcast_to(np.logical_and(at, np.logical_not(settled)), c_node.shape)
    return _marked(c, False, unknown)


def mended(c: Any, at: Any) -> Any:
    """Return ``c`` with 0 ``at`` the places where it is 0 times infinity.

    The second derivative is NaN where that 0 isn't settled.
    """
    filled = np.where(at, 0, c)
    node = getattr(c, "inner", c)
    if not isinstance(node, Node) or not node.tracked or _constant.get():
        return filled
    settled = settled_zeros(node)
    at = value_of(at)
    unknown = np.logical_and(at, np.logical_not(settled))
    return _marked(filled, np.logical_and(at, settled), unknown)


def marked(c: Any, unknown: Any) -> Any:
    """Return ``c``, recorded so that its second derivatives are NaN where they are ``unknown``."""
    return c if _constant.get() else _marked(c, False, unknown)


def is_open(node: Any) -> bool:
    """Return True if the second derivatives of a node may be unknown."""
    return node.op is kink and bool(np.any(node.params["unknown"]))
