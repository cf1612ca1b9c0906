"""fit: a training loop."""

from __future__ import annotations

import importlib
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from types import FrameType
from typing import Any, Literal

import numpy as np

import autograd_lite
from autograd_lite import Tensor, as_tensor, no_grad
from autograd_lite.errors import DomainError, MissingExtraError, NonFiniteError, ShapeError
from nn.module import Module
from nn.training.callbacks import Callback
from nn.training.checkpoint import Checkpoint
from nn.training.history import History, described
from nn.training.run import Run

Metric = Callable[[Any, Any], Any]


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
        For ``model.parameters()``.
    loss : callable
        ``(outputs, targets) -> Tensor`` of one value, the mean over the batch.
    batches : iterable of tuples, such as Batches
        Is iterated over once an epoch. In each batch, the targets are last, after the inputs.
    epochs : int
        The number of epochs, with those of an earlier training that is continued.
    validation : tuple of arrays, or iterable of batches, optional
        Data that isn't trained on; with a tuple, the whole is one batch.
    metrics : dict of str to callable, optional
        ``(outputs, targets) -> number`` each, means over the batch, of the validation.
    callbacks : sequence of Callback
        Are told after each update and each epoch.
    accumulate : int
        Add up the gradients of so many batches before an update, as if they were one batch.
    step : "captured", "fast" or "eager"
        How a step is computed: see :func:`autograd_lite.capture`. What can't be captured runs
        eagerly, with a warning.
    checkpoint : Checkpoint, optional
        Is saved after each epoch, with the state of this training. If its file exists, training
        goes on from there. To be continued exactly, it must have the model, the optimizer, the
        batches and all generators that are drawn from.
    save_every : int, optional
        Save the checkpoint after so many updates, too, in the middle of an epoch.
    progress : bool, optional
        Show a progress bar; by default in a terminal if tqdm is installed.
    report : callable, optional
        Is given one line of text for each epoch, such as ``print``.

    Returns
    -------
    History
        With ``"loss"``, the mean over the epoch's examples while they were trained on, and if
        there is a validation, ``"validation loss"`` and the metrics.

    Raises
    ------
    NonFiniteError
        If the loss becomes NaN or infinite.
    DomainError
        If a number isn't a positive integer, ``save_every`` has no checkpoint, or there are no
        batches.
    MissingExtraError
        If a progress bar is asked for, and tqdm isn't installed.

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
    if save_every is not None:
        _check_counts(save_every=save_every)
        if checkpoint is None:
            raise DomainError("fit: save_every needs a checkpoint")
    if step not in ("captured", "fast", "eager"):
        raise DomainError(f"fit: step must be 'captured', 'fast' or 'eager', not {step!r}")
    take = _stepping(model, optimizer, loss, accumulate, step)
    run = Run(model, optimizer, epochs, lambda: evaluate(model, loss, validation, metrics))
    keeper = _keeper(checkpoint, run, callbacks)
    if keeper is not None and keeper.exists():
        keeper.load()
    for callback in callbacks:
        callback.on_start(run)
    with _interruptible(run):
        while run.epoch <= epochs and not run.stopped:
            model.train()
            with _bar(run, batches, progress) as advance:
                _train_epoch(run, batches, take, accumulate, callbacks, keeper, save_every, advance)
            if run.stopped:
                break
            row = {"epoch": run.epoch, "loss": run.loss_sum / run.examples, **run.evaluate()}
            run.history.rows.append(row)
            run.epoch, run.loss_sum, run.examples = run.epoch + 1, 0.0, 0
            if report is not None:
                report(f"epoch {row['epoch']}: {described(row)}")
            for callback in callbacks:
                callback.on_epoch(run)
            if keeper is not None:
                keeper.save()
    for callback in callbacks:
        callback.on_end(run)
    model.eval()
    return run.history


def evaluate(
    model: Module,
    loss: Callable[[Any, Any], Tensor],
    data: Sequence[Any] | Iterable[Sequence[Any]] | None,
    metrics: Mapping[str, Metric] | None = None,
) -> dict[str, float]:
    """Return the loss and the metrics of a model in evaluation mode; it is as before afterwards.

    Parameters
    ----------
    model, loss, metrics
        As for :func:`fit`.
    data : tuple of arrays, or iterable of batches
        Means over batches are weighted by their numbers of examples.
    """
    if data is None:
        return {}
    functions = {"validation loss": loss, **(metrics or {})}
    sums = dict.fromkeys(functions, 0.0)
    examples = 0
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with no_grad():
            for *inputs, targets in [data] if isinstance(data, tuple) else data:
                outputs = model(*inputs)
                count = _examples(targets)
                examples += count
                for name, function in functions.items():
                    sums[name] += float(as_tensor(function(outputs, targets)).item()) * count
    finally:
        for module, training in modes:
            object.__setattr__(module, "training", training)
    if not examples:
        raise DomainError("there is no example to validate with")
    return {name: value / examples for name, value in sums.items()}


