"""Sums of products over shared axes, and cross products."""

from typing import Any

import numpy as np

from autograd_lite.precision import widened
from autograd_lite.primitive import EveryInput, Primitive
from autograd_lite.settled_zeros import settled_where_all_are


def _contraction(*operands: Any, inputs: tuple[str, ...], output: str, optimize: Any) -> Any:
    return np.einsum(f"{','.join(inputs)}->{output}", *operands, optimize=optimize)


def _contraction_rule(
    position: int,
    g: Any,
    y: Any,
    *operands: Any,
    inputs: tuple[str, ...],
    output: str,
    optimize: Any,
) -> Any:
    # the cotangent and the input change places
    return contraction(
        widened(g),
        *operands[:position],
        *operands[position + 1 :],
        inputs=(output, *inputs[:position], *inputs[position + 1 :]),
        output=inputs[position],
        optimize=optimize if isinstance(optimize, (bool, str)) else True,  # a path is for one order
    )


# An einsum in which a label stands for one length, once in each operand at most, and never in only
# one of operands and output. Its derivatives are of that kind too; any einsum can be brought to it.
contraction = Primitive("einsum", _contraction, EveryInput(_contraction_rule))


def _cross_left_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    return cross(b, g)


def _cross_right_rule(g: Any, y: Any, a: Any, b: Any) -> Any:
    return cross(g, a)


# of vectors along the last axis, all of length 3
cross = Primitive("cross", np.cross, [_cross_left_rule, _cross_right_rule], elementwise=True)

settled_where_all_are(contraction)
