"""What tests of tensors are built with."""

from typing import Any

import numpy as np

from autograd_lite import Tensor

MATRIX = np.array([[0.5, 1.5, 2.5], [1.0, 3.0, 2.0]])


def leaf(values: Any, dtype: Any = np.float64) -> Tensor:
    return Tensor(values, requires_grad=True, dtype=dtype)


def leaves(*shapes: tuple[int, ...]) -> list[Tensor]:
    rng = np.random.default_rng(0)
    return [leaf(rng.uniform(0.5, 2.0, shape)) for shape in shapes]
