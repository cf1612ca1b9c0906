"""What proves the ops and functions, by chapter, under the names of their families.

Each of the files has a list ``SPECS``, which the whole property suite is run for.
"""

import importlib
from pathlib import Path

from autograd_lite.testing import Spec

FOLDER = Path(__file__).parent


def registered() -> list[Spec]:
    """Return the registrations of all families, in the order of their files."""
    files = sorted(FOLDER.rglob("[a-z]*.py"))
    names = [".".join(("", *path.relative_to(FOLDER).with_suffix("").parts)) for path in files]
    modules = [importlib.import_module(name, __package__) for name in names]
    return [spec for module in modules for spec in getattr(module, "SPECS", [])]
