"""A backward pass over values that were assigned into since: what the rules are given then.

``x[index] = value`` writes into the memory of ``x``. Ops that read those elements before have lost
their input. Their rules get a stand-in for it, an ``Overwritten``, which knows shape and dtype and
refuses everything else. So rules that need no values go on working, and the others raise an error
that says what happened.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from autograd_lite.errors import GraphError
from autograd_lite.graph import RELEASED, Node
from autograd_lite.primitive import Primitive, Rule, Rules
from autograd_lite.writes import Overwritten, written_since


def as_it_was(parent: Node | None, then: int) -> Node | None:
    """Return what a node was before it was assigned into: the first input of the assignment."""
    while parent is not None and parent.op is not None and parent.index > then:
        if parent.inputs is None:
            raise GraphError(RELEASED.format(parent.op.name))
        parent = parent.inputs[0]
    return parent


def with_stand_ins(node: Any) -> tuple[Any, Sequence[Any], Rules]:
    """Return an op's result, its inputs and its rules, with stand-ins for the values that are gone.

    A rule that needs the result gets it computed again from the inputs, if those are still there.
    """
    y, *values = (
        Overwritten(v, node.op.name)
        if type(v) is Overwritten or written_since(v, node.index)
        else v
        for v in (node.array, *node.values)
    )
    return y, values, _ResultAnew(node.op) if type(y) is Overwritten else node.op.rules


class _ResultAnew:
    """The rules of an op whose result was assigned into: a rule that needs it computes it again."""

    __slots__ = ("op",)

    def __init__(self, op: Primitive) -> None:
        self.op = op

    def __getitem__(self, position: int, /) -> Rule | None:
        rule = self.op.rules[position]
        return None if rule is None else self._retrying(rule)

    def __len__(self) -> int:
        return len(self.op.rules)

    def together(self, asked: Sequence[int], *args: Any, **params: Any) -> Any:
        """Call the one rule of an op that has one for all of its inputs."""
        rules: Any = self.op.rules
        return self._retrying(partial(rules.together, asked))(*args, **params)

    def _retrying(self, rule: Rule) -> Rule:
        def call(g: Any, y: Any, *inputs: Any, **params: Any) -> Any:
            try:
                return rule(g, y, *inputs, **params)
            except GraphError:
                return rule(g, self.op(*inputs, **params), *inputs, **params)

        return call
