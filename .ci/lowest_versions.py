"""Print the requirements of the tests, each at the lowest version that pyproject.toml declares."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(extra: str) -> Iterator[str]:
    """Yield the requirements of an extra, including those of the extras that it names."""
    for requirement in project["optional-dependencies"][extra]:
        ours = re.fullmatch(rf"{project['name']}\[(.*)\]", requirement)
        if ours:
            for name in ours[1].split(","):
                yield from requirements(name)
        else:
            yield requirement


for requirement in [*project["dependencies"], *requirements("parallel"), *requirements("test")]:
    print(requirement.replace(">=", "=="))
