"""Results of transforms: arrays for arrays, tensors for tensors, in memory of their own."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_lite import trees
from autograd_lite.ops.mathematics import arithmetic
from autograd_lite.tensor import Tensor, apply


def settled(x: Any, *, recorded: bool, arrays: bool) -> Any:
    """Return a result of a function, or a container of them: recorded, constant or as arrays."""
    if recorded:
        return x
    end = _array if arrays else _constant
    if isinstance(x, Tensor):
        return end(x)
    # tensors in modules stay tensors
    return trees.visit(lambda _, leaf: end(leaf), x, parameter=lambda _, p: p.detach(), static=end)


def _constant(x: Any) -> Any:
    return x.detach() if isinstance(x, Tensor) and x.tracked else x


def _array(x: Any) -> Any:
    return numbers(x.array.copy()) if isinstance(x, Tensor) else x


def gradients_of(
    found: Sequence[Any], given: Iterable[Any], variables: Sequence[Tensor], tensors: Sequence[bool]
) -> list[Any]:
    """Return gradients as tensors or arrays, with zeros for variables that weren't reached.

    They share no memory with each other or with the cotangents ``given``.
    """
    filled = [
        np.zeros_like(x.array) if g is None else g for g, x in zip(found, variables, strict=True)
    ]
    return list(map(tensor_or_numbers, unshared(filled, given), tensors))


def unshared(found: Iterable[Any], given: Iterable[Any] = ()) -> list[Any]:
    """Return recorded tensors and arrays, copied where they share memory or are read-only."""
    taken = {id(g.array if isinstance(g, Tensor) else g) for g in given}
    results = []
    for g in found:
        array = g.array if isinstance(g, Tensor) else g
        if isinstance(g, Tensor) and g.tracked:
            results.append(apply(arithmetic.positive, (g,), {}) if id(array) in taken else g)
            taken.add(id(array))
            continue
        shared = id(array) in taken or getattr(array, "base", None) is not None
        taken.add(id(array))
        if shared or (isinstance(array, np.ndarray) and not array.flags.writeable):
            array = array.copy()
        results.append(array)
    return results


def tensor_or_numbers(x: Any, tensor: bool) -> Any:
    """Return an array as a tensor or as NumPy would; a recorded tensor stays as it is."""
    if isinstance(x, Tensor):
        return x
    return Tensor.of(x) if tensor else numbers(x)


def numbers(array: Any) -> Any:
    """Return an array as NumPy would: one without axes becomes a scalar."""
    return array if array.ndim or not isinstance(array, np.ndarray) else array[()]
