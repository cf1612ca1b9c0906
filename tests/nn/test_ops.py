"""Every op of nn keeps what its registration says it promises, and every op has one."""

import importlib
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nn
from autograd_lite import Primitive, Tensor
from autograd_lite.testing import Spec

from .specs import registered

SPECS: list[Spec] = registered()


@pytest.mark.parametrize("spec", SPECS, ids=[spec.name for spec in SPECS])
@settings(max_examples=10, deadline=None, derandomize=True)
@given(data=st.data())
def test_op_keeps_its_promises(spec: Spec, data: st.DataObject) -> None:
    spec.check(data.draw(spec.cases))


def primitives() -> dict[int, str]:
    """Return the name of every primitive that a module of nn holds, by its id."""
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(nn.__path__, "nn.")
        if module.name != "nn.datasets"
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
        leaves = [Tensor(x, requires_grad=x.dtype.kind == "f") for x in case.inputs]
        result = spec.op(*leaves, **case.params)
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
