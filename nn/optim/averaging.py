"""Averages of a model's weights along its training, to evaluate with."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, final

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor, no_grad
from autograd_lite.errors import DomainError, GraphError
from nn.module import Module
from nn.optim.settings import checked, fraction
from nn.state import fitting


class _Average:
    """Averages of all parameters of a model, and how to put them into it."""

    def __init__(self, model: Module) -> None:
        self.parameters = model.parameters()
        if not self.parameters:
            raise DomainError(f"{type(self).__name__}: the model has no parameters")
        self._averages = [_as_average(p.data).copy() for p in self.parameters]
        self._count = np.zeros(1)
        self._own: list[Any] | None = None

    @property
    def swapped(self) -> bool:
        """Whether the model has the averages now."""
        return self._own is not None

    def swap(self) -> None:
        """Put the averages into the model, and its own weights aside; or its own weights back.

        A step that is made in between is lost.
        """
        kept = self._own
        self._own = None if kept is not None else [p.data.copy() for p in self.parameters]
        for p, values in zip(self.parameters, kept or self._averages, strict=True):
            data: Any = p.data
            np.copyto(data, values.reshape(data.shape), casting="same_kind")
            p.data = data  # tells the graphs that were recorded earlier

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Let the model have the averages within a ``with`` block."""
        if self.swapped:
            raise GraphError(
                f"{type(self).__name__}.averaged(): the model has the averages already"
            )
        self.swap()
        try:
            yield
        finally:
            self.swap()

    def _average(self, weight: Any) -> None:
        """Move the averages towards the parameters: all of the way for a weight of 1."""
        if self.swapped:
            raise GraphError(
                f"{type(self).__name__}.update(): the model has the averages now, and its own "
                "weights are put aside; call swap() first"
            )
        values = [_as_average(p.data) for p in self.parameters]
        weights = {x.dtype: weight.astype(_WEIGHTS.get(x.dtype.char, x.dtype)) for x in values}
        for x, average in zip(values, self._averages, strict=True):
            w = weights[x.dtype]
            np.multiply(average, 1 - w, out=average)  # exactly 0 for a weight of 1
            np.add(average, w * x, out=average)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of the averages, by the position of the parameter, and their ``"count"``.

        All values are arrays, so they can go to ``np.savez`` or ``safetensors.numpy.save_file``.
        """
        return {name: array.copy() for name, array in self._saved().items()}

    def _saved(self) -> dict[str, npt.NDArray[Any]]:
        averages = {f"averages.{i}": array for i, array in enumerate(self._averages)}
        return {"count": self._count, **averages}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Go on from what ``state_dict()`` has returned, for a model of the same shapes.

        Raises
        ------
        StateDictError
            If names, shapes or dtypes don't fit. Nothing is changed then.
        """
        own = self._saved()
        tensors = {name: as_tensor(array) for name, array in own.items()}
        for name, array in fitting(tensors, state, type(self).__name__).items():
            own[name][...] = array


@final
class EMA(_Average):
    """An exponential moving average: ``average = decay * average + (1 - decay) * weights``.

    Call :meth:`update` after each step. The first call takes the weights as they are. State that is
    no parameter, such as running statistics, isn't averaged: it stays the model's own.

    Parameters
    ----------
    model : Module
    decay : float
        How slowly the average forgets: about ``1 / (1 - decay)`` steps.

    Attributes
    ----------
    decay : float
        It may be changed.

    Raises
    ------
    DomainError
        If ``decay`` isn't at least 0 and below 1, or the model has no parameters.

    Notes
    -----
    Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992; as
    ``AveragedModel`` with ``get_ema_multi_avg_fn(decay)`` in PyTorch. An update can be captured
    together with the step.

    Examples
    --------
    >>> import nn
    >>> model = nn.Dense(1, 1, bias=False, rng=0, dtype=np.float64)
    >>> ema = EMA(model, decay=0.75)
    >>> for weight in (0.0, 8.0):
    ...     model.weight.data = [[weight]]
    ...     ema.update()
    >>> with ema.averaged():
    ...     print(model([[1.0]]).item())
    2.0
    >>> model([[1.0]]).item()
    8.0
    """

    def __init__(self, model: Module, decay: float = 0.999) -> None:
        super().__init__(model)
        self.decay = checked("EMA", "decay", decay, fraction)

    def update(self) -> None:
        """Take the weights into the average."""
        self._average(np.where(self._count == 0, 1.0, 1 - self.decay))
        self._count += 1


