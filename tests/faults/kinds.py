"""The kinds of files that are changed: how many, and the module that makes and reads them."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """Files of one kind; at least 500 of each format that is read."""

    n: int
    title: str
    module: str


KINDS = {
    "models": Kind(2400, "model files", "models"),
    "checkpoints": Kind(600, "checkpoints", "checkpoints"),
    "runs": Kind(800, "folders of finished runs", "runs"),
    "bench": Kind(600, "folders of `scinno bench`", "bench_results"),
    "h5ad": Kind(2000, ".h5ad, in memory and in blocks", "data"),
    "h5ad.gz": Kind(500, ".h5ad.gz", "data"),
    "10x h5": Kind(1000, "10x .h5, of Cell Ranger 2 and 3", "data"),
    "molecules": Kind(500, "molecule_info.h5, which is never read", "data"),
    "loom": Kind(500, ".loom", "data"),
    "zarr": Kind(1000, ".zarr, in memory and in blocks", "data"),
    "mtx": Kind(1500, "folders with matrix.mtx", "data"),
    "tables": Kind(2000, "tables of text", "data"),
    "folders": Kind(500, "folders of .h5ad, in memory and in blocks", "data"),
}
