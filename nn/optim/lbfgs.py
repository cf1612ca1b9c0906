"""L-BFGS, for functions that can be computed exactly, such as the loss over all data."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, final

import numpy as np
import numpy.typing as npt

from autograd_lite import Tensor, enable_grad
from autograd_lite.errors import DomainError, GraphError
from nn.optim.line_search import Trial, strong_wolfe
from nn.optim.optimizer import Array, Optimizer, Parameters, Settings
from nn.optim.real_values import as_real, real_view
from nn.optim.settings import Kind, count, not_negative


@final
class LBFGS(Optimizer):
    """L-BFGS: Newton's method, with a Hessian made of the last steps and changes of the gradient.

    Each call of :meth:`step` makes up to ``max_iter`` steps, so it needs to be able to compute the
    loss again. All parameters are one vector; there is one group.

    Parameters
    ----------
    parameters : iterable of Tensor
        Leaves that require a gradient, such as ``model.parameters()``.
    learning_rate : float
        The length of a step, or the first that the line search tries, in Newton steps.
    max_iter : int
        The most steps in a call of :meth:`step`.
    max_eval : int, optional
        How many evaluations of the loss in a call are enough; 5/4 of ``max_iter``.
    tolerance_grad : float
        A call ends when no gradient is larger.
    tolerance_change : float
        A call ends when neither loss nor parameters change by more.
    history_size : int
        How many steps and changes of the gradient are kept, each as large as all parameters.
    line_search_fn : {None, "strong_wolfe"}
        Search along each direction, or just go ``learning_rate`` of it.

    Raises
    ------
    DomainError
        If a setting is out of range, there are no parameters or several groups.
    GraphError
        If one isn't a leaf that requires a gradient, or is read-only.

    Notes
    -----
    Nocedal and Wright, Numerical optimization, 2006, algorithms 7.4 and 7.5. The steps are those of
    PyTorch. A step takes another number of evaluations each time, so it isn't captured; the closure
    can be.

    Examples
    --------
    >>> w = Tensor([-1.2, 1.0], requires_grad=True)
    >>> optimizer = LBFGS([w], max_iter=100, line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
    ...     loss.backward()
    ...     return loss
    >>> print(f"{optimizer.step(closure).item():.1f}")
    24.2
    >>> w.data.round(3)
    array([1., 1.])
    """

    _kinds: ClassVar[Mapping[str, Kind]] = {
        "learning_rate": not_negative,
        "max_iter": count,
        "max_eval": count,
        "tolerance_grad": not_negative,
        "tolerance_change": not_negative,
        "history_size": count,
    }

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        if line_search_fn not in (None, "strong_wolfe"):
            raise DomainError(
                f'LBFGS: line_search_fn must be None or "strong_wolfe", not {line_search_fn!r}'
            )
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_eval = max_iter * 5 // 4 if max_eval is None else max_eval
        self.tolerance_grad = tolerance_grad
        self.tolerance_change = tolerance_change
        self.history_size = history_size
        self.line_search_fn = line_search_fn
        super().__init__(parameters)
        dtypes = {as_real(p.data).dtype for p in self.parameters}
        self._dtype = np.result_type(*dtypes)
        size = sum(as_real(p.data).size for p in self.parameters)
        self._history: list[tuple[Array, Array]] = []  # steps, and changes of the gradient
        self._last_step = np.zeros(size, self._dtype)
        self._last_gradient = np.zeros(size, self._dtype)
        self._counted = np.zeros(2)  # steps, evaluations

    def _settings(self) -> dict[str, Any]:
        return {
            "learning_rate": self.learning_rate,
            "max_iter": self.max_iter,
            "max_eval": self.max_eval,
            "tolerance_grad": self.tolerance_grad,
            "tolerance_change": self.tolerance_change,
            "history_size": self.history_size,
        }

    def add_group(self, group: Mapping[str, Any]) -> None:
        """Refuse a second group: all parameters are one vector."""
        if self.groups:
            raise DomainError("LBFGS has one group of parameters only")
        super().add_group(group)

    # ------------------------------------------------------------------ the step

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to ``max_iter`` steps.

        Parameters
        ----------
        closure : callable
            Computes the loss and the gradients: ``zero_grad()``, ``backward()``; returns the loss.

        Returns
        -------
        Tensor
            The loss before the first step.

        Raises
        ------
        GraphError
            If there is no closure.
        ShapeError, DTypeError
            If a ``grad`` was set to something of another shape or dtype. Whatever the closure
            raises, parameters and state are as before the call.
        """
        if closure is None:
            raise GraphError(
                "LBFGS: step() needs a function that computes the loss anew: step(closure)"
            )
        before = self._values()
        history, counted = self._history, self._counted
        last = self._last_step, self._last_gradient
        try:
            return self._steps_of(closure)
        except BaseException:
            self._put(before)
            self._history, self._counted = history, counted
            self._last_step, self._last_gradient = last
            raise

    def _steps_of(self, closure: Callable[[], Any]) -> Any:
        settings: dict[str, Any] = {**self._settings(), **self.groups[0]}
        first, loss, gradient = self._evaluated(closure)
        evaluations = 1
        taken = 0
        self._count(evaluations=1)
        while taken < settings["max_iter"] and largest(gradient) > settings["tolerance_grad"]:
            taken += 1
            self._count(steps=1)
            direction = self._direction(gradient, settings)
            distance = settings["learning_rate"]
            if self._counted[0] == 1:
                distance *= min(1.0, 1.0 / float(np.abs(gradient).sum()))
            slope = float(gradient @ direction)
            self._last_gradient = gradient
            self._last_step = distance * direction
            if slope > -settings["tolerance_change"]:
                break
            start = Trial(0.0, loss, gradient, slope)
            line = _Line(self, closure, direction)
            if self.line_search_fn is not None:
                end, tried = strong_wolfe(
                    line.at,
                    start,
                    distance,
                    size=largest(direction),
                    most_rounds=settings["max_eval"] - evaluations,
                    tolerance=settings["tolerance_change"],
                )
                line.go(end.distance)
            elif taken < settings["max_iter"]:
                end, tried = line.at(distance), 1
            else:  # nobody needs to know the last loss
                line.go(distance)
                end, tried = start._replace(distance=distance), 0
            self._last_step = end.distance * direction
            evaluations += tried
            self._count(evaluations=tried)
            change = abs(end.loss - loss)
            loss, gradient = end.loss, end.gradient
            if evaluations >= settings["max_eval"] or change < settings["tolerance_change"]:
                break
            if largest(self._last_step) <= settings["tolerance_change"]:
                break
        return first

    def _count(self, steps: int = 0, evaluations: int = 0) -> None:
        self._counted = self._counted + np.array([steps, evaluations])

    def _direction(self, gradient: Array, settings: Settings) -> Array:
        """Return the direction of a Newton step, by the last steps."""
        if self._counted[0] > 1:
            y = gradient - self._last_gradient
            if y @ self._last_step > 1e-10:  # otherwise the function isn't convex there
                pair = self._last_step, y
                self._history = [*self._history, pair][-settings["history_size"] :]
        q = -gradient
        weights = []
        for s, y in reversed(self._history):
            weights.append((s @ q) / (y @ s))
            q -= weights[-1] * y
        if self._history:
            s, y = self._history[-1]
            q *= (y @ s) / (y @ y)
        for (s, y), weight in zip(self._history, reversed(weights), strict=True):
            q += (weight - (y @ q) / (y @ s)) * s
        parts = zip(self.parameters, self._parts(q), strict=True)
        for p, part in parts:
            if not p.requires_grad:
                part[...] = 0
        return q

    # ------------------------------------------------------------------ all parameters as a vector

    def _evaluated(self, closure: Callable[[], Any]) -> tuple[Any, float, Array]:
        """Return what the closure returns, as it is and as a number, and the gradient."""
        with enable_grad():
            loss = closure()
        if loss is None:
            raise GraphError("LBFGS: the closure returned None; let it return the loss")
        grads = {position: g for position, _, _, _, g in self._due()}
        parts = [
            grads[i].ravel() if i in grads else np.zeros(as_real(p.data).size)
            for i, p in enumerate(self.parameters)
        ]
        value = float(loss.item() if isinstance(loss, Tensor) else loss)
        return loss, value, np.concatenate(parts).astype(self._dtype, copy=False)

    def _values(self) -> Array:
        values = [as_real(p.data).ravel() for p in self.parameters]
        return np.concatenate(values).astype(self._dtype, copy=False)

    def _parts(self, vector: Array) -> list[Array]:
        """Return the parts of a vector that belong to the parameters, as views."""
        ends = np.cumsum([real_view(p.data).size for p in self.parameters])
        return np.split(vector, ends[:-1])

    def _put(self, vector: Array) -> None:
        """Write a vector into the parameters."""
        for p, part in zip(self.parameters, self._parts(vector), strict=True):
            if p.requires_grad:
                data = p.data
                own = real_view(data)
                np.copyto(own, part.reshape(own.shape), casting="same_kind")
                p.data = data  # tells the graphs that were recorded earlier

    # ------------------------------------------------------------------ saving

    def _saved(self) -> dict[str, Array]:
        size = len(self._last_step)
        moves = np.array([s for s, _ in self._history], self._dtype).reshape(-1, size)
        changes = np.array([y for _, y in self._history], self._dtype).reshape(-1, size)
        return {
            **super()._saved(),
            "counted": self._counted,
            "history.moves": moves,
            "history.changes": changes,
            "last.move": self._last_step,
            "last.gradient": self._last_gradient,
        }

    def _like(self, state: Mapping[str, npt.ArrayLike]) -> dict[str, Array]:
        given = state.get("history.moves")
        length = len(given) if isinstance(given, np.ndarray | Tensor) and given.ndim == 2 else 0
        history = np.zeros((min(length, self.history_size), len(self._last_step)), self._dtype)
        return {**self._saved(), "history.moves": history, "history.changes": history}

    def _check_values(self, arrays: Mapping[str, Array]) -> None:
        super()._check_values(arrays)
        products = np.sum(arrays["history.moves"] * arrays["history.changes"], axis=1)
        if not np.all(products > 0):
            raise self._unfit("not loadable: history.changes has values that it can't have")

    def _take(self, arrays: Mapping[str, Array]) -> None:
        super()._take(arrays)
        pairs = zip(arrays["history.moves"], arrays["history.changes"], strict=True)
        self._history = [(s.copy(), y.copy()) for s, y in pairs]
        self._counted = arrays["counted"].copy()
        self._last_step = arrays["last.move"].copy()
        self._last_gradient = arrays["last.gradient"].copy()


class _Line:
    """The points ``start + distance * direction``, and the loss at them."""

    def __init__(self, optimizer: LBFGS, closure: Callable[[], Any], direction: Array) -> None:
        self._optimizer = optimizer
        self._closure = closure
        self._start = optimizer._values()
        self._direction = direction

    def go(self, distance: float) -> None:
        """Move the parameters to a point."""
        self._optimizer._put(self._start + distance * self._direction)

    def at(self, distance: float) -> Trial:
        """Move to a point, and return what is there."""
        self.go(distance)
        _, loss, gradient = self._optimizer._evaluated(self._closure)
        return Trial(distance, loss, gradient, float(gradient @ self._direction))


def largest(vector: Array) -> float:
    """Return the largest size of an element."""
    return float(np.max(np.abs(vector), initial=0.0))
