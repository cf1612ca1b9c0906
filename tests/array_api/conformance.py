"""Run the conformance suite of the array API standard on autograd_lite and on its peers.

The suite isn't on PyPI; clone it once, and install what it needs, and the peers to run it on::

    git clone --recurse-submodules https://github.com/data-apis/array-api-tests
    pip install -r array-api-tests/requirements.txt
    pip install array-api-strict jax torch array-api-compat
    python tests/array_api/conformance.py --suite array-api-tests

The figures are printed as a table. Nothing is downloaded, and nothing in the clone is changed. No
test is left out: there is no list of tests to skip.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SUITE = "https://github.com/data-apis/array-api-tests"
NEEDED = ("pytest", "pytest_jsonreport", "hypothesis", "ndindex")


class Library(NamedTuple):
    """An array library: what is imported for the suite, and the packages that takes."""

    module: str
    packages: tuple[str, ...]


LIBRARIES = {
    "autograd_lite": Library("autograd_lite", ()),
    "numpy": Library("numpy", ("numpy",)),
    "array_api_strict": Library("array_api_strict", ("array_api_strict",)),
    "torch": Library("array_api_compat.torch", ("torch", "array_api_compat")),
    "jax": Library("jax.numpy", ("jax",)),
}


class Figures(NamedTuple):
    """What became of the suite's tests."""

    passed: int
    failed: int
    skipped: int
    seconds: float
    failures: tuple[str, ...]


def figures_in(report, seconds):
    """Return the figures of a JUnit report: one element for each test."""
    outcomes = {"passed": [], "failed": [], "skipped": []}
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        kind = "failed" if kinds & {"failure", "error"} else "skipped" if kinds else "passed"
        outcomes[kind].append(f"{case.get('classname')}::{case.get('name')}")
    counts = [len(names) for names in outcomes.values()]
    return Figures(*counts, seconds, tuple(outcomes["failed"]))


def run(library, suite, examples):
    """Run the suite on a library; give its figures, or None where it can't even be collected."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [
            *(sys.executable, "-m", "pytest", "array_api_tests", "--quiet", "--tb=line"),
            *("-p", "no:cacheprovider", "--disable-warnings", f"--junitxml={report}"),
            *(f"--max-examples={examples}", "--derandomize", "--disable-deadline"),
            f"--skips-file={os.devnull}",
        ]
        environment = {
            **os.environ,
            "ARRAY_API_TESTS_MODULE": library.module,
            "HYPOTHESIS_STORAGE_DIRECTORY": folder,
            "JAX_ENABLE_X64": "1",
            "JAX_PLATFORMS": "cpu",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        start = time.perf_counter()
        done = subprocess.run(
            command, cwd=suite, env=environment, capture_output=True, text=True, check=False
        )
        # 0: all passed; 1: some failed; the others: it didn't come so far
        if done.returncode not in (0, 1):
            print(done.stdout + done.stderr, file=sys.stderr)
            return None
        return figures_in(report, time.perf_counter() - start)


def missing(packages):
    """Return those of the packages that can't be imported here."""
    return [package for package in packages if find_spec(package) is None]


def complaint(suite):
    """Return what keeps the suite from being run, or nothing."""
    if not (suite / "array_api_tests").is_dir():
        return f"{suite} is not a clone of {SUITE}"
    if not (suite / "array-api" / "spec").is_dir():
        return f"the suite lacks the standard: git -C {suite} submodule update --init"
    if missing(NEEDED):
        lacking = ", ".join(missing(NEEDED))
        return f"{lacking} not installed: pip install -r {suite / 'requirements.txt'}"
    return ""


def version_of(name):
    """Return the version of a library, or nothing where it doesn't say."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def main():
    """Run the suite on what is asked for and installed, and print the table.

    The exit status is 1 where autograd_lite fails a test.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", type=Path, required=True, help=f"a clone of {SUITE}")
    parser.add_argument("--library", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--examples", type=int, default=20, help="how many for each test")
    parser.add_argument("--failures", action="store_true", help="name the tests that failed")
    options = parser.parse_args()
    if options.examples < 1:
        parser.error("--examples must be at least 1")
    if complaint(options.suite):
        parser.error(complaint(options.suite))
    print("| library | passed | failed | skipped | of | seconds |\n|---|---|---|---|---|---|")
    failed = False
    for name in options.library:
        library = LIBRARIES[name]
        if missing(library.packages):
            print(f"| {name} | not installed | | | | |", flush=True)
            continue
        found = run(library, options.suite, options.examples)
        title = f"{name} {version_of(name)}".strip()
        if found is None:
            print(f"| {title} | can't be collected | | | | |", flush=True)
        else:
            total = found.passed + found.failed + found.skipped
            figures = (found.passed, found.failed, found.skipped, total, round(found.seconds))
            print(f"| {title} | {' | '.join(map(str, figures))} |", flush=True)
            if options.failures:
                print("\n".join(f"  {test}" for test in found.failures), file=sys.stderr)
        if name == "autograd_lite":
            failed = found is None or found.failed > 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
