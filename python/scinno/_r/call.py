"""Everything the R package may call: plain types in, plain types out.

R sends a JSON text for names and numbers, and arrays for the rest; the answer has the same two
parts. One form serves both engines: `call` inside R's own process, and `scinno._r.process` with the
same JSON and arrays in files.
"""

from __future__ import annotations

import ctypes
import inspect
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._choose_k import choose_k
from scinno._data.gene_names import named_like_cells
from scinno._fit import fit
from scinno._nn.inference import memberships as memberships_of
from scinno._result.fit import Fit, from_bytes
from scinno._runtime.json import json_ready
from scinno._runtime.suggest import did_you_mean
from scinno._settings.renamed import RENAMED_SETTINGS
from scinno._settings.settings import Settings
from scinno._version import API_VERSION

Arrays = dict[str, Any]
# R answers True when it was interrupted while it showed the row.
Progress = Callable[[str], Any] | None

# The vectors of R's sparse matrix, and their kinds of number.
VECTORS = {"x": "<f8", "i": "<i4", "p": "<i4"}

# Arguments of `fit` that R fills in itself.
_NOT_FOR_R = ("x", "genes", "settings", "checkpoint", "callback", "overrides")


def call(what: str, request: str, arrays: Arrays, progress: Progress = None) -> dict[str, Any]:
    """Do one thing for R.

    Parameters
    ----------
    what : str
        A name from ``_ANSWERS``.
    request : str
        JSON object.
    arrays : dict
        ``counts``: sparse (genes, cells) as R has it, or where R has it; ``model``: bytes of a fit.
    progress : callable, optional
        Gets each row of the history as JSON.

    Returns
    -------
    dict
        ``reply`` (JSON) and ``arrays``. The reply has an ``error`` instead of an answer when
        something went wrong: R shows one sentence, not a traceback.
    """
    if what not in _ANSWERS:
        known = ", ".join(_ANSWERS)
        raise ValueError(f"what must be one of {known}, got {what!r}; is R's package newer?")
    with _collected_messages() as messages:
        try:
            reply, answer = _ANSWERS[what](json.loads(request), arrays, progress)
        except KeyboardInterrupt:
            reply, answer = {"error": "interrupted before there were clusters"}, {}
        except Exception as error:
            text = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            reply, answer = {"error": text or type(error).__name__}, {}
    reply["messages"] = messages
    reply["api_version"] = API_VERSION
    return {"reply": json.dumps(reply), "arrays": answer}


def settings_table(preset: str = "default") -> list[dict[str, Any]]:
    """Each argument that R may pass on: name, type, default and meaning, all read off the code."""
    table = []
    about = _documented(fit.__doc__)
    for name, argument in inspect.signature(fit).parameters.items():
        if name not in _NOT_FOR_R:
            default = preset if name == "preset" else argument.default
            table.append(_line(name, str(argument.annotation), default, about))
    about = _documented(Settings.__doc__)
    kinds = inspect.get_annotations(Settings)
    for name, default in asdict(Settings.from_preset(preset)).items():
        table.append(_line(name, str(kinds[name]), default, about))
    return table


def _line(name: str, kind: str, default: Any, about: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "type": kind, "default": default, "about": about[name]}


