"""What a rule returned is given the shape and dtype of its input: broadcasting is undone here."""

from typing import Any

from autograd_lite.broadcasting import unbroadcast
from autograd_lite.errors import GraphError
from autograd_lite.primitive import Primitive


def conformed(c: Any, value: Any, g: Any, op: Primitive, position: int) -> Any:
    """Give a rule's result the shape and dtype of its input, or say what is wrong with it.

    Parameters
    ----------
    c : array, Tensor or anything else
        What the rule of ``op`` for the input at ``position`` made of the cotangent ``g``.
    value : array
        The input.

    Raises
    ------
    GraphError
        If the rule is wrong: its result is no array, or has a shape or a dtype that can't be meant.
    """
    rule = f"the rule of {op.name} for input {position}"
    if not (hasattr(c, "shape") and hasattr(c, "dtype")):
        raise GraphError(f"{rule} returned {type(c).__name__} where an array is needed")
    if c.shape != value.shape:
        if not (op.elementwise and c.shape == g.shape):
            raise GraphError(
                f"{rule} returned shape {c.shape}; the input has shape {value.shape}, "
                f"and the cotangent {g.shape}"
            )
        c = unbroadcast(c, value.shape)
    if c.dtype != value.dtype:
        made_complex = c.dtype.kind == "c" and value.dtype.kind == "f"
        if c.dtype.kind not in "fc" or (made_complex and g.dtype.kind == "f"):
            raise GraphError(
                f"{rule} returned dtype {c.dtype}; the input has dtype {value.dtype}, and its "
                "gradient must be floating, and real where input and output are"
            )
        if made_complex:
            c = c.real  # only the real part of a real input can move
        c = c.astype(value.dtype)
    return c
