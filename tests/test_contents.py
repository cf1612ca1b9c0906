"""The table of contents in ``autograd_lite/__init__.py`` lists all that there is."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import autograd_lite

PAGE = Path(autograd_lite.__file__).read_text(encoding="utf-8")
STATEMENTS = [node for node in ast.walk(ast.parse(PAGE)) if isinstance(node, ast.ImportFrom)]
FAMILIES = [node.module for node in STATEMENTS if node.names[0].name == "*"]
NAMESPACES = ["fft", "linalg", "special"]


def names_in(comment):
    """Return the names in the lines of a comment, without the heading of a chapter."""
    lines = [line for line in comment.splitlines() if not line.startswith("# ----")]
    return " ".join(line.removeprefix("# ") for line in lines).split(", ")


def above(family):
    """Return the comment that stands above the star-import of a family."""
    statement = re.escape(f"from {family} import *")
    return re.search(rf"((?:^#.*\n)+)^{statement}$", PAGE, re.MULTILINE)[1]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_comment_above_an_import_lists_its_names(family):
    assert names_in(above(family)) == importlib.import_module(family).__all__


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_the_comments_list_the_names_of_namespaces(namespace):
    comment = re.search(rf"^# {namespace}: ((?:.*\n)(?:^# (?!\w+: ).*\n)*)", PAGE, re.MULTILINE)[1]
    assert names_in(comment.rstrip()) == getattr(autograd_lite, namespace).__all__


def test_all_names_are_public_and_no_others():
    one_by_one = [
        alias.asname
        for node in STATEMENTS
        for alias in node.names
        if node.module.startswith("autograd_lite") and alias.name != "*"
    ]
    assert None not in one_by_one, "without `as name`, type checkers take it as private"
    together = [name for f in FAMILIES for name in importlib.import_module(f).__all__]
    public = one_by_one + together
    assert sorted(autograd_lite.__all__) == sorted(set(public))
    assert len(set(public)) == len(public), "two modules bring the same name"
