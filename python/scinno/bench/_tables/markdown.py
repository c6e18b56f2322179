"""docs/benchmarks.md, from a stored results.json."""

from __future__ import annotations

from typing import Any

import pandas as pd

from scinno._runtime.validate import checked
from scinno.bench._execute._batches.scores import GUARD_SCORES
from scinno.bench._execute.methods import BATCHES, DOMAINS
from scinno.bench._tables.batches import TITLES, cases, guards, task_of
from scinno.bench._tables.tables import (
    Summary,
    definitions,
    failures,
    frame,
    per_set,
    ranks,
    sign,
    summaries,
)
from scinno.bench._tables.text import (
    MODES,
    WORDS,
    best_of,
    code_versions,
    formatted,
    gigabytes,
    made_on,
    note,
    seconds,
    summary,
)


@checked
def markdown(results: dict[str, Any]) -> str:
    """The page of the documentation.

    Parameters
    ----------
    results : dict
        Of `scinno.bench.collect` or `scinno.bench.read_results`.
    """
    if missing := {"runs", "methods", "sets", "about"} - set(results):
        raise ValueError(
            f"results must be those of scinno.bench.collect or read_results, but have no "
            f"{', '.join(sorted(missing))}"
        )
    table = frame(results["runs"])
    names = {method["key"]: method["name"] for method in results["methods"]}
    seeds = table["seed"].nunique()
    task = task_of(results)
    words = WORDS[task]
    more = f", and {words.gets} of each cell," if words.gets else ""
    parts = [
        f"# {words.title}",
        f"{words.made} Every run is a separate process that gets the values and gene names{more} "
        f"in a random order of the cells, and K where K is given; the known {words.kind}s are used "
        f"for the scores and nothing else. Up to {seeds} seed(s); a mean is over seeds, then over "
        "sets; ± is the standard deviation over seeds, mean over sets.",
        f"{results['about']['made'][:10]}. {made_on(results['about'])}.",
    ]
    if task == DOMAINS and (fewer := _fewer_seeds(table, results["methods"])):
        parts.append(fewer)
    if len(code_versions(results)) > 1:
        parts.append("**Runs of scinno come from more than one version of its code.**")
    modes = [mode for mode in MODES if (table["k_mode"] == mode).any()]
    rows = {mode: summaries(table, results["methods"], mode) for mode in modes}
    for mode in modes:
        parts += [f"## {MODES[mode]}", " ".join(summary(table, rows[mode], names, mode))]
        parts.append(_means(rows[mode], names, results, mode))
        parts.append(_ranks(table, names, mode))
        values = ("ARI", "NMI") if mode == "given" else ("ARI", "k_found")
        if task == BATCHES:
            values = ("ARI", "ARI_batch")
        for value in values:
            parts.append(_by_set(table, results, rows[mode], names, mode, value))
        if task == BATCHES:
            parts += _guards(table, results, rows[mode], names, mode)
    if task == BATCHES:
        head = ["case", "cells", "types", "batches", "removed"]
        parts += ["## The cases", _grid(head, cases(results))]
    parts += ["## The sets", _quality(results["sets"], words.kind)]
    parts += ["## The methods", _methods(results["methods"])]
    bad = failures(table)
    if bad:
        parts += ["## Runs that failed or were left out", _failures(bad, names)]
    parts += [
        "## Definitions of the scores",
        "\n".join(f"- {name}: {text}" for name, text in definitions(task).items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _fewer_seeds(table: pd.DataFrame, methods: list[dict[str, Any]]) -> str:
    """Which methods have runs of fewer seeds than others, on any set; "" where all have as many."""
    seeds = table.groupby(["method", "set"], sort=False)["seed"].nunique()
    wanted = int(seeds.max()) if len(seeds) else 0
    found = []
    for method in methods:
        own = seeds[seeds.index.get_level_values("method") == method["key"]]
        if own.empty or own.min() == wanted or not method.get("random", True):
            continue
        least, most = int(own.min()), int(own.max())
        found.append(f"{method['name']} {least}" + (f" to {most}" if most > least else ""))
    return "" if not found else f"Fewer seeds than {wanted}: {', '.join(found)}."


def _grid(head: list[str], rows: list[list[str]]) -> str:
    escaped = [
        [cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in [head, *rows]
    ]
    lines = ["| " + " | ".join(row) + " |" for row in escaped]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])


def _means(rows: list[Summary], names: dict[str, str], results: dict[str, Any], mode: str) -> str:
    scores = list(definitions(task_of(results)))
    full = [row for row in rows if row.sets == len(results["sets"])]
    top = {name: best_of({r.method: sign(name) * r.means[name] for r in full}, 0.0005)
           for name in scores}  # fmt: skip
    extra = ["K error"] if mode == "unknown" else []
    head = ["method", *scores, *extra, "seconds", "GB", "sets", "note"]
    body = []
    for row in rows:
        cells = [names[row.method]]
        for name in scores:
            text = formatted(row.means.get(name), 3)
            text = f"**{text}**" if row.method in top[name] else text
            spread = row.spreads.get(name, float("nan"))
            cells.append(text + (f" ± {spread:.3f}" if name == "ARI" and spread == spread else ""))
        cells += [formatted(row.means.get("k_error"))] if extra else []
        cells += [seconds(row.means.get("seconds")), gigabytes(row.means.get("peak_memory"))]
        body.append([*cells, str(row.sets), note(row, len(results["sets"]))])
    definition = "\n\nK error: |K found − K| / K." if extra else ""
    return _grid(head, body) + definition


def _ranks(table: pd.DataFrame, names: dict[str, str], mode: str) -> str:
    found = ranks(table, mode)
    if not found.methods:
        return ""
    pairs = zip(found.methods, found.ranks, strict=True)
    text = "Mean rank in ARI: " + ", ".join(f"{names[key]} {rank:.2f}" for key, rank in pairs)
    if found.critical is not None:
        text += f" (critical difference {found.critical:.2f})"
    if found.dropped:
        text += "; not ranked, because sets are missing: " + ", ".join(
            names[key] for key in found.dropped
        )
    return text + "."


def _by_set(
    table: pd.DataFrame, results: dict[str, Any], rows: list[Summary], names: dict[str, str],
    mode: str, value: str,
) -> str:  # fmt: skip
    keys = [row.method for row in rows if row.sets]
    means = per_set(table, mode, value)
    # Sets of tissues are few, and what a seed changes differs from set to set.
    spreads = per_set(table, mode, value, spread=True) if task_of(results) == DOMAINS else None
    body = []
    for one in results["sets"]:
        if one["name"] not in means.index:
            continue
        found = {key: float(means.loc[one["name"], key]) for key in keys}
        top = (
            best_of({key: sign(value) * v for key, v in found.items()})
            if value != "k_found"
            else set()
        )
        digits = 2 if value != "k_found" else 1
        cells = [
            f"**{formatted(v, digits)}**" if key in top else formatted(v, digits)
            for key, v in found.items()
        ]
        if spreads is not None:
            own = [float(spreads.loc[one["name"], key]) for key in keys]
            cells = [f"{cell} ± {sd:.2f}" if sd == sd else cell
                     for cell, sd in zip(cells, own, strict=True)]  # fmt: skip
        body.append([one["name"], f"{one['cells']:,}", str(one["types"]), *cells])
    title = "K found" if value == "k_found" else value
    head = ["set", "cells", "K", *(names[key] for key in keys)]
    return f"### {title}, {MODES[mode]}\n\n{_grid(head, body)}"


def _guards(
    table: pd.DataFrame, results: dict[str, Any], rows: list[Summary], names: dict[str, str],
    mode: str,
) -> list[str]:  # fmt: skip
    """One type removed from one batch: the whole set and the case, on the same cells."""
    keys = [row.method for row in rows if row.sets]
    parts = []
    for score, what in GUARD_SCORES.items():
        found = guards(table, results, keys, mode, score)
        body = [
            [row.case, row.lacks, *(f"**{cell}**" if lost else cell
                                    for cell, lost in zip(row.cells, row.lost, strict=True))]
            for row in found
        ]  # fmt: skip
        head = ["case", "removed", *(names[key] for key in keys)]
        if body:
            parts += [f"### {TITLES[score]}, whole set → type removed, {MODES[mode]}", what,
                      _grid(head, body)]  # fmt: skip
    return parts


def _quality(sets: list[dict[str, Any]], kind: str) -> str:
    body = []
    for one in sets:
        counts = one.get("counts_per_cell")
        mito, mix = one.get("mitochondrial_share"), one.get("batch_mix")
        body.append([
            one["name"], f"{one['cells']:,}", f"{one['genes']:,}", f"{one['zeros']:.1%}",
            "log values" if counts is None else f"{counts:,.0f}", f"{one['genes_per_cell']:,.0f}",
            "–" if mito is None else f"{mito:.1%}", str(one["types"]),
            f"{one['smallest_type']:,} to {one['largest_type']:,}",
            "–" if mix is None else f"{mix:.2f} ({one['batches']})",
        ])  # fmt: skip
    head = ["set", "cells", "genes", "zeros", "counts per cell", "genes per cell",
            "mitochondrial", f"{kind}s", f"cells per {kind}", "batch mix (batches)"]  # fmt: skip
    return (
        _grid(head, body) + "\n\nMedians over cells. Batch mix: neighbors from another batch "
        "relative to chance; 1 is well mixed, 0 separate."
    )


def _methods(methods: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"- **{m['name']}** (`{m['key']}`): {m['notes']}"
        + (f" {m['missing'][0].upper()}{m['missing'][1:]}." if m["missing"] else "")
        for m in methods
    )


def _failures(bad: list[dict[str, Any]], names: dict[str, str]) -> str:
    head = ["method", "set", "K", "runs", "status", "reason"]
    return _grid(
        head,
        [[names[b["method"]], b["set"], b["k_mode"], str(b["runs"]), b["status"], b["reason"]]
         for b in bad],
    )  # fmt: skip
