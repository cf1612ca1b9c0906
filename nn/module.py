"""Module: a function with parameters, found by plain reflection over its attributes."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, gradients
from autograd_lite.errors import GraphError, StateDictError


class Module:
    """A function with parameters: assign tensors and modules as attributes, write ``forward``.

    Tensors, modules, and lists, tuples and dicts of them are found in the order in which they
    were assigned, under dotted names such as ``"layers.0.weight"``. There is nothing to register
    and no ``super().__init__()`` to call.

    Attributes
    ----------
    training : bool
        Set by :meth:`train` and :meth:`eval`, for modules that behave differently.

    Examples
    --------
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Tensor(2.0, requires_grad=True)
    ...         self.offset = Tensor(1.0, requires_grad=True)
    ...     def forward(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> line(3.0).item()
    7.0
    >>> [name for name, _ in line.named_parameters()]
    ['slope', 'offset']
    """

    training: bool = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; what calling the module does. Every module writes its own."""
        raise NotImplementedError(f"{type(self).__name__} needs a method forward(self, ...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs, by ``forward``."""
        return self.forward(*args, **kwargs)

    def signature(self) -> str:
        """Return how ``repr`` shows this module itself, without its children."""
        return type(self).__name__

    def named_modules(self) -> Iterator[tuple[str, "Module"]]:
        """Yield this module (named ``""``) and all those in it, with their dotted names."""
        return ((name, value) for name, value in _walk("", self, ()) if isinstance(value, Module))

    def named_tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yield what ``state_dict()`` saves: every leaf tensor, with its dotted name."""
        for name, value in _walk("", self, ()):
            if isinstance(value, Tensor) and value.op is None:
                yield name, value

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        """Yield the tensors that require a gradient, each once, under its first name."""
        seen = set()
        for name, tensor in self.named_tensors():
            if tensor.requires_grad and tensor not in seen:
                seen.add(tensor)
                yield name, tensor

    def parameters(self) -> list[Tensor]:
        """Return the tensors that require a gradient, in definition order, each once."""
        return [tensor for _, tensor in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def train(self, mode: bool = True) -> None:
        """Set ``training`` here and in every module inside."""
        for _, module in self.named_modules():
            module.training = mode

    def eval(self) -> None:
        """Leave training mode, here and in every module inside."""
        self.train(False)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of the values of every leaf tensor, by dotted name.

        Constants are saved too, for they may be state. The arrays can go to ``np.savez`` or
        ``safetensors.numpy.save_file`` as they are.
        """
        return {name: tensor.data.copy() for name, tensor in self.named_tensors()}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Take over values saved by ``state_dict()``; they are copied, dtypes stay the module's.

        Parameters
        ----------
        state : mapping of str to array_like
            With exactly the names and shapes of this module's own ``state_dict()``.

        Raises
        ------
        StateDictError
            If a name is missing or unexpected, or values don't fit. All of it is listed at once,
            and nothing is loaded.
        """
        own = dict(self.named_tensors())
        problems = [f"missing: {name}" for name in own if name not in state]
        problems += [f"unexpected: {name}" for name in state if name not in own]
        arrays = {}
        for name, tensor in own.items():
            if name not in state:
                continue
            values = state[name]
            try:
                array = np.asarray(values.data if isinstance(values, Tensor) else values)
            except ValueError:
                problems.append(f"not loadable: {name} is ragged")
                continue
            if array.shape != tensor.shape:
                problems.append(f"misshapen: {name} has {array.shape}, needs {tensor.shape}")
            elif array.dtype.kind not in "biuf" or (
                array.dtype.kind == "f" and tensor.dtype.kind != "f"
            ):
                problems.append(f"not loadable: {name} has dtype {array.dtype}")
            else:
                with np.errstate(over="ignore"):
                    arrays[name] = array.astype(tensor.dtype, copy=False)  # .data copies
                if not np.array_equal(np.isfinite(arrays[name]), np.isfinite(array)) or (
                    tensor.dtype.kind != "f" and not np.array_equal(arrays[name], array)
                ):
                    problems.append(f"not loadable: {name} has values beyond {tensor.dtype}")
        if problems:
            raise StateDictError(
                f"this state doesn't fit {type(self).__name__}, and nothing was loaded: "
                + "; ".join(problems)
            )
        for name, array in arrays.items():
            own[name].data = array

    def __repr__(self) -> str:
        lines = []
        for name, module in self.named_modules():
            size = sum(parameter.size for parameter in module.parameters())
            line = f"{name}: {module.signature()}" if name else module.signature()
            if size:
                line += f": {size:,} parameters"
            lines.append("  " * (name.count(".") + 1 if name else 0) + line)
        return "\n".join(lines)


def _walk(name: str, value: Any, above: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the tensors and modules in ``value``, depth first, in definition order."""
    if isinstance(value, Tensor):
        yield name, value
        return
    if any(value is container for container in above):  # a module that knows its parent
        return
    if isinstance(value, Module):
        yield name, value
        children: Any = vars(value).items()
    elif isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list | tuple):
        children = enumerate(value)
    else:
        return
    for key, child in children:
        yield from _walk(f"{name}.{key}" if name else str(key), child, (*above, value))


def deltas(model: Module, loss: Tensor) -> dict[str, Tensor]:
    """Return the delta of every layer: the gradient of ``loss`` at its pre-activation.

    A layer is a module with parameters of its own. Its pre-activation is the value in the graph
    that was computed with the last of them, and data, directly: ``z`` in
    ``z = x @ weight + bias``.

    Parameters
    ----------
    model : Module
    loss : Tensor of one value, computed with ``model``
        Its graph is kept: ``loss.backward()`` works before or after, with ``retain_graph=True``
        before.

    Returns
    -------
    dict of str to Tensor
        By the layers' dotted names, in definition order. A layer called several times gets one
        entry for each call: ``name``, ``name#2``, ``name#3`` ... Layers that the loss doesn't
        depend on are left out.

    Raises
    ------
    GraphError
        If the loss wasn't computed with any layer of the model, or its graph was released.

    Notes
    -----
    The article's delta is the gradient of the cost of one example; that of a loss averaged over a
    batch of B examples is B times smaller in each row.

    Examples
    --------
    >>> import nn
    >>> model = nn.Sequential(nn.Dense(3, 4), nn.Sigmoid(), nn.Dense(4, 2))
    >>> loss = nn.losses.cross_entropy(model([[1.0, 0.0, 2.0]]), [1])
    >>> {name: delta.shape for name, delta in deltas(model, loss).items()}
    {'0': (1, 4), '2': (1, 2)}
    """
    layers: dict[Tensor, str] = {}
    for name, module in model.named_modules():
        own = [v for v in vars(module).values() if isinstance(v, Tensor) and v.requires_grad]
        if own:
            layers.setdefault(own[-1], name or type(model).__name__)
    calls: dict[Tensor, dict[Any, None]] = {last: {} for last in layers}
    parameters = set(model.parameters())
    stack: list[Any] = [loss]
    seen = {loss}
    while stack:
        node = stack.pop()
        inputs = (node.inputs or ()) if node.op is not None else ()
        for parent in inputs:
            if parent in calls and _has_data(node, parameters):
                calls[parent][node] = None
            if parent is not None and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    found = {}
    for last, nodes in calls.items():
        in_order = sorted(nodes, key=lambda node: int(node.index))
        for number, node in enumerate(in_order, start=1):
            found[layers[last] + (f"#{number}" if number > 1 else "")] = node
    if not found:
        raise GraphError(
            f"this loss has no graph that goes through a layer of this {type(model).__name__}; "
            "compute it with the model, and ask for the deltas before its graph is released"
        )
    values = gradients(loss, list(found.values()), retain_graph=True)
    return dict(zip(found, values, strict=True))


def _has_data(node: Any, parameters: set[Tensor]) -> bool:
    """Return False for a penalty: an op on parameters and numbers alone is no layer's."""
    return any(
        hasattr(value, "dtype") if parent is None else parent not in parameters
        for parent, value in zip(node.inputs, node.values, strict=True)
    )
