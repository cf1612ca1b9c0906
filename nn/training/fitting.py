"""fit: a training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import Any, Literal
from zlib import crc32

import numpy as np

from autograd_lite import Tensor
from autograd_lite.errors import DomainError, NonFiniteError
from nn.files import check_place
from nn.generators import GeneratorState
from nn.module import Module
from nn.training.callbacks import Callback
from nn.training.checking import check_parts, example_count
from nn.training.checkpoint import Checkpoint
from nn.training.evaluation import Metric, evaluate
from nn.training.history import History, described
from nn.training.interrupting import interruptible
from nn.training.progress import Advance, progress_bar
from nn.training.run import Run
from nn.training.stepping import Step, stepping
from nn.training.together import ALONE, Group


def fit(
    model: Module,
    optimizer: Any,
    loss: Callable[[Any, Any], Tensor],
    batches: Iterable[Sequence[Any]],
    *,
    epochs: int,
    validation: Sequence[Any] | Iterable[Sequence[Any]] | None = None,
    metrics: Mapping[str, Metric] | None = None,
    callbacks: Sequence[Callback] = (),
    accumulate: int = 1,
    step: Literal["captured", "fast", "eager"] = "captured",
    checkpoint: Checkpoint | None = None,
    save_every: int | None = None,
    progress: bool | None = None,
    report: Callable[[str], object] | None = None,
    group: Group | None = None,
) -> History:
    """Train a model, and return what was reached in each epoch.

    It is the plain loop, ``loss(model(inputs), targets).backward(); optimizer.step()``, with what
    people put around it. Ctrl-C ends it after the batch under way, and keeps what was learned; a
    second one interrupts at once.

    Parameters
    ----------
    model : Module
        Is in training mode for the batches, and in evaluation mode for the validation.
    optimizer : Optimizer
        For ``model.parameters()``, or some of them; not ``LBFGS``, whose steps need more than a
        gradient.
    loss : callable
        ``(outputs, targets) -> Tensor`` of one value, the mean over the batch.
    batches : iterable of tuples, such as Batches
        Is iterated over once an epoch. In each batch, the targets are last, after the inputs. A
        generator gives its batches once, so it does for one epoch.
    epochs : int
        The number of epochs, with those of an earlier training that is continued.
    validation : tuple of arrays, or iterable of batches, optional
        Data that isn't trained on; with a tuple, the whole is one batch.
    metrics : dict of str to callable, optional
        ``(outputs, targets) -> number`` each, means over the batch, of the validation. The names
        are those of the history, beside its own ``"epoch"``, ``"loss"`` and ``"validation loss"``.
    callbacks : sequence of Callback
        Are told after each update and each epoch.
    accumulate : int
        Add up the gradients of so many batches before an update, as if they were one batch.
    step : "captured", "fast" or "eager"
        How a step is computed: see :func:`autograd_lite.capture`. What can't be captured runs
        eagerly, with a warning.
    checkpoint : Checkpoint, optional
        Is saved after each epoch, with the states of this training and of its batches, if they have
        one; after Ctrl-C, too, if they have. If its file exists, training goes on from there. To be
        continued exactly, it must have the model, the optimizer and all generators that are drawn
        from.
    save_every : int, optional
        Save the checkpoint after so many updates, too, in the middle of an epoch. Batches must have
        a state then, as ``nn.data.Batches`` do.
    progress : bool, optional
        Show a progress bar; by default in a terminal if tqdm is installed.
    report : callable, optional
        Is given one line of text for each epoch, such as ``print``.
    group : nn.parallel.Group, optional
        The processes that train together. Each has its share of every batch, from
        ``Batches(..., share=group.share)``; gradients, losses and metrics are means over all.
        All processes take the same steps, and end after the same one. Only the first one reports,
        shows progress and saves. It begins with ``group.broadcast(model)``.

    Returns
    -------
    History
        With ``"loss"``, the mean over the epoch's examples while they were trained on, and if
        there is a validation, ``"validation loss"`` and the metrics.

    Raises
    ------
    NonFiniteError
        If the loss becomes NaN or infinite, or the validation loss NaN. The update of that batch
        was made, so the model is spoilt; a checkpoint, or ``KeepBest``, has earlier weights.
    DomainError
        If a number isn't a positive integer, ``save_every`` has no checkpoint, or batches without a
        state, or there are no batches; if the optimizer has none of the model's parameters; if
        metrics have no validation, or names that are taken; if the processes of a group would save
        different generators.
    DTypeError
        If batches, the loss, metrics or callbacks aren't what they must be.
    MissingExtraError
        If a progress bar is asked for, and tqdm isn't installed; if there is a checkpoint, and
        safetensors isn't.
    OSError
        If a file can't be written. That there is no folder for it is told before training.

    Examples
    --------
    >>> import nn
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((200, 3)).astype(np.float32)
    >>> t = x @ np.float32([[1], [2], [3]])
    >>> model = nn.Dense(3, 1, rng=rng)
    >>> history = fit(
    ...     model,
    ...     nn.optim.SGD(model.parameters(), 0.1),
    ...     nn.losses.mean_squared_error,
    ...     nn.data.Batches(x[:150], t[:150], batch_size=10, rng=rng),
    ...     epochs=5,
    ...     validation=(x[150:], t[150:]),
    ... )
    >>> history.last["validation loss"] < 1e-4
    True
    """
    _check_counts(epochs=epochs, accumulate=accumulate)
    check_parts(model, optimizer, batches, validation, metrics, callbacks, epochs)
    if save_every is not None:
        _check_counts(save_every=save_every)
        if checkpoint is None:
            raise DomainError("fit: save_every needs a checkpoint")
    if step not in ("captured", "fast", "eager"):
        raise DomainError(f"fit: step must be 'captured', 'fast' or 'eager', not {step!r}")
    together = ALONE if group is None else group
    together.broadcast(model)
    run = Run(
        model,
        optimizer,
        epochs,
        lambda: evaluate(model, loss, validation, metrics, together),
        together.rank,
    )
    keeper, resumable = None, False
    if checkpoint is not None:
        keeper = _keeper(checkpoint, run, callbacks, batches, together)
        resumable = id(batches) in map(id, keeper.parts.values())
        if save_every is not None and not resumable:
            raise DomainError(
                f"fit: save_every needs batches with a state, as nn.data.Batches have, not "
                f"{type(batches).__name__}; else an epoch can't go on from its middle"
            )
        if together.rank == 0:
            check_place(keeper.path, for_arrays=True)
        if together.any(keeper.exists()):
            keeper.load()
    take = stepping(model, optimizer, loss, accumulate, step, together)
    training = _Training(run, take, accumulate, callbacks, keeper, save_every, together, resumable)
    for callback in callbacks:
        callback.on_start(run)
    with interruptible(run.interrupt):
        training.train(batches, progress, report)
    run.history.interrupted = together.any(run.history.interrupted)
    for callback in callbacks:
        callback.on_end(run)
    model.eval()
    return run.history


class _Training:
    """The loops over epochs and batches.

    Processes that train together leave the loops by what all of them know, never by what one of
    them knows.
    """

    def __init__(
        self,
        run: Run,
        take: Step,
        accumulate: int,
        callbacks: Sequence[Callback],
        keeper: Checkpoint | None,
        save_every: int | None,
        group: Group,
        resumable: bool,
    ) -> None:
        self.run, self.take, self.accumulate, self.group = run, take, accumulate, group
        self.callbacks, self.keeper, self.save_every = callbacks, keeper, save_every
        self.resumable = resumable

    def train(
        self,
        batches: Iterable[Sequence[Any]],
        progress: bool | None,
        report: Callable[[str], object] | None,
    ) -> None:
        """Train until the last epoch, or until somebody wishes to stop."""
        run, first = self.run, self.group.rank == 0
        stopped = run.stopped
        while run.epoch <= run.epochs and not stopped:
            run.model.train()
            with progress_bar(run, batches, progress if first else False) as advance:
                stopped = self.train_epoch(batches, advance)
            if stopped:
                break
            row = {"epoch": run.epoch, "loss": run.loss_sum / run.examples, **run.evaluate()}
            run.history.rows.append(row)
            run.epoch, run.loss_sum, run.examples = run.epoch + 1, 0.0, 0
            if report is not None and first:
                report(f"epoch {row['epoch']}: {described(row)}")
            for callback in self.callbacks:
                callback.on_epoch(run)
            self.save()
            stopped = self.group.any(run.ending)

    def train_epoch(self, batches: Iterable[Sequence[Any]], advance: Advance | None) -> bool:
        """Train on an epoch, or what an earlier training has left of it; return whether to stop."""
        run, take, group, together = self.run, self.take, self.group, self.group.size > 1
        waiting, stopped = 0, False
        for batch in batches:
            count = example_count(batch)
            waiting += 1
            value = take(batch, count, waiting == self.accumulate)
            if together:
                total, examples = group.sum(np.array([value * count, count])).tolist()
                value, count = total / examples, int(examples)
            if not isfinite(value):
                raise NonFiniteError(
                    f"the loss became {value} in epoch {run.epoch}, after {run.updates} updates; "
                    "try a lower learning rate, or autograd_lite.trace_nans() to find the op"
                )
            run.loss_sum += value * count
            run.examples += count
            if advance is not None:
                advance(count, value)
            if waiting == self.accumulate:
                waiting = 0
                self.updated()
                if self.save_every is not None and run.updates % self.save_every == 0:
                    self.save()
            stopped = group.any(run.ending)
            if stopped:
                break
        if waiting:  # not saved: the batches don't know that this isn't the next epoch
            take(None, 0, True)
            self.updated()
        elif stopped and self.resumable and group.any(run.history.interrupted):
            self.save()
        if not run.examples:
            raise DomainError(
                "fit: there are no batches to train on; if they come from an iterator, it may have "
                "given them already"
            )
        return stopped

    def updated(self) -> None:
        """Tell of a step of the optimizer."""
        self.run.updates += 1
        for callback in self.callbacks:
            callback.on_update(self.run)

    def save(self) -> None:
        """Save the checkpoint, if there is one, in the first process."""
        if self.keeper is not None and self.group.rank == 0:
            self.keeper.save()


def _keeper(
    checkpoint: Checkpoint,
    run: Run,
    callbacks: Sequence[Callback],
    batches: Any,
    group: Group,
) -> Checkpoint:
    """Return a checkpoint with the parts that it was given, and those of this training."""
    keeper = Checkpoint(checkpoint.path)
    keeper.parts = dict(checkpoint.parts)
    keeper.add("run", run)
    for number, callback in enumerate(callbacks):
        keeper.add(f"callback {number}", callback)
    known = map(id, keeper.parts.values())
    if hasattr(batches, "load_state_dict") and id(batches) not in known:
        keeper.add("batches", batches)
    generators = [part for part in keeper.parts.values() if isinstance(part, GeneratorState)]
    states = crc32(repr([part.state_dict() for part in generators]).encode())
    if group.size > 1 and group.any(group.sum(states) != states * group.size):
        raise DomainError(
            "fit: the checkpoint has generators whose states differ between the processes, and "
            "only the first one saves; leave them out, and seed them anew when training goes on"
        )
    return keeper


def _check_counts(**counts: Any) -> None:
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise DomainError(f"fit: {name} must be a positive integer, not {count!r}")
