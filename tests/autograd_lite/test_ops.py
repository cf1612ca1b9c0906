"""Every primitive keeps what its registration says it promises."""

import importlib
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_lite.ops
from autograd_lite import Primitive
from autograd_lite.testing import Spec

from .specs import SPECS


@pytest.mark.parametrize("spec", SPECS, ids=[spec.op.name for spec in SPECS])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_op_keeps_its_promises(spec: Spec, data: st.DataObject) -> None:
    spec.check(data.draw(spec.cases))


def test_every_primitive_is_registered_once() -> None:
    package = autograd_lite.ops
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    primitives = {
        id(value): f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Primitive)
    }
    registered = [id(spec.op) for spec in SPECS]
    assert len(registered) == len(set(registered))
    assert {name for key, name in primitives.items() if key not in registered} == set()
    assert set(registered) <= primitives.keys()
