"""Calls that can't be captured warn, which most of these tests are about in some way."""

import pytest


def pytest_collection_modifyitems(items):
    ignoring = pytest.mark.filterwarnings("ignore::autograd_lite.errors.CaptureWarning")
    for item in items:
        if "capturing" in item.path.parts:
            item.add_marker(ignoring, append=False)
