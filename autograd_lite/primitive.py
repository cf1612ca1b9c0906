"""Primitives: an op's forward function and one derivative rule for each of its inputs.

Nothing here depends on Tensor. A rule is a plain NumPy function. In an ordinary backward pass it is
called with arrays. For derivatives of derivatives it is called with tensors, and NumPy's dispatch
records what it computes.
"""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol, final

from autograd_lite.errors import GraphError

Rule = Callable[..., Any]
"""``(g, y, *inputs, **params) -> cotangent of one input``.

``y`` is the output of the op and ``g`` its cotangent: the derivative of the loss by ``y``.
"""


class Rules(Protocol):
    """One rule for each input, by position; ``None`` if that input isn't differentiable."""

    def __getitem__(self, position: int, /) -> Rule | None: ...

    def __len__(self) -> int: ...


class EveryInput:
    """The rules of an op with any number of inputs: one function that is told the position.

    Parameters
    ----------
    rule : callable
        ``(position, g, y, *inputs, **params) -> cotangent of inputs[position]``.

    Examples
    --------
    >>> from autograd_lite import EveryInput, Primitive, Tensor
    >>> total = Primitive("total", lambda *xs: sum(xs), EveryInput(lambda i, g, y, *xs: g))
    >>> x = Tensor(2.0, requires_grad=True)
    >>> total(x, 1.0, x).backward()
    >>> x.grad
    Tensor(2.)
    """

    __slots__ = ("rule",)

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __getitem__(self, position: int, /) -> Rule:
        return partial(self.rule, position)

    def __len__(self) -> int:
        return sys.maxsize


class AllInputs:
    """One rule that computes the cotangents of several inputs together, to share work.

    Parameters
    ----------
    rule : callable
        ``(asked, g, y, *inputs, **params) -> cotangents``; ``asked`` lists the positions of the
        inputs whose cotangents are wanted. The rule returns one for each, in that order.

    Examples
    --------
    The adjoint system is solved once, not once for each input:

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
        """Return the cotangents of the inputs at the positions ``asked``, by position.

        Raises
        ------
        GraphError
            If the rule doesn't return one cotangent for each position.
        """
        found = list(self.rule(asked, *args, **params))
        if len(found) != len(asked):
            raise GraphError(
                f"a rule for all inputs returned {len(found)} cotangents where {len(asked)} were "
                f"asked for, one for each of inputs {list(asked)}"
            )
        return dict(zip(asked, found, strict=True))


@final
class Primitive:
    """An op: what it computes, and how cotangents flow back through it.

    Parameters
    ----------
    name : str
        The op's name in error messages and in ``repr``.
    forward : callable
        ``(*inputs, **params) -> array``, on arrays. ``params`` are static: not differentiable.
    rules : sequence of (callable or None), EveryInput or AllInputs
        One rule for each input, ``(g, y, *inputs, **params) -> cotangent of that input``; None
        if the input isn't differentiable. A rule is written with NumPy operators, methods and
        functions only. It doesn't modify its arguments, and uses nothing else that depends on an
        input. :class:`EveryInput` and :class:`AllInputs` take one rule for all inputs.
    elementwise : bool
        Set this if the inputs broadcast against each other as in NumPy. A rule then returns an
        array of the output's shape, and the core undoes the broadcasting.
    requirement : str
        What the op requires of its inputs, for the error message when they don't fit.
    first_order_only : bool
        Set this if the rules can't be differentiated themselves; ``create_graph=True`` then raises
        an error.
    singular : bool
        Set this if the derivative can be 0 or infinite in places, as at a choice, a kink or a
        root. Once a backward pass has gone through such an op, 0 * inf in a rule gives 0, not NaN.
    add_to : callable, optional
        ``(total, g, **params)``: adds the cotangent of the first input to ``total`` in place. It
        is for ops that read only a part of their input, whose rules would return arrays that are
        mostly zeros.

    Raises
    ------
    GraphError
        If ``rules`` is a single function instead of a list. When the op is called: if it is given
        more inputs than it has rules.

    Notes
    -----
    A call with a Tensor among the inputs is recorded; a call with arrays alone just computes
    ``forward``. So a rule may call other primitives.

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
        """Compute the op, and record it if an input is a Tensor that requires a gradient."""
        for x in inputs:
            record = getattr(type(x), "__apply_primitive__", None)
            if record is not None:
                if len(inputs) > len(self.rules):
                    raise GraphError(
                        f"{self.name} has rules for {len(self.rules)} inputs, and is given "
                        f"{len(inputs)}; let None be the rule of an input that isn't "
                        "differentiable"
                    )
                return record(self, inputs, params)
        return self.forward(*inputs, **params)

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"
