"""Primitives: an op's forward and one derivative rule for each of its inputs.

Nothing here knows of Tensor. A rule is a plain NumPy function: in an ordinary backward pass it is
given arrays; when derivatives of derivatives are wanted it is given tensors, and NumPy's dispatch
records what it does.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, final

from autograd_lite.errors import GraphError

Rule = Callable[..., Any]
"""``(g, y, *inputs, **params) -> cotangent of one input``; g is the cotangent of the output y."""


class Rules(Protocol):
    """One rule per input, found by position; ``None`` where an input isn't differentiable."""

    def __getitem__(self, position: int, /) -> Rule | None: ...

    def __len__(self) -> int: ...


class EveryInput:
    """The rules of an op with any number of inputs: one function, told the input's position.

    Parameters
    ----------
    rule : callable
        ``(position, g, y, *inputs, **params) -> cotangent of inputs[position]``.
    """

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, position: int, /) -> Rule:
        return partial(self.rule, position)

    def __len__(self) -> int:
        return sys.maxsize


class AllInputs:
    """One rule that gives the cotangents of several inputs together, sharing what they cost.

    Parameters
    ----------
    rule : callable
        ``(asked, g, y, *inputs, **params) -> cotangents``; ``asked`` are the positions of the
        inputs whose cotangents are wanted, and one is returned for each, in that order.

    Examples
    --------
    An adjoint system is solved once, not once for each input:

    >>> import numpy as np
    >>> from autograd_lite import AllInputs, Primitive, Tensor
    >>> def solve_rule(asked, g, y, a, b):
    ...     adjoint = np.linalg.solve(a.mT, g)
    ...     return [-adjoint[:, None] * y if i == 0 else adjoint for i in asked]
    >>> solve = Primitive("solve", np.linalg.solve, AllInputs(solve_rule))
    >>> a = Tensor(2 * np.eye(2), requires_grad=True)
    >>> b = Tensor([2.0, 4.0], requires_grad=True)
    >>> solve(a, b).sum().backward()
    >>> b.grad
    Tensor([0.5, 0.5])
    """

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, position: int, /) -> Rule:
        return lambda *args, **params: self.together([position], *args, **params)[position]

    def __len__(self) -> int:
        return sys.maxsize

    def together(self, asked: Sequence[int], *args: Any, **params: Any) -> dict[int, Any]:
        """Return the cotangents of the inputs that are ``asked`` for, by position."""
        found = list(self.rule(asked, *args, **params))
        if len(found) != len(asked):
            raise GraphError(
                f"a rule for all inputs gave {len(found)} cotangents where {len(asked)} were asked "
                f"for, of inputs {list(asked)}"
            )
        return dict(zip(asked, found, strict=True))


@final
class Primitive:
    """An op: what it computes, and how cotangents flow back through it.

    Parameters
    ----------
    name : str
        How errors and ``repr`` call the op.
    forward : callable
        ``(*inputs, **params) -> array``, on arrays. ``params`` are static: not differentiable.
    rules : sequence of callables or None
        One for each input, ``(g, y, *inputs, **params) -> cotangent of that input``, written
        with NumPy operators, methods and functions only. A rule changes none of its arguments
        and uses nothing else that depends on an input. ``None``: not differentiable. Or one for
        all of them: :class:`EveryInput`, :class:`AllInputs`.
    elementwise : bool
        The inputs broadcast against each other as NumPy does. A rule then returns an array of the
        output's shape, and the core undoes the broadcasting.
    requirement : str
        What the op asks of its inputs, for the message when they don't fit.
    first_order_only : bool
        The rules can't be differentiated themselves; ``create_graph=True`` raises.
    singular : bool
        The derivative can be 0 or infinite in places, as that of a choice, a kink or a root. From
        there on in a backward pass 0 * inf, where it comes up in the rules of elementwise ops, is
        0 and not NaN.
    add_to : callable, optional
        ``(total, g, **params)`` that adds the cotangent of the first input to ``total``, in place.
        For an op that reads a part of its input: its rule makes an array that is mostly zeros.

    Notes
    -----
    Calling a primitive with a Tensor among the inputs records it; with arrays alone it is just
    its forward. So a rule may call other primitives.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd_lite import Primitive, Tensor
    >>> def softplus_rule(g, y, x):
    ...     return g / (1 + np.exp(-x))
    >>> softplus = Primitive(
    ...     "softplus", lambda x: np.logaddexp(0, x), [softplus_rule], elementwise=True
    ... )
    >>> x = Tensor([0.0, 2.0], requires_grad=True)
    >>> softplus(x).sum().backward()
    >>> x.grad
    Tensor([0.5       , 0.88079708])
    """

    __slots__ = (
        "add_to",
        "elementwise",
        "first_order_only",
        "forward",
        "joint",
        "name",
        "requirement",
        "rules",
        "singular",
    )

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        rules: Sequence[Rule | None] | EveryInput | AllInputs,
        *,
        elementwise: bool = False,
        requirement: str = "",
        first_order_only: bool = False,
        singular: bool = False,
        add_to: Callable[..., None] | None = None,
    ) -> None:
        if callable(rules):
            raise GraphError(f"the rules of {name} must be a list, one for each input: [rule]")
        self.name = name
        self.forward = forward
        self.rules: Rules = rules
        self.joint = isinstance(rules, AllInputs)
        self.elementwise = elementwise
        self.requirement = requirement
        self.first_order_only = first_order_only
        self.singular = singular
        self.add_to = add_to

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        """Compute the op, recorded if an input is a Tensor that requires a gradient."""
        for x in inputs:
            record = getattr(type(x), "__apply_primitive__", None)
            if record is not None:
                if len(inputs) > len(self.rules):
                    raise GraphError(
                        f"{self.name} has rules for {len(self.rules)} inputs, and is given "
                        f"{len(inputs)}; let None be the rule of one that isn't differentiable"
                    )
                return record(self, inputs, params)
        return self.forward(*inputs, **params)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"
