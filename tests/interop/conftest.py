"""R inside Python, for these tests alone. Without rpy2 they are skipped, in CI they fail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

MUST_RUN = bool(os.environ.get("CI") or os.environ.get("SCINNO_R_WORLD"))

# R's reticulate must find the Python it already runs in.
os.environ.setdefault("RETICULATE_PYTHON", sys.executable)


def pytest_collection_modifyitems(items):
    try:
        # Imported only to learn whether they can be.
        import anndata2ri  # noqa: F401
        import rpy2.robjects  # noqa: F401
    except Exception as error:
        if MUST_RUN:
            raise
        # Outside CI a user may lack R; where MUST_RUN is set the error above is raised.
        reason = f"rpy2 and anndata2ri are needed: {error}"
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def r():
    """R with scinno and the containers loaded."""
    import rpy2.robjects as robjects

    robjects.r(
        "suppressPackageStartupMessages({"
        "library(scinno); library(SingleCellExperiment); library(Seurat)})"
    )
    return robjects.r


@pytest.fixture(scope="session")
def cellhashing():
    import reference

    return reference.read("cellhashing_4lines")
