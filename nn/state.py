"""What is checked before saved values go into a model."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor
from autograd_lite.errors import ForeignOperandError, StateDictError

_MOST = 20  # problems that a message lists


def fitting(
    own: Mapping[str, Tensor], state: Mapping[str, npt.ArrayLike], whose: str
) -> dict[str, npt.NDArray[np.generic]]:
    """Return the values of a state in the dtypes of the tensors that they are for.

    Raises
    ------
    StateDictError
        If a name is missing or unexpected, or values don't fit. The problems are listed together.
    """
    if not isinstance(state, Mapping):
        raise StateDictError(
            f"{whose} needs a state as state_dict() returns it, not {state!r:.80}; files are read "
            "by nn.load"
        )
    problems = _wrong_names(own, state)
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    first: dict[Tensor, str] = {}
    for name, tensor in own.items():
        if name in state:
            found = _fitted(name, state[name], tensor)
            if isinstance(found, str):
                problems.append(found)
                continue
            arrays[name] = found
            other = first.setdefault(tensor, name)
            if other != name and not np.array_equal(arrays[other], found, equal_nan=True):
                problems.append(f"ambiguous: {other} and {name} are one tensor, and differ here")
    _refuse(problems, whose)
    return arrays


def misfits(own: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]], whose: str) -> None:
    """Raise a StateDictError as :func:`fitting` does, for what names and shapes tell."""
    problems = _wrong_names(own, shapes)
    for name, tensor in own.items():
        if name in shapes and shapes[name] != tensor.shape:
            problems.append(f"misshapen: {name} has {shapes[name]}, needs {tensor.shape}")
    _refuse(problems, whose)


def _wrong_names(own: Mapping[str, Tensor], state: Mapping[str, object]) -> list[str]:
    missing = [f"missing: {name}" for name in own if name not in state]
    return missing + [f"unexpected: {name!s:.200}" for name in state if name not in own]


def _refuse(problems: list[str], whose: str) -> None:
    if problems:
        more = len(problems) - _MOST
        listed = problems[:_MOST] + ([f"and {more} more"] if more > 0 else [])
        raise StateDictError(
            f"this state doesn't fit {whose}, and nothing was loaded: " + "; ".join(listed)
        )


def _fitted(name: str, values: npt.ArrayLike, tensor: Tensor) -> npt.NDArray[np.generic] | str:
    """Return values as the tensor needs them, or what is wrong with them."""
    try:
        array = np.asarray(values.data if isinstance(values, Tensor) else values)
        if type(values) is not np.ndarray and array.dtype.kind in "biufc":
            as_tensor(values)  # an error where it means more than its numbers
    except ForeignOperandError as error:
        return f"not loadable: {name}: {error}"
    except ValueError:
        return f"not loadable: {name} is ragged"
    if array.shape != tensor.shape:
        return f"misshapen: {name} has {array.shape}, needs {tensor.shape}"
    floating = tensor.dtype.kind == "f"
    if array.dtype.kind not in "biuf" or (array.dtype.kind == "f" and not floating):
        return f"not loadable: {name} has dtype {array.dtype}"
    with np.errstate(over="ignore"):
        converted = array.astype(tensor.dtype, copy=False)
    if not np.array_equal(np.isfinite(converted), np.isfinite(array)) or (
        not floating and not np.array_equal(converted, array)
    ):
        return f"not loadable: {name} has values beyond {tensor.dtype}"
    return converted
