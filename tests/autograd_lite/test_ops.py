"""Every op keeps what its registration says it promises, and every op has one."""

import importlib
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite
from autograd_lite import Primitive
from autograd_lite.numpy_protocols import dispatch
from autograd_lite.testing import Spec
from autograd_lite.testing.checks import leaves_of

from .specs import registered

SPECS: list[Spec] = registered()


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
@settings(deadline=None, derandomize=True)
@given(data=st.data())
def test_op_keeps_its_promises(spec: Spec, data: st.DataObject) -> None:
    spec.check(data.draw(spec.cases))


def primitives() -> dict[int, str]:
    """Return the name of every primitive that a module of the package holds, by its id."""
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(autograd_lite.__path__, "autograd_lite.")
    ]
    return {
        id(value): f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Primitive)
    }


def recorded(spec: Spec) -> set[int]:
    """Return the ids of the primitives that some cases of a registration record."""
    found = {id(spec.op)}

    @settings(max_examples=12, deadline=None, derandomize=True, database=None)
    @given(case=spec.cases)
    def look(case):
        result = spec.op(*leaves_of(case.inputs), **case.params)
        stack = list(result) if isinstance(result, tuple | list) else [result]
        while stack:
            node = stack.pop()
            if node is not None and node.op is not None:
                found.add(id(node.op))
                stack.extend(node.inputs)

    look()
    return found


def test_every_primitive_is_proven() -> None:
    proven = set().union(*map(recorded, SPECS))
    assert [name for key, name in primitives().items() if key not in proven] == []


def test_every_numpy_function_that_is_differentiable_is_proven() -> None:
    names = {spec.name for spec in SPECS}
    ids = {id(spec.op) for spec in SPECS}
    ufuncs = [f"np.{f.__name__}" for f, op in dispatch.UFUNCS.items() if not {id(f), id(op)} & ids]
    unproven = [
        f.__name__
        for f, found in dispatch.FUNCTIONS.items()
        if not {id(f), id(found.function)} & ids
        and not {f.__name__, f"{f.__module__}.{f.__name__}".removeprefix("numpy.")} & names
    ]
    assert ufuncs + unproven == []
