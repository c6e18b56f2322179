"""The section of the report on levels: the tree, its genes, the flow, the table of splits."""

from dataclasses import replace

import anndata as ad
import numpy as np
import pytest
from report_page import clustered, data_of, text_of

from scinno.report import write_report


@pytest.fixture(scope="module")
def adata(small_fit, simulated, names) -> ad.AnnData:
    return clustered(small_fit, simulated, names)


@pytest.fixture(scope="module")
def page(adata, small_fit, tmp_path_factory) -> str:
    return write_report(
        adata, tmp_path_factory.mktemp("page") / "p.html", fit=small_fit
    ).read_text()


def test_the_tree_has_the_clusters_and_the_evidence_of_the_fit(page, small_fit):
    found = data_of(page)["levels"]
    assert found["problem"] == ""
    leaves, merges = found["tree"]["leaves"], found["tree"]["merges"]
    assert [leaf["name"] for leaf in leaves] == ["0", "1", "2"]
    assert [leaf["cells"] for leaf in leaves] == np.bincount(small_fit.labels).tolist()
    assert sorted(leaf["place"] for leaf in leaves) == [0, 1, 2]
    splits = small_fit.tree.splits.head(2)
    # The last merge is the first split.
    assert [one["name"] for one in merges] == splits["node"].tolist()[::-1]
    expected = splits["support"].to_numpy()[::-1]
    np.testing.assert_allclose([one["support"] for one in merges], expected, atol=6e-4)
    top = np.sqrt(small_fit.tree.merges[-1, 2])
    assert merges[-1]["height"][1] == pytest.approx(top, rel=1e-3)
    left = merges[-1]["genes"]
    named = {
        splits["left"][0]: splits["genes_left"][0],
        splits["right"][0]: splits["genes_right"][0],
    }
    assert {name: ", ".join(genes) for name, genes in left} == named


def test_dots_are_of_the_counts_and_not_of_the_network(page, adata, small_fit):
    dots = data_of(page)["levels"]["dots"]
    assert len(dots["genes"]) >= 3
    values = adata[:, dots["genes"]].X.toarray()
    for cluster in range(3):
        inside = small_fit.labels == cluster
        np.testing.assert_allclose(
            dots["fraction"][cluster], (values[inside] > 0).mean(0), atol=1e-4
        )
    total = np.asarray(adata.X.sum(1))
    log = np.log1p(values / total * 1e4)
    np.testing.assert_allclose(dots["mean"][1], log[small_fit.labels == 1].mean(0), atol=2e-3)


def test_all_cells_flow_from_each_level_to_the_next(page, small_fit):
    flow = data_of(page)["levels"]["flow"]
    assert flow["levels"] == [2, 3, 5]
    nodes, edges = flow["nodes"], np.array(flow["edges"])
    for level, k in enumerate(flow["levels"]):
        own = [node for node in nodes if node["level"] == level]
        assert [node["name"] for node in own] == small_fit.tree.names(k)
        sizes = np.bincount(small_fit.tree.cut(k)).tolist()
        assert [node["cells"] for node in own] == sizes
    cells = np.array([node["cells"] for node in nodes])
    into = np.bincount(edges[:, 1], edges[:, 2], minlength=len(nodes))
    out = np.bincount(edges[:, 0], edges[:, 2], minlength=len(nodes))
    assert (into[2:] == cells[2:]).all()
    assert (out[:5] == cells[:5]).all()
    # A part has the color of its cluster.
    assert all(node["cluster"] == int(node["name"][0]) for node in nodes if "+" not in node["name"])


def test_the_table_says_what_the_splits_are_worth(page, small_fit):
    words = text_of(page)
    first = small_fit.tree.splits.iloc[0]
    row = (f"2 {first['left']} {first['right']} {first['n_left']} / {first['n_right']} "
           f"{first['support']:.2f} {first['stability']:.2f} {first['separation']:.1f} "
           f"{first['n_genes']}")  # fmt: skip
    assert row in words
    # The run's two splits, and at most four of those that would divide its clusters.
    more = min(small_fit.tree.n_leaves - 3, 4)
    assert more > 0
    table = page.split('id="split-table"')[1].split("</table>")[0]
    assert table.count("<tr") == 1 + 2 + more
    assert table.count('<tr class="changed"') == more


def test_renamed_clusters_stand_beside_their_numbers(adata, small_fit, tmp_path):
    named = adata.copy()
    named.obs["scinno"] = named.obs["scinno"].cat.rename_categories(["T", "B", "NK"])
    page = write_report(named, tmp_path / "p.html", fit=small_fit).read_text()
    leaves = data_of(page)["levels"]["tree"]["leaves"]
    assert [leaf["name"] for leaf in leaves] == ["0 T", "1 B", "2 NK"]


def test_genes_that_were_renamed_since_the_fit_are_text(page, adata, small_fit, tmp_path):
    def buttons(page: str) -> int:
        return page.split('id="split-table"')[1].split("</table>")[0].count("<button type")

    first = small_fit.tree.splits["genes_left"][0].split(", ")[0]
    renamed = adata.copy()
    renamed.var_names = [f"new{name}" if name == first else name for name in adata.var_names]
    changed = write_report(renamed, tmp_path / "p.html", fit=small_fit).read_text()
    assert f'data-gene="{first}"' in page
    assert f'data-gene="{first}"' not in changed
    assert f'<td class="genes">{first} <button' in changed
    assert 0 < buttons(changed) < buttons(page)


def test_without_a_tree_one_sentence_says_why(adata, small_fit, tmp_path):
    page = write_report(adata, tmp_path / "p.html").read_text()
    assert "This page was made without the model of the run, which holds the tree." in text_of(page)
    assert "tree-plot" not in page.split("</main>")[0]
    names = ("labels", "memberships", "embedding", "latent")
    empty = replace(small_fit, **{name: getattr(small_fit, name)[:0] for name in names})
    page = write_report(adata, tmp_path / "p.html", fit=empty).read_text()
    assert "A run in blocks has no tree, because its model holds no cells:" in text_of(page)


def test_another_fit_is_refused(adata, small_fit, tmp_path):
    path = tmp_path / "p.html"
    with pytest.raises(TypeError, match="fit must be a scinno.Fit, got ClusterTree"):
        write_report(adata, path, fit=small_fit.tree)
    with pytest.raises(ValueError, match="fit must be of the 140 cells of adata, got one of 150"):
        write_report(adata[:140].copy(), path, fit=small_fit)
    with pytest.raises(
        ValueError, match=r"fit must be the one whose clusters are in obs\['scinno'\]"
    ):
        write_report(adata, path, fit=replace(small_fit, labels=small_fit.labels[::-1].copy()))
    assert not path.exists()
