"""The report on unsuitable data and wrong arguments: warnings and errors."""

import re

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from conftest import simulate
from report_page import clustered, text_of

from scinno.report import write_report
from scinno.report._content.gene_tables import name_notes


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["CD3D", "NKG7", "MS4A1"], None),
        ([f"ENSG{i:011d}" for i in range(9)], "Ensembl"),
        ([f"gene{i}" for i in range(9)], "real names are lost"),
        (["CD3D", "NKG7", "Cd3d", "Nkg7"], "mixture of species"),
        (["2-Sep", "CD3D", "NKG7"], "look like dates"),
    ],
)
def test_gene_names_are_checked(names, words):
    notes = name_notes(names)
    assert len(notes) == (words is not None)
    assert words is None or words in notes[0]


def poor(kind: str) -> ad.AnnData:
    """Data with one thing wrong with it."""
    x, types = simulate(cells=600 if kind != "few" else 60, genes=60)
    x = x.toarray()
    if kind == "empty":
        x[:90] = 0
    obs = pd.DataFrame(index=[f"c{i}" for i in range(len(x))])
    names = [f"MT-{j}" if kind == "dying" and j % 2 else f"CD{j}" for j in range(60)]
    if kind == "batches":
        obs["batch"] = types.astype(str)
    adata = ad.AnnData(sp.csr_matrix(x, dtype=np.float32), obs=obs, var=pd.DataFrame(index=names))
    memberships = np.eye(3, dtype=np.float32)[types] * 0.7 + 0.1
    if kind == "one":
        types = np.zeros(len(x), dtype=int)
    adata.obs["scinno"] = pd.Categorical(types.astype(str), categories=["0", "1", "2"])
    adata.obsm["scinno_memberships"] = memberships
    adata.obsm["X_scinno"] = adata.obsm["X_tsne_scinno"] = x[:, :2].astype(np.float32)
    return adata


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("few", "very few: treat the clusters as a suggestion"),
        ("empty", "90 cell(s) have no counts:"),
        ("dying", "of cells exceed 20 %"),
        ("batches", "nearly all of one “batch”"),
        ("one", "Clusters 1 and 2 hold no cell"),
    ],
)
def test_unsuitable_data_gets_a_warning(kind, words, tmp_path):
    page = write_report(poor(kind), tmp_path / "p.html").read_text()
    rows = re.findall(r'<li class="warn">(.*?)</li>', page, re.S)
    assert any(words in text_of(row) for row in rows), [text_of(row) for row in rows]


def broken(adata: ad.AnnData, how: str) -> ad.AnnData:
    adata = adata.copy()
    if how == "embedding":
        del adata.obsm["X_scinno"]
    elif how == "other key":
        adata.obsm["old_memberships"] = adata.obsm["scinno_memberships"]
        adata.obs["old"] = adata.obs["scinno"]
        del adata.obs["scinno"]
    elif how == "scaled":
        adata.X = adata.X - np.float32(1) * (adata.X > 0).astype(np.float32) * 2
    elif how == "merged":
        adata.obs["scinno"] = pd.Categorical(["a", "b"] * 75)
    return adata


@pytest.mark.parametrize(
    ("how", "options", "message"),
    [
        ("embedding", {}, r"\(obsm\['X_scinno'\] missing\): run 'scinno cluster'"),
        ("other key", {}, "there are results under 'old': give that as key"),
        ("scaled", {}, r"got -1 \(cell 'c0', gene '.*'\): scaled values cannot be shown"),
        ("merged", {}, "has 2 clusters but obsm"),
        ("", {"label_key": "typ"}, "label column 'typ' is not in obs: did you mean 'type'"),
        ("", {"batch_key": "donor"}, "batch column 'donor' is not in obs: there is type, batch"),
        ("", {"genes": ["G1", "g77x"]}, "gene 'g77x' is not in the data: did you mean 'G77'"),
        ("", {"layer": "raw"}, "layer 'raw' is not in adata.layers, which holds: none"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_sentence(adata, how, options, message, tmp_path):
    (tmp_path / "p.html").write_text("old")
    with pytest.raises(ValueError, match=message):
        write_report(broken(adata, how), tmp_path / "p.html", **options)
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_other_wrong_arguments(adata, tmp_path):
    with pytest.raises(TypeError, match="adata must be an AnnData, got dict"):
        write_report({}, tmp_path / "p.html")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_report(adata, tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        write_report(adata, tmp_path / "nowhere" / "p.html")
