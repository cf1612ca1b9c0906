"""``trace_nans``: find the op that first made NaN or infinity."""

import linecache
import sys
import weakref
from collections.abc import Callable, Collection, Sequence
from types import FrameType
from typing import Any, NamedTuple, TypeVar, final, overload

import numpy as np

from autograd_lite.errors import NonFiniteError, UnsupportedError
from autograd_lite.graph import Node
from autograd_lite.modes import Block, watching
from autograd_lite.ops.selecting import indexing

F = TypeVar("F", bound=Callable[..., Any])

# how bad values are: an op is at fault if its result is worse than its inputs
_FINITE, _INFINITE, _NAN = range(3)
_WORDS = ("finite values", "infinity", "NaN")

# frames of these packages lie between the user's line and the op
_INSIDE = frozenset({"autograd_lite", "nn", "numpy", "contextlib", "functools"})

# not checked: the values they write were checked when they were made, and the rest is older
_ASSIGNMENTS = frozenset({indexing.assign.name, indexing.overwrite.name})


@overload
def trace_nans(*, infinities: bool = True, allow: Collection[str] = ()) -> Block: ...
@overload
def trace_nans(function: F, /) -> F: ...
def trace_nans(
    function: Any = None, /, *, infinities: bool = True, allow: Collection[str] = ()
) -> Any:
    """Name the first op that makes NaN or infinity, forward or backward, in a ``with`` block.

    Also a decorator, ``@trace_nans``.

    Parameters
    ----------
    function : callable, optional
        A function to decorate; leave it out for a ``with`` block.
    infinities : bool
        Look for infinity as well as NaN; False looks for NaN only.
    allow : collection of str
        Names of ops that may make NaN or infinity, such as ``{"log"}`` if :func:`where` doesn't
        choose those values.

    Returns
    -------
    Block or callable
        A context manager, which also works as a decorator, or the decorated function.

    Raises
    ------
    NonFiniteError
        In the block, as soon as one of these happens: an op turns finite values into NaN or
        infinity, or infinite ones into NaN; a rule returns NaN in the backward pass; a backward
        pass starts from values or cotangents that aren't finite; finite cotangents overflow when
        they are added up. The message has the op, the user's line, the layer of a model, and the
        shapes, dtypes and ranges of the inputs. No ``grad`` is changed.
    UnsupportedError
        If what is decorated is a class, or can't be called.

    Notes
    -----
    Non-finite values in the data, such as a mask of -inf or gaps of NaN, aren't the fault of any
    op. Ops are slower in the block, small ones several times. Only ops of the thread or task that
    entered the block are checked. NumPy's own warnings are off in the block.

    Examples
    --------
    >>> from autograd_lite import Tensor, trace_nans
    >>> p = Tensor([0.5, 0.0], requires_grad=True)
    >>> with trace_nans():
    ...     entropy = -(p * np.log(p)).sum()
    Traceback (most recent call last):
    autograd_lite.errors.NonFiniteError: log turned finite values into infinity: 1 of 2
      at ...: entropy = -(p * np.log(p)).sum()
      input 0: shape (2,), float64, from 0 to 0.5
      output: shape (2,), float64, from -0.693147 to -0.693147, and 1 infinite
    """
    block = watching(lambda: _NonFiniteWatch(infinities, allow))
    return block if function is None else block(function)


class _Place(NamedTuple):
    """A place in the user's program."""

    line: str
    layer: str
    in_backward: bool

    def lines(self, label: str) -> list[str]:
        return [f"{label} {self.line}", *([f"in layer {self.layer}"] if self.layer else [])]


class _Origin(NamedTuple):
    """Where a node was recorded, and its op's inputs, which a backward pass would release."""

    place: _Place
    values: Sequence[Any]


