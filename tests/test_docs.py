"""Every snippet of the pages is executed, page by page, and their links lead somewhere.

The ``python`` and ``pycon`` blocks of a page run in order and share their names; blocks of the
languages in ``SHOWN`` are only shown. Any other language is an error: a block that is misspelt
would never run.
"""

import ast
import doctest
import io
import re
import runpy
import tokenize
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np
import pytest

import nn
from autograd_lite.numpy_protocols import dispatch

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
LINKED = [*PAGES, ROOT / "CHANGELOG.md"]
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


@pytest.fixture
def saved_weights(tmp_path):
    """Save weights as the example does, those of its network before training."""
    example = runpy.run_path(str(ROOT / "examples" / "mnist.py"))
    model = example["network"]([784, 200, 10], np.random.default_rng(0), "float32")
    (tmp_path / "output").mkdir()
    weights = example["save"](model.state_dict())
    example["write"](tmp_path / "output" / "weights.safetensors", weights)


def named(page):
    return page.relative_to(ROOT).as_posix()


@pytest.mark.usefixtures("small_mnist", "saved_weights")
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_snippets_of_the_page_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with mock.patch.dict(dispatch.FUNCTIONS):  # a page may register functions
        execute(page.read_text(encoding="utf-8"), str(page))


def prose(page):
    """Return a page's text without its fenced blocks."""
    blocks = fenced_blocks(page)
    inside = {b.line + i for b in blocks for i in range(len(b.text.splitlines()))}
    lines = enumerate(page.splitlines(), start=1)
    return "\n".join(line for number, line in lines if number not in inside)


def anchors(page):
    """Return the names by which the headings of a page can be linked to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page, folder):
    """Return the relative links of a page's text that lead nowhere."""
    dead = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        if ":" in path:  # another site
            continue
        target = folder / path
        text = target.read_text(encoding="utf-8") if path and target.is_file() else page
        if not target.exists() or (anchor and anchor not in anchors(text)):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", LINKED, ids=named)
def test_links_lead_somewhere(page):
    assert dead_links(page.read_text(encoding="utf-8"), page.parent) == []


def test_a_dead_link_is_found():
    page = (
        "# A `b`: c\n[1](#a-b-c) [2](#d) [3](README.md) [4](no.md) [5](https://no.org) [6](docs)\n"
    )
    page += "[7](README.md#start) [8](README.md#no)\n```text\n[9](no)\n```\n"
    assert dead_links(page, ROOT) == ["#d", "no.md", "README.md#no"]


def test_each_page_leads_to_the_next():
    order = re.findall(r"^- \[.*\]\((docs/.*?)\)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(order) == [named(page) for page in PAGES if "docs/" in named(page)]
    for page, following in pairwise([*order, "README.md"]):
        last = (ROOT / page).read_text(encoding="utf-8").splitlines()[-1]
        found = re.fullmatch(r"Next: \[.*\]\((.*)\)", last)
        assert found, f"{page} ends with {last!r}, not with a line 'Next: [...](...)'"
        assert ((ROOT / page).parent / found[1]).resolve() == ROOT / following


def test_the_hooks_before_a_commit_call_what_ci_calls():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    called = re.findall(r"^ *entry: (.*)$", hooks, re.MULTILINE)
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    checks = re.findall(r"^((?:ruff|mypy)\b.*)$", ci, re.MULTILINE)
    assert [call.replace(" --fix", "") for call in called] == [
        call.replace(" --check", "") for call in checks
    ]


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


# as docs/design.md names them; of the last, the part before the heading
FIRST_READING = (
    "modes",
    "broadcasting",
    "primitive",
    "graph",
    "backward/algorithm",
    "backward/adding_up",
    "backward/conforming",
    "backward/joint_rules",
    "backward/second_order",
    "backward/assigned",
    "backward/entry",
    "tensor",
    "ops/mathematics/arithmetic",
)


def lines_of_code(source):
    """Return how many lines hold code: neither blank, nor a comment, nor a docstring."""
    documented = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    idle = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {
        line
        for token in tokens
        if token.type not in idle | {tokenize.ENDMARKER}
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(code - documented)


def test_the_first_reading_fits_in_an_afternoon():
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    reading = page[: page.index("## The house")]
    sources = []
    for name in FIRST_READING:
        assert f"`{name}`" in reading or f"`{name.rpartition('/')[2]}`" in reading
        sources.append((ROOT / "autograd_lite" / f"{name}.py").read_text(encoding="utf-8"))
    *whole, arithmetic = sources
    beginning, heading, _ = arithmetic.partition("# ---- with remainder")
    assert heading
    assert sum(map(lines_of_code, [*whole, beginning])) <= 850
