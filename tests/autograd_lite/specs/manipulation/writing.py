"""Writing into a tensor: here into a copy, which then is the result."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_lite.testing import Case, Spec, broadcastable_shapes, operands

from ..drawing import NOT_EMPTY
from ..selecting.selecting import MODES, NOT_SCALAR, integers, mask_of

LENGTHS = st.integers(1, 4)


@st.composite
def put(draw: st.DrawFn) -> Case:
    shape, count = draw(NOT_EMPTY)[0], draw(LENGTHS)
    x, v = draw(operands(2, shapes=st.just((shape, (count,)))))
    mode = draw(MODES)
    more = 0 if mode == "raise" else 3
    ind = integers(draw, (draw(st.integers(0, 4)),), -x.size - more, x.size - 1 + more)
    return Case((x, v), {"ind": ind, "mode": mode})


@st.composite
def along_axis(draw: st.DrawFn) -> Case:
    shape = draw(NOT_SCALAR)[0]
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    lines = list(shape)
    lines[axis] = draw(st.integers(0, 4))
    indices = integers(draw, lines, -shape[axis], shape[axis] - 1)
    x, v = draw(operands(2, shapes=st.just((shape, draw(st.sampled_from([tuple(lines), ()]))))))
    return Case((x, v), {"indices": indices, "axis": axis})


@st.composite
def masked(draw: st.DrawFn) -> Case:
    shape, count = draw(NOT_EMPTY)[0], draw(LENGTHS)
    inputs = draw(operands(2, shapes=st.just((shape, (count,)))))
    return Case(inputs, {"mask": mask_of(draw, shape)})


@st.composite
def copied(draw: st.DrawFn) -> Case:
    shapes = draw(broadcastable_shapes(3))
    whole = np.broadcast_shapes(*shapes)
    inputs = draw(operands(2, shapes=st.just((whole, shapes[0]))))
    return Case(inputs, {"where": draw(st.just(True) | st.just(mask_of(draw, shapes[1])))})


@st.composite
def diagonal(draw: st.DrawFn) -> Case:
    side = draw(LENGTHS)
    shape = draw(st.sampled_from([(side, draw(LENGTHS)), (side + 4, 2), (side,) * 3]))
    inputs = draw(operands(2, shapes=st.just((shape, draw(st.sampled_from([(), (2,), (3,)]))))))
    return Case(inputs, {"wrap": len(shape) == 2 and draw(st.booleans())})


def written(name: str, write: Callable[..., None], cases: Any) -> Spec:
    """Register what ``write(x, v, **params)`` makes of a copy of x."""

    def into_a_copy(x: Any, v: Any, **params: Any) -> Any:
        out = x.copy()
        write(out, v, **params)
        return out * out + v.sum()

    return Spec(into_a_copy, cases=cases, complex=True, name=name)


SPECS = [
    written("put", lambda x, v, ind, mode: np.put(x, ind, v, mode=mode), put()),
    written(
        "put_along_axis",
        lambda x, v, indices, axis: np.put_along_axis(x, indices, v, axis),
        along_axis(),
    ),
    written("place", lambda x, v, mask: np.place(x, mask, v), masked()),
    written("putmask", lambda x, v, mask: np.putmask(x, mask, v), masked()),
    written("copyto", np.copyto, copied()),
    written("fill_diagonal", np.fill_diagonal, diagonal()),
]