def _train_epoch(
    run: Run,
    batches: Iterable[Sequence[Any]],
    take: Callable[..., Any],
    accumulate: int,
    callbacks: Sequence[Callback],
    keeper: Checkpoint | None,
    save_every: int | None,
    advance: Callable[[int, float], None] | None,
) -> None:
    """Train on the batches of an epoch, or on those that an earlier training has left."""
    waiting = 0
    for batch in batches:
        count = _examples(batch[-1])
        waiting += 1
        value = take(waiting == accumulate, count, batch)
        if not isfinite(value):
            raise NonFiniteError(
                f"the loss became {value} in epoch {run.epoch}, after {run.updates} updates; try a "
                "lower learning rate, or autograd_lite.trace_nans() to find the op"
            )
        run.loss_sum += value * count
        run.examples += count
        if advance is not None:
            advance(count, value)
        if waiting == accumulate:
            waiting = 0
            _updated(run, callbacks, keeper, save_every)
        if run.stopped:
            break
    if waiting:
        take(True, 0, None)
        _updated(run, callbacks, keeper, save_every)
    if not run.examples:
        raise DomainError("fit: there are no batches to train on")


def _updated(
    run: Run, callbacks: Sequence[Callback], keeper: Checkpoint | None, save_every: int | None
) -> None:
    run.updates += 1
    for callback in callbacks:
        callback.on_update(run)
    if keeper is not None and save_every is not None and run.updates % save_every == 0:
        keeper.save()


def _stepping(
    model: Module,
    optimizer: Any,
    loss: Callable[[Any, Any], Tensor],
    accumulate: int,
    how: str,
) -> Callable[..., float]:
    """Return ``(whether to update, examples, batch or None) -> loss``."""

    def whole(*batch: Any) -> Tensor:
        optimizer.zero_grad()
        value = loss(model(*batch[:-1]), batch[-1])
        value.backward()
        optimizer.step()
        return value.detach()

    if accumulate == 1:
        step = whole if how == "eager" else autograd_lite.capture(whole, fast=how == "fast")
        return lambda update, count, batch: step(*batch).item()

    # gradients are summed over examples, and divided by their number before the update
    def part(weight: Any, *batch: Any) -> Tensor:
        value = loss(model(*batch[:-1]), batch[-1])
        (value * weight).backward()
        return value.detach()

    parts = (
        part if how == "eager" else autograd_lite.capture(part, fast=how == "fast", keep_grads=True)
    )
    total = 0

    def take(update: bool, count: int, batch: Any) -> float:
        nonlocal total
        if not total:
            optimizer.zero_grad()
        value = 0.0 if batch is None else parts(np.float32(count), *batch).item()
        total += count
        if update:
            for p in model.parameters():
                if p.grad is not None:
                    p.grad = p.grad / total
            optimizer.step()
            total = 0
        return float(value)

    return take


def _keeper(
    checkpoint: Checkpoint | None, run: Run, callbacks: Sequence[Callback]
) -> Checkpoint | None:
    """Return a checkpoint with the parts that it was given, and those of this training."""
    if checkpoint is None:
        return None
    keeper = Checkpoint(checkpoint.path)
    keeper.parts = dict(checkpoint.parts)
    keeper.add("run", run)
    for number, callback in enumerate(callbacks):
        keeper.add(f"callback {number}", callback)
    return keeper


def _examples(targets: Any) -> int:
    shape = getattr(targets, "shape", None)
    if shape is None:
        return len(targets)
    if not shape:
        raise ShapeError("fit: the targets of a batch have no axis of examples")
    return int(shape[0])


def _check_counts(**counts: Any) -> None:
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
            raise DomainError(f"fit: {name} must be a positive integer, not {count!r}")


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C stop the run between batches; a second one interrupts.

    If the program was started with Ctrl-C ignored, as by ``nohup``, or has a handler of its own,
    it stays so; signals come to the main thread only.
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return

    def request_stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run.history.interrupted = True
        run.stop()

    signal.signal(signal.SIGINT, request_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _bar(
    run: Run, batches: Iterable[Any], progress: bool | None
) -> Iterator[Callable[[int, float], None] | None]:
    """Show a progress bar for one epoch; yield what moves it on."""
    if progress is False or (progress is None and not sys.stderr.isatty()):
        yield None
        return
    try:
        tqdm = importlib.import_module("tqdm").tqdm
    except ModuleNotFoundError as error:
        if progress is None:
            yield None
            return
        raise MissingExtraError("tqdm", "training") from error
    total = getattr(batches, "examples", None)
    with tqdm(
        desc=f"epoch {run.epoch}/{run.epochs}",
        total=total,
        initial=run.examples,
        unit=" examples",
        unit_scale=True,
        leave=False,
        dynamic_ncols=True,
    ) as bar:

        def advance(count: int, value: float) -> None:
            if bar.update(count):
                bar.set_postfix_str(f"loss {value:.4f}", refresh=False)

        yield advance
