"""What the tests of examples share."""

import pytest

from .programs import FOLDER, load


@pytest.fixture(autouse=True)
def _beside_each_other(monkeypatch):
    """Find what the examples share, as when one is run."""
    monkeypatch.syspath_prepend(FOLDER)


@pytest.fixture
def run(request, tmp_path, capsys):
    """Run a program in this process, with the test file's SHORT options.

    Return its exit code, lines and errors.
    """

    def run(name, *arguments, draw=True):
        options = ["--output-dir", str(tmp_path / "output"), "--no-progress", *arguments]
        example = load(name)
        if not draw:
            example.draw = lambda *_args: None
        code = example.main([*request.module.SHORT[name], *options])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return run
