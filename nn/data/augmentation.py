"""Augmentation: images that are moved, turned, scaled and bent at random."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite.errors import DomainError, DTypeError, ShapeError

Array: TypeAlias = npt.NDArray[Any]

_MOST = 1e6
"""Of any setting: beyond, images are lost anyway, and numbers overflow."""


class RandomAffine:
    """Turns, moves and scales each image at random, around its middle.

    All at once, by one bilinear resampling.

    Parameters
    ----------
    degrees : float
        Turn by up to so many degrees, in both directions.
    translate : float
        Move by up to this part of the height, and of the width.
    scale : float, or two floats
        Enlarge by a factor between the two; 0.1 stands for (0.9, 1.1).
    fill : float
        What lies around the images.
    image_shape : tuple of int, optional
        (H, W) or (C, H, W) of images that are given as rows of pixels, such as MNIST's.

    Raises
    ------
    DomainError
        If a number is negative, a factor not above 0, or one larger than a million;
        if ``image_shape`` isn't one. When called: if the images can't have the value ``fill``.

    See Also
    --------
    ElasticTransform

    Notes
    -----
    Names are those of torchvision. There, images are moved by whole pixels.

    Examples
    --------
    >>> turn = RandomAffine(degrees=10, translate=0.1, scale=0.1, image_shape=(28, 28))
    >>> turn(np.ones((5, 784), np.float32), rng=0).shape
    (5, 784)

    In training, each batch is drawn anew:

    >>> import nn
    >>> batches = nn.data.Batches(np.ones((20, 784)), batch_size=10, transform=turn, prefetch=2)
    """

    def __init__(
        self,
        degrees: float = 0.0,
        translate: float = 0.0,
        scale: float | Sequence[float] = 0.0,
        *,
        fill: float = 0.0,
        image_shape: tuple[int, ...] | None = None,
    ) -> None:
        self.degrees = _setting(self, "degrees", degrees, 0.0)
        self.translate = _setting(self, "translate", translate, 0.0)
        low, high = _factors(scale)
        self.scale = _setting(self, "scale", low, 1e-6), _setting(self, "scale", high, low)
        self.fill = float(fill)
        self.image_shape = _shape(self, image_shape)

    def __call__(self, images: npt.ArrayLike, rng: np.random.Generator | int | None = None) -> Any:
        """Return changed images.

        Parameters
        ----------
        images : array, shape (N, H, W), (N, C, H, W) or (N, pixels)
            Of a floating dtype, or uint8, whose new values are rounded. Rows of pixels need
            ``image_shape``.
        rng : numpy.random.Generator or int, optional
            Draws what happens to each image; an int is a seed.

        Returns
        -------
        array
            Of the same shape and dtype.

        Raises
        ------
        ShapeError
            If the shape is another one.
        DTypeError
            If the dtype is another one.
        """
        stack = _stacked(self, images, self.image_shape)
        draws = np.random.default_rng(rng)
        return _resampled(self, stack, self.fill, *self.sources(stack, draws), np.shape(images))

    def sources(self, stack: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return from where in the old image each pixel of the new one comes.

        Parameters
        ----------
        stack : array, shape (N, C, H, W)
        rng : numpy.random.Generator

        Returns
        -------
        rows, columns : array, shape (N, H, W)
        """
        count, _, height, width = stack.shape
        angle = np.deg2rad(rng.uniform(-self.degrees, self.degrees, count))
        moved = rng.uniform(-self.translate, self.translate, (2, count))
        zoom = rng.uniform(*self.scale, count)
        # the inverse of what is done to the image: first the move, then the turn and the scale
        cos, sin = (f(angle) / zoom for f in (np.cos, np.sin))
        dtype = _working(stack)
        middle_y, middle_x = (height - 1) / 2, (width - 1) / 2
        y = _column(np.arange(height) - middle_y - moved[0, :, None] * height, dtype)[..., None]
        x = _column(np.arange(width) - middle_x - moved[1, :, None] * width, dtype)[:, None, :]
        cos, sin = (_column(part, dtype)[:, None, None] for part in (cos, sin))
        middle_y, middle_x = dtype.type(middle_y), dtype.type(middle_x)
        return (cos * y + middle_y) + sin * x, (middle_x - sin * y) + cos * x


