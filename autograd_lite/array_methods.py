"""NumPy's array methods: each asks for the NumPy function of its name."""

from typing import Self

import numpy as np

from autograd_lite.dispatch import call
from autograd_lite.graph import Node


class ArrayMethods(Node):
    """The methods of a tensor that need no speed; what they do is said where the functions are."""

    __slots__ = ()

    def ravel(self) -> Self:
        """Return the values along one axis."""
        flat: Self = call(np.reshape, (self, -1), {})
        return flat
