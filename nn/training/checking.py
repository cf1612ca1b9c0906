"""What fit is given, looked at before anything is trained."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from autograd_lite.errors import DomainError, DTypeError, ShapeError
from nn.module import Module
from nn.training.callbacks import Callback

_TAKEN = ("epoch", "loss", "validation loss")
_GIVE_ONCE = (Generator, map, zip)


def check_parts(
    model: Module,
    optimizer: Any,
    batches: Any,
    validation: Any,
    metrics: Any,
    callbacks: Any,
    epochs: int,
) -> None:
    """Raise an error if the parts of a training can't go together.

    Parameters
    ----------
    model, optimizer, batches, validation, metrics, callbacks, epochs
        As for :func:`fit`.

    Raises
    ------
    DomainError, DTypeError, ShapeError
    """
    if not all(callable(getattr(optimizer, name, None)) for name in ("zero_grad", "step")):
        raise DTypeError(f"fit: {optimizer!r} is no optimizer: it has no zero_grad() and step()")
    own, trained = set(map(id, model.parameters())), getattr(optimizer, "parameters", None)
    if isinstance(trained, list) and own.isdisjoint(map(id, trained)):
        raise DomainError(
            f"fit: the optimizer has none of the parameters of this {type(model).__name__}; make "
            "it from model.parameters(), after the model"
        )
    if not isinstance(callbacks, Sequence) or not all(isinstance(c, Callback) for c in callbacks):
        raise DTypeError(
            f"fit: callbacks must be a list of objects of nn.training.Callback, not {callbacks!r}"
        )
    _check_metrics(metrics, validation)
    for name, data in (("batches", batches), ("validation", validation)):
        if isinstance(data, _GIVE_ONCE) and epochs > 1:
            raise DomainError(
                f"fit: a {type(data).__name__} as {name} can be gone through once only, and there "
                f"are {epochs} epochs; give a list, or nn.data.Batches"
            )
        if isinstance(data, list) and data:
            example_count(data[0])
    if isinstance(validation, tuple) and not example_count(validation):
        raise DomainError("fit: there is no example to validate with")


def _check_metrics(metrics: Any, validation: Any) -> None:
    if metrics is None:
        return
    if not isinstance(metrics, Mapping) or not all(map(callable, metrics.values())):
        raise DTypeError(
            "fit: metrics must be a dict of functions (outputs, targets) -> number, such as "
            f"{{'accuracy': nn.metrics.accuracy}}, not {metrics!r}"
        )
    taken = [name for name in metrics if name in _TAKEN]
    if taken:
        raise DomainError(f"fit: a metric can't be called {taken[0]!r}, as the history has its own")
    if metrics and validation is None:
        raise DomainError("fit: metrics are computed on the validation, and none is given")


def _described(batch: Any) -> str:
    kind = type(batch).__name__
    return f"{kind} of {len(batch)}" if isinstance(batch, tuple | list) else kind


def example_count(batch: Any) -> int:
    """Return the number of examples in a batch, whose targets are last.

    Raises
    ------
    DTypeError
        If it isn't a tuple or a list of inputs and targets.
    ShapeError
        If the targets have no axis of examples.
    """
    if not isinstance(batch, tuple | list) or len(batch) < 2:
        raise DTypeError(
            "fit: a batch must be a tuple (inputs, targets), perhaps with more inputs, and this "
            f"one is: {_described(batch)}. nn.data.Batches(inputs, targets, batch_size=...) makes "
            "batches of arrays; the validation may be one tuple of arrays"
        )
    targets = batch[-1]
    shape = getattr(targets, "shape", None)
    if shape is None:
        return len(targets)
    if not shape:
        raise ShapeError("fit: the targets of a batch have no axis of examples")
    return int(shape[0])
