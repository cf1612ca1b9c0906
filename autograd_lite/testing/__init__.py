"""The gradient-test kit: test the gradients of an op, or of a whole model, with hypothesis.

Needs the extra ``testing``.

Examples
--------
This is all it takes to test a function of your own to second order, over shapes that broadcast,
layouts in memory, empty arrays and arrays without axes:

>>> import numpy as np
>>> from hypothesis import given
>>> from autograd_lite import exp, testing
>>> @given(testing.operands(2))
... def test_gaussian(inputs):
...     testing.check_gradients(lambda x, y: exp(-x * x) * y, *inputs)
>>> test_gaussian()
"""

from importlib.util import find_spec

from autograd_lite.errors import MissingExtraError

if find_spec("hypothesis") is None:
    raise MissingExtraError("hypothesis", "testing")

from autograd_lite.testing.checks import check_gradients
from autograd_lite.testing.spec import Case, Spec, cases
from autograd_lite.testing.strategies import (
    arrange,
    broadcastable_shapes,
    floating_dtypes,
    layouts,
    operands,
    values,
)

__all__ = [
    "Case",
    "Spec",
    "arrange",
    "broadcastable_shapes",
    "cases",
    "check_gradients",
    "floating_dtypes",
    "layouts",
    "operands",
    "values",
]
