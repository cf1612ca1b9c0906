"""``checkpoint``: discard a function's intermediate results, and compute them again when needed."""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from autograd_lite import trees
from autograd_lite.backward.algorithm import backpropagate
from autograd_lite.errors import GraphError
from autograd_lite.graph import next_index
from autograd_lite.modes import enable_grad, is_recording
from autograd_lite.ops.manipulation import joining
from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.primitive import AllInputs, Primitive
from autograd_lite.tensor import Tensor, apply
from autograd_lite.transforms.checking import require_function
from autograd_lite.transforms.tracing import call, is_inside, revived, tensors_in

__all__ = ["checkpoint", "once"]

T = TypeVar("T")

_notes: ContextVar[tuple["_Notes", ...]] = ContextVar("notes of checkpoints", default=())
"""What the checkpointed calls under way have noted by ``once``, the innermost last."""


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function like ``f`` that keeps only its inputs and outputs in the graph.

    Intermediate results are discarded, and computed again in the backward pass. This saves memory
    and costs time.

    Parameters
    ----------
    f : callable
        Takes any arguments, and returns a tensor or a container of tensors. Gradients flow to all
        tensors that it uses, even if they aren't arguments, such as the parameters of a module.

    Returns
    -------
    callable
        Takes the arguments of ``f`` and returns the same results.

    Raises
    ------
    UnsupportedError
        If ``f`` can't be called.
    GraphError
        In the backward pass, if ``f`` doesn't compute the same results again, or if one of its
        inputs was changed since.

    Notes
    -----
    The backward pass calls ``f`` a second time, with the same arguments, so its side effects happen
    twice; :func:`once` is for what must happen, or be drawn, only once. Derivatives of every order
    are right. A pass with ``create_graph`` keeps what it recomputes.

    The method is that of T. Chen et al., "Training Deep Nets with Sublinear Memory Cost",
    arXiv:1604.06174, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import Tensor
    >>> x = Tensor([0.0, 1.0], requires_grad=True)
    >>> y = checkpoint(lambda x: np.exp(np.sin(x)))(x)
    >>> y.sum().backward()
    >>> x.grad
    Tensor([1.        , 1.25338077])
    """
    require_function("checkpoint", f)

    @wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not is_recording():
            return f(*args, **kwargs)
        start = next_index()
        notes = _Notes()
        result = notes.around(_notes.get(), lambda: f(*args, **kwargs))
        outputs = _computed(result, start)
        if not outputs:
            return result
        sources = _sources(_nodes_since(outputs, start), start)
        segment = _Segment(f, args, kwargs, sources, notes)
        whole = _whole(outputs).array
        op = Primitive("checkpoint", lambda *values: whole, AllInputs(segment.rule))
        parts = _parts(apply(op, tuple(sources), {}), outputs)
        replaced = {id(y): part for y, part in zip(outputs, parts, strict=True)}
        return trees.visit(lambda path, leaf: replaced.get(id(leaf), leaf), result)

    return checkpointed


def once(make: Callable[[], T]) -> T:
    """Return what ``make()`` returns; the second run of a checkpointed function gets it again.

    Outside of :func:`checkpoint` it only calls ``make``. Inside, the backward pass runs the
    function once more, and then ``make`` isn't called: a mask that was drawn stays the same, and
    what is counted isn't counted twice.

    Parameters
    ----------
    make : callable
        Takes no arguments. What it returns is kept until the graph is released, and must not be
        changed.

    Returns
    -------
    object
        What ``make`` returns, or has returned in the first run.

    Raises
    ------
    GraphError
        In the backward pass, if the function comes here more often than in its first run.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import Tensor
    >>> rng = np.random.default_rng(0)
    >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> y = checkpoint(lambda x: x * once(lambda: rng.random(3) < 0.5))(x)
    >>> y
    Tensor([0., 2., 3.], op=checkpoint)
    >>> y.sum().backward()
    >>> x.grad
    Tensor([0., 1., 1.])
    """
    under_way = _notes.get()
    if not under_way:
        return make()
    again = next((notes for notes in reversed(under_way) if notes.left is not None), None)
    value: T = make() if again is None else again.next()
    for notes in under_way:
        if notes.left is None:
            notes.noted.append(value)
    return value


class _Notes:
    """What ``once`` has noted in a call of a checkpointed function, and what is left to repeat."""

    def __init__(self, noted: Sequence[Any] = (), *, again: bool = False) -> None:
        self.noted = list(noted)
        self.left = iter(self.noted) if again else None

    def around(self, outer: tuple["_Notes", ...], call: Callable[[], Any]) -> Any:
        """Make a call that notes here, or repeats what is noted here."""
        token = _notes.set((*outer, self))
        try:
            return call()
        finally:
            _notes.reset(token)

    def next(self) -> Any:
        """Return what was noted next in the first run."""
        assert self.left is not None
        for value in self.left:
            return value
        raise GraphError(
            "a checkpointed function came to once() more often than in its first run; it must do "
            "the same in both"
        )


class _Segment:
    """A call of a function that can be repeated, and differentiated when it is."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        sources: Sequence[Tensor],
        notes: _Notes,
    ) -> None:
        self.call = f, args, kwargs
        self.noted = notes.noted
        self.inside = is_inside()
        self.sources = sources

    def rule(self, asked: Sequence[int], g: Any, y: Any, *inputs: Any) -> list[Any]:
        """Return the cotangents of the inputs at the positions ``asked``."""
        recorded = isinstance(inputs[0], Tensor)
        stand_ins = [self._stand_in(*pair) for pair in zip(self.sources, inputs, strict=True)]
        start = next_index()
        f, args, kwargs = self.call
        with enable_grad():
            with revived(self.sources):
                again = _Notes(self.noted, again=True)
                result = again.around((), lambda: call(f, args, kwargs, inside=self.inside))
                outputs = _computed(result, start)
            _require_same(outputs, y)
            swapped = dict(zip(self.sources, stand_ins, strict=True))
            for node in _nodes_since(outputs, start):
                _swap_inputs(node, swapped)
            wanted = [stand_ins[position] for position in asked]
            found = backpropagate(
                {_whole(outputs): g},
                dict.fromkeys(wanted),
                create_graph=recorded,
                retain_graph=recorded,
            )
        zeros = Tensor.of if recorded else lambda x: x
        return [found[x] if x in found else zeros(np.zeros_like(x.array)) for x in wanted]

    def _stand_in(self, source: Tensor, given: Any) -> Tensor:
        """Return a node that replaces a source, so that the graph ends there."""
        if isinstance(given, Tensor):
            stand_in = apply(arithmetic.positive, (given,), {})
            stand_in.array = given.array  # no copy
            return stand_in
        if source.array is not given:
            raise GraphError(
                "an input of a checkpointed function was assigned into, or had its data replaced, "
                "after the call; assign into a copy (x = x.copy()), or differentiate before that"
            )
        leaf = Tensor.of(given)
        leaf.tracked = True
        return leaf