@final
class SWA(_Average):
    """A plain average of weights, such as those at the end of each epoch: each counts alike.

    Call :meth:`update` whenever the weights are to be taken into the average. State that is no
    parameter isn't averaged: for running statistics of batch normalization, call
    :func:`update_batchnorm` while the model has the averages.

    Parameters
    ----------
    model : Module

    Raises
    ------
    DomainError
        If the model has no parameters.

    Notes
    -----
    Izmailov, Podoprikhin, Garipov, Vetrov and Wilson, Averaging weights leads to wider optima and
    better generalization, 2018; as ``AveragedModel`` in PyTorch. An update can be captured.

    Examples
    --------
    >>> import nn
    >>> model = nn.Dense(1, 1, bias=False, rng=0, dtype=np.float64)
    >>> swa = SWA(model)
    >>> for weight in (1.0, 3.0, 8.0):
    ...     model.weight.data = [[weight]]
    ...     swa.update()
    >>> with swa.averaged():
    ...     print(model([[1.0]]).item())
    4.0
    """

    def update(self) -> None:
        """Take the weights into the average."""
        self._average(1 / (self._count + 1))
        self._count += 1


def _as_average(x: Any) -> Any:
    """Return values as they are averaged: with an axis, and in float32 for float16."""
    x = x if x.ndim else x[None]
    return x.astype(np.float32) if x.dtype == np.float16 else x


_WEIGHTS = {"F": np.float32, "D": np.float64}
"""The dtypes of real factors of complex numbers."""


def update_batchnorm(model: Module, batches: Iterable[Any]) -> None:
    """Compute the running statistics of batch normalization anew, for the weights as they are.

    They become the plain average over the batches, which are passed through the model in training
    mode. A model with averaged weights needs it: its statistics are those of other weights.

    Parameters
    ----------
    model : Module
    batches : iterable
        The inputs, or tuples or lists with the inputs in front, as
        :class:`nn.data.Batches` has them.

    Notes
    -----
    As ``torch.optim.swa_utils.update_bn``. Layers are found by their ``running_mean`` and
    ``momentum``. If there are none, nothing is computed.

    Examples
    --------
    >>> import nn
    >>> model = nn.Sequential(nn.Dense(2, 3, rng=0), nn.Sigmoid())
    >>> update_batchnorm(model, [np.ones((4, 2), np.float32)])
    """
    layers = [
        layer
        for _, layer in model.named_modules()
        if isinstance(getattr(layer, "running_mean", None), Tensor) and hasattr(layer, "momentum")
    ]
    if not layers:
        return
    modes = [(module, module.training) for _, module in model.named_modules()]
    settings: list[Any] = [(layer, layer.momentum) for layer in layers]
    try:
        for layer in layers:
            _restart(layer)
            layer.momentum = None  # the plain average
        model.train()
        with no_grad():
            for batch in batches:
                model(batch[0] if isinstance(batch, tuple | list) else batch)
    finally:
        for layer, momentum in settings:
            layer.momentum = momentum
        for module, training in modes:
            object.__setattr__(module, "training", training)


def _restart(layer: Any) -> None:
    """Set running statistics to those of no batch at all."""
    starts = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0}
    for name, value in starts.items():
        tensor: Any = getattr(layer, name, None)
        if isinstance(tensor, Tensor):
            data: Any = tensor.data
            data[...] = value
            tensor.data = data