class ElasticTransform:
    """Bends each image at random: each pixel is moved, its neighbours alike.

    Displacements are drawn between -1 and 1 for each pixel, smoothed by a Gaussian, and multiplied
    by ``alpha``. So handwriting varies.

    Parameters
    ----------
    alpha : float
        How far pixels are moved.
    sigma : float
        Width of the Gaussian, in pixels.
    affine : RandomAffine, optional
        What is done to the images as well, in the same resampling. Of it, the ``fill`` and the
        ``image_shape`` don't count.
    fill, image_shape
        As for :class:`RandomAffine`.

    Raises
    ------
    DomainError
        If ``alpha`` is negative, ``sigma`` isn't above 0, or one is larger than a million; and as
        for :class:`RandomAffine`.

    Notes
    -----
    Simard, Steinkraus and Platt, Best practices for convolutional neural networks applied to visual
    document analysis, 2003, who took ``alpha=34`` and ``sigma=4`` for MNIST.

    Examples
    --------
    >>> bend = ElasticTransform(34, 4, affine=RandomAffine(degrees=10))
    >>> bend(np.ones((5, 28, 28), np.float32), rng=0).dtype
    dtype('float32')
    """

    def __init__(
        self,
        alpha: float = 34.0,
        sigma: float = 4.0,
        *,
        affine: RandomAffine | None = None,
        fill: float = 0.0,
        image_shape: tuple[int, ...] | None = None,
    ) -> None:
        self.alpha = _setting(self, "alpha", alpha, 0.0)
        self.sigma = _setting(self, "sigma", sigma, 1e-6)
        self.affine = RandomAffine() if affine is None else affine
        self.fill = float(fill)
        self.image_shape = _shape(self, image_shape)

    def __call__(self, images: npt.ArrayLike, rng: np.random.Generator | int | None = None) -> Any:
        """Return changed images: see :meth:`RandomAffine.__call__`."""
        stack = _stacked(self, images, self.image_shape)
        draws = np.random.default_rng(rng)
        rows, columns = self.affine.sources(stack, draws)
        down, across = (_smoothing(n, self.sigma, rows.dtype) for n in rows.shape[1:])
        for places in (rows, columns):
            noise = draws.random(places.shape, np.float32).astype(places.dtype, copy=False)
            noise *= 2
            noise -= 1
            np.add(places, self.alpha * (down @ (noise @ across.T)), out=places)
        return _resampled(self, stack, self.fill, rows, columns, np.shape(images))


def _smoothing(n: int, sigma: float, dtype: np.dtype[Any]) -> Array:
    """Return a matrix that smooths n values by a Gaussian, with zeros around them."""
    apart = np.abs(np.arange(n)[:, None] - np.arange(n))
    radius = int(4 * sigma + 0.5)
    weights = np.exp(-((np.arange(-radius, radius + 1) / sigma) ** 2) / 2)
    matrix: Array = np.exp(-((apart / sigma) ** 2) / 2) / weights.sum()
    matrix[apart > radius] = 0
    return matrix.astype(dtype)


