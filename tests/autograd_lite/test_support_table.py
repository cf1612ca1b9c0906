"""docs/supported.md is what the generator prints, and no function of NumPy's is left out."""

import re
from pathlib import Path

import numpy as np
import pytest

from autograd_lite.numpy_protocols import dispatch, unsupported

from . import support_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "supported.md"


def documented(page):
    """Return section and details of each function of a page, by name."""
    found, section = {}, None
    for line in page.splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| `") and section in support_table.HEADINGS:
            names, *details = (cell.strip() for cell in line.strip("|").split(" | "))
            for name in re.findall(r"`([\w.]+)`", names):
                assert name not in found, f"{name} stands there twice"
                found[name] = support_table.Entry(section, tuple(d.strip("| ") for d in details))
    return found


@pytest.fixture(scope="module")
def known():
    return support_table.entries()


def test_every_function_is_classified(known):
    assert [name for name, entry in known.items() if entry is None] == []


def test_what_is_listed_by_hand_is_nothing_that_works(known):
    for section, groups in (
        (support_table.NOT_FOR_TENSORS, support_table.UNDISPATCHED),
        (support_table.MISSING, support_table.UNANSWERED),
    ):
        for name in " ".join(groups.values()).split():
            if name in known:  # else this NumPy doesn't have it
                assert known[name].section == section, name


def test_functions_not_for_tensors_are_not_handed_to_them():
    functions = dict(support_table.named_functions())
    for name in " ".join(support_table.UNDISPATCHED.values()).split():
        function = functions.get(name)
        assert not isinstance(function, np.ufunc)
        assert not hasattr(function, "_implementation"), name  # what dispatched functions have


def test_no_function_is_registered_twice():
    registries = [
        dispatch.UFUNCS,
        dispatch.CONSTANT_UFUNCS,
        dispatch.FUNCTIONS,
        dispatch.CONSTANT_FUNCTIONS,
        unsupported.REFUSED,
    ]
    functions = [function for registry in registries for function in registry]
    assert len(functions) == len(set(functions))


def test_every_differentiable_function_has_its_order(known):
    assert [
        name
        for name, entry in known.items()
        if entry and entry.section == support_table.DIFFERENTIABLE and entry.details[0] == "0"
    ] == []


def test_the_page_is_up_to_date(known):
    page = PAGE.read_text(encoding="utf-8")
    there = documented(page)
    if set(there) == set(known):
        assert page == support_table.page(known), f"make it anew: {support_table.__doc__}"
    for name in set(there) & set(known):  # another NumPy may lack some, or have more
        assert there[name] == known[name], f"make it anew: {support_table.__doc__}"
