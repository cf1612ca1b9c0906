"""What marks a choice in a first derivative."""

from typing import Any

from hypothesis import strategies as st

from autograd_lite import Tensor, kinks
from autograd_lite.testing import Case, Spec, cases, operands

_NOWHERE: dict[str, Any] = {"settled": False, "unknown": False, "as_nan": False}

SPECS = [
    Spec(
        kinks.kink,
        lambda x, **_: x * 1,
        st.builds(Case, operands(1), st.just(_NOWHERE)),
        name="kink where nothing is unknown",
        complex=True,
    ),
    Spec(
        lambda x: kinks.valued(x, value=x.data.copy() if isinstance(x, Tensor) else x),
        lambda x: x * 1,
        cases(operands(1)),
        name="kink with its values",
        complex=True,
    ),
]
