"""Capture: a function's NumPy calls, written down once and replayed.

``captured`` decides what is done with a call. The first two run in ``observing``, with the traced
arrays of ``tracing``, which write a ``program``. It goes through ``optimization``, is turned into a
function in ``replay``, and shown as NumPy source by ``printing``.

Where to begin: ``captured``; ``observing/calling``; ``tracing/traced`` and ``tracing/trace``;
``program/calls``; ``replay/computing``. What the other files add is in their first lines.
"""

from autograd_lite.capturing.captured import Captured, capture
from autograd_lite.capturing.programs import Program

__all__ = ["Captured", "Program", "capture"]
