"""Recurrences: layers that are scanned over time, each in one op.

A layer is computed in two steps. :func:`input_projection` multiplies the inputs of all times by
the input weights, in one product. :func:`rnn`, :func:`lstm` or :func:`gru` then goes from one
time to the next.

====================== ======================================================================
projection             the products with the inputs
simple_recurrence      ``rnn``: the forward, the rule, and the same from plain ops
long_short_term_memory ``lstm``
gated_units            ``gru``
scanning               what the scans share: a result that holds all, and how it is derived
====================== ======================================================================
"""

from nn.functional.recurrence.gated_units import gru
from nn.functional.recurrence.long_short_term_memory import lstm
from nn.functional.recurrence.projection import input_projection
from nn.functional.recurrence.simple_recurrence import rnn

__all__ = ["gru", "input_projection", "lstm", "rnn"]
