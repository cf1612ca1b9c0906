"""The house: imports point down its list only, and importing it loads NumPy and nothing else."""

import ast
import json
import os
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import autograd_lite

ROOT = Path(__file__).resolve().parents[1]

# From the bottom up. A package stands for all its modules, unless they are listed.
HOUSE = (
    "autograd_lite.errors",
    "autograd_lite.dtypes",
    "autograd_lite.blocks",
    "autograd_lite.modes",
    "autograd_lite.precision",
    "autograd_lite.broadcasting",
    "autograd_lite.primitive",
    "autograd_lite.locks",
    "autograd_lite.writes",
    "autograd_lite.operands",
    "autograd_lite.graph",
    "autograd_lite.grads",
    "autograd_lite.indices",
    "autograd_lite.settled_zeros",
    "autograd_lite.kinks",
    "autograd_lite.ops",
    "autograd_lite.ops.creation",
    "autograd_lite.ops.selecting",
    "autograd_lite.ops.manipulation",
    "autograd_lite.ops.mathematics",
    "autograd_lite.ops.statistics",
    "autograd_lite.ops.algebra",
    "autograd_lite.ops.learning",
    "autograd_lite.assignment",
    "autograd_lite.numpy_protocols",
    "autograd_lite.backward",
    "autograd_lite.debugging",
    "autograd_lite.tensor",
    "autograd_lite.trees",
    "autograd_lite.functions",
    "autograd_lite.functions.general",
    "autograd_lite.functions.creation",
    "autograd_lite.functions.selecting",
    "autograd_lite.functions.manipulation",
    "autograd_lite.functions.mathematics",
    "autograd_lite.functions.statistics",
    "autograd_lite.functions.algebra",
    "autograd_lite.functions.learning",
    "autograd_lite.linalg",
    "autograd_lite.fft",
    "autograd_lite.special",
    "autograd_lite.transforms",
    "autograd_lite.capturing.program",
    "autograd_lite.capturing.tracing",
    "autograd_lite.capturing.observing",
    "autograd_lite.capturing.optimization",
    "autograd_lite.capturing.printing",
    "autograd_lite.capturing.replay",
    "autograd_lite.capturing",
    "autograd_lite",
    "autograd_lite.testing",
    "nn.init",
    "nn.state",
    "nn.generators",
    "nn.files",
    "nn.options",
    "nn.reflection",
    "nn.module",
    "nn.layer_deltas",
    "nn.layer_summary",
    "nn.saving",
    "nn.functional",
    "nn.labels",
    "nn.losses",
    "nn.metrics",
    "nn.layers",
    "nn.optim",
    "nn.data",
    "nn.datasets",
    "nn.training",
    "nn.parallel",
    "nn",
)
OURS = ("autograd_lite", "nn")
NN_MAY_IMPORT = {"autograd_lite", "autograd_lite.errors"}
EXTRAS = {  # top-level names of optional packages: where they may be imported
    "hypothesis": "autograd_lite.testing",
    "pooch": "nn.datasets",
    "sklearn": "nn.datasets",
}


def module_name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(p): p for top in OURS for p in sorted((ROOT / top).rglob("*.py"))}


def within(module, package):
    return module == package or module.startswith(package + ".")


def floor(module):
    """Return the position in the house of its longest entry that covers this module."""
    covering = [entry for entry in HOUSE if within(module, entry)]
    # a root gathers what is in its folder: only it is on its own floor
    if module not in OURS and set(covering) <= set(OURS):
        raise LookupError(f"{module} has no place in the house; add it to HOUSE")
    return HOUSE.index(max(covering, key=len))


def imported_from(node, files):
    """Return the modules that an import statement names, submodules of packages resolved."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert not node.level, "relative imports hide where they point"
    submodules = [f"{node.module}.{alias.name}" for alias in node.names]
    return [name if name in files else node.module for name in submodules]


def imports(source, files):
    """Return the modules that a source imports, with whether that is inside of a function."""
    found = []

    def visit(node, inside):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.extend((name, inside) for name in imported_from(node, files))
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(source), False)
    return found


def imported_on_first_use(source):
    """Return which of our modules a source imports by calling ``import_module``."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("import_module")
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value.partition(".")[0] in OURS
    ]


def complaints(module, source, files):
    """Return what is wrong with the imports of a module, in words."""
    wrong = []
    for name, inside in imports(source, files):
        top = name.partition(".")[0]
        if top in EXTRAS:
            if not within(module, EXTRAS[top]):
                wrong.append(f"imports {name}, which only {EXTRAS[top]} may")
            continue
        if inside:
            wrong.append(f"imports {name} inside of a function")
        if top not in OURS:
            if top != "numpy" and top not in sys.stdlib_module_names:
                wrong.append(f"imports {name}, which isn't declared")
        elif within(module, "nn") and top == "autograd_lite":
            if name not in NN_MAY_IMPORT:
                wrong.append(f"imports {name}, which isn't public")
        elif floor(name) > floor(module):
            wrong.append(f"imports {name}, which is above it")
    for name in imported_on_first_use(source):
        if module != name.partition(".")[0]:
            wrong.append(f"imports {name} on first use, which only a table of contents may")
        elif floor(name) > floor(module):
            wrong.append(f"imports {name}, which is above it")
    return wrong


