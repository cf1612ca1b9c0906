"""Evaluation: a model's loss and metrics on data that it isn't trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from autograd_lite import Tensor, as_tensor, no_grad
from autograd_lite.errors import DomainError, NonFiniteError, ShapeError
from nn.module import Module
from nn.training.checking import example_count
from nn.training.together import ALONE, Group

Metric = Callable[[Any, Any], Any]


def evaluate(
    model: Module,
    loss: Callable[[Any, Any], Tensor],
    data: Sequence[Any] | Iterable[Sequence[Any]] | None,
    metrics: Mapping[str, Metric] | None = None,
    group: Group = ALONE,
) -> dict[str, float]:
    """Return the loss and the metrics of a model in evaluation mode; it is as before afterwards.

    Parameters
    ----------
    model, loss, metrics
        As for :func:`fit`.
    data : tuple of arrays, or iterable of batches
        Means over batches are weighted by their numbers of examples.
    group : Group
        The processes that train together. If each has its share of the batches, the means are over
        all of them; if each has the whole, they are the same.

    Raises
    ------
    NonFiniteError
        If the loss is NaN.
    DomainError
        If there are no examples.
    """
    if data is None:
        return {}
    functions = {"validation loss": loss, **(metrics or {})}
    sums = dict.fromkeys(functions, 0.0)
    examples: float = 0
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            for batch in [data] if isinstance(data, tuple) else data:
                count = example_count(batch)
                if not count:
                    continue  # a share of fewer examples than processes
                examples += count
                *inputs, targets = batch
                outputs = model(*inputs)
                for name, function in functions.items():
                    value = _number(name, function(outputs, targets))
                    if isnan(value) and function is loss:
                        raise NonFiniteError(
                            "the validation loss is nan; try a lower learning rate, or "
                            "autograd_lite.trace_nans() to find the op"
                        )
                    sums[name] += value * count
    finally:
        for module, training in modes:
            object.__setattr__(module, "training", training)
    if group.size > 1:
        *totals, examples = group.sum(np.array([*sums.values(), examples])).tolist()
        sums = dict(zip(functions, totals, strict=True))
    if not examples:
        raise DomainError("there is no example to validate with")
    return {name: value / examples for name, value in sums.items()}


def _number(name: str, value: Any) -> float:
    found = as_tensor(value)
    if found.size != 1:
        raise ShapeError(f"fit: the {name} must be one number, and has shape {found.shape}")
    return float(found.item())
