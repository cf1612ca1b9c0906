"""Undoing broadcasting: the transpose of NumPy's broadcasting is a sum."""

from typing import Any

from autograd_lite.precision import total


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum ``g`` over the axes that broadcasting added to an array of ``shape``, or stretched.

    Parameters
    ----------
    g : array or Tensor
        The cotangent of the broadcast array.
    shape : tuple of int
        The shape before broadcasting.

    Returns
    -------
    array or Tensor, of ``shape`` and of the dtype of ``g``

    Examples
    --------
    >>> import numpy as np
    >>> unbroadcast(np.ones((4, 3), np.float32), (1, 3))
    array([[4., 4., 4.]], dtype=float32)
    """
    if g.shape == shape:
        return g
    added = g.ndim - len(shape)
    stretched = [
        added + axis for axis, size in enumerate(shape) if size == 1 and g.shape[added + axis] != 1
    ]
    return total(g, axis=(*range(added), *stretched)).reshape(shape)
