"""What a model consists of, layer by layer: shapes, parameters, multiply-adds, memory."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, enable_grad
from autograd_lite.errors import DTypeError, ShapeError
from nn.module import Module

Shape: TypeAlias = tuple[int, ...]


def _of_einsum(node: Any) -> int:
    """Count as if no partial result was shared: one product for each combination of indices."""
    lengths: dict[str, int] = {}
    for labels, value in zip(node.params["inputs"], node.values, strict=True):
        lengths |= zip(labels, value.shape, strict=True)
    return prod(lengths.values())


def _of_bilinear(node: Any) -> int:
    """Count the products by the first input, and then those by the second."""
    _, first, second = node.values[2].shape
    products: int = node.array.size * (first + 1) * second
    return products


def _of_scan(first_weight: int) -> Callable[[Any], int]:
    """Count those of a scan over time, by the position of the first of its weights."""

    def count(node: Any) -> int:
        times, batch, _ = node.values[0].shape
        weights = (w for w in node.values[first_weight:] if w.ndim == 2 and w.dtype.kind == "f")
        return int(times * batch * sum(w.size for w in weights))

    return count


def _of_convolution(node: Any) -> int:
    """Count the values of the weight that are laid over each result, or each input, if transposed.

    Those that lie over padding are counted, too.
    """
    x, weight = node.values[:2]
    channels = -len(node.params["lengths"]) - 1
    images = node.array if node.op.name == "convolution" else x
    return int(images.size // images.shape[channels] * weight.size)


MULTIPLY_ADDS: dict[str, Callable[[Any], int]] = {
    "linear": lambda node: node.array.size * node.values[1].shape[0],
    "matmul": lambda node: node.array.size * node.values[0].shape[-1],
    "einsum": _of_einsum,
    "attention_weights": lambda node: node.array.size * node.values[0].shape[-1],
    "bilinear": _of_bilinear,
    "projection": lambda node: node.array.size * node.values[0].shape[-1],
    "input_projection": lambda node: node.array.size * node.values[1].shape[1],
    "rnn": _of_scan(2),
    "lstm": _of_scan(3),
    "gru": _of_scan(2),
    "convolution": _of_convolution,
    "transposed_convolution": _of_convolution,
}
"""How many products an op adds up, from its node in the graph; ops that aren't here add up none."""


@dataclass(frozen=True)
class Row:
    """One layer of a summary.

    Attributes
    ----------
    name : str
        The dotted name; ``""`` for the model itself.
    layer : str
        The constructor call.
    shapes : tuple of shapes
        Of the outputs of its last call; empty if it wasn't called.
    calls : int
    parameters : int
        Values that are trained, in the layer and in what is inside.
    multiply_adds : int
        Of all calls, with those of layers inside.
    memory : int
        Bytes of all results that are computed in it, which a graph keeps for the backward pass.
    """

    name: str
    layer: str
    shapes: tuple[Shape, ...]
    calls: int
    parameters: int
    multiply_adds: int
    memory: int


