"""ElementwiseOptimizer: what optimizers share that update each parameter by its own gradient."""

from abc import abstractmethod
from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np

from autograd_lite import enable_grad
from nn.optim.optimizer import Due, Optimizer, Settings
from nn.optim.real_values import real_view


class ElementwiseOptimizer(Optimizer):
    """Base class of the optimizers that update each number by its own gradients.

    Notes
    -----
    An optimizer of your own names its settings in ``_kinds``, and writes ``_settings`` and
    ``_update``; ``_state_names`` if it keeps arrays for each parameter. It computes with NumPy, and
    changes arrays in place. Then it can be captured as well.

    Examples
    --------
    >>> from autograd_lite import Tensor
    >>> from nn.optim.settings import not_negative
    >>> class SignDescent(ElementwiseOptimizer):
    ...     _kinds = {"learning_rate": not_negative}
    ...     def __init__(self, parameters, learning_rate):
    ...         self.learning_rate = learning_rate
    ...         super().__init__(parameters)
    ...     def _settings(self):
    ...         return {"learning_rate": self.learning_rate}
    ...     def _update(self, p, g, state, settings, factors):
    ...         p -= settings["learning_rate"] * np.sign(g)
    >>> w = Tensor([1.0, -2.0], requires_grad=True)
    >>> optimizer = SignDescent([w], learning_rate=0.25)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w.data
    array([ 0.75, -1.75])
    """

    def _counts(self, settings: Settings) -> bool:
        """Return True if updates depend on how many there were."""
        return False

    def _factors(self, settings: Settings, steps: Any) -> tuple[Any, ...]:
        """Return what depends on the number of steps, such as a correction of bias.

        Parameters
        ----------
        settings : mapping
        steps : array, float64
            For each parameter, which step this is for it, from 1 on.

        Returns
        -------
        tuple of array
            For each factor, an array with its value for each parameter.
        """
        return ()

    @abstractmethod
    def _update(self, p: Any, g: Any, state: Any, settings: Settings, factors: Any) -> None:
        """Change the values ``p`` of a parameter and its state in place, given its gradient."""

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient, or none if one gradient doesn't fit.

        Frozen ones, with ``requires_grad = False``, stay as they are, even if they have a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and the gradients anew: ``zero_grad()``, ``backward()``. It is called
            first.

        Returns
        -------
        Tensor or None
            What ``closure`` returned.

        Raises
        ------
        ShapeError, DTypeError
            If a ``grad`` was set to something of another shape or dtype.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        due = self._due()
        if due:
            self._step(due)
        return loss

    def _step(self, due: list[Due]) -> None:
        # all that is read comes before all that is written: so a captured step writes at its end
        settings = [{**self._settings(), **group} for group in self.groups]
        for number, s in enumerate(settings):
            self._check_state(number, s)
        counted = any(map(self._counts, settings))
        where = slice(None) if len(due) == len(self.parameters) else [x[0] for x in due]
        steps: Any = self._steps[where] + 1 if counted else None
        factors = self._factors_of(due, settings, steps) if counted else repeat(())
        for (position, p, data, values, g), f in zip(due, factors, strict=False):
            own = settings[self._group_of[position]]
            self._update(values, g, self._states[position], own, f)
            if values is not data and data.dtype == np.float16:
                np.copyto(real_view(data), values, casting="same_kind")
            # setting data tells the graphs that were recorded earlier
            p.data = data
        if counted:
            self._steps[where] = steps

    def _factors_of(
        self, due: list[Due], settings: list[dict[str, Any]], steps: Any
    ) -> list[list[Any]]:
        """Return the factors of each parameter, in its dtype, as arrays without axes."""
        vectors: dict[tuple[int, Any], list[Any]] = {}
        factors = []
        for i, (position, _, _, values, _) in enumerate(due):
            key = number, dtype = self._group_of[position], values.dtype
            if key not in vectors:
                found = self._factors(settings[number], steps)
                vectors[key] = [f.astype(dtype) for f in found]
            factors.append([f[i, ...] for f in vectors[key]])
        return factors


def descending(p: Any, g: Any, settings: Settings) -> Any:
    """Return the gradient to descend along: its negative to maximize, with the L2 penalty's."""
    if settings["maximize"]:
        g = -g
    return g + settings["weight_decay"] * p if settings["weight_decay"] else g


def decayed(p: Any, g: Any, settings: Settings) -> Any:
    """Shrink a parameter, if weight decay is decoupled, and return the gradient to descend along.

    Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
    """
    if not settings["decoupled_weight_decay"]:
        return descending(p, g, settings)
    if settings["weight_decay"]:
        p *= 1 - settings["learning_rate"] * settings["weight_decay"]
    return -g if settings["maximize"] else g
