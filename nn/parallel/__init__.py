"""Data-parallel training: processes that share every batch, by MPI (extra ``parallel``)."""

from nn.parallel.group import Group

__all__ = ["Group"]
