"""ReLUs with a slope on the negative side that is given, learned or drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, TensorLike
from nn import functional
from nn.functional.activations.leaky import check_slopes
from nn.layers.construction import ShownByCall, require_floating, require_sizes


class LeakyReLU(ShownByCall):
    """``x`` where it is positive, and ``negative_slope * x`` elsewhere, also at 0.

    Parameters
    ----------
    negative_slope : float

    Examples
    --------
    >>> LeakyReLU(0.1)([-2.0, 3.0])
    Tensor([-0.2,  3. ])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values, the negative ones scaled, of the shape of ``x``."""
        return functional.leaky_relu(x, self.negative_slope)


class PReLU(ShownByCall):
    """``x`` where it is positive, and ``weight * x`` elsewhere: a leaky ReLU that learns its slope.

    Parameters
    ----------
    num_parameters : int
        1, or the number of channels along axis 1, each with a slope of its own.
    init : float
        The slope to begin with.
    dtype : dtype
        Real and floating.

    Attributes
    ----------
    weight : Tensor, shape (num_parameters,)
        The gradient at 0 is this slope. Weight decay would pull it to 0, a plain ReLU.

    Raises
    ------
    ShapeError
        If ``num_parameters`` isn't a positive integer.
    DTypeError
        If ``dtype`` isn't real and floating.

    Notes
    -----
    He, Zhang, Ren and Sun, Delving deep into rectifiers, arXiv:1502.01852, 2015.

    Examples
    --------
    >>> PReLU()([-2.0, 3.0])
    Tensor([-0.5,  3. ], op=prelu)
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: npt.DTypeLike = np.float32
    ) -> None:
        require_sizes(f"PReLU({num_parameters})", num_parameters)
        require_floating("PReLU", dtype)
        self.num_parameters = int(num_parameters)
        self.init = init
        self.weight = Tensor(np.full(num_parameters, init), requires_grad=True, dtype=dtype)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values, the negative ones scaled, of the shape of ``x``."""
        return functional.prelu(x, self.weight)


class RReLU(ShownByCall):
    """``x`` where it is positive, and in training ``x`` times a slope drawn for it elsewhere.

    After ``eval()`` the slope is the mean of ``lower`` and ``upper``.

    Parameters
    ----------
    lower, upper : float
        Slopes are uniform between these.
    rng : numpy.random.Generator or int, optional
        Draws the slopes, call after call; an int is a seed.

    Raises
    ------
    DomainError
        If ``lower`` is above ``upper``.

    Notes
    -----
    Xu, Wang, Chen and Li, Empirical evaluation of rectified activations in convolutional network,
    arXiv:1505.00853, 2015. In a checkpoint, the second run has the same slopes.

    Examples
    --------
    >>> RReLU(0.5, 0.5, rng=0)([-2.0, 3.0])
    Tensor([-1.,  3.])
    """

    def __init__(
        self,
        lower: float = 1 / 8,
        upper: float = 1 / 3,
        *,
        rng: np.random.Generator | int | None = None,
    ) -> None:
        check_slopes("RReLU", lower, upper)
        self.lower = lower
        self.upper = upper
        self.rng = np.random.default_rng(rng)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values, the negative ones scaled, of the shape of ``x``."""
        return functional.rrelu(x, self.lower, self.upper, self.training, rng=self.rng)
