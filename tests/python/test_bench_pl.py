"""Pictures of a benchmark: the bars of figures 4 and 6, and what they refuse."""

import itertools

import pandas as pd
import pytest
from drawn import heights
from drawn import no_figure_is_left as no_figure_is_left

import scinno.bench.pl


def results() -> pd.DataFrame:
    """Two sets, three methods, two seeds; Leiden was not run on the second."""
    rows = []
    for (name, method), seed in itertools.product(
        [("a", "scinno"), ("b", "scinno"), ("a", "no attention"), ("b", "no attention"),
         ("a", "Leiden")], (0, 1),
    ):  # fmt: skip
        score = {"a": 0.5, "b": 0.7}[name] + {"scinno": 0.2}.get(method, 0) + 0.1 * seed
        rows.append({"set": name, "method": method, "seed": seed, "k_given": True,
                     "ARI": score, "NMI": score - 0.1})  # fmt: skip
    estimated = pd.DataFrame(rows).assign(k_given=False, ARI=0.1, NMI=0.2)
    return pd.concat([pd.DataFrame(rows), estimated], ignore_index=True)


def test_figure_4_has_a_bar_for_each_set_and_method(tmp_path):
    nmi, ari = scinno.bench.pl.benchmark(results())
    assert heights(ari) == {
        "scinno": [0.75, 0.95, 0.85], "Leiden": [0.55],
    }  # fmt: skip
    assert heights(nmi)["scinno"] == [0.65, 0.85, 0.75]
    assert [t.get_text() for t in ari.get_xticklabels()] == ["a", "b", "mean"]
    assert [t.get_text() for t in nmi.get_legend().get_texts()] == list(heights(ari))
    assert (
        heights(scinno.bench.pl.benchmark(results(), "ARI", k_given=False))["scinno"] == [0.1] * 3
    )
    results().to_csv(tmp_path / "results.csv", index=False)
    results().to_json(tmp_path / "results.json", orient="records")
    results().to_json(tmp_path / "results.jsonl", orient="records", lines=True)
    for kind in ("csv", "json", "jsonl"):
        axes = scinno.bench.pl.benchmark(tmp_path / f"results.{kind}", "ARI", methods=["Leiden"])
        assert heights(axes) == {"Leiden": [0.55]}


def test_figure_6_compares_the_whole_with_its_parts():
    axes = scinno.bench.pl.ablation(results(), "ARI", mean=False)
    assert heights(axes) == {"scinno": [0.75, 0.95], "no attention": [0.55, 0.75]}
    some = results()[lambda t: t["method"] != "no attention"]
    with pytest.raises(ValueError, match="no method is an ablation"):
        scinno.bench.pl.ablation(some)
    assert list(heights(scinno.bench.pl.ablation(some, "ARI", without=["Leiden"]))) == [
        "scinno", "Leiden",
    ]  # fmt: skip


def test_results_that_cannot_be_drawn(tmp_path):
    with pytest.raises(KeyError, match="results have no column 'ARI'"):
        scinno.bench.pl.benchmark(results().drop(columns="ARI"))
    with pytest.raises(KeyError, match="no method 'scino': did you mean 'scinno'"):
        scinno.bench.pl.benchmark(results(), methods=["scino"])
    with pytest.raises(ValueError, match="no rows with k_given = False"):
        scinno.bench.pl.benchmark(results()[:4], k_given=False)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        scinno.bench.pl.benchmark(tmp_path / "results.csv")
    with pytest.raises(TypeError, match="must be a DataFrame or a path, got list"):
        scinno.bench.pl.benchmark([])
    (tmp_path / "x.txt").write_text("")
    with pytest.raises(ValueError, match=r"must be a .csv, .json or .jsonl file"):
        scinno.bench.pl.benchmark(tmp_path / "x.txt")
