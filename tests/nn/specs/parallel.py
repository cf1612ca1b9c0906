"""The sum over processes, of which there is one here; ``tests/nn/parallel`` has several."""

from typing import Any

from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, operands
from nn.parallel.synchronizing import total_of_processes


class Alone:
    """A group of one process, which may also add up what isn't a plain array."""

    def sum(self, value: Any) -> Any:
        return value


@st.composite
def totals(draw: st.DrawFn) -> Case:
    inputs = draw(operands(1))
    weights = {name: draw(st.sampled_from([0.5, 1.0, 3.0])) for name in ("before", "after")}
    return Case(inputs, {"group": Alone(), "examples": draw(st.integers(1, 3)), **weights})


def multiple(x: Any, group: Any, examples: int, before: float, after: float) -> Any:
    return x * (before * after)


SPECS = [Spec(total_of_processes, multiple, totals())]