def _documented(text: str | None) -> dict[str, str]:
    """Meaning of each name of a docstring's parameter or attribute list."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(text or "").splitlines():
        if " : " in line and not line.startswith(" "):
            names = line.split(" : ")[0].split(", ")
            found |= dict.fromkeys(names, "")
        elif line.startswith("    "):
            for name in names:
                found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            names = []
    return found


def _fit(request: dict[str, Any], arrays: Arrays, progress: Progress) -> tuple[Any, Arrays]:
    options = request["options"]
    _check_names(options, request["known"])
    _check_direction(request["genes"], request["cells"])
    result = fit(
        _cells_by_genes(arrays),
        genes=request["genes"],
        callback=None if progress is None else lambda row: _tell(progress, row),
        **options,
    )
    return _described(result, model=result.to_bytes())


def _choose_k(request: dict[str, Any], arrays: Arrays, progress: Progress) -> tuple[Any, Arrays]:
    _check_names(request["options"], request["known"])
    _check_direction(request["genes"], request["cells"])
    choice = choose_k(
        _cells_by_genes(arrays),
        request["within"],
        genes=request["genes"],
        callback=None if progress is None else lambda row: _tell(progress, row),
        **request["options"],
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


def _tell(progress: Callable[[str], Any], row: dict[str, Any]) -> None:
    if progress(json.dumps(json_ready(row))) is True:
        raise KeyboardInterrupt


def _predict(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    fitted = from_bytes(bytes(arrays["model"]))
    genes = request["genes"] if fitted.preprocessing.named else None
    embedding = fitted.transform(_cells_by_genes(arrays), genes, **request["options"])
    # One pass through the network gives all three, the same way Fit.predict gets its labels.
    memberships = memberships_of(fitted.network, embedding)
    labels = memberships.argmax(axis=1).astype(np.int32)
    return {}, {"labels": labels, "memberships": memberships, "embedding": embedding}


def _load(_request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    return _described(from_bytes(bytes(arrays["model"])), model=None)


def _defaults(request: dict[str, Any], _arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    return {"settings": settings_table(request["preset"])}, {}


def _report(request: dict[str, Any], arrays: Arrays, _: Progress) -> tuple[Any, Arrays]:
    from scinno._r.report import report  # with all that draws, which a fit does not need

    report(request, _cells_by_genes(arrays), from_bytes(bytes(arrays["model"])))
    return {}, {}


def _described(result: Fit, model: bytes | None) -> tuple[dict[str, Any], Arrays]:
    reply: dict[str, Any] = {
        "n_clusters": result.n_clusters,
        "seed": result.seed,
        "settings": asdict(result.settings),
        "genes": result.genes.tolist(),
        "history": _columns(result.history),
        "k_evidence": None if result.k_evidence is None else _columns(result.k_evidence),
        "warnings": result.warnings,
    }
    arrays: Arrays = {
        "labels": result.labels,
        "memberships": result.memberships,
        "embedding": result.embedding,
        "centers": result.centers,
    }
    if model is not None:
        arrays["model"] = bytearray(model)  # R gets a bytearray as raw, bytes as a pointer
    return reply, arrays


def _columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {str(n): [json_ready(value) for value in column.tolist()] for n, column in table.items()}


_ANSWERS = {
    "fit": _fit,
    "choose_k": _choose_k,
    "predict": _predict,
    "load": _load,
    "defaults": _defaults,
    "report": _report,
}


def _cells_by_genes(arrays: Arrays) -> sp.csr_matrix:
    """R's compressed columns (genes × cells) are Python's compressed rows: nothing is copied."""
    counts = arrays["counts"]
    if isinstance(counts, dict):
        library = ctypes.PyDLL(counts["library"] or None)
        parts = []
        for name, kind in VECTORS.items():
            address, length = counts[name]
            parts.append(_seen(library, address, length, kind))
        counts = sp.csc_matrix(tuple(parts), shape=tuple(counts["shape"]))
    return counts.T.tocsr()


def _seen(library: ctypes.PyDLL, address: str, length: str, kind: str) -> np.ndarray:
    """An R vector where it lies, read-only; R keeps it alive during the call."""
    size = int(length) * np.dtype(kind).itemsize
    if not size:
        return np.zeros(0, dtype=kind)
    library.DATAPTR_RO.restype = ctypes.c_void_p
    start = library.DATAPTR_RO(ctypes.c_void_p(int(address, 16)))
    array = np.frombuffer(memoryview((ctypes.c_char * size).from_address(start)), dtype=kind)
    array.flags.writeable = False
    return array


def _check_names(options: dict[str, Any], known: list[str]) -> None:
    names = [line["name"] for line in settings_table()] + known
    for name in options:
        if name not in names:
            renamed = RENAMED_SETTINGS.get(name)
            hint = f"it is now {renamed!r}" if renamed else did_you_mean(name, names)
            if not hint.startswith(("did", "it")):
                hint = "scinnoDefaults() lists all"
            raise TypeError(f"unknown argument {name!r}: {hint}")


def _check_direction(genes: list[str] | None, cells: list[str] | None) -> None:
    """Python's own check would speak of x.T, and sees the names of the genes only."""
    rows, columns = np.array(genes or [], dtype=str), np.array(cells or [], dtype=str)
    if named_like_cells(rows, columns):
        raise ValueError(
            f"object must be genes x cells, but its rows are named like cells (first: "
            f"{str(rows[0])!r}): pass t(object)"
        )


@contextmanager
def _collected_messages() -> Iterator[dict[str, list[str]]]:
    """Collect what the core logs and warns of, so that R can say it in its own manner."""
    messages: dict[str, list[str]] = {"warnings": [], "notes": []}
    ours = logging.getLogger("scinno")
    handler = logging.Handler()
    # One function is all a handler needs here; mypy would want a class for it.
    handler.emit = lambda record: messages[  # type: ignore[method-assign]
        "warnings" if record.levelno >= logging.WARNING else "notes"
    ].append(record.getMessage())
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    here = str(Path(__file__).parents[1])
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield messages
    finally:
        ours.removeHandler(handler)
        ours.setLevel(level)
    # Other packages' warnings are about their own insides.
    messages["warnings"] += [str(w.message) for w in caught if w.filename.startswith(here)]