def _resampled(
    whose: object,
    stack: Array,
    fill: float,
    rows: Array,
    columns: Array,
    shape: tuple[int, ...],
) -> Array:
    """Take the images at these places, between pixels bilinearly."""
    count, channels, height, width = stack.shape
    dtype = _working(stack)
    kind: Any = np.iinfo if stack.dtype == np.uint8 else np.finfo
    lowest, highest = (float(end) for end in (kind(stack.dtype).min, kind(stack.dtype).max))
    if not lowest <= fill <= highest:
        raise DomainError(
            f"{type(whose).__name__}: fill must lie between {lowest} and {highest}, as values of "
            f"{stack.dtype} do; {fill} doesn't"
        )
    # a border of what lies around the images: whatever is farther away is the same
    padded = np.full((count, channels, height + 3, width + 3), fill, dtype)
    padded[:, :, 1:-2, 1:-2] = stack
    top, down = _parted(rows, height)
    left, right = _parted(columns, width)
    corner = top * (width + 3) + left
    corner += (np.arange(count) * padded[0].size)[:, None, None] if count else 0
    new = np.empty(stack.shape, stack.dtype)
    flat = padded.reshape(-1)
    for channel in range(channels):
        image = flat[channel * (height + 3) * (width + 3) :]
        upper, lower = (
            _between(image[line:].take(corner), image[line + 1 :].take(corner), right)
            for line in (0, width + 3)
        )
        values = _between(upper, lower, down)
        new[:, channel] = np.rint(values) if stack.dtype == np.uint8 else values
    return new.reshape(shape)


def _parted(places: Array, size: int) -> tuple[npt.NDArray[np.intp], Array]:
    """Return the pixel before each place, counted with the border, and how far it is beyond."""
    places = np.clip(places, -1, size)
    whole = np.floor(places)
    places -= whole
    return (whole + 1).astype(np.intp), places


def _between(first: Array, second: Array, part: Array) -> Array:
    second -= first
    second *= part
    second += first
    return second


def _stacked(whose: object, images: npt.ArrayLike, image_shape: tuple[int, ...] | None) -> Array:
    """Return images as an array of shape (N, C, H, W)."""
    name, array = type(whose).__name__, np.asarray(images)
    if array.dtype.kind != "f" and array.dtype != np.uint8:
        raise DTypeError(f"{name} of {array.dtype}: images must be floating or uint8")
    shape = array.shape[1:]
    if array.ndim == 2:
        if image_shape is None or prod(image_shape) != shape[0]:
            raise ShapeError(
                f"{name} of shape {array.shape}: for rows of pixels give image_shape=(H, W) or "
                f"(C, H, W) with {shape[0]} pixels, not {image_shape}"
            )
        shape = image_shape
    elif array.ndim not in (3, 4):
        raise ShapeError(
            f"{name} of shape {array.shape}: images must be (N, H, W), (N, C, H, W), or (N, pixels)"
        )
    channels = shape[0] if len(shape) == 3 else 1
    return array.reshape(len(array), channels, *shape[-2:])


def _working(stack: Array) -> np.dtype[Any]:
    return np.result_type(np.float32, stack.dtype if stack.dtype.kind == "f" else np.float32)


def _column(values: Array, dtype: np.dtype[Any]) -> Array:
    return np.asarray(values, dtype)


def _setting(whose: object, name: str, value: float, least: float) -> float:
    number = float(value)
    if not least <= number <= _MOST:  # NaN neither
        raise DomainError(
            f"{type(whose).__name__}: {name} must lie between {least:g} and {_MOST:g}, not "
            f"{value!r}"
        )
    return number


def _factors(scale: float | Sequence[float]) -> tuple[float, float]:
    values = np.asarray(scale, float)
    if values.shape not in ((), (2,)):
        raise DomainError(f"RandomAffine: scale must be one number or two, not {scale!r}")
    low, high = values if values.ndim else (1 - values, 1 + values)
    return float(low), float(high)


def _shape(whose: object, image_shape: Any) -> tuple[int, ...] | None:
    if image_shape is None:
        return None
    sizes = np.asarray(image_shape)
    if sizes.shape not in ((2,), (3,)) or sizes.dtype.kind not in "iu" or sizes.min() < 1:
        raise DomainError(
            f"{type(whose).__name__}: image_shape must be (H, W) or (C, H, W), not {image_shape!r}"
        )
    return tuple(map(int, image_shape))
