"""`call`: the one function that the R package calls, with plain types in and out.

R sends names and numbers as JSON and the rest as arrays; the answer has the same two parts. One
form serves both engines: `call` inside R's own process, and `scinno._r.process` with the same JSON
and arrays in files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._choose_k import choose_k
from scinno._data.gene_names import named_like_cells
from scinno._fit import fit
from scinno._nn.inference import memberships as memberships_of
from scinno._r.batch import batch_from_r, check_known
from scinno._r.messages import collected_messages, in_words_of_r
from scinno._r.r_memory import vectors_in_r
from scinno._r.settings_table import settings_table
from scinno._result.fit import Fit, from_bytes
from scinno._runtime.json import json_ready
from scinno._runtime.suggest import did_you_mean
from scinno._settings.renamed import RENAMED_SETTINGS
from scinno._version import API_VERSION

Arrays = dict[str, Any]
# Gets a row of the history as JSON; returns True if the user of R interrupted meanwhile.
Progress = Callable[[str], Any] | None

# The vectors of R's sparse matrix (dgCMatrix), and their dtypes.
VECTORS = {"x": "<f8", "i": "<i4", "p": "<i4"}


def call(what: str, request: str, arrays: Arrays, progress: Progress = None) -> dict[str, Any]:
    """Answer one request of R.

    Parameters
    ----------
    what : str
        Kind of request, a key of ``_HANDLERS``.
    request : str
        JSON object.
    arrays : dict
        ``counts``: a sparse matrix (genes, cells), or a dict of addresses in R's memory (see
        `scinno._r.r_memory`); ``model``: bytes of a saved fit.
    progress : callable, optional
        Gets each row of the history as JSON; True as its result interrupts training.

    Returns
    -------
    dict
        ``reply`` (JSON) and ``arrays``. If the request failed, the reply has an ``error``, one
        sentence that R shows without a traceback.

    Raises
    ------
    ValueError
        ``what`` is not a known request.
    """
    if what not in _HANDLERS:
        known = ", ".join(_HANDLERS)
        raise ValueError(f"what must be one of {known}, got {what!r}; is R's package newer?")
    given = json.loads(request)

    def worded(text: str) -> str:
        return in_words_of_r(text, what, given.get("genes"), given.get("cells"))

    with collected_messages() as messages:
        try:
            reply, answer = _HANDLERS[what](given, arrays, progress)
        except KeyboardInterrupt:
            reply = {"error": "interrupted before there were clusters", "interrupted": True}
            answer = {}
        except Exception as error:
            text = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            reply, answer = {"error": worded(text) or type(error).__name__}, {}
    reply["messages"] = {kind: [worded(text) for text in said] for kind, said in messages.items()}
    reply["api_version"] = API_VERSION
    return {"reply": json.dumps(reply), "arrays": answer}


def _fit(request: dict[str, Any], arrays: Arrays, progress: Progress) -> tuple[Any, Arrays]:
    options = _checked_options(request)
    result = fit(
        _cells_by_genes(arrays),
        genes=request["genes"],
        callback=None if progress is None else lambda row: _send_progress(progress, row),
        **options,
    )
    return _described(result, model=result.to_bytes())


def _choose_k(request: dict[str, Any], arrays: Arrays, progress: Progress) -> tuple[Any, Arrays]:
    options = _checked_options(request)
    choice = choose_k(
        _cells_by_genes(arrays),
        request["within"],
        genes=request["genes"],
        callback=None if progress is None else lambda row: _send_progress(progress, row),
        **options,
    )
    reply: dict[str, Any] = {
        "n_clusters": choice.n_clusters,
        "runner_up": choice.runner_up,
        "lower": choice.lower,
        "upper": choice.upper,
        "within": choice.within,
        "reason": choice.reason,
        "k_evidence": _columns(choice.table),
        "warnings": choice.warnings,
    }
    return reply, {}


def _send_progress(progress: Callable[[str], Any], row: dict[str, Any]) -> None:
    if progress(json.dumps(json_ready(row))) is True:
        raise KeyboardInterrupt


def _predict(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    fitted = from_bytes(bytes(arrays["model"]))
    cells = _cells_by_genes(arrays)
    options = request["options"] | {"batch": batch_from_r(request["options"].get("batch"))}
    check_known(options["batch"], fitted.preprocessing.batches, cells.shape[0])
    embedding = fitted.transform(cells, _genes_for(fitted, request), **options)
    # As in Fit.predict; one pass through the network gives all three.
    memberships = memberships_of(fitted.network, embedding)
    labels = memberships.argmax(axis=1).astype(np.int32)
    return {}, {"labels": labels, "memberships": memberships, "embedding": embedding}


def _add_batch(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    fitted = from_bytes(bytes(arrays["model"]))
    result = fitted.add_batch(
        _cells_by_genes(arrays), request["name"], _genes_for(fitted, request), **request["options"]
    )
    return _described(result, model=result.to_bytes())


def _genes_for(fitted: Fit, request: dict[str, Any]) -> list[str] | None:
    genes: list[str] | None = request["genes"]
    return genes if fitted.preprocessing.named else None


def _load(_request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    return _described(from_bytes(bytes(arrays["model"])), model=None)


def _tree(_request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    tree = from_bytes(bytes(arrays["model"])).tree
    reply: dict[str, Any] = {
        "n_clusters": tree.n_clusters,
        "nodes": tree.nodes,
        "splits": _columns(tree.splits),
    }
    return reply, {"merges": tree.merges, "leaf_of_cell": tree.leaf_of_cell}


def _cut(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    found = from_bytes(bytes(arrays["model"]))
    result = found.cut(request["n_clusters"], request["resolution"])
    return _described(result, model=result.to_bytes())


def _defaults(request: dict[str, Any], _arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    return {"settings": settings_table(request["preset"])}, {}


def _report(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    from scinno._r.report import report  # loads what draws, which a fit does not need

    report(request, _cells_by_genes(arrays), from_bytes(bytes(arrays["model"])))
    return {}, {}


def _markers(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    from scinno._r.markers import markers_of  # loads scanpy, which a fit does not need

    return {}, markers_of(request, _cells_by_genes(arrays))


def _domains(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    from scinno._r.domains import domains_from_r  # loads KDTree, which a fit does not need

    found = domains_from_r(request, from_bytes(bytes(arrays["model"])))
    reply: dict[str, Any] = {
        name: getattr(found, name) for name in ("n_domains", "smoothing", "warnings")
    }
    for name in ("smoothing_table", "k_evidence"):
        table = getattr(found, name)
        reply[name] = None if table is None else _columns(table)
    return reply, {name: getattr(found, name) for name in ("labels", "memberships", "embedding")}


def _described(result: Fit, model: bytes | None) -> tuple[dict[str, Any], Arrays]:
    reply: dict[str, Any] = {
        "n_clusters": result.n_clusters,
        "seed": result.seed,
        "settings": asdict(result.settings),
        "genes": result.genes.tolist(),
        "history": _columns(result.history),
        "k_evidence": None if result.k_evidence is None else _columns(result.k_evidence),
        "warnings": result.warnings,
        "batches": _batches(result),
    }
    arrays: Arrays = {
        "labels": result.labels,
        "memberships": result.memberships,
        "embedding": result.embedding,
        "centers": result.centers,
    }
    if model is not None:
        arrays["model"] = bytearray(model)  # reticulate converts a bytearray to raw, but not bytes
    return reply, arrays


def _batches(result: Fit) -> dict[str, Any] | None:
    if result.batches is None or result.batch_mix is None:
        return None
    return {
        "table": _columns(result.batches.reset_index()),
        "mix": _columns(result.batch_mix),
    }


def _columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(n): [json_ready(value) for value in column.tolist()] for n, column in table.items()}


_HANDLERS = {
    "fit": _fit,
    "choose_k": _choose_k,
    "predict": _predict,
    "add_batch": _add_batch,
    "load": _load,
    "tree": _tree,
    "cut": _cut,
    "defaults": _defaults,
    "report": _report,
    "markers": _markers,
    "domains": _domains,
}


def _cells_by_genes(arrays: Arrays) -> sp.csr_matrix:
    """R's compressed columns (genes × cells) are Python's compressed rows: nothing is copied."""
    counts = arrays["counts"]
    if isinstance(counts, dict):
        vectors = vectors_in_r(counts, VECTORS, counts["library"])
        counts = sp.csc_matrix(tuple(vectors.values()), shape=tuple(counts["shape"]))
    return counts.T.tocsr()


def _checked_options(request: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `fit` or `choose_k` that R passes on."""
    options: dict[str, Any] = request["options"]
    _check_names(options, request["known"])
    _check_direction(request["genes"], request["cells"])
    return options | {"batch": batch_from_r(options.get("batch"))}


def _check_names(options: dict[str, Any], known: list[str]) -> None:
    """Refuse unknown arguments; ``known``: the caller's own arguments in R, for the hint."""
    names = [entry["name"] for entry in settings_table()] + known
    for name in options:
        if name not in names and name not in RENAMED_SETTINGS:
            hint = did_you_mean(name, names)
            if not hint.startswith("did"):
                hint = "scinnoDefaults() lists all"
            raise TypeError(f"unknown argument {name!r}: {hint}")


def _check_direction(genes: list[str] | None, cells: list[str] | None) -> None:
    """As in `as_counts`, but with the names of the cells too, and worded for R (genes × cells)."""
    rows, columns = np.array(genes or [], dtype=str), np.array(cells or [], dtype=str)
    if named_like_cells(rows, columns):
        raise ValueError(
            f"object must be genes x cells, but its rows are named like cells (first: "
            f"{str(rows[0])!r}): pass t(object)"
        )
