"""Layers that are made of other layers."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from autograd_lite import TensorLike
from autograd_lite.errors import AutogradLiteError
from nn.module import Module, add_place, frames_below, is_module_call


class Sequential(Module):
    """Layers, each applied to the output of the one before.

    Parameters
    ----------
    *layers : Module or callable
        Their names are their positions: ``"0.weight"``.

    Examples
    --------
    >>> import nn
    >>> model = nn.Sequential(nn.Dense(4, 3), nn.Sigmoid(), nn.Dense(3, 2))
    >>> model([[1.0, 2.0, 3.0, 4.0]]).shape
    (1, 2)
    >>> len(model), model[0]
    (3, Dense(4, 3): 15 parameters)
    """

    def __init__(self, *layers: Any) -> None:
        for position, layer in enumerate(layers):
            if not callable(layer):
                raise TypeError(
                    f"Sequential: layer {position} is a {type(layer).__name__}, which can't be "
                    "called; give modules or functions, not in a list"
                )
            setattr(self, str(position), layer)

    def __iter__(self) -> Iterator[Any]:
        return (layer for name, layer in vars(self).items() if name.isdecimal())

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, position: int) -> Any:
        return list(self)[position]

    def forward(self, x: TensorLike) -> Any:
        """Return the output of the last layer."""
        out: Any = x
        name = ""
        try:
            for name, layer in vars(self).items():
                if name.isdecimal():
                    out = layer(out)
        except AutogradLiteError as error:
            # only here is it known which one it was of a layer that is there twice, or a function
            add_place(error, f"layer {name} of {type(self).__name__}")
            raise
        return out

    def _add_place_to(self, error: AutogradLiteError) -> None:
        own = takewhile(lambda frame: not is_module_call(frame), frames_below(error))
        if all(frame.f_code is not Sequential.forward.__code__ for frame in own):
            super()._add_place_to(error)  # a subclass has a forward of its own
