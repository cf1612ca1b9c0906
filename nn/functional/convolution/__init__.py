"""Convolution along one, two and three axes, transposed convolution, and windows as columns."""

from nn.functional.convolution.columns import fold, unfold
from nn.functional.convolution.functions import conv1d, conv2d, conv3d
from nn.functional.convolution.transposed import (
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
)

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "fold",
    "unfold",
]
