"""The peers that pip can install, each run for real on one small set."""

import json
import os
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pytest

from scinno.bench import Plan, choose, run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def peers_python() -> str:
    """The Python that `make .venv-peers/.ready` sets up."""
    python = os.environ.get("SCINNO_BENCH_PYTHON", str(ROOT / ".venv-peers" / "bin" / "python"))
    if not Path(python).exists():
        if os.environ.get("CI"):
            pytest.fail(f"the peers' Python is missing: {python}")
        # On a user's machine only: in CI missing peers fail, line above.
        pytest.skip("the peers are not here: make .venv-peers/.ready")
    return python


@pytest.mark.parametrize("method", ["sc3s", "scvi"])
def test_a_peer_finds_most_of_three_cell_lines(
    data_folder, peers_python, tmp_path, monkeypatch, method
):
    monkeypatch.setenv("SCINNO_BENCH_PYTHON", peers_python)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what AnnData says on reading older files
        data = ad.read_h5ad(data_folder / "mixology_dropseq_3cl.h5ad")
    # Few genes make it quick: the five hundred with most counts still tell cell lines apart.
    most = np.sort(np.asarray(data.X.sum(axis=0)).ravel().argsort()[-500:])
    small = tmp_path / "small.h5ad"
    data[:, most].copy().write_h5ad(small)
    run(
        Plan(
            sets=[small], methods=choose([method]), out=tmp_path / "out", seeds=1, modes=("given",)
        )
    )
    [record] = [json.loads(path.read_text()) for path in (tmp_path / "out/runs").glob("*.json")]
    assert record["status"] == "done", record["reason"]
    assert record["k_found"] == 3
    assert record["scores"]["ARI"] > 0.6
