"""Labels of real sets by Python alone, as digests for the R suite: reference.py FILE."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import anndata as ad

import scinno

# Small ones of different kinds: droplets, plates, and read counts without barcodes. The first two
# are in tests/data, so that a clone alone compares the languages on real cells.
SHIPPED = {"cellhashing_4lines": 4, "mixology_dropseq_3cl": 3}
SETS = SHIPPED | {"mixology_celseq2_5cl": 5, "kolodziejczyk_mesc_378c_1047g": 3}
SEED = 1


def data_folder() -> Path | None:
    beside = Path(__file__).parents[3] / "shared" / "data"
    for folder in (os.environ.get("SCINNO_DATA"), beside):
        if folder and Path(folder).is_dir():
            return Path(folder)
    return None


def file_of(name: str) -> Path | None:
    """The file of a set, or None where it is not here."""
    if name in SHIPPED:
        return Path(__file__).parents[1] / "data" / f"{name}.h5ad"
    folder = data_folder()
    return None if folder is None else folder / f"{name}.h5ad"


def read(name: str) -> ad.AnnData:
    file = file_of(name)
    if file is None:
        raise FileNotFoundError("no folder of real sets: set SCINNO_DATA")
    return ad.read_h5ad(file)


def fit_of(adata: ad.AnnData, n_clusters: int, **settings) -> scinno.Fit:
    return scinno.fit(adata.X, n_clusters, genes=adata.var_names, seed=SEED, **settings)


def digest(labels) -> str:
    return hashlib.md5(labels.astype("<i4").tobytes()).hexdigest()


def main(file: Path) -> None:
    digests = {}
    for name, n_clusters in SETS.items():
        if file_of(name) is None:
            print(f"{name}: not compared, SCINNO_DATA does not name the folder of its file")
            continue
        labels = fit_of(read(name), n_clusters).labels
        digests[name] = {"n_clusters": n_clusters, "seed": SEED, "labels": digest(labels)}
    file.write_text(json.dumps(digests, indent=1))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
