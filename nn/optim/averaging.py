"""Averages of a model's weights along its training, to evaluate with."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, final

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, as_tensor, no_grad
from autograd_lite.errors import DomainError, GraphError, StateDictError
from nn.module import Module
from nn.optim.real_values import as_real, real_view
from nn.optim.settings import checked, fraction
from nn.state import fitting


class _Average:
    """Averages of all parameters of a model, and how to put them into it."""

    def __init__(self, model: Module) -> None:
        self.parameters = model.parameters()
        if not self.parameters:
            raise DomainError(f"{type(self).__name__}: the model has no parameters")
        self._averages = [as_real(p.data).copy() for p in self.parameters]
        dtypes = [x.dtype for x in self._averages]
        self._counts = {dtype.char: np.zeros(1, dtype) for dtype in dtypes}  # of updates
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
        self._own = (
            None if kept is not None else [real_view(p.data).copy() for p in self.parameters]
        )
        for p, values in zip(self.parameters, kept or self._averages, strict=True):
            data: Any = p.data
            np.copyto(real_view(data), values, casting="same_kind")
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

    def _weight(self, count: Any) -> Any:
        """Return the weight of new values, given how many there were before."""
        raise NotImplementedError

    def update(self) -> None:
        """Take the weights into the averages."""
        if self.swapped:
            raise GraphError(
                f"{type(self).__name__}.update(): the model has the averages now, and its own "
                "weights are put aside; call swap() first"
            )
        values = [as_real(p.data) for p in self.parameters]
        weights = {char: self._weight(count) for char, count in self._counts.items()}
        for x, average in zip(values, self._averages, strict=True):
            w = weights[x.dtype.char]
            np.multiply(average, 1 - w, out=average)  # exactly 0 for a weight of 1
            np.add(average, w * x, out=average)
        for count in self._counts.values():
            np.add(count, 1, out=count)

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of the averages, by the position of the parameter, and their ``"count"``.

        Averages of complex parameters have a last axis for real and imaginary part, and those of
        parameters without axes have one. All values are arrays, so they can go to ``np.savez`` or
        ``safetensors.numpy.save_file``.
        """
        return {name: array.copy() for name, array in self._saved().items()}

    def _saved(self) -> dict[str, npt.NDArray[Any]]:
        averages = {f"averages.{i}": array for i, array in enumerate(self._averages)}
        return {"count": np.array(next(iter(self._counts.values()))), **averages}

    def load_state_dict(self, state: Mapping[str, npt.ArrayLike]) -> None:
        """Go on from what ``state_dict()`` has returned, for a model of the same shapes.

        Raises
        ------
        StateDictError
            If names, shapes or dtypes don't fit. Nothing is changed then.
        """
        own = self._saved()
        tensors = {name: as_tensor(array) for name, array in own.items()}
        found = fitting(tensors, state, type(self).__name__)
        count: Any = found["count"]
        if not (count >= 0 and count == np.floor(count)):
            raise StateDictError(
                f"this state doesn't fit {type(self).__name__}, and nothing was loaded: not "
                f"loadable: count is {count}"
            )
        for i, average in enumerate(self._averages):
            average[...] = found[f"averages.{i}"]
        for array in self._counts.values():
            array[...] = count


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

    def _weight(self, count: Any) -> Any:
        return np.maximum(1 - np.minimum(count, 1), 1 - self.decay)  # 1 for the first


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

    def _weight(self, count: Any) -> Any:
        return 1 / (count + 1)


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

    Raises
    ------
    DomainError
        If there are no batches. Whatever is raised, the statistics are as before.

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
    before = [(tensor, tensor.data.copy()) for layer in layers for tensor, _ in _statistics(layer)]
    none = True
    try:
        for layer in layers:
            for tensor, value in _statistics(layer):
                _fill(tensor, value)
            layer.momentum = None  # the plain average
        model.train()
        with no_grad():
            for batch in batches:
                none = False
                model(batch[0] if isinstance(batch, tuple | list) else batch)
        if none:
            raise DomainError("update_batchnorm was given no batches; give it an iterable of them")
    except BaseException:
        for tensor, values in before:
            _fill(tensor, values)
        raise
    finally:
        for layer, momentum in settings:
            layer.momentum = momentum
        for module, training in modes:
            object.__setattr__(module, "training", training)


def _statistics(layer: Any) -> Iterator[tuple[Tensor, int]]:
    """Yield the running statistics of a layer, and what they are before the first batch."""
    starts = {"running_mean": 0, "running_var": 1, "num_batches_tracked": 0}
    for name, value in starts.items():
        tensor = getattr(layer, name, None)
        if isinstance(tensor, Tensor):
            yield tensor, value


def _fill(tensor: Tensor, values: Any) -> None:
    data: Any = tensor.data
    data[...] = values
    tensor.data = data