def test_the_documented_order_of_reading_is_the_house():
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    listed = [
        re.findall(r"`([a-z_/]+)`", row.split("|")[1])
        for row in page.splitlines()
        if row.startswith("| `")
    ]
    names = [name.strip("/").replace("/", ".") for row in listed for name in row]
    house = [m.removeprefix("autograd_lite.") for m in HOUSE if m != "autograd_lite"]
    assert names[: len(house)] == house


@pytest.mark.parametrize("module", FILES)
def test_imports_point_down_the_house(module):
    assert complaints(module, FILES[module].read_text(encoding="utf-8"), FILES) == []


@pytest.mark.parametrize("top", OURS)
def test_no_module_imports_itself_by_a_detour(top):
    graph = {
        module: {name for name, _ in imports(path.read_text(encoding="utf-8"), FILES)} & set(FILES)
        for module, path in FILES.items()
        if within(module, top)
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("autograd_lite.graph", "from autograd_lite.tensor import Tensor", "is above it"),
        ("autograd_lite.graph", "import autograd_lite", "is above it"),
        ("autograd_lite.graph", "from autograd_lite import tensor", "is above it"),
        ("autograd_lite.functions.learning.losses", "import nn", "is above it"),
        ("autograd_lite.tensor", "def f():\n    import numpy", "inside of a function"),
        ("autograd_lite.tensor", "import scipy", "isn't declared"),
        ("autograd_lite.tensor", "def f():\n    import hypothesis", "only autograd_lite.testing"),
        ("nn.layers", "from autograd_lite.tensor import wrap", "isn't public"),
        ("nn.layers", "from autograd_lite import tensor", "isn't public"),
        ("nn.layers", "def f():\n    import_module('nn.datasets')", "on first use"),
        ("nn", "def f():\n    import_module('autograd_lite.tensor')", "on first use"),
        ("autograd_lite", "import_module('autograd_lite.testing')", "is above it"),
    ],
)
def test_a_wrong_import_is_found(module, source, complaint):
    (found,) = complaints(module, source, FILES)
    assert complaint in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("autograd_lite.tensor", "import numpy as np\nfrom autograd_lite.ops import shaping"),
        ("autograd_lite.ops.losses", "from autograd_lite.ops.reductions import softmax"),
        ("autograd_lite.testing", "def f():\n    import hypothesis"),
        ("nn.layers", "from autograd_lite import Tensor, errors\nfrom nn.init import zeros"),
        ("nn", "def __getattr__(name):\n    import_module('nn.datasets')"),
    ],
)
def test_a_right_import_is_let_pass(module, source):
    assert complaints(module, source, FILES) == []


def test_a_module_without_a_place_is_found():
    with pytest.raises(LookupError, match=r"autograd_lite\.utils has no place"):
        floor("autograd_lite.utils")


def test_nn_uses_only_public_names_of_the_core():
    public = set(autograd_lite.__all__)
    for module, path in FILES.items():
        if not within(module, "nn"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "autograd_lite":
                assert {alias.name for alias in node.names} <= public, module


def python(script):
    """Return what a fresh interpreter prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_test_kit_without_hypothesis_names_its_extra():
    printed = python(
        "import importlib.util as u, autograd_lite.errors; find = u.find_spec\n"
        "u.find_spec = lambda name: None if name == 'hypothesis' else find(name)\n"
        "try: import autograd_lite.testing\n"
        "except autograd_lite.errors.MissingExtraError as error: print(error)"
    )
    assert "pip install 'autograd-lite[testing]'" in printed


def test_importing_loads_numpy_and_the_standard_library_only():
    printed = python(
        "import json, sys; before = set(sys.modules); import autograd_lite, nn; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    tops = {name.partition(".")[0] for name in json.loads(printed)}
    # NumPy's extension modules that Cython built register one or two of its own
    foreign = {top for top in tops if not top.removeprefix("_").startswith("cython_")}
    assert foreign - sys.stdlib_module_names == {"numpy", *OURS}


def test_importing_leaves_for_later_what_is_slow_and_not_always_needed():
    printed = python(
        "import json, sys, numpy; before = set(sys.modules); import autograd_lite, nn\n"
        "from autograd_lite.numpy_protocols.dispatch import FUNCTIONS\n"
        "inspected = [f.__name__ for f, found in FUNCTIONS.items() if found.names]\n"
        "print(json.dumps([sorted(set(sys.modules) - before), inspected]))\n"
        "nn.datasets.mnist, nn.optim.SGD, nn.parallel.Group, nn.training.fit, nn.fit, nn.summary\n"
        "autograd_lite.capture"
    )
    loaded, inspected = json.loads(printed)
    assert [name for name in loaded if name.startswith("autograd_lite.capturing")] == []
    later = {"nn.datasets", "nn.optim", "nn.parallel", "nn.training", "nn.layer_summary"}
    later |= {"html", "json", "numpy.random", "hashlib", "logging", "socket"}
    assert not later & set(loaded)
    assert inspected == []
