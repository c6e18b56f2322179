"""The benchmark as one self-contained HTML page in the style of ``scinno report``."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

import pandas as pd

from scinno._drawing.palette import PALETTE
from scinno.bench._execute._batches.scores import GUARD_SCORES, LOWER
from scinno.bench._execute.methods import BATCHES, TYPES
from scinno.bench._execute.scores import RARE
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
from scinno.report._html import page_part, render

# Of the report: palette, plots, sortable tables.
SCRIPTS = ("data.js", "plots.js", "tables.js")


def page(
    results: dict[str, Any],
    pictures: Sequence[dict[str, Any]] = (),
    images: Mapping[str, bytes] | None = None,
) -> str:
    """The whole page; names of sets, types and methods are escaped by the template."""
    task = task_of(results)
    scores = definitions(task)
    table = frame(results["runs"])
    names = {method["key"]: method["name"] for method in results["methods"]}
    modes = [mode for mode in MODES if (table["k_mode"] == mode).any()]
    rows = {mode: summaries(table, results["methods"], mode) for mode in modes}
    data = {
        "modes": [_mode(table, results, rows[mode], names, mode) for mode in modes],
        "scores": list(scores),
        "lower": list(LOWER),
        "methods": names,
        "pictures": list(pictures),
        "palette": PALETTE,
    }
    return render(
        "bench.html",
        _bench_part,
        words=WORDS[task],
        facts=_facts(table, results),
        summary=[" ".join(summary(table, rows[mode], names, mode)) for mode in modes],
        mixed=len(code_versions(results)) > 1,
        means=[(mode, MODES[mode], _means(rows[mode], names, len(results["sets"]), mode, scores))
               for mode in modes],
        modes=[(mode, MODES[mode]) for mode in modes],
        scores=scores,
        batches=_batches(table, results, rows, names, images) if task == BATCHES else None,
        sets=[_set(one) for one in results["sets"]],
        methods=results["methods"],
        failures=[{**bad, "method": names[bad["method"]]} for bad in failures(table)],
        pictures=pictures,
        rare=f"{RARE:.0%}" if task == TYPES else None,
        made_on=made_on(results["about"]),
        defaults=results["about"]["defaults"],
        style=page_part("style.css") + _bench_part("bench.css"),
        scripts=[*map(page_part, SCRIPTS), _bench_part("bench.js")],
        data=data,
    )  # fmt: skip


def _batches(
    table: pd.DataFrame,
    results: dict[str, Any],
    rows: Mapping[str, Sequence[Summary]],
    names: dict[str, str],
    images: Mapping[str, bytes] | None,
) -> dict[str, Any]:
    """The section of the task "batches"."""
    tables = []
    for mode, found in rows.items():
        keys = [row.method for row in found if row.sets]
        tables += [
            {"title": f"{TITLES[score]}, {MODES[mode]}", "what": what,
             "heads": [names[key] for key in keys],
             "rows": guards(table, results, keys, mode, score)}
            for score, what in GUARD_SCORES.items()
        ]  # fmt: skip
    uris = {
        name: f"data:image/png;base64,{base64.b64encode(image).decode()}"
        for name, image in (images or {}).items()
    }
    return {
        "cases": cases(results), "tables": [one for one in tables if one["rows"]], "images": uris,
    }  # fmt: skip


def _bench_part(name: str) -> str:
    return files("scinno.bench").joinpath("page", name).read_text(encoding="utf-8")


def _facts(table: pd.DataFrame, results: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Sets", str(len(results["sets"]))),
        ("Methods that ran", str(table["method"].nunique())),
        ("Not installed", str(sum(bool(m["missing"]) for m in results["methods"]))),
        ("Seeds", str(table["seed"].nunique())),
        ("Runs done", f"{(table['status'] == 'done').sum():,}"),
        ("Failed", f"{(table['status'] == 'failed').sum():,}"),
        ("Made", results["about"]["made"][:16].replace("T", " ")),
    ]


def _means(
    rows: Sequence[Summary],
    names: dict[str, str],
    n_sets: int,
    mode: str,
    scores: Iterable[str],
) -> dict[str, Any]:
    """The table of means: titles, and rows of cells (text, value to sort by, best)."""
    full = [row for row in rows if row.sets == n_sets]
    top = {
        name: best_of({r.method: sign(name) * r.means[name] for r in full}, 0.0005)
        for name in scores
    }
    lines = []
    for row in rows:
        cells = []
        for name in scores:
            spread = row.spreads.get(name, math.nan)
            cells.append({
                "text": formatted(row.means.get(name), 3),
                "spread": f"± {spread:.3f}" if spread == spread else "",
                "value": _sortable(row.means.get(name)),
                "best": row.method in top[name],
            })  # fmt: skip
        if mode == "unknown":
            error = row.means.get("k_error")
            cells.append(_plain(formatted(error), error))
        time, memory = row.means.get("seconds"), row.means.get("peak_memory")
        cells += [_plain(seconds(time), time), _plain(gigabytes(memory), memory)]
        cells.append(_plain(str(row.sets), row.sets))
        lines.append(
            {"name": names[row.method], "cells": cells, "note": note(row, n_sets),
             "absent": not row.sets}
        )  # fmt: skip
    extra = ["K error"] if mode == "unknown" else []
    return {"heads": [*scores, *extra, "seconds", "GB", "sets"], "rows": lines}


def _plain(text: str, value: float | None) -> dict[str, Any]:
    return {"text": text, "spread": "", "value": _sortable(value), "best": False}


def _sortable(value: float | None) -> str:
    return "-9" if value is None or not math.isfinite(value) else f"{value:.6g}"


def _mode(
    table: pd.DataFrame, results: dict[str, Any], rows: Sequence[Summary], names: dict[str, str],
    mode: str,
) -> dict[str, Any]:  # fmt: skip
    """Data of the pictures of one mode."""
    done = [row for row in rows if row.sets]
    keys = [row.method for row in done]
    sets = [one["name"] for one in results["sets"]]
    values, ranked = {}, {}
    for score in definitions(task_of(results)):
        means = per_set(table, mode, score).reindex(index=sets, columns=keys)
        spreads = per_set(table, mode, score, spread=True).reindex(index=sets, columns=keys)
        values[score] = {"mean": means.to_numpy().tolist(), "sd": spreads.to_numpy().tolist(),
                         "all": [row.means[score] for row in done]}  # fmt: skip
        found = ranks(table, mode, score)
        ranked[score] = {
            "methods": found.methods,
            "ranks": found.ranks,
            "sets": found.sets,
            "critical": found.critical,
            "p": found.p,
            "dropped": [names[key] for key in found.dropped],
        }
    groups = {method["key"]: method["group"] for method in results["methods"]}
    return {
        "key": mode,
        "name": MODES[mode],
        "sets": sets,
        "methods": keys,
        "groups": [groups[key] for key in keys],
        "values": values,
        "ranks": ranked,
        "seconds": [row.means["seconds"] for row in done],
        "n_sets": [row.sets for row in done],
    }


def _set(one: dict[str, Any]) -> dict[str, Any]:
    """The quality report of one set, formatted."""
    counts, mito = one.get("counts_per_cell"), one.get("mitochondrial_share")
    doublets, mix = one.get("doublet_share"), one.get("batch_mix")
    return {
        "name": one["name"],
        "cells": one["cells"],
        "genes": one["genes"],
        "zeros": f"{one['zeros']:.1%}",
        "counts": "log values" if counts is None else f"{counts:,.0f}",
        "range": "" if counts is None
        else f"{one['counts_lowest']:,.0f} to {one['counts_highest']:,.0f}",
        "genes_per_cell": one["genes_per_cell"],
        "mitochondrial": "–" if mito is None else f"{mito:.1%}",
        "types": one["types"],
        "sizes": f"{one['smallest_type']:,} to {one['largest_type']:,}",
        "batches": "–" if mix is None else f"{mix:.2f} of {one['batches']}",
        "doublets": "–" if doublets is None else f"{doublets:.1%}",
    }  # fmt: skip
