"""``scinno cluster --spatial-key``: domains, in memory and in blocks, and their files."""

import json
import subprocess
import sys
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from test_cli import SET
from test_cli import scinno as command

from scinno._drawing import layout


@pytest.fixture(scope="module")
def file(labeled_cells, tmp_path_factory) -> Path:
    """Cells of three types, each in a part of the tissue; two slices."""
    data = labeled_cells.copy()
    n, rng = data.n_obs, np.random.default_rng(0)
    places = rng.uniform(size=(n, 2))
    places[:, 0] += pd.Categorical(data.obs.iloc[:, 0]).codes
    data.obsm["spatial"], data.obsm["wide"] = places, np.ones((n, 7))
    data.obs["slice"] = np.where(np.arange(n) % 2, "a", "b")
    path = tmp_path_factory.mktemp("tissue") / "in.h5ad"
    data.write_h5ad(path)
    return path


@pytest.fixture(autouse=True)
def no_maps(monkeypatch):
    monkeypatch.setattr(layout, "maps", lambda *_: {})


WORDS = ("-k", 3, "--spatial-key", "spatial", "--library-key", "slice")


def test_the_files_of_a_run_with_a_tissue(file, tmp_path, capsys):
    command("cluster", file, "-o", tmp_path / "run", *WORDS, *SET)
    assert "3 domains in the tissue, after" in capsys.readouterr().out
    data = ad.read_h5ad(tmp_path / "run" / "clustered.h5ad")
    table = pd.read_csv(tmp_path / "run" / "domains.csv")
    assert table.columns.tolist() == ["cell", "domain", "confidence"]
    assert table["cell"].astype(str).tolist() == data.obs_names.tolist()
    assert table["domain"].astype(str).tolist() == data.obs["scinno_domain"].astype(str).tolist()
    smoothing = pd.read_csv(tmp_path / "run" / "smoothing.csv")
    about = json.loads((tmp_path / "run" / "settings.json").read_text())["domains"]
    assert int(smoothing["rounds"][smoothing["chosen"]].iloc[0]) == about["smoothing"]
    assert (tmp_path / "run" / "tissue.png").read_bytes()[:4] == b"\x89PNG"


def test_in_blocks_domains_are_the_same(file, tmp_path):
    for name, more in (("whole", []), ("blocks", ["--backed"])):
        command("cluster", file, "-o", tmp_path / name, "-q", *WORDS, *SET, *more)
    whole, blocks = ((tmp_path / name / "domains.csv").read_bytes() for name in ("whole", "blocks"))
    assert whole == blocks
    assert "spatial" in ad.read_h5ad(tmp_path / "blocks" / "clustered.h5ad").obsm


def test_in_blocks_neighbors_of_the_file_are_used_too(file, tmp_path):
    data = ad.read_h5ad(file)
    links = sp.eye(data.n_obs, format="csr")[np.roll(np.arange(data.n_obs), 2)]  # of one slice
    data.obsp["spatial_connectivities"] = sp.csr_matrix(links + links.T)
    data.write_h5ad(tmp_path / "in.h5ad")
    for name, more in (("whole", []), ("blocks", ["--backed"])):
        out = tmp_path / name
        command("cluster", tmp_path / "in.h5ad", "-o", out, "-q", "--smoothing", 3, *WORDS, *SET,
                *more)  # fmt: skip
        about = ad.read_h5ad(out / "clustered.h5ad").uns["scinno"]["domains"]
        assert about["neighbors"] == "spatial_connectivities"
    whole, blocks = ((tmp_path / n / "domains.csv").read_bytes() for n in ("whole", "blocks"))
    assert whole == blocks


def test_a_run_replaces_an_earlier_one_with_a_tissue(file, tmp_path):
    command("cluster", file, "-o", tmp_path / "run", "-q", *WORDS, *SET)
    command("cluster", file, "-o", tmp_path / "run", "-q", "-k", 3, "--force", *SET)
    assert not (tmp_path / "run" / "domains.csv").exists()


def test_json_holds_the_domains_and_their_scores(file, tmp_path, capsys):
    label = ad.read_h5ad(file, backed="r").obs.columns[0]
    command("cluster", file, "-o", tmp_path / "run", "--json", "--n-domains", 2, "--label-key",
            label, *WORDS, *SET)  # fmt: skip
    found = json.loads(capsys.readouterr().out)["domains"]
    assert found["n_domains"] == 2
    assert sum(found["cells"].values()) == ad.read_h5ad(file, backed="r").n_obs
    assert set(found["scores"]) == {"ARI", "NMI"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--spatial-key", "spacial"], "'spacial' is not in obsm"),
        (["--spatial-key", "spatial", "--library-key", "x"], "--library-key 'x' is not in obs"),
        (["--library-key", "slice"], "--library-key is for the domains of a tissue: give "
         "--spatial-key"),
        (["--smoothing", "4"], "--smoothing is for the domains of a tissue"),
        (["--spatial-key", "spatial", "--smoothing", "much"], "--smoothing must be auto"),
        (["--spatial-key", "spatial", "--n-domains", "x"], "--n-domains must be a whole number or"),
        (["--spatial-key", "wide"], "(cells, 2 or 3), got shape"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [[], ["--backed"]])
def test_wrong_options_are_one_sentence_and_nothing_is_written(
    file, tmp_path, capsys, words, message, more
):
    command("cluster", file, "-k", 3, "-o", tmp_path / "run", *words, *SET, *more, code=2)
    said = capsys.readouterr().err
    assert message in " ".join(said.split())
    assert not (tmp_path / "run").exists()


def test_two_ranks_give_the_domains_of_one(file, tmp_path):
    """The main rank alone knows the places."""
    words = ["cluster", file, "-o", tmp_path / "two", "-q", *WORDS, *SET, "--set=batch_size=32"]
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "--standalone",
         "-m", "scinno", *map(str, words)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    data = ad.read_h5ad(tmp_path / "two" / "clustered.h5ad")
    assert data.obs["scinno_domain"].nunique() == 3