@dataclass(frozen=True)
class Summary:
    """What :func:`summary` returns: prints as text, and shows as a table in Jupyter.

    Attributes
    ----------
    rows : list of Row
        The model first, then its layers in definition order.
    parameters, frozen : int
        How many values are trained, and how many other values are saved.
    parameter_memory : int
        Bytes of both.
    """

    rows: list[Row]
    parameters: int
    frozen: int
    parameter_memory: int
    _columns: tuple[str, ...] = field(
        default=("layer", "output", "parameters", "multiply-adds", "memory"), repr=False
    )

    @property
    def multiply_adds(self) -> int:
        """The products that a call of the model adds up."""
        return self.rows[0].multiply_adds

    @property
    def memory(self) -> int:
        """The bytes of the results that a call of the model leaves in its graph."""
        return self.rows[0].memory

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                "  " * (row.name.count(".") + 1 if row.name else 0)
                + (f"{row.name}: {row.layer}" if row.name else row.layer),
                ", ".join(map(str, row.shapes)) + (f" x{row.calls}" if row.calls > 1 else ""),
                f"{row.parameters:,}" if row.parameters else "",
                f"{row.multiply_adds:,}" if row.multiply_adds else "",
                _bytes(row.memory) if row.memory else "",
            )
            for row in self.rows
        ]

    def _totals(self) -> list[str]:
        return [
            f"parameters: {self.parameters:,} trained, {self.frozen:,} other, "
            f"{_bytes(self.parameter_memory)}",
            f"a call: {self.multiply_adds:,} multiply-adds, {_bytes(self.memory)} of results",
        ]

    def __str__(self) -> str:
        cells = [self._columns, *self._cells()]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(
                text.ljust(width) if position < 2 else text.rjust(width)
                for position, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ]
        rule = "-" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:], rule, *self._totals()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self._columns)
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="text-align: {"left" if position < 2 else "right"}; '
                f'white-space: pre">{escape(text)}</td>'
                for position, text in enumerate(row)
            )
            + "</tr>"
            for row in self._cells()
        )
        foot = "<br>".join(map(escape, self._totals()))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{foot}</p>"


def summary(
    model: Module,
    input_shape: Shape | Sequence[Shape] | None = None,
    *,
    dtype: npt.DTypeLike | Sequence[npt.DTypeLike] | None = None,
    inputs: Sequence[Any] | None = None,
    named: Mapping[str, Any] | None = None,
) -> Summary:
    """Return what each layer of a model gives and costs, found by calling a copy of the model.

    Parameters
    ----------
    model : Module
        Is left as it is: a copy is called, in evaluation mode.
    input_shape : tuple of int, or sequence of such tuples
        The shape of the input with its batch axis, or one shape for each input. They are zeros.
    dtype : dtype, or sequence of dtypes, optional
        Of the inputs; by default that of the model's first parameter. An embedding needs
        ``np.int64``.
    inputs : sequence, optional
        The inputs themselves, instead of their shape.
    named : mapping of str to object, optional
        Further arguments of the call, by name.

    Raises
    ------
    ShapeError
        If neither a shape nor inputs are given, or both, or a shape isn't one. Wrong shapes raise
        what the layers raise.
    DTypeError
        If there isn't one dtype for each input.

    Notes
    -----
    Multiply-adds are those of products of arrays: fully connected layers, convolutions,
    recurrences, attention. Elementwise ops are left out, as is customary.

    Examples
    --------
    >>> import nn
    >>> model = nn.Sequential(nn.Dense(784, 200), nn.Sigmoid(), nn.Dense(200, 10))
    >>> nn.summary(model, (100, 784))
    layer                 output      parameters  multiply-adds     memory
    ----------------------------------------------------------------------
    Sequential            (100, 10)      159,010     15,880,000  160.2 KiB
      0: Dense(784, 200)  (100, 200)     157,000     15,680,000   78.1 KiB
      1: Sigmoid()        (100, 200)                              78.1 KiB
      2: Dense(200, 10)   (100, 10)        2,010        200,000    3.9 KiB
    ----------------------------------------------------------------------
    parameters: 159,010 trained, 0 other, 621.1 KiB
    a call: 15,880,000 multiply-adds, 160.2 KiB of results
    """
    given = _inputs(model, input_shape, dtype, inputs)
    copied = copy.deepcopy(model).eval()
    calls: dict[Module, list[tuple[int, int, tuple[Shape, ...]]]] = {}
    for module in copied.modules():
        calls[module] = []
        object.__setattr__(module, "forward", _watched(module.forward, calls[module]))
    with enable_grad():
        result = copied(*given, **(named or {}))
    nodes = _nodes_of(result)
    rows = []
    seen: set[Module] = set()
    for name, module in copied.named_modules():
        if module in seen:
            continue
        seen.add(module)
        within = [
            node
            for node in nodes
            if any(start < node.index < stop for start, stop, _ in calls[module])
        ]
        rows.append(
            Row(
                name,
                module.signature(),
                calls[module][-1][2] if calls[module] else (),
                len(calls[module]),
                sum(p.size for p in module.parameters()),
                sum(_multiply_adds(node) for node in within),
                sum(node.array.nbytes for node in within if _owns_memory(node)),
            )
        )
    state = {tensor: tensor for _, tensor in copied.named_tensors()}
    trained = sum(p.size for p in copied.parameters())
    return Summary(
        rows,
        trained,
        sum(x.size for x in state) - trained,
        sum(x.data.nbytes for x in state),
    )


