"""A progress bar for each epoch."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from autograd_lite.errors import MissingExtraError
from nn.training.run import Run

Advance: TypeAlias = Callable[[int, float], None]


@contextmanager
def progress_bar(
    run: Run, batches: Iterable[Any], progress: bool | None
) -> Iterator[Advance | None]:
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
