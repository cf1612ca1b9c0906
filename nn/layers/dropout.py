"""Dropout as layers; as functions they are in :mod:`nn.functional`."""

from __future__ import annotations

import numpy as np

from autograd_lite import Tensor, TensorLike
from nn.functional.dropout import (
    alpha_dropout,
    check_probability,
    dropout,
    dropout1d,
    dropout2d,
    feature_alpha_dropout,
)
from nn.module import Module


class _Dropping(Module):
    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | int | None = None) -> None:
        check_probability(type(self).__name__, p)
        self.p = float(p)
        self.rng = np.random.default_rng(rng)

    def signature(self) -> str:
        """Return the constructor call, without the generator."""
        return f"{type(self).__name__}(p={self.p})"


class Dropout(_Dropping):
    """Zeroes each value with probability ``p`` in training, and divides the others by ``1 - p``.

    After ``eval()`` it changes nothing.

    Parameters
    ----------
    p : float
        From 0 to 1. It may be changed between steps.
    rng : numpy.random.Generator or int, optional
        Draws the masks, one after the other; an int is a seed. One generator can go through a
        whole model, and draw initial values and masks: the same seed then gives the same run.

    Raises
    ------
    DomainError
        If ``p`` isn't between 0 and 1.

    Notes
    -----
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, Dropout: a simple way to prevent
    neural networks from overfitting, 2014. In a checkpoint, the second run has the same mask.

    Examples
    --------
    >>> layer = Dropout(0.5, rng=3)
    >>> layer(np.ones(6))
    Tensor([2., 0., 0., 0., 0., 2.])
    >>> layer = layer.eval()
    >>> layer(np.ones(6))
    Tensor([1., 1., 1., 1., 1., 1.])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, in training with some of them zeroed."""
        return dropout(x, self.p, self.training, rng=self.rng)


class Dropout1d(_Dropping):
    """Zeroes each channel of a sequence with probability ``p`` in training; see :class:`Dropout`.

    Parameters
    ----------
    p, rng
        As in :class:`Dropout`.

    Raises
    ------
    DomainError
        If ``p`` isn't between 0 and 1.

    Examples
    --------
    >>> Dropout1d(0.5, rng=3)(np.ones((3, 2)))
    Tensor([[2., 2.],
            [0., 0.],
            [0., 0.]])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, which is (N, C, L) or (C, L)."""
        return dropout1d(x, self.p, self.training, rng=self.rng)


class Dropout2d(_Dropping):
    """Zeroes each channel of an image with probability ``p`` in training; see :class:`Dropout`.

    Parameters
    ----------
    p, rng
        As in :class:`Dropout`.

    Raises
    ------
    DomainError
        If ``p`` isn't between 0 and 1.

    Examples
    --------
    >>> Dropout2d(0.5, rng=3)(np.ones((1, 3, 2, 2)))[..., 0, 0]
    Tensor([[2., 0., 0.]])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, which is (N, C, H, W)."""
        return dropout2d(x, self.p, self.training, rng=self.rng)


class AlphaDropout(_Dropping):
    """Dropout for SELU units, which keeps mean 0 and variance 1; see ``alpha_dropout``.

    Parameters
    ----------
    p, rng
        As in :class:`Dropout`.

    Raises
    ------
    DomainError
        If ``p`` isn't between 0 and 1.

    Examples
    --------
    >>> AlphaDropout(0.2, rng=3)(np.zeros(4)).round(2)
    Tensor([ 0.31, -1.24, -1.24,  0.31])
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``."""
        return alpha_dropout(x, self.p, self.training, rng=self.rng)


class FeatureAlphaDropout(_Dropping):
    """:class:`AlphaDropout` of whole channels.

    Parameters
    ----------
    p, rng
        As in :class:`Dropout`.

    Raises
    ------
    DomainError
        If ``p`` isn't between 0 and 1.

    Examples
    --------
    >>> FeatureAlphaDropout(0.2, rng=3)(np.zeros((1, 2, 3))).shape
    (1, 2, 3)
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return values of the shape of ``x``, which is (N, C, ...)."""
        return feature_alpha_dropout(x, self.p, self.training, rng=self.rng)
