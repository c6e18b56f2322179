"""``scinno bench --paper``: the publication's sets and figures, from look-alike files nearby."""

from __future__ import annotations

import socket

import anndata as ad
import numpy as np
import pandas as pd
from conftest import simulate
from served_folder import CATALOG, served
from test_datasets import packed
from typer.testing import CliRunner

from scinno.bench import choose
from scinno.bench.pl._paper import METHODS
from scinno.cli import app
from scinno.datasets import NAMES

# Methods that are quick on a few cells; the publication's own take minutes or R.
FAST = "pca-kmeans,scinno,scinno-no-joint"
SHORT = ["--set", "pretrain_epochs=1", "--set", "steps_per_epoch=2", "--set", "joint_epochs=1"]
SHORT += ["--set", "n_genes=40"]


def look_alike() -> dict[str, bytes]:
    """Files of lawlor and kolodziejczyk, in their formats, of made-up counts."""
    counts, types = simulate(cells=60, genes=60)
    lines = counts.toarray().T.astype(int)
    cells = [f"10th_C{i}_S{i}" for i in range(60)]
    quoted = ",".join(f'"{cell}"' for cell in cells)
    text = f'"",{quoted}\n' + "".join(
        f'"ENSG{j:05}",{",".join(map(str, line))}\n' for j, line in enumerate(lines)
    )
    titles = "\t".join(f'"{cell}"' for cell in cells)
    kinds = "\t".join(f'"cell type: type {t}"' for t in types)
    series = f"!Sample_title\t{titles}\n!Sample_characteristics_ch1\t{kinds}\n"
    media = [f"ola_mES_{('2i', 'lif', 'a2i')[t]}_1_{i}.counts" for i, t in enumerate(types)]
    es = " ".join(f'"{cell}"' for cell in media) + "\n"
    es += "".join(f'"ENSM{j:05}" {" ".join(map(str, line))}\n' for j, line in enumerate(lines))
    lawlor, stem = CATALOG["lawlor"], CATALOG["kolodziejczyk"]
    assert lawlor.labels is not None
    return {
        lawlor.counts.name: packed(lawlor.counts.name, text),
        lawlor.labels.name: packed(lawlor.labels.name, series),
        stem.counts.name: packed(stem.counts.name, es),
    }


def bench(*words: object):
    return CliRunner().invoke(app, ["bench", *map(str, words)])


def test_one_command_draws_both_figures_and_says_what_is_not_in_them(tmp_path, monkeypatch):
    monkeypatch.setenv("SCINNO_DATASETS", str(tmp_path / "cache"))
    with served(look_alike()) as archive:
        monkeypatch.setenv("SCINNO_DATASETS_URL", archive.url)
        out = tmp_path / "paper"
        words = ["--paper", "-m", FAST, "--seeds", 1, "--k", "given", "-o", out, *SHORT]
        done = bench(*words)
        assert done.exit_code == 0, done.output
        requested = len(archive.sent)
        assert bench(*words).exit_code == 0
        assert len(archive.sent) == requested  # nothing is loaded twice
    for name in ("muraro", "bhattacherjee", "bmcite"):
        assert f"not in the figures: {name}: " in done.output
        assert "404" in done.output
    table = pd.read_csv(out / "results.csv")
    assert set(table["set"]) == {"lawlor", "kolodziejczyk"}
    assert set(table["method"]) == {"scinno", "scinno-no-joint", "pca-kmeans"}
    assert (table["status"] == "done").all()
    for name in ("figure-4.png", "figure-6.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    assert "figure-4.png: scinno, PCA + k-means" in done.output
    assert "figure-6.png: scinno, scinno without the joint phase" in done.output
    stored = ad.read_h5ad(out / "data" / "lawlor.h5ad")
    assert stored.obs["cell_type"].nunique() == 3
    assert np.issubdtype(stored.X.dtype, np.floating)


def test_without_a_network_the_error_names_each_set_and_nothing_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("SCINNO_DATASETS", str(tmp_path / "cache"))
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("SCINNO_DATASETS_URL", address)
        done = bench("--paper", "-m", "pca-kmeans", "-o", tmp_path / "out")
    assert isinstance(done.exception, ConnectionError)  # `main` makes exit code 2 of it
    text = str(done.exception)
    assert text.startswith("none of the publication's 5 sets can be loaded:")
    for name in NAMES:
        assert f"\n  {name}: {address}/" in text
    assert "no connection to the server" in text
    assert not (tmp_path / "out" / "runs").exists()


def test_its_methods_are_those_of_the_publication():
    keys = [method.key for method in choose(METHODS)]
    assert keys[0] == "scinno"
    assert {"sc3", "simlr", "sharp", "celltree", "scena", "scgae"} <= set(keys)
    assert sum(key.startswith("scinno-no-") for key in keys) == 4


def test_it_takes_no_sets_beside_its_own(tmp_path):
    done = bench(tmp_path, "--paper")
    assert isinstance(done.exception, ValueError)
    assert "--paper loads the sets of the publication" in str(done.exception)