def _inputs(model: Module, shape: Any, dtype: Any, inputs: Sequence[Any] | None) -> list[Any]:
    """Return the inputs of the call, which are recorded if they are floating."""
    if (shape is None) == (inputs is None):
        raise ShapeError("summary: give the shape of the input, or inputs=[...], and not both")
    if inputs is not None:
        return [_recorded(x) for x in inputs]
    single = isinstance(shape, Sequence) and all(isinstance(n, int | np.integer) for n in shape)
    several = list(shape) if isinstance(shape, Sequence) and not single else [shape]
    for one in several:
        if not isinstance(one, Sequence):
            raise ShapeError(
                f"summary: {type(one).__name__} is no shape; give sizes with the batch's first, "
                "or the inputs themselves, as inputs=[x]"
            )
        if not all(isinstance(n, int | np.integer) and n >= 0 for n in one):
            raise ShapeError(f"summary: {one} is no shape; give sizes with the batch's first")
    if dtype is None:
        dtype = next((p.dtype for p in model.parameters()), np.dtype(np.float32))
    dtypes = list(dtype) if isinstance(dtype, list | tuple) else [dtype] * len(several)
    if len(dtypes) != len(several):
        raise DTypeError(f"summary: {len(dtypes)} dtypes for {len(several)} inputs")
    return [_recorded(np.zeros(one, of)) for one, of in zip(several, dtypes, strict=True)]


def _recorded(x: Any) -> Any:
    """Return an input in such a way that what is computed from it is recorded."""
    array = x.data if isinstance(x, Tensor) else x
    if isinstance(array, np.ndarray) and array.dtype.kind == "f":
        return Tensor(array, requires_grad=True)
    return x


def _watched(
    forward: Callable[..., Any], calls: list[tuple[int, int, tuple[Shape, ...]]]
) -> Callable[..., Any]:
    """Return a forward that notes between which creation indices it ran, and what it returned."""

    def noting(*args: Any, **kwargs: Any) -> Any:
        start = Tensor(0.0).index
        result = forward(*args, **kwargs)
        calls.append((start, Tensor(0.0).index, tuple(x.shape for x in _tensors_in(result))))
        return result

    return noting


def _tensors_in(result: Any) -> list[Tensor]:
    if isinstance(result, Mapping):
        result = list(result.values())
    if isinstance(result, list | tuple):
        return [x for part in result for x in _tensors_in(part)]
    return [result] if isinstance(result, Tensor) else []


def _nodes_of(result: Any) -> list[Any]:
    """Return the results of ops in the graph of what a model returned."""
    stack: list[Any] = list(_tensors_in(result))
    nodes = dict.fromkeys(stack)
    while stack:
        node = stack.pop()
        if node.op is not None:
            for parent in node.inputs:
                if parent is not None and parent not in nodes:
                    nodes[parent] = None
                    stack.append(parent)
    return [node for node in nodes if node.op is not None]


def _multiply_adds(node: Any) -> int:
    count = MULTIPLY_ADDS.get(node.op.name)
    return 0 if count is None else int(count(node))


def _owns_memory(node: Any) -> bool:
    """Return False for views of an input, such as those of reshape."""
    if getattr(node.array, "base", None) is None:
        return True
    # a convolution gives a view of what it has made: its channels are last in memory
    return not any(np.may_share_memory(node.array, value) for value in node.values)


def _bytes(count: int) -> str:
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
