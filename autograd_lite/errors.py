"""The errors that this project raises on purpose, for users to catch.

Each class also derives from the built-in exception that NumPy or Python would raise in its place,
so ``except ValueError`` keeps working.
"""

import typing

import numpy as np


class AutogradLiteError(Exception):
    """Base class of the errors that autograd_lite raises on purpose.

    They can be pickled and copied whatever their constructors take, so they can cross from one
    process to another.
    """

    def __reduce__(self) -> tuple[typing.Any, ...]:
        reduced: typing.Any = super().__reduce__()
        kind, args, *state = reduced
        return _rebuilt, (kind, args), *state


def _rebuilt(kind: type[AutogradLiteError], args: tuple[typing.Any, ...]) -> AutogradLiteError:
    """Return an error by the constructor of its built-in base class instead of its own."""
    error = kind.__new__(kind, *args)
    builtin: typing.Any = next(
        base for base in kind.__mro__ if not issubclass(base, AutogradLiteError)
    )
    builtin.__init__(error, *args)
    return error


class ShapeError(AutogradLiteError, ValueError):
    """An op can't combine these shapes, axes or sizes."""


class AxisError(ShapeError, IndexError):
    """An array doesn't have this axis."""


class DTypeError(AutogradLiteError, TypeError):
    """An op, or a gradient, isn't defined for this data type."""


class ForeignOperandError(DTypeError, TypeError):
    """An operand of another library may mean more than its numbers: a unit, an index."""


class ScalarError(ShapeError, TypeError):
    """A tensor has several values, or none, where Python asks for one number."""


class DomainError(AutogradLiteError, ValueError):
    """Values are outside the domain of an op, such as a class label of -1."""


class WeightsError(DomainError, ZeroDivisionError):
    """The weights of a mean sum to 0."""


class LinearAlgebraError(AutogradLiteError, np.linalg.LinAlgError, ValueError):
    """A factorization isn't defined for a matrix, such as a singular one, or doesn't converge."""


class IndexingError(AutogradLiteError, IndexError):
    """An index is out of bounds, or of a type that can't index."""


class GraphError(AutogradLiteError, RuntimeError):
    """The graph can't give the gradient that was asked for."""


class NonFiniteError(AutogradLiteError, FloatingPointError):
    """An op turned finite values into NaN or infinity, under ``trace_nans``."""


class UnsupportedError(AutogradLiteError, TypeError):
    """A NumPy function, keyword or way of calling one has no derivative here."""


class UnsupportedAttributeError(UnsupportedError, AttributeError):
    """Tensors don't have this attribute of NumPy's arrays, or it can't be set."""


class SharingError(AutogradLiteError, BufferError, ValueError):
    """Memory can't be shared without a copy, or with another library."""


class CaptureError(AutogradLiteError, RuntimeError):
    """A call can't be captured, and ``on_miss="error"`` asks for an error."""


class CaptureWarning(UserWarning):
    """A call can't be captured, and runs as it is; the message names the line and the reason."""


class MissingExtraError(AutogradLiteError, ImportError):
    """An optional package isn't installed; the message names the extra to install."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package {package!r}, which isn't installed; "
            f"run: pip install 'autograd-lite[{extra}]'",
            name=package,
        )


class GradientCheckError(AutogradLiteError, AssertionError):
    """Finite differences contradict a gradient."""


class StateDictError(AutogradLiteError, ValueError):
    """A ``state_dict`` doesn't fit the module; none of it was loaded."""


class ParallelError(AutogradLiteError, RuntimeError):
    """Processes that train together don't do the same, or one of them has ended."""


class CheckpointError(AutogradLiteError, ValueError):
    """A file isn't a whole one of saved arrays, or not of what is to be loaded."""


class DatasetError(AutogradLiteError, OSError):
    """A data set is missing or altered, or can't be downloaded."""
