"""Where in a sequence a row stands, told by numbers that are added to it."""

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor
from autograd_lite.errors import DTypeError, ShapeError


def sinusoidal_encoding(length: int, features: int, *, dtype: npt.DTypeLike = np.float32) -> Tensor:
    """Return sines and cosines of the positions, from wavelength 2π to 20,000π.

    Columns 2i and 2i + 1 are the sine and the cosine of ``position / 10000**(2i / features)``.

    Parameters
    ----------
    length : int
        The number of positions.
    features : int
        The number of columns; if it is odd, the last sine has no cosine.
    dtype : dtype
        Real and floating. The angles are computed in float64.

    Returns
    -------
    Tensor, shape (length, features)
        A constant.

    Raises
    ------
    ShapeError
        If a size is negative or no integer.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    Vaswani and others, Attention is all you need, 2017, section 3.5.

    Examples
    --------
    >>> sinusoidal_encoding(2, 3)
    Tensor([[0.        , 1.        , 0.        ],
            [0.84147096, 0.5403023 , 0.00215443]], dtype=float32)
    """
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in (length, features)):
        raise ShapeError(
            f"sinusoidal_encoding({length}, {features}): sizes must be integers, at least 0"
        )
    if np.dtype(dtype).kind != "f":
        raise DTypeError(
            f"sinusoidal_encoding of dtype {np.dtype(dtype)}: it must be real and floating"
        )
    column = np.arange(features)
    angles = np.arange(length)[:, None] / 10000.0 ** ((column - column % 2) / max(features, 1))
    return Tensor(np.where(column % 2, np.cos(angles), np.sin(angles)), dtype=dtype)
