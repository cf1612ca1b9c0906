"""What proves the layers: files with a list ``LAYERS``, one a family.

One registration buys the suite in ``tests/nn/test_all_layers.py``: gradients and second
derivatives against differences, a captured step that equals eager's, state that makes a round
trip, dtypes, seeds, deltas. With a PyTorch module, it buys the comparison in
``tests/peers/test_torch_layers.py``, too.

    LAYERS = [
        Layer(
            "Conv2d",
            st.builds(lambda padding, x: LayerCase(
                lambda dtype, rng: nn.Conv2d(2, 3, 3, padding=padding, dtype=dtype, rng=rng),
                (x,),
                lambda torch: torch.nn.Conv2d(2, 3, 3, padding=padding),
            ), st.integers(0, 2), arrays_of((2, 2, 5, 5))),
        ),
    ]
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

import nn

FOLDER = Path(__file__).parent
Array = npt.NDArray[Any]


class LayerCase(NamedTuple):
    """A layer with its options, and the arrays that it is called with.

    ``make`` is called as ``make(dtype=..., rng=...)``; a layer without either ignores them.
    Floating inputs are float64 (they are cast for other dtypes), away from kinks. ``torch`` gets
    the module torch and returns the same layer of PyTorch's, with whatever weights: ours are
    loaded into it. ``named`` are keyword arguments of the call, arrays and plain values.
    ``torch_call``, ``(layer, *inputs, **named) -> outputs``, is for a call that is spelt otherwise
    in PyTorch.
    """

    make: Callable[..., nn.Module]
    inputs: tuple[Array, ...]
    torch: Callable[[Any], Any] | None = None
    training: bool = True
    named: Mapping[str, Any] = {}
    torch_call: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Layer:
    """The registration of a layer.

    Parameters
    ----------
    name : str
    cases : hypothesis strategy for LayerCase
    order : int
        The highest order of derivatives to check; 0 if the layer's gradient is defined to be
        another one than the derivative.
    draws : bool
        The layer draws random numbers when it is called in training, so that its function isn't
        differentiated by differences.
    """

    name: str
    cases: st.SearchStrategy[LayerCase] = field(repr=False)
    order: int = 2
    draws: bool = False


def arrays_of(shape: tuple[int, ...], low: float = -2.0, high: float = 2.0) -> Any:
    """Return a strategy for float64 arrays of one shape, from a seed, which is quick to draw."""
    return st.integers(0, 2**16).map(
        lambda seed: np.random.default_rng(seed).uniform(low, high, shape)
    )


def outputs_of(result: Any) -> list[Any]:
    """Return the tensors in what a layer returns, in order."""
    if isinstance(result, tuple | list):
        return [x for part in result for x in outputs_of(part)]
    return [] if result is None else [result]


def registered() -> list[Layer]:
    """Return the registrations of all families, in the order of their files."""
    names = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    modules = [importlib.import_module(f".{name}", __package__) for name in names]
    return [layer for module in modules for layer in getattr(module, "LAYERS", [])]
