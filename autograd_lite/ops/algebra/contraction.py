"""Sums of products over shared axes."""

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


# An einsum in which each label has one length, stands at most once in an operand, and in at least
# two of operands and output. Its derivatives are of this kind too; any einsum can be brought to it
contraction = Primitive("einsum", _contraction, EveryInput(_contraction_rule))


settled_where_all_are(contraction)
