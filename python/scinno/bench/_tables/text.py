"""Formatted numbers, and the summary above the tables."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from scinno.bench._execute.methods import BATCHES, DOMAINS, TYPES
from scinno.bench._tables.tables import CLOSE, Summary, is_variant, per_set, ranks

MODES = {"given": "K given", "unknown": "K unknown"}


@dataclass(frozen=True)
class Words:
    """What pages say of a task.

    Attributes
    ----------
    title, heading, made : str
        Of the Markdown page; of the HTML page; how the first is made.
    gets : str
        What methods get of a cell beside its values and gene names.
    kind : str
        What a label is.
    """

    title: str
    heading: str
    made: str
    gets: str
    kind: str


WORDS = {
    TYPES: Words(
        "Benchmarks",
        "Clustering methods on labeled sets",
        "Made by `make benchmark`, from `benchmarks/results.json`.",
        "",
        "type",
    ),
    BATCHES: Words(
        "Benchmarks with batches",
        "Clustering methods on labeled sets of several batches",
        "Made by `scinno bench --task batches`.",
        "the batch",
        "type",
    ),
    DOMAINS: Words(
        "Benchmarks of domains",
        "Methods for domains of a tissue on labeled sets",
        "Made by `make benchmark-domains`, from `benchmarks/domains/results.json`.",
        "the place and slice",
        "domain",
    ),
}
# A set counts as lost where another method's mean ARI is this much above scinno's.
LOST = 0.02


def formatted(value: float | None, digits: int = 2) -> str:
    """A number for a table; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace("-0.00", "0.00")


def seconds(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def gigabytes(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value / 1e9:.2f}"


def note(row: Summary, n_sets: int) -> str:
    """The note of a row: runs that are missing, and why."""
    if row.missing:
        return "not installed"
    if not (row.sets or row.failed or row.left_out):
        return "not run"
    parts = []
    if row.sets < n_sets and row.shared == row.sets and row.own_ari != row.first_ari:
        parts.append(f"the first row has ARI {row.first_ari:.3f} on these {row.sets} set(s)")
    elif row.shared < row.sets:
        both = "" if not row.shared else f": {row.own_ari:.3f}, the first row {row.first_ari:.3f}"
        parts.append(f"{row.shared} of these sets are also the first row's{both}")
    if row.left_out:
        parts.append("sets of log values left out: needs counts")
    if row.failed:
        parts.append(f"{row.failed} run(s) failed")
    return "; ".join(parts)


def summary(
    table: pd.DataFrame, rows: list[Summary], names: dict[str, str], mode: str
) -> list[str]:
    """A few sentences on one mode, on sets where scinno loses as well."""
    done = [row for row in rows if row.sets]
    if not done:
        return [f"{MODES[mode]}: no run is finished."]
    first, others = done[0], [row for row in done[1:] if not is_variant(row.method)]
    sentences = [
        f"{MODES[mode]}: {names[first.method]} has a mean ARI of {first.means['ARI']:.3f} and a "
        f"mean NMI of {first.means['NMI']:.3f} over {first.sets} set(s)."
    ]
    full = [row for row in others if row.sets == first.sets]
    if full:
        best = max(full, key=lambda row: row.means["ARI"])
        sentences.append(
            f"The best other method that did all of them is {names[best.method]} with ARI "
            f"{best.means['ARI']:.3f} and NMI {best.means['NMI']:.3f}."
        )
    lost = losses(table, first.method, [row.method for row in others], mode)
    if others and not lost:
        sentences.append(f"On no set is another method more than {LOST:g} above it.")
    elif lost:
        worst = "; ".join(
            f"{name} ({own:.2f}, {names[method]} {best:.2f})"
            for name, own, method, best in lost[:5]
        )
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        sentences.append(
            f"Another method is more than {LOST:g} above it in ARI on {len(lost)} set(s): "
            f"{worst}{more}."
        )
    found = ranks(table, mode)
    if found.critical is not None and found.p is not None:
        test = "differ" if found.p < 0.05 else "do not differ significantly"
        p = "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
        sentences.append(
            f"Over {found.sets} sets the ranks of {len(found.methods)} methods {test} (Friedman, "
            f"{p}); the critical difference of mean ranks is {found.critical:.2f} (Nemenyi, 5 %)."
        )
    return sentences


def losses(
    table: pd.DataFrame, first: str, others: list[str], mode: str
) -> list[tuple[str, float, str, float]]:
    """Sets on which another method is clearly above: set, ARI, that method, its ARI."""
    scores = per_set(table, mode, "ARI")
    rivals = [key for key in others if key in scores]
    if first not in scores or not rivals:
        return []
    found = []
    for name, row in scores.dropna(subset=[first])[[first, *rivals]].iterrows():
        best = row[rivals].astype(float)
        if best.notna().any() and best.max() > row[first] + LOST:
            found.append((str(name), float(row[first]), str(best.idxmax()), float(best.max())))
    return sorted(found, key=lambda loss: loss[1] - loss[3])


def best_of(values: dict[str, float], digits: float = CLOSE) -> set[str]:
    """Keys of the highest value, and of those that are shown as equal to it."""
    real = {key: value for key, value in values.items() if math.isfinite(value)}
    top = max(real.values(), default=0.0)
    return {key for key, value in real.items() if value >= top - digits}


def made_on(about: dict[str, Any]) -> str:
    """Machine and versions in one line."""
    machine, versions = about["machine"], about["versions"]
    packages = ", ".join(f"{k} {v}" for k, v in versions.items() if k != "scinno code")
    others = "; other runs on other machines" if about["machines"] > 1 else ""
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, CPU only, "
        f"{about['threads']} thread(s) for each run; {packages} (code "
        f"{versions['scinno code']}){others}"
    )


def code_versions(results: dict[str, Any]) -> set[str]:
    """Fingerprints of the code of scinno in its own runs; there should be one."""
    environments = results["environments"]
    own = [run for run in results["runs"] if run["method"].startswith("scinno")]
    return {environments[run["environment"]]["versions"]["scinno code"] for run in own}
