"""What users can catch: every error this project raises on purpose.

Each class also derives from the built-in exception that NumPy or Python would raise in its place,
so ``except ValueError`` keeps working.
"""

import typing

import numpy as np


class AutogradLiteError(Exception):
    """Base class of the errors that autograd_lite raises on purpose.

    They can be pickled and copied whatever their constructors take: other processes raise them.
    """

    def __reduce__(self) -> tuple[typing.Any, ...]:
        reduced: typing.Any = super().__reduce__()
        kind, args, *state = reduced
        return _made_again, (kind, args), *state


def _made_again(kind: type[AutogradLiteError], args: tuple[typing.Any, ...]) -> AutogradLiteError:
    """Return an error without calling its own constructor, but its built-in base's."""
    error = kind.__new__(kind, *args)
    builtin: typing.Any = next(
        base for base in kind.__mro__ if not issubclass(base, AutogradLiteError)
    )
    builtin.__init__(error, *args)
    return error


class ShapeError(AutogradLiteError, ValueError):
    """Shapes, axes or sizes that an op can't combine."""


class AxisError(ShapeError, IndexError):
    """An axis that an array doesn't have."""


class DTypeError(AutogradLiteError, TypeError):
    """A data type that an op, or a gradient, isn't defined for."""


class ForeignOperandError(DTypeError, TypeError):
    """An operand of another library that may mean more than its numbers: a unit, an index."""


class ScalarError(ShapeError, TypeError):
    """Several values, or none, where Python asks for one number."""


class DomainError(AutogradLiteError, ValueError):
    """Values outside the range that an op is defined for, such as a class label of -1."""


class WeightsError(DomainError, ZeroDivisionError):
    """Weights of a mean that sum to 0."""


class LinearAlgebraError(AutogradLiteError, np.linalg.LinAlgError, ValueError):
    """Matrices that a factorization isn't defined for, or doesn't converge for: singular ones."""


class IndexingError(AutogradLiteError, IndexError):
    """An index that is out of bounds or of a kind that can't index."""


class GraphError(AutogradLiteError, RuntimeError):
    """A graph that can't give the gradient that was asked for."""


class NonFiniteError(AutogradLiteError, FloatingPointError):
    """An op made NaN or infinity of finite values, under ``trace_nans``."""


class UnsupportedError(AutogradLiteError, TypeError):
    """A NumPy function, keyword or way of use that has no derivative here."""


class UnsupportedAttributeError(UnsupportedError, AttributeError):
    """An attribute of NumPy's arrays that tensors don't have, or that can't be set."""


class SharingError(AutogradLiteError, BufferError, ValueError):
    """Memory that can't be shared without a copy, or with another library."""


class MissingExtraError(AutogradLiteError, ImportError):
    """An optional package isn't installed; the message names the extra that brings it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package {package!r}, which isn't installed; "
            f"run: pip install 'autograd-lite[{extra}]'",
            name=package,
        )


class GradientCheckError(AutogradLiteError, AssertionError):
    """A gradient that finite differences contradict."""


class StateDictError(AutogradLiteError, ValueError):
    """A state_dict that doesn't fit the module; nothing of it was loaded."""


class DatasetError(AutogradLiteError, OSError):
    """A data set that is missing, altered, or can't be downloaded."""
