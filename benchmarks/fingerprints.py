"""Hashes of whole fits: whether a change of the code has changed any number.

    python benchmarks/fingerprints.py before.json            on the old code
    python benchmarks/fingerprints.py after.json before.json on the new code: lists what differs

Both must run on one machine with the same versions of all packages. Only public names are used,
so that the script runs with the code of other versions (PYTHONPATH=their/python).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import scipy.sparse as sp

import scinno

DATA = Path(os.environ.get("SCINNO_DATA", "../shared/data"))
# Names of settings in 0.1.0, for the one fit that must be short; `many_cells` translates them.
SHORT = {"epochs": 3, "joint_epochs": 2, "steps_per_epoch": 20}


def digest(array: np.ndarray) -> str:
    array = np.ascontiguousarray(array)
    return hashlib.sha256(str(array.dtype).encode() + array.tobytes()).hexdigest()[:16]


def of_fit(fit: Any) -> dict[str, str]:
    """Hashes of the arrays of a fit; names and order of columns may change, numbers may not."""
    table = fit.history.drop(columns=["seconds"]).select_dtypes("number")
    numbers = sorted(digest(table[name].to_numpy()) for name in table)
    found = {
        "labels": digest(fit.labels),
        "memberships": digest(fit.memberships),
        "embedding": digest(fit.embedding),
        "history": hashlib.sha256("".join(numbers).encode()).hexdigest()[:16],
    }
    if fit.k_evidence is not None:
        shares = sorted(digest(fit.k_evidence[n].to_numpy()) for n in fit.k_evidence)
        found["k_evidence"] = hashlib.sha256("".join(shares).encode()).hexdigest()[:16]
    return found


def read(name: str) -> ad.AnnData:
    return ad.read_h5ad(DATA / f"{name}.h5ad")


def default() -> dict[str, str]:
    data = read("pbmc_facs_zheng")
    return of_fit(scinno.fit(data.X, 10, genes=data.var_names))


def paper() -> dict[str, str]:
    data = read("pollen_counts")
    return of_fit(scinno.fit(data.X, 11, genes=data.var_names, preset="paper", seed=3))


def k_unknown() -> dict[str, str]:
    data = read("mouse_bladder_2100")
    return of_fit(scinno.cluster(data, seed=1))


def k_in_range() -> dict[str, str]:
    data = read("goolam_embryo")
    return of_fit(scinno.fit(data.X, (4, 9), genes=data.var_names))


def log_input() -> dict[str, str]:
    data = read("pbmc_symphony_log1767")
    return of_fit(scinno.fit(data.X, 8, genes=data.var_names, input="log"))


def streamed() -> dict[str, str]:
    data = ad.read_h5ad(DATA / "mixology_celseq2_5cl.h5ad", backed="r")
    return of_fit(scinno.fit(data.X, 5, genes=data.var_names))


def new_cells() -> dict[str, str]:
    data = read("cellhashing_4lines")
    fit = scinno.fit(data.X[:700], 4, genes=data.var_names, seed=2)
    rest = data[700:]
    return of_fit(fit) | {
        "predicted": digest(fit.predict(rest.X, genes=rest.var_names)),
        "transformed": digest(fit.transform(rest.X, genes=rest.var_names)),
    }


def many_cells() -> dict[str, str]:
    """More cells than the sample that is used between epochs."""
    rng = np.random.default_rng(0)
    rates = rng.gamma(0.5, 0.4, size=(6, 150))
    x = sp.vstack([
        sp.csr_matrix(rng.poisson(rates[rng.integers(6, size=10_000)])) for _ in range(6)
    ], format="csr")  # fmt: skip
    fields = scinno.Settings().__dataclass_fields__
    short = {name if name in fields else f"pretrain_{name}": n for name, n in SHORT.items()}
    return of_fit(scinno.fit(x, 6, **short))


def choose_k() -> dict[str, str]:
    data = read("kolodziejczyk_mesc_378c_1047g")
    choice = scinno.choose_k(data)
    shares = sorted(digest(choice.table[name].to_numpy()) for name in choice.table)
    k = choice.n_clusters if hasattr(choice, "n_clusters") else choice.k  # its name in 0.1.0
    return {"k": str(k), "table": hashlib.sha256("".join(shares).encode()).hexdigest()[:16]}


THROUGH_R = """
counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
fit <- scinno::RunSCINNO(counts, 3, engine = "process", verbose = FALSE)
folder <- commandArgs(TRUE)
write <- function(x, name) writeBin(as.double(x), file.path(folder, name), endian = "little")
write(as.integer(fit$labels), "labels")
write(fit$memberships, "memberships")
write(fit$embedding, "embedding")
numeric <- names(fit$history)[vapply(fit$history, is.numeric, TRUE)]
numbers <- fit$history[setdiff(numeric, "seconds")]
for (j in seq_along(numbers)) write(numbers[[j]], paste0("history", j))
"""


def through_r() -> dict[str, str]:
    """Needs Rscript, the R package installed (R_LIBS), and RETICULATE_PYTHON."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["Rscript", "-e", THROUGH_R, folder], check=True)
        names = sorted(Path(folder).iterdir())
        found = {file.name: digest(np.fromfile(file)) for file in names}
    history = sorted(found.pop(name) for name in list(found) if name.startswith("history"))
    return found | {"history": hashlib.sha256("".join(history).encode()).hexdigest()[:16]}


FITS: tuple[Callable[[], dict[str, str]], ...] = (
    default, paper, k_unknown, k_in_range, log_input, streamed, new_cells, many_cells, choose_k,
    through_r,
)  # fmt: skip


def main(out: Path, against: Path | None, only: list[str]) -> int:
    found = json.loads(out.read_text()) if only and out.exists() else {}
    for fit in FITS:
        if not only or fit.__name__ in only:
            found[fit.__name__] = fit()
            print(fit.__name__, found[fit.__name__], flush=True)
            out.write_text(json.dumps(found, indent=1) + "\n")
    if against is None:
        return 0
    before = json.loads(against.read_text())
    differ = [
        f"{name}: {part}"
        for name, parts in found.items()
        for part, value in parts.items()
        if before[name].get(part) != value
    ]
    print(f"{len(found)} fits, {len(differ)} differences", *differ, sep="\n  ")
    return int(bool(differ))


if __name__ == "__main__":
    places = [Path(name) for name in sys.argv[1:] if name.endswith(".json")]
    names = [name for name in sys.argv[1:] if not name.endswith(".json")]
    raise SystemExit(main(places[0], places[1] if len(places) > 1 else None, names))
