"""The packages that the R package asks Python for."""

import tomllib
from pathlib import Path


def test_the_needs_that_the_r_package_declares_are_those_of_python():
    """inst/python/requirements.txt repeats floors of pyproject.toml: R reads it without Python."""
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needs = project["dependencies"] + project["optional-dependencies"]["report"]
    declared = (root / "inst" / "python" / "requirements.txt").read_text().splitlines()
    assert declared
    assert set(declared) == set(needs)