@final
class _NonFiniteWatch:
    def __init__(self, infinities: bool, allow: Collection[str]) -> None:
        self.infinities = infinities
        self.allow = frozenset(allow)
        self.origins: dict[int, _Origin] = {}  # by creation index
        self.came_in: dict[int, str] = {}  # by level: where such values first entered an op

    def computed(self, name: str, value: Any, values: Any) -> None:
        """Check the result of an op against its inputs."""
        place = _place()
        if value.op is not None:
            self.origins[value.index] = _Origin(place, values)
            weakref.finalize(value, self.origins.pop, value.index, None).atexit = False
        # a rule may compute NaN that its result doesn't contain; passed_back() checks the result
        if name in _ASSIGNMENTS or place.in_backward:
            return
        levels = [self._level(x) for x in values]
        before, after = max(levels, default=_FINITE), self._level(value)
        if before:
            seen = f"{_WORDS[before]} came in as input {levels.index(before)} of {name},"
            self.came_in.setdefault(before, ", ".join(place.lines(f"{seen} at")))
        if after > before and name in self.allow:
            seen = f"{name}, which is allowed to, made {_WORDS[after]}"
            self.came_in.setdefault(after, ", ".join(place.lines(f"{seen} at")))
        elif after > before:
            raise NonFiniteError(
                "\n  ".join(
                    [
                        f"{name} turned {_WORDS[before]} into {_count(after, value)}",
                        *place.lines("at"),
                        *_inputs(values),
                        _described("output", value),
                    ]
                )
            )

    def began(self, root: Any, cotangent: Any) -> None:
        """Check the values and the cotangent that a backward pass starts from."""
        if self._level(root):
            raise NonFiniteError("\n  ".join(self._root_lines(root)))
        level = self._level(cotangent)
        if level:
            raise NonFiniteError(
                "\n  ".join(
                    [
                        f"backward with a cotangent that is not finite: {_count(level, cotangent)}",
                        *_place().lines("backward called at"),
                        _described("the cotangent", cotangent),
                    ]
                )
            )

    def ended(self, cotangents: Any) -> None:
        """Check the gradients: sums of finite cotangents can overflow."""
        for node, g in cotangents.items():
            level = self._level(g)
            if level == _NAN or level > self._level(node):
                raise NonFiniteError(
                    "\n  ".join(
                        [
                            f"finite cotangents add up to {_count(level, g)}",
                            *_place().lines("backward called at"),
                            _described("the variable", node),
                            _described("the gradient", g),
                        ]
                    )
                )

    def passed_back(self, node: Any, position: int, g: Any, cotangent: Any) -> None:
        """Check a cotangent that a rule returned."""
        after = self._level(cotangent)
        if after == _FINITE:
            return
        origin = self.origins.get(node.index)
        values = origin.values if origin else node.values or ()
        before = max(self._level(x) for x in (g, *values))
        if (after == _NAN or after > before) and node.op.name not in self.allow:
            made = "passed on" if after == before else f"turned {_WORDS[before]} into"
            rule = f"the backward of {node.op.name}, for input {position}"
            raise NonFiniteError(
                "\n  ".join(
                    [
                        f"{rule}, {made} {_count(after, cotangent)}",
                        *_recorded(origin),
                        *_place().lines("backward called at"),
                        *_inputs(values),
                        _described("output", node),
                        _described("its cotangent", g),
                        _described(f"the cotangent of input {position}", cotangent),
                    ]
                )
            )

    def _root_lines(self, node: Any) -> list[str]:
        level = self._level(node)
        sources = [self.came_in[key] for key in sorted(self.came_in, reverse=True)]
        what = "a leaf" if node.op is None else f"a result of {node.op.name}"
        return [
            f"backward from {what} that is not finite: {_count(level, node)}",
            *([] if node.op is None else _recorded(self.origins.get(node.index))),
            *_place().lines("backward called at"),
            *(sources or ["it was not finite before trace_nans() was entered"]),
        ]

    def _level(self, value: Any) -> int:
        x = value.array if isinstance(value, Node) else value
        if isinstance(x, float | complex):
            x = np.asarray(x)
        if not isinstance(x, np.ndarray | np.generic) or x.dtype.kind not in "fc":
            return _FINITE
        if np.isfinite(x).all():
            return _FINITE
        if np.isnan(x).any():
            return _NAN
        return _INFINITE if self.infinities else _FINITE


def _place() -> _Place:
    """Return the line of the user's program that runs now, and the layer around it."""
    frame: FrameType | None = sys._getframe(2)
    line: FrameType | None = None
    modules = []
    in_backward = False
    while frame is not None:
        package, *within = frame.f_globals.get("__name__", "").split(".")
        inside = package in _INSIDE and not frame.f_code.co_filename.startswith("<doctest")
        if line is None and not inside:
            line = frame
        if package == "autograd_lite":
            in_backward = in_backward or within[:1] == ["backward"]
        elif frame.f_code.co_varnames[:1] == ("self",):
            owner = frame.f_locals.get("self")
            if callable(getattr(owner, "named_modules", None)):
                modules.append(owner)
        frame = frame.f_back
    return _Place(_line(line), _layer(modules), in_backward)


def _line(frame: FrameType | None) -> str:
    if frame is None:
        return "a line of the library"
    name, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, number, frame.f_globals).strip()
    return f"{name}:{number}" + (f": {text}" if text else "")


def _layer(modules: Sequence[Any]) -> str:
    """Return the path of the innermost module within the outermost one, and its type."""
    if not modules:
        return ""
    kind = type(modules[0]).__name__
    try:
        name = next((n for n, module in modules[-1].named_modules() if module is modules[0]), "")
    except UnsupportedError:  # forward left tensors in a set; that isn't what went wrong
        name = ""
    return f"{name} ({kind})" if name else kind


def _recorded(origin: _Origin | None) -> list[str]:
    if origin is None:
        return ["recorded before trace_nans() was entered"]
    return origin.place.lines("recorded at")


def _inputs(values: Sequence[Any]) -> list[str]:
    return [_described(f"input {position}", value) for position, value in enumerate(values)]


def _count(level: int, value: Any) -> str:
    x = value.array if isinstance(value, Node) else value
    bad = np.isnan(x) if level == _NAN else np.isinf(x)
    return f"{_WORDS[level]}: {int(np.sum(bad))} of {np.size(x)}"


def _described(label: str, value: Any) -> str:
    """Return the shape, dtype and range of a value."""
    x = value.array if isinstance(value, Node) else value
    if not isinstance(x, np.ndarray | np.generic):
        return f"{label}: {x!r}"
    x = np.asarray(x)
    text = f"{label}: shape {x.shape}, {x.dtype}"
    sizes = np.abs(x) if x.dtype.kind == "c" else x
    finite = sizes[np.isfinite(sizes)]
    if finite.size:
        kind = "magnitudes from" if x.dtype.kind == "c" else "from"
        text += f", {kind} {finite.min():.6g} to {finite.max():.6g}"
    for bad, word in ((np.isnan(x), "NaN"), (np.isinf(x), "infinite")):
        if bad.any():
            text += f", and {int(bad.sum())} {word}"
    return text
