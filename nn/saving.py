"""Weights in files: ours, and those of PyTorch's layers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor
from autograd_lite.errors import DomainError
from nn.files import open_arrays, write_arrays
from nn.module import Module
from nn.state import fitting, misfits

Layout: TypeAlias = Literal["ours", "torch"]


def save(
    model: Module,
    path: str | os.PathLike[str],
    *,
    layout: Layout = "ours",
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Save the state of a model, its parameters and buffers, in the format safetensors.

    The file is written beside an older one of that name and takes its place at once, so there is
    always a whole one.

    Parameters
    ----------
    model : Module
    path : path
        Such as ``"model.safetensors"``.
    layout : "ours" or "torch"
        With ``"torch"``, weights of ``Dense`` are transposed: PyTorch's module with the same
        layers loads the file by ``load_state_dict(safetensors.torch.load_file(path))``.
    metadata : mapping of str to str, optional
        Notes for the file's header.

    Raises
    ------
    DomainError
        If the metadata are longer than :func:`load` reads, some 30 MB.
    MissingExtraError
        If safetensors isn't installed.
    OSError
        If the file can't be written; an older one stays as it was.

    Examples
    --------
    >>> import tempfile, pathlib, nn
    >>> model, other = (nn.Dense(3, 2, rng=seed) for seed in (0, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "dense.safetensors"
    ...     nn.save(model, file)
    ...     nn.load(other, file)
    >>> bool((other.weight == model.weight).all())
    True
    """
    state = model.state_dict()
    write_arrays(path, to_layout(model, state, layout), metadata or {})


def load(model: Module, path: str | os.PathLike[str], *, layout: Layout = "ours") -> None:
    """Load the state of a model that :func:`save`, or PyTorch with safetensors, has written.

    Names and shapes are compared before any values are read. The file may come from anybody: there
    is nothing in it that is executed.

    Parameters
    ----------
    model : Module
        With the layers that the file is for.
    path : path
    layout : "ours" or "torch"
        With ``"torch"``, the file is the state of PyTorch's module with the same layers.

    Raises
    ------
    CheckpointError
        If the file isn't a whole one of the format safetensors.
    StateDictError
        If names, shapes or values don't fit the model.
    MissingExtraError
        If safetensors isn't installed.
    OSError
        If the file can't be read.

    After an error, the model is as it was.
    """
    own = dict(model.named_tensors())
    whose = f"{type(model).__name__}, in {os.fspath(path)}"
    with open_arrays(path) as saved:
        transposed = _transposed(model) if _checked(layout) == "torch" else set()
        shapes = {
            name: shape[::-1] if name in transposed else shape
            for name, shape in saved.shapes.items()
        }
        misfits(own, shapes, whose)
        arrays = from_layout(model, {name: saved.read(name) for name in shapes}, layout)
    for name, array in fitting(own, arrays, whose).items():
        own[name].data = array


def to_layout(model: Module, state: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """Return the state of a model with weights as PyTorch's layers have them, or as it is."""
    transposed = _transposed(model) if _checked(layout) == "torch" else set()
    return {name: _plain(x).T if name in transposed else x for name, x in state.items()}


def from_layout(model: Module, state: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
    """Return a state as this model has it, from one with weights as PyTorch's layers have them.

    Examples
    --------
    >>> import nn, numpy as np
    >>> model = nn.Dense(3, 2)
    >>> state = {"weight": np.ones((2, 3)), "bias": np.zeros(2)}  # of torch.nn.Linear(3, 2)
    >>> model.load_state_dict(from_layout(model, state, "torch"))
    """
    return to_layout(model, state, layout)  # transposing undoes itself


def _plain(x: Any) -> npt.NDArray[Any]:
    return np.asarray(x.data if isinstance(x, Tensor) else x)


def _transposed(model: Module) -> set[str]:
    """Return the names of the parameters that are PyTorch's transposed."""
    return {
        f"{name}.{parameter}".removeprefix(".")
        for name, module in model.named_modules()
        for parameter in module.transposed_in_torch
    }


def _checked(layout: Layout) -> Layout:
    if layout not in ("ours", "torch"):
        raise DomainError(f"layout must be 'ours' or 'torch', not {layout!r}")
    return layout
