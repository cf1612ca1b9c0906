"""Images in another size, as a layer; as a function it is :func:`nn.functional.interpolate`."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_lite import Tensor, TensorLike
from nn.functional import interpolate
from nn.functional.per_axis import PerAxis
from nn.functional.resampling import check_options
from nn.module import Module


class Upsample(Module):
    """Make signals, images or volumes larger, or smaller, by interpolation.

    Parameters
    ----------
    size : int or sequence of int, optional
        The new lengths of the axes behind the channels. Give this or ``scale_factor``.
    scale_factor : float or sequence of float, optional
        By how much to multiply the lengths.
    mode : str
        ``"nearest"``, ``"linear"``, ``"bilinear"``, ``"bicubic"``, ``"trilinear"`` or
        ``"nearest-exact"``; see :func:`nn.functional.interpolate`.
    align_corners : bool, optional
        Whether the middles of the corner values stay the corners.
    recompute_scale_factor : bool, optional
        Take the ratio of the lengths for the scale, and not ``scale_factor`` itself.

    Raises
    ------
    DomainError
        If not one of ``size`` and ``scale_factor`` is given, or an option doesn't fit the mode.
    ShapeError
        If ``size`` isn't made of integers. When called: if ``x`` has other axes than the mode is
        for.

    Examples
    --------
    >>> import numpy as np
    >>> Upsample(scale_factor=2, mode="bilinear")(np.zeros((1, 3, 8, 8))).shape
    (1, 3, 16, 16)
    """

    def __init__(
        self,
        size: PerAxis | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        check_options("Upsample", size, scale_factor, mode, align_corners)
        self.size = tuple(size) if isinstance(size, list) else size
        self.scale_factor = tuple(scale_factor) if isinstance(scale_factor, list) else scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, x: TensorLike) -> Tensor:
        """Return ``x``, shape (n, c, ...), with other lengths behind the channels."""
        return interpolate(
            x,
            self.size,
            self.scale_factor,
            self.mode,
            self.align_corners,
            self.recompute_scale_factor,
        )

    def signature(self) -> str:
        """Return the constructor call."""
        given = {
            "size": self.size,
            "scale_factor": self.scale_factor,
            "mode": None if self.mode == "nearest" else self.mode,
            "align_corners": self.align_corners,
            "recompute_scale_factor": self.recompute_scale_factor,
        }
        shown = (f"{name}={value!r}" for name, value in given.items() if value is not None)
        return f"Upsample({', '.join(shown)})"
