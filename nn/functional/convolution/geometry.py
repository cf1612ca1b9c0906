"""How the windows of a convolution lie over an array."""

from typing import Any, NamedTuple

from numpy.lib.stride_tricks import sliding_window_view


class Geometry(NamedTuple):
    """How windows are laid over the axes of an array, one entry for each axis.

    Attributes
    ----------
    stride : tuple of int
        Steps from one window to the next.
    padding : tuple of (int, int)
        How many zeros come before and after.
    dilation : tuple of int
        Steps from one value of a window to the next.
    groups : int
        Into how many groups the channels are split; each has weights of its own.
    """

    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    groups: int = 1

    def with_axis(self) -> "Geometry":
        """Return the same with an axis of length 1 before the others."""
        return Geometry(
            (1, *self.stride), ((0, 0), *self.padding), (1, *self.dilation), self.groups
        )

    def extents(self, kernel: tuple[int, ...]) -> tuple[int, ...]:
        """Return over how many places a window reaches, along each axis."""
        return tuple(d * (k - 1) + 1 for d, k in zip(self.dilation, kernel, strict=True))

    def padded(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        """Return how long the axes are with their padding."""
        return tuple(n + sum(around) for n, around in zip(sizes, self.padding, strict=True))

    def inner(self, sizes: tuple[int, ...]) -> tuple[slice, ...]:
        """Return where the values lie in the padded array."""
        starts = (before for before, _ in self.padding)
        return tuple(slice(i, i + n) for i, n in zip(starts, sizes, strict=True))

    def counts(self, sizes: tuple[int, ...], kernel: tuple[int, ...]) -> tuple[int, ...]:
        """Return how many windows there are along each axis; 0 or less if none fits."""
        measures = zip(self.padded(sizes), self.extents(kernel), self.stride, strict=True)
        return tuple((n - extent) // step + 1 for n, extent, step in measures)

    def places(
        self, offset: tuple[int, ...], windows: tuple[slice, ...], sizes: tuple[int, ...]
    ) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Return where one value of each window lies, for the windows in which it isn't padding.

        Parameters
        ----------
        offset : tuple of int
            Which value of a window, by its position along the first axes, or all of them.
        windows : tuple of slice
            The windows that are asked about, along the same axes.
        sizes : tuple of int
            The lengths of the axes.

        Returns
        -------
        tuple of slice, tuple of slice
            The places along the axes, and the windows, counted from the first that is asked about.

        Examples
        --------
        >>> geometry = Geometry((2,), ((3, 0),), (1,))
        >>> geometry.places((1,), (slice(0, 5),), (4,))  # at -2, 0, 2, 4 and 6
        ((slice(0, 4, 2),), (slice(1, 3, None),))
        """
        found = [
            meeting(dilation * position - before + step * w.start, step, w.stop - w.start, length)
            for position, w, length, step, dilation, (before, _) in zip(
                offset, windows, sizes, self.stride, self.dilation, self.padding, strict=False
            )
        ]
        return tuple(to for to, _ in found), tuple(source for _, source in found)


def meeting(start: int, step: int, count: int, length: int) -> tuple[slice, slice]:
    """Return which of the places ``start + step * i`` exist, and for which ``i`` below ``count``.

    Examples
    --------
    >>> meeting(-3, 2, 5, 4)  # of -3, -1, 1, 3 and 5, two are in range(4)
    (slice(1, 5, 2), slice(2, 4, None))
    """
    first = max(0, -(start // step))
    last = max(first, min(count, -((start - length) // step)))
    places = range(start + step * first, start + step * last, step) or range(0)
    return slice(places.start, places.stop, step), slice(first, last)


def sliding_windows(
    x: Any, kernel: tuple[int, ...], counts: tuple[int, ...], geometry: Geometry, axis: int
) -> Any:
    """Return a view of the windows along the axes from ``axis`` on; what is in them comes last.

    ``x`` is padded already, and ``counts`` says how many windows there are.
    """
    axes = tuple(range(axis, axis + len(kernel)))
    windows = sliding_window_view(x, geometry.extents(kernel), axes)
    chosen = zip(counts, geometry.stride, strict=True)
    steps = [slice(0, step * (count - 1) + 1, step) for count, step in chosen]
    within = [slice(None, None, step) for step in geometry.dilation]
    others = (slice(None),)
    return windows[(*others * axis, *steps, *others * (x.ndim - axis - len(kernel)), *within)]
