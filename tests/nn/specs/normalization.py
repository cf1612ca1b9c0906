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


def rms_norm(x: Any, *parameters: Any, normalized_shape: Any, eps: float) -> Any:
    y = over_last(x, normalized_shape, eps, centred=False)
    return y * parameters[0] if parameters else y


def group_norm(x: Any, *parameters: Any, num_groups: int, eps: float) -> Any:
    y = row_by_row(x.reshape(x.shape[0] * num_groups, -1), eps).reshape(x.shape)
    return by_channel(y, *parameters)


def by_channel(x: Any, *parameters: Any) -> Any:
    """Return every channel times its weight, plus its bias."""
    out = x.copy()
    for c in range(x.shape[1]):
        for position, p in enumerate(parameters):
            out[:, c] = out[:, c] + p[c] if position else out[:, c] * p[c]
    return out


def local_response_norm(x: Any, size: int, alpha: float, beta: float, k: float) -> Any:
    out = np.empty_like(x)
    for c in range(x.shape[1]):
        near = range(max(c - size // 2, 0), min(c + (size - 1) // 2 + 1, x.shape[1]))
        squares = sum(x[:, i] ** 2 for i in near) / size
        out[:, c] = x[:, c] / (k + alpha * squares) ** beta
    return out


def batch_norm(x: Any, *parameters: Any, eps: float) -> Any:
    channels = np.moveaxis(x, 1, 0)
    y = row_by_row(channels.reshape(len(channels), -1), eps).reshape(channels.shape)
    return by_channel(np.moveaxis(y, 0, 1), *parameters)


def instance_norm(x: Any, *parameters: Any, eps: float) -> Any:
    y = row_by_row(x.reshape(x.shape[0] * x.shape[1], -1), eps).reshape(x.shape)
    return by_channel(y, *parameters)


def by_running(x: Any, mean: Any, var: Any, *parameters: Any, eps: float) -> Any:
    out = x.copy()
    for c in range(x.shape[1]):
        out[:, c] = (x[:, c] - mean[c]) / np.sqrt(var[c] + eps)
    return by_channel(out, *parameters)


@st.composite
def channelled(draw: st.DrawFn, ndims: tuple[int, int], batch: int = 1, **params: Any) -> Case:
    """Draw (N, C, ...) with up to two parameters of shape (C,)."""
    inner = tuple(
        draw(st.integers(2, 3)) for _ in range(draw(st.integers(ndims[0] - 2, ndims[1] - 2)))
    )
    channels = draw(st.sampled_from([1, 2, 4]))
    x = (draw(st.integers(batch, 3)), channels, *inner)
    count = draw(st.integers(0, 2))
    inputs = draw(operands(1 + count, low=-2, high=2, shapes=st.just((x, *[(channels,)] * count))))
    drawn = {name: draw(values) for name, values in params.items()}
    return Case(inputs, {"eps": draw(st.sampled_from([1e-5, 0.1])), **drawn})


def grouped(case: Case) -> bool:
    return case.inputs[0].shape[1] % case.params["num_groups"] == 0 and (
        case.inputs[0][:1].size > case.params["num_groups"]
    )


def our_rms_norm(x: Any, *parameters: Any, normalized_shape: Any, eps: float) -> Any:
    return F.rms_norm(x, normalized_shape, *parameters, eps=eps)


def our_group_norm(x: Any, *parameters: Any, num_groups: int, eps: float) -> Any:
    return F.group_norm(x, num_groups, *parameters, eps=eps)


def our_batch_norm(x: Any, *parameters: Any, eps: float) -> Any:
    return F.batch_norm(x, None, None, *parameters, training=True, eps=eps)


def our_instance_norm(x: Any, *parameters: Any, eps: float) -> Any:
    return F.instance_norm(x, None, None, *parameters, eps=eps)


def our_batch_norm_by_running(x: Any, *parameters: Any, eps: float) -> Any:
    mean, var = statistics(x)
    return F.batch_norm(x, mean, var, *parameters, eps=eps)


def batch_norm_by_running(x: Any, *parameters: Any, eps: float) -> Any:
    return by_running(x, *statistics(x), *parameters, eps=eps)


def statistics(x: Any) -> tuple[Any, Any]:
    channels = np.arange(x.shape[1], dtype=x.dtype)
    return channels / 2, 1 + channels


@st.composite
def nearby(draw: st.DrawFn) -> Case:
    shape = (
        draw(st.integers(0, 2)),
        draw(st.integers(1, 5)),
        *draw(st.sampled_from([(2,), (2, 2)])),
    )
    params = {
        "size": draw(st.integers(1, 5)),
        "alpha": draw(st.sampled_from([1e-4, 0.5])),
        "beta": draw(st.sampled_from([0.75, 1.0])),
        "k": draw(st.sampled_from([1.0, 2.0])),
    }
    return Case(draw(operands(1, low=-2, high=2, shapes=st.just((shape,)))), params)


SPECS = [
    Spec(our_layer_norm, layer_norm, last_axes(2), name="layer_norm"),
    Spec(our_rms_norm, rms_norm, last_axes(1), name="rms_norm"),
    Spec(
        our_group_norm,
        group_norm,
        channelled((2, 4), num_groups=st.sampled_from([1, 2, 4])).filter(grouped),
        name="group_norm",
    ),
    Spec(F.local_response_norm, local_response_norm, nearby()),
    Spec(our_batch_norm, batch_norm, channelled((2, 4), 2), name="batch_norm"),
    Spec(our_batch_norm_by_running, batch_norm_by_running, channelled((2, 4)), name="running"),
    Spec(our_instance_norm, instance_norm, channelled((3, 4)), name="instance_norm"),
]
