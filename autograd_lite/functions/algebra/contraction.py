"""Einstein's summation convention."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.functions.general.differentiation import as_tensor
from autograd_lite.functions.manipulation.diagonals import diagonal
from autograd_lite.numpy_protocols.dispatch import implements
from autograd_lite.ops.algebra.contraction import contraction
from autograd_lite.tensor import Tensor, apply, compute

__all__ = ["einsum"]


@implements(np.einsum)
def einsum(*operands: Any, optimize: Any = False) -> Tensor:
    """Return the sums of products that subscripts describe.

    Parameters
    ----------
    *operands : str, then Tensor or array_like
        The subscripts, such as ``"ij,jk->ik"``, then the operands. Or, as in NumPy, each operand
        followed by a list of its labels as integers, and last the list of the output's labels.
    optimize : bool, str or list
        The order in which to multiply several operands, as in NumPy. ``True`` also speeds up the
        product of two large operands.

    Returns
    -------
    Tensor
        One axis for each label of the output, in the dtype that the operands promote to.

    Raises
    ------
    ShapeError
        If the subscripts don't fit the operands.

    Examples
    --------
    >>> einsum("ij,kj->ik", [[1.0, 2.0]], [[3.0, 4.0]])
    Tensor([[11.]])
    >>> einsum([[1.0, 2.0], [3.0, 4.0]], [0, 0])  # the trace
    Tensor(5.)
    """
    subscripts, tensors = _in_letters(operands)
    if not any(x.tracked for x in tensors):
        constant: Tensor = compute(np.einsum, subscripts, *tensors, optimize=optimize)
        return constant
    inputs, output, lengths = _plan(subscripts, tuple([x.array.shape for x in tensors]))
    if any(x.array.dtype.kind not in "fc" for x in tensors):
        dtype = np.result_type(*(x.array for x in tensors))
        tensors = [x if x.dtype.kind in "fc" else x.astype(dtype) for x in tensors]
    if lengths:
        inputs, tensors = _prepared(inputs, output, tensors, lengths)
    params = {"inputs": inputs, "output": output, "optimize": optimize}
    return apply(contraction, tuple(tensors), params)


@lru_cache
def _plan(
    subscripts: str, shapes: tuple[tuple[int, ...], ...]
) -> tuple[tuple[str, ...], str, Mapping[str, int]]:
    """Return the labels of the inputs and of the output, and the length of each label.

    The lengths are empty if the primitive takes the operands as they are.
    """
    *terms, output = _spelled_out(subscripts, tuple(map(len, shapes)))
    lengths = _lengths(subscripts, terms, shapes)
    if len(set(output)) < len(output) or not lengths.keys() >= set(output):
        raise ShapeError(
            f"einsum {subscripts!r}: each output label must be one of an input, and occur only once"
        )
    whole = all(
        len(set(term)) == len(term) and [lengths[label] for label in term] == list(shape)
        for term, shape in zip(terms, shapes, strict=True)
    )
    shared = all("".join([*terms, output]).count(label) > 1 for label in lengths)
    return tuple(terms), output, {} if whole and shared else lengths


def _prepared(
    inputs: Sequence[str], output: str, tensors: list[Tensor], lengths: Mapping[str, int]
) -> tuple[tuple[str, ...], list[Tensor]]:
    """Bring the operands into the form that the primitive takes."""
    terms = list(inputs)
    for position, (term, x) in enumerate(zip(terms, tensors, strict=True)):
        terms[position], tensors[position] = _without_broadcast(term, x, lengths)
    for position, (term, x) in enumerate(zip(terms, tensors, strict=True)):
        elsewhere = "".join([output, *terms[:position], *terms[position + 1 :]])
        terms[position], tensors[position] = _once_each(term, x, elsewhere)
    return tuple(terms), tensors


def _in_letters(operands: Sequence[Any]) -> tuple[str, list[Tensor]]:
    """Return the subscripts as a string, in whichever form they were given, and the tensors."""
    if not operands:
        raise ShapeError("einsum needs subscripts and operands")
    if isinstance(operands[0], str):
        return operands[0].replace(" ", ""), [as_tensor(x) for x in operands[1:]]
    count = len(operands) // 2
    terms = [_letters(labels) for labels in operands[1 : 2 * count : 2]]
    subscripts = ",".join(terms)
    if len(operands) % 2:
        subscripts += "->" + _letters(operands[-1])
    return subscripts, [as_tensor(x) for x in operands[0 : 2 * count : 2]]


# capitals first: so the letters sort as the integers do
_SYMBOLS: dict[Any, str] = dict(enumerate(ascii_uppercase + ascii_lowercase)) | {Ellipsis: "..."}


def _letters(labels: Sequence[Any]) -> str:
    try:
        return "".join([_SYMBOLS[label] for label in labels])
    except (KeyError, TypeError) as error:
        raise ShapeError("einsum: labels must be integers from 0 to 51, or ...") from error


def _spelled_out(subscripts: str, ranks: tuple[int, ...]) -> tuple[str, ...]:
    """Return the labels of inputs and output, with ``...`` and a missing output filled in."""
    given, arrow, output = subscripts.partition("->")
    terms = given.split(",")
    left_over = [letter for letter in ascii_letters if letter not in subscripts]
    named = [term.replace("...", "", 1) for term in terms]
    if len(terms) != len(ranks) or not all(set(term) <= set(ascii_letters) for term in named):
        raise ShapeError(
            f"einsum {subscripts!r}: give a term of letters for each of the {len(ranks)} operands"
        )
    hidden = [rank - len(term) for term, rank in zip(named, ranks, strict=True)]
    for term, short, width in zip(terms, named, hidden, strict=True):
        if width < 0 or (width and term == short):
            raise ShapeError(
                f"einsum {subscripts!r}: {term!r} must have one label for each axis of its operand"
            )
    ellipsis = "".join(left_over[: max(hidden, default=0)])
    if arrow and ellipsis and "..." not in output:
        raise ShapeError(f"einsum {subscripts!r}: the output must contain '...', as an input does")
    if not arrow:
        labels = "".join(named)
        output = "..." + "".join(sorted(x for x in set(labels) if labels.count(x) == 1))
    spelled = [
        term.replace("...", ellipsis[len(ellipsis) - width :])
        for term, width in zip(terms, hidden, strict=True)
    ]
    return *spelled, output.replace("...", ellipsis)


def _lengths(
    subscripts: str, terms: Sequence[str], shapes: Sequence[Sequence[int]]
) -> dict[str, int]:
    """Return the length of each label; axes of length 1 broadcast to it."""
    lengths: dict[str, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        in_term: dict[str, int] = {}  # a diagonal doesn't broadcast
        for label, n in zip(term, shape, strict=True):
            known = lengths.get(label, 1)
            same = in_term.setdefault(label, n)
            if n != same or (known != 1 and n not in (1, known)):
                raise ShapeError(
                    f"einsum {subscripts!r} of shapes {list(shapes)}: "
                    f"a label can't stand for lengths {same if n != same else known} and {n}"
                )
            lengths[label] = n if known == 1 else known
    return lengths


def _without_broadcast(term: str, x: Tensor, lengths: Mapping[str, int]) -> tuple[str, Tensor]:
    """Drop the axes of length 1 that broadcast: multiplying by one number needs no axis."""
    kept = [i for i, label in enumerate(term) if x.shape[i] == lengths[label]]
    if len(kept) == len(term):
        return term, x
    return "".join(term[i] for i in kept), x.reshape(tuple(x.shape[i] for i in kept))


def _once_each(term: str, x: Tensor, needed: str) -> tuple[str, Tensor]:
    """Take the diagonal of repeated labels, and sum over the labels that occur nowhere else."""
    while repeated := [label for label in term if term.count(label) > 1]:
        label = repeated[0]
        first = term.index(label)
        second = term.index(label, first + 1)
        x = diagonal(x, axis1=first, axis2=second)
        term = term[:first] + term[first + 1 : second] + term[second + 1 :] + label
    alone = tuple(i for i, label in enumerate(term) if label not in needed)
    if alone:
        x = x.sum(axis=alone)
        term = "".join(label for label in term if label in needed)
    return term, x
