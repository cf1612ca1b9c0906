"""Run: a training under way, as callbacks see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograd_lite.errors import StateDictError
from nn.module import Module
from nn.training.history import History


class Run:
    """A training under way, which ``fit`` hands to the callbacks.

    Attributes
    ----------
    model : Module
    optimizer : Optimizer
    history : History
    epoch : int
        The number of the epoch, from 1 on.
    epochs : int
        The number of the last epoch.
    updates : int
        How many steps the optimizer has taken, in all epochs.
    evaluate : callable
        Returns the validation's loss and metrics of the model as it is now, as a dict.
    rank : int
        The number of this process among those that train together; the first one, 0, saves and
        prints.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Any,
        epochs: int,
        evaluate: Callable[[], dict[str, float]],
        rank: int = 0,
    ) -> None:
        self.model, self.optimizer, self.epochs, self.evaluate = model, optimizer, epochs, evaluate
        self.rank = rank
        self.history = History()
        self.epoch, self.updates = 1, 0
        self.loss_sum, self.examples = 0.0, 0
        self.stopped = False

    def stop(self) -> None:
        """End the training before the next batch."""
        self.stopped = True

    @property
    def ending(self) -> bool:
        """Whether the training ends before the next batch, by ``stop()`` or by Ctrl-C.

        It goes on from a checkpoint after Ctrl-C, and not after ``stop()``.
        """
        return self.stopped or self.history.interrupted

    def interrupt(self) -> None:
        """End the training before the next batch, as Ctrl-C does."""
        self.history.interrupted = True

    def state_dict(self) -> dict[str, Any]:
        """Return where the training is."""
        return {
            "epoch": self.epoch,
            "updates": self.updates,
            "loss_sum": self.loss_sum,
            "examples": self.examples,
            "stopped": self.stopped,
            "history": self.history.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from there.

        Raises
        ------
        StateDictError
            If it isn't the state of a run. Nothing is changed then.
        """
        own = self.state_dict()
        if set(state) != set(own) or any(type(state[name]) is not type(own[name]) for name in own):
            raise StateDictError("this isn't the state of a training; nothing was loaded")
        if min(state["epoch"], state["updates"], state["examples"]) < 0:
            raise StateDictError("this isn't the state of a training: it has negative counts")
        self.history.load_state_dict(state["history"])
        for name in own:
            if name != "history":
                setattr(self, name, state[name])
