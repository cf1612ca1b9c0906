"""Activations made of straight pieces, or of a parabola between them."""

from __future__ import annotations

from autograd_lite import Tensor, TensorLike
from nn import functional
from nn.functional.activations.piecewise import check_bounds, check_shrinkage
from nn.layers.construction import ShownByCall


class ReLU(ShownByCall):
    """``maximum(x, 0)``, elementwise; the gradient at 0 is 0.

    Examples
    --------
    >>> ReLU()([-1.0, 2.0])
    Tensor([0., 2.])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the positive part, of the shape of ``x``."""
        return functional.relu(x)


class ReLU6(ShownByCall):
    """``x``, but no less than 0 and no more than 6; the gradient at 0 and 6 is 0.

    Examples
    --------
    >>> ReLU6()([-1.0, 3.0, 7.0])
    Tensor([0., 3., 6.])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the bounded values, of the shape of ``x``."""
        return functional.relu6(x)


class Hardtanh(ShownByCall):
    """``x``, but no less than ``min_val`` and no more than ``max_val``; the gradient there is 0.

    Parameters
    ----------
    min_val, max_val : float

    Raises
    ------
    DomainError
        If ``min_val`` is above ``max_val``.

    Examples
    --------
    >>> Hardtanh()([-2.0, 0.5, 2.0])
    Tensor([-1. ,  0.5,  1. ])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        check_bounds("Hardtanh", min_val, max_val)
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, x: TensorLike) -> Tensor:
        """Return the bounded values, of the shape of ``x``."""
        return functional.hardtanh(x, self.min_val, self.max_val)


class Hardsigmoid(ShownByCall):
    """``relu6(x + 3) / 6``, a sigmoid of straight pieces; the gradient at ±3 is 0.

    Examples
    --------
    >>> Hardsigmoid()([-4.0, 0.0, 4.0])
    Tensor([0. , 0.5, 1. ])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values from 0 to 1, of the shape of ``x``."""
        return functional.hardsigmoid(x)


class Hardswish(ShownByCall):
    """``x * hardsigmoid(x)``; the gradient at -3 is 0, and that at 3 is 1.

    Examples
    --------
    >>> Hardswish()([-1.0, 0.0, 4.0])
    Tensor([-0.33333333,  0.        ,  4.        ])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the gated values, of the shape of ``x``."""
        return functional.hardswish(x)


class Hardshrink(ShownByCall):
    """``x`` where its size is above ``lambd``, else 0; the gradient at ±lambd is 0.

    Parameters
    ----------
    lambd : float

    Examples
    --------
    >>> Hardshrink()([-2.0, 0.5, 2.0])
    Tensor([-2.,  0.,  2.])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values that are large, of the shape of ``x``."""
        return functional.hardshrink(x, self.lambd)


class Softshrink(ShownByCall):
    """``x`` moved towards 0 by ``lambd``, and 0 from there on; the gradient at ±lambd is 0.

    Parameters
    ----------
    lambd : float
        At least 0.

    Raises
    ------
    DomainError
        If ``lambd`` is negative.

    Examples
    --------
    >>> Softshrink()([-2.0, 0.25, 2.0])
    Tensor([-1.5,  0. ,  1.5])
    """

    def __init__(self, lambd: float = 0.5) -> None:
        check_shrinkage("Softshrink", lambd)
        self.lambd = lambd

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values moved, of the shape of ``x``."""
        return functional.softshrink(x, self.lambd)


class Threshold(ShownByCall):
    """``x`` where it is above ``threshold``, else ``value``; the gradient there is 0.

    Parameters
    ----------
    threshold, value : float

    Examples
    --------
    >>> Threshold(1.0, -5.0)([0.0, 1.0, 2.0])
    Tensor([-5., -5.,  2.])
    """

    def __init__(self, threshold: float, value: float) -> None:
        self.threshold = threshold
        self.value = value

    def forward(self, x: TensorLike) -> Tensor:
        """Return the values, some replaced, of the shape of ``x``."""
        return functional.threshold(x, self.threshold, self.value)
