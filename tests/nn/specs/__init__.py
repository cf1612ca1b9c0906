"""What proves the ops of ``nn.functional``: files with a list ``SPECS``, one a family."""

import importlib
from pathlib import Path

from autograd_lite.testing import Spec

FOLDER = Path(__file__).parent


def registered() -> list[Spec]:
    """Return the registrations of all families, in the order of their files."""
    names = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
    modules = [importlib.import_module(f".{name}", __package__) for name in names]
    return [spec for module in modules for spec in getattr(module, "SPECS", [])]
