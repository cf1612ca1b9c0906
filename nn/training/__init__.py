"""Training: ``fit``, what it tells and keeps, and checkpoints to go on from."""

from nn.training.callbacks import (
    Averaging,
    Callback,
    EarlyStopping,
    KeepBest,
    Picture,
    Scheduled,
)
from nn.training.checkpoint import Checkpoint
from nn.training.fitting import fit
from nn.training.history import History
from nn.training.interrupting import interruptible
from nn.training.run import Run

__all__ = [
    "Averaging",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "History",
    "KeepBest",
    "Picture",
    "Run",
    "Scheduled",
    "fit",
    "interruptible",
]
