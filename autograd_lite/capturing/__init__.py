"""Capture: a function's NumPy calls, written down once and replayed.

In the order in which a call goes through them: ``captured`` decides what is done with it;
``arguments``, ``reaching`` and ``terms`` say what a function is given, what it can reach, and what
must stay the same; ``observing`` calls it with traced arrays (``traced``, ``varying``,
``generators``), which write a ``program`` (``tracing``); ``outcome`` describes what it leaves, and
``fingerprint`` compares two calls. ``optimizing`` drops calls (``folding``, ``implying``),
``fusing`` makes others of them (``products``, ``threads``), and ``memory`` plans where results are
(``scattering``). ``fetching``, ``computing`` (``grouping``, ``choosing``, ``binding``),
``leaving`` and ``repeating`` turn it all into Python code; ``verifying`` runs that once beside it.
``printing`` shows it to people: ``spelling`` writes numbers and text, ``naming`` finds names,
``expressions`` and ``statements`` make lines.
"""

from autograd_lite.capturing.captured import Captured, capture
from autograd_lite.capturing.programs import Program

__all__ = ["Captured", "Program", "capture"]
