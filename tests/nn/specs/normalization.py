"""Normalization, beside loops over the groups that share mean and variance."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

import nn
from autograd_lite.testing import Case, Spec, operands

F = nn.functional


def row_by_row(x: Any, eps: float, centred: bool = True) -> Any:
    """Return the rows of a matrix, each normalized by itself."""
    out = np.empty_like(x)
    for i, row in enumerate(x):
        n = len(row)
        middle = sum(row) / n if centred else 0.0
        spread = sum((value - middle) ** 2 for value in row) / n
        out[i] = [(value - middle) / (spread + eps) ** 0.5 for value in row]
    return out


def over_last(x: Any, shape: Any, eps: float, centred: bool = True) -> Any:
    return row_by_row(x.reshape(-1, int(np.prod(shape))), eps, centred).reshape(x.shape)


def layer_norm(
    x: Any, *parameters: Any, normalized_shape: Any, weighted: bool = True, eps: float = 1e-5
) -> Any:
    y = over_last(x, normalized_shape, eps)
    weight, bias = roles(parameters, weighted)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def roles(parameters: Any, weighted: bool) -> tuple[Any, Any]:
    """Return weight and bias, where one alone is the weight if ``weighted``."""
    if len(parameters) == 2:
        return parameters
    one = parameters[0] if parameters else None
    return (one, None) if weighted else (None, one)


@st.composite
def last_axes(draw: st.DrawFn, parameters: int) -> Case:
    shape = tuple(draw(st.lists(st.integers(2, 3), min_size=1, max_size=2)))
    outer = tuple(draw(st.lists(st.integers(0, 3), max_size=2)))
    count = draw(st.integers(0, parameters))
    shapes = st.just((outer + shape, *[shape] * count))
    inputs = draw(operands(1 + count, low=-2, high=2, shapes=shapes))
    params: dict[str, Any] = {"normalized_shape": shape, "eps": draw(st.sampled_from([1e-5, 0.1]))}
    if parameters == 2:
        params["weighted"] = count != 1 or draw(st.booleans())
    return Case(inputs, params)


def our_layer_norm(x: Any, *parameters: Any, weighted: bool = True, **params: Any) -> Any:
    weight, bias = roles(parameters, weighted)
    return F.layer_norm(x, weight=weight, bias=bias, **params)


SPECS = [Spec(our_layer_norm, layer_norm, last_axes(2), name="layer_norm")]
