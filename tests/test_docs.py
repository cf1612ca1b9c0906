"""Every snippet of the README and of docs/ is executed, page by page.

The ``python`` and ``pycon`` blocks of a page run in order and share their names; blocks of the
languages in ``SHOWN`` are only shown. Any other language is an error: a block that is misspelt
would never run.
"""

import doctest
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import nn

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]
EXECUTED = ("python", "pycon", "doctest")
SHOWN = ("sh", "text", "bibtex", "toml")
FENCE = re.compile(r"^ *(?P<ticks>`{3,}|~{3,})(?P<language>[^`]*)$")


class Block(NamedTuple):
    """A fenced block: its language, the line where its text starts, and its text."""

    language: str
    line: int
    text: str


def fenced_blocks(page):
    """Return the blocks of a page's text, in order."""
    blocks, lines = [], iter(enumerate(page.splitlines(), start=1))
    for number, line in lines:
        opening = FENCE.match(line)
        if not opening:
            continue
        language, text = opening["language"].strip(), []
        indent = len(line) - len(line.lstrip())
        for _, inside in lines:
            if inside.strip() == opening["ticks"]:
                break
            text.append(inside[min(indent, len(inside) - len(inside.lstrip())) :])
        else:
            raise ValueError(f"line {number}: this fence is never closed")
        if language not in (*EXECUTED, *SHOWN):
            raise ValueError(f"line {number}: {language!r} is none of {(*EXECUTED, *SHOWN)}")
        blocks.append(Block(language, number + 1, "\n".join(text) + "\n"))
    return blocks


def execute(page, name):
    """Execute the blocks of a page's text; raise what they raise."""
    names = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(
        verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    for language, line, text in fenced_blocks(page):
        if language == "python":
            # blank lines before it, so that errors tell the line of the page
            exec(compile("\n" * (line - 1) + text, name, "exec"), names)
        elif language in EXECUTED:
            test = doctest.DocTestParser().get_doctest(text, names, name, name, line - 1)
            test.globs = names  # the parser made a copy
            complaints = []
            failed, tried = runner.run(test, out=complaints.append, clear_globs=False)
            if failed:
                pytest.fail("".join(complaints), pytrace=False)
            assert tried, f"{name}, line {line}: a {language} block without >>>"


@pytest.fixture
def small_mnist(monkeypatch):
    """Let made-up digits pass for MNIST, which the tests don't download."""
    rng = np.random.default_rng(0)
    train, test = (
        nn.datasets.Split(rng.random((n, 784), np.float32), rng.integers(0, 10, n))
        for n in (600, 100)
    )
    monkeypatch.setattr(nn.datasets, "mnist", lambda: nn.datasets.MNIST(train, test))


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_snippets_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    execute(page.read_text(encoding="utf-8"), str(page))


def fenced(*blocks):
    return "\n".join(f"Words.\n\n```{language}\n{text}\n```\n" for language, text in blocks)


def test_blocks_of_a_page_share_their_names():
    execute(
        fenced(
            ("python", "x = 2\ndef double():\n    return 2 * x"),
            ("pycon", ">>> double()\n4\n>>> y = [1, 2]"),
            ("doctest", ">>> print(y, 'and', 'more')\n[1,\n2] and ..."),
            ("python", "assert y == [1, 2]\nx = 3"),
            ("pycon", ">>> double()\n6"),
        ),
        "page",
    )


def test_shell_blocks_are_only_shown():
    execute(fenced(("sh", "exit 1"), ("text", "1 / 0")), "page")


def test_a_wrong_output_is_a_failure():
    with pytest.raises(pytest.fail.Exception, match=r"(?s)line 4, in page.*Expected:.*3.*Got:.*2"):
        execute(fenced(("pycon", ">>> 1 + 1\n3")), "page")


def test_an_exception_is_a_failure_at_its_line():
    with pytest.raises(ZeroDivisionError) as caught:
        execute(fenced(("sh", "ls"), ("python", "x = 1\nx / 0")), "page")
    last = caught.traceback[-1]
    assert (str(last.path).rpartition("/")[2], last.lineno + 1) == ("page", 11)


def test_an_indented_block_is_executed():
    with pytest.raises(ZeroDivisionError):
        execute("1. Then\n\n   ```python\n   if True:\n       1 / 0\n   ```\n", "page")


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        (fenced(("pyhton", "1 / 0")), "line 3: 'pyhton' is none of"),
        (fenced(("", "1 / 0")), "line 3: '' is none of"),
        ("```python\n1 / 0\n", "line 1: this fence is never closed"),
    ],
)
def test_a_block_that_would_never_run_is_an_error(page, complaint):
    with pytest.raises(ValueError, match=complaint):
        execute(page, "page")


def test_a_doctest_block_without_examples_is_an_error():
    with pytest.raises(AssertionError, match="without >>>"):
        execute(fenced(("pycon", "1 + 1")), "page")
