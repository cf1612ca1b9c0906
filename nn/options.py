"""Whether the options that a layer is made with are of the kinds that its constructor names."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from inspect import Parameter, signature
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.errors import DTypeError


class _Kind(NamedTuple):
    fits: Callable[[Any], bool]
    words: str


def is_number(x: Any) -> bool:
    """Return True for a real number, of Python or of NumPy."""
    return isinstance(x, int | float | np.integer | np.floating) and not isinstance(x, bool)


def _is_seed(x: Any) -> bool:
    whole = isinstance(x, int | np.integer) and not isinstance(x, bool)
    return x is None or isinstance(x, np.random.Generator) or (whole and x >= 0)


def _or_none(kind: _Kind) -> _Kind:
    return _Kind(lambda x: x is None or kind.fits(x), f"{kind.words} or None")


_PLAIN = {
    "bool": _Kind(lambda x: isinstance(x, bool | np.bool_), "True or False"),
    "float": _Kind(is_number, "a number"),
    "str": _Kind(lambda x: isinstance(x, str), "a string"),
    "Initializer": _Kind(callable, "a function as nn.init has them"),
}
_KINDS = _PLAIN | {f"{name} | None": _or_none(kind) for name, kind in _PLAIN.items()}
_KINDS["np.random.Generator | int | None"] = _Kind(
    _is_seed, "a numpy.random.Generator, a seed of at least 0 or None"
)


def check_options(layer: type, args: Sequence[Any], options: Mapping[str, Any]) -> None:
    """Raise a DTypeError if a flag isn't True or False, a number isn't a number, and so on.

    The annotations of the constructor tell, for the layers of this package only. Without this,
    ``Dense(3, 2, "relu")`` would be a layer with a bias. Sizes are checked where their range is.

    Examples
    --------
    >>> import nn
    >>> nn.Dense(3, 2, "relu")
    Traceback (most recent call last):
    autograd_lite.errors.DTypeError: Dense: bias must be True or False, not 'relu'
    """
    positional, kinds = _options_of(layer)
    for name, value in [*zip(positional, args, strict=False), *options.items()]:
        kind = kinds.get(name)
        if kind is not None and not kind.fits(value):
            raise DTypeError(f"{layer.__name__}: {name} must be {kind.words}, not {value!r}")


@cache
def _options_of(layer: type) -> tuple[list[str], dict[str, _Kind]]:
    """Return the names of positional arguments, and the kinds of those that are plain values."""
    init = layer.__init__  # type: ignore[misc]
    if not getattr(init, "__module__", "").startswith("nn."):
        return [], {}
    _, *parameters = signature(init).parameters.values()
    positional = [x.name for x in parameters if x.kind is Parameter.POSITIONAL_OR_KEYWORD]
    written = {x.name: getattr(x.annotation, "__name__", x.annotation) for x in parameters}
    return positional, {name: _KINDS[kind] for name, kind in written.items() if kind in _KINDS}