def _computed(result: Any, start: int) -> list[Tensor]:
    """Return the tensors in a result that were recorded since ``start``, without duplicates."""
    tensors = dict.fromkeys(tensors_in(result))
    return [y for y in tensors if y.op is not None and y.index > start]


def _nodes_since(outputs: Sequence[Tensor], start: int) -> list[Any]:
    """Return the nodes recorded since ``start`` from which the outputs were computed."""
    found: dict[Any, None] = dict.fromkeys(outputs)
    stack: list[Any] = list(outputs)
    while stack:
        for parent in stack.pop().inputs or ():
            fresh = parent is not None and parent.op is not None and parent.index > start
            if fresh and parent not in found:
                found[parent] = None
                stack.append(parent)
    return list(found)


def _sources(nodes: Sequence[Any], start: int) -> list[Tensor]:
    """Return the inputs of the nodes that are older than ``start``."""
    parents = dict.fromkeys(parent for node in nodes for parent in node.inputs or ())
    return [x for x in parents if x is not None and x.index <= start]


def _swap_inputs(node: Any, swapped: dict[Tensor, Tensor]) -> None:
    node.values = [
        swapped[x].array if x in swapped else value
        for x, value in zip(node.inputs, node.values, strict=True)
    ]
    node.inputs = [swapped.get(x, x) for x in node.inputs]


def _whole(outputs: Sequence[Tensor]) -> Tensor:
    """Combine several outputs into one vector, because a node has one value; keep a single one."""
    if len(outputs) == 1:
        return outputs[0]
    dtype = np.result_type(*(y.dtype for y in outputs))
    flat = tuple(y.reshape(-1).astype(dtype) for y in outputs)
    return apply(joining.concatenate, flat, {"axis": 0})


def _parts(whole: Tensor, outputs: Sequence[Tensor]) -> list[Tensor]:
    """Undo ``_whole``."""
    if len(outputs) == 1:
        return [whole]
    parts = []
    start = 0
    for y in outputs:
        part = whole[start : start + y.size].reshape(y.shape)
        real = part.real if y.dtype.kind != "c" else part
        parts.append(real.astype(y.dtype))
        start += y.size
    return parts


def _require_same(outputs: Sequence[Tensor], y: Any) -> None:
    """Raise an error if a function didn't compute the same again, up to rounding."""
    before = y.array if isinstance(y, Tensor) else y
    again = _whole(outputs).array if outputs else None
    if again is not None and again.shape == before.shape:
        if not isinstance(before, (np.ndarray, np.generic)):
            return
        scale = np.max(np.abs(before), initial=0, where=np.isfinite(before))
        near = min(1e-3, np.sqrt(np.finfo(before.dtype).eps))
        if np.allclose(again, before, rtol=near, atol=near * scale, equal_nan=True):
            return
    raise GraphError(
        "a checkpointed function didn't compute the same again; if it draws random numbers, or "
        "changes something, let it do so by once(...), or draw from a seed that it is given"
    )
