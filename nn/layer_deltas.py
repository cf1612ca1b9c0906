"""The deltas of all layers: what backpropagation is about."""

from typing import Any

from autograd_lite import Tensor, gradients
from autograd_lite.errors import GraphError
from nn.module import Module


def deltas(model: Module, loss: Tensor) -> dict[str, Tensor]:
    """Return the delta of every layer: the gradient of ``loss`` at its pre-activation.

    A layer is a module with parameters of its own. Its pre-activation is the result of the
    op that takes the last of them together with data: ``z`` in ``z = x @ weight + bias``. A layer
    with several pre-activations tells by which parameters they are found, in
    :meth:`Module.pre_activation_parameters`: recurrent layers have one for each of their layers
    and directions.

    Parameters
    ----------
    model : Module
    loss : Tensor of one value, computed with ``model``
        Its graph is kept, so ``loss.backward()`` works afterwards; beforehand, call it with
        ``retain_graph=True``.

    Returns
    -------
    dict of str to Tensor
        By the layers' dotted names, in definition order. One of several pre-activations has a name
        of its own behind: ``name.z_l0``. A layer called several times gets one entry for each call:
        ``name``, ``name#2``, ``name#3`` ... Layers that the loss doesn't depend on are left out.

    Raises
    ------
    GraphError
        If the loss wasn't computed with any layer of the model, or its graph was released.

    Notes
    -----
    The article's delta is the gradient of the cost of one example; for a loss averaged over
    a batch of B examples, each row is B times smaller.

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
        for part, parameters in module.pre_activation_parameters().items():
            trained = [x for x in parameters if x.requires_grad]
            if trained:
                own = name or type(model).__name__
                layers.setdefault(trained[-1], f"{own}.{part}" if part else own)
    calls: dict[Tensor, dict[Any, None]] = {last: {} for last in layers}
    all_parameters = set(model.parameters())
    stack: list[Any] = [loss]
    seen = {loss}
    while stack:
        node = stack.pop()
        inputs = (node.inputs or ()) if node.op is not None else ()
        for parent in inputs:
            if parent in calls and _has_data(node, all_parameters):
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
    """Return False for a penalty, which is computed from parameters and numbers alone."""
    return any(
        hasattr(value, "dtype") if parent is None else parent not in parameters
        for parent, value in zip(node.inputs, node.values, strict=True)
    )
