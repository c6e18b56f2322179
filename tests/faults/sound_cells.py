"""Sound files of the same small cells, in every format that is read."""

from __future__ import annotations

import gzip
import io
import warnings
from collections.abc import Callable
from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

N_CELLS, N_GENES = 40, 30


def cells() -> ad.AnnData:
    """Counts with known types, tables and a layer."""
    rng = np.random.default_rng(0)
    x = sp.csr_matrix(rng.poisson(0.7, size=(N_CELLS, N_GENES)).astype(np.float32))
    types = pd.Categorical(np.where(np.arange(N_CELLS) % 3, "a", "b"))
    names = [f"AAAC{i:03d}-1" for i in range(N_CELLS)]
    data = ad.AnnData(
        x,
        obs=pd.DataFrame({"type": types, "depth": rng.random(N_CELLS)}, index=names),
        var=pd.DataFrame({"seen": True}, index=[f"Gene{j}" for j in range(N_GENES)]),
    )
    data.obsm["X_pca"] = rng.random((N_CELLS, 2))
    data.obsp["near"] = sp.identity(N_CELLS, format="csr")
    data.uns["about"] = {"text": "none", "numbers": np.arange(3)}
    return data


# -- writers: cells to a file or a folder -------------------------------------------------------


def h5ad_by_rows(data: ad.AnnData, path: Path) -> None:
    data.write_h5ad(path)


def h5ad_by_columns(data: ad.AnnData, path: Path) -> None:
    data.X = data.X.tocsc()
    data.write_h5ad(path)


def h5ad_dense(data: ad.AnnData, path: Path) -> None:
    data.X = data.X.toarray()
    data.write_h5ad(path)


def h5ad_packed(data: ad.AnnData, path: Path) -> None:
    """With .raw, and layers as of RNA velocity; in packed pieces."""
    data.layers["spliced"] = data.X.copy()
    data.layers["unspliced"] = data.X.tocsc()
    data.raw = data.copy()
    data.write_h5ad(path, compression="gzip")


def h5ad_gz(data: ad.AnnData, path: Path) -> None:
    plain = path.with_suffix("")
    data.write_h5ad(plain)
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    plain.unlink()


def tenx_v3(data: ad.AnnData, path: Path) -> None:
    csr = data.X.tocsr().astype(np.int32)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        _tenx_matrix(group, csr, data)
        features = group.create_group("features")
        for name in ("id", "name"):
            features[name] = np.array(data.var_names, dtype="S")
        kinds = [b"Gene Expression"] * (data.n_vars - 2) + [b"Antibody Capture"] * 2
        features["feature_type"] = np.array(kinds)
        features["genome"] = np.array([b"GRCh38"] * data.n_vars)


def tenx_v2(data: ad.AnnData, path: Path) -> None:
    csr = data.X.tocsr().astype(np.int32)
    with h5py.File(path, "w") as file:
        group = file.create_group("GRCh38")
        _tenx_matrix(group, csr, data)
        for name in ("genes", "gene_names"):
            group[name] = np.array(data.var_names, dtype="S")


def _tenx_matrix(group: h5py.Group, csr: sp.csr_matrix, data: ad.AnnData) -> None:
    group["barcodes"] = np.array(data.obs_names, dtype="S")
    for name in ("data", "indices", "indptr"):
        group.create_dataset(name, data=getattr(csr, name), chunks=True, compression="gzip")
    group["shape"] = np.array(csr.shape[::-1], dtype=np.int32)


def molecules_v3(data: ad.AnnData, path: Path) -> None:
    coo = data.X.tocoo()
    with h5py.File(path, "w") as file:
        file["barcode_idx"], file["feature_idx"] = coo.row, coo.col
        file["count"] = coo.data.astype(np.uint32)
        file["umi"] = np.arange(coo.nnz, dtype=np.uint32)
        file["barcodes"] = np.array(data.obs_names, dtype="S")
        file["features/id"] = np.array(data.var_names, dtype="S")


def molecules_v2(data: ad.AnnData, path: Path) -> None:
    coo = data.X.tocoo()
    with h5py.File(path, "w") as file:
        for name in ("barcode", "umi", "reads", "gene"):
            file[name] = coo.row.astype(np.uint64)
        file["gene_ids"] = np.array(data.var_names, dtype="S")


def loom(data: ad.AnnData, path: Path) -> None:
    import loompy

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loompy.create(
            str(path), {"": data.X.T.toarray(), "spliced": data.X.T.toarray()},
            {"Gene": data.var_names.to_numpy()}, {"CellID": data.obs_names.to_numpy()},
        )  # fmt: skip


def zarr_by_rows(data: ad.AnnData, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the old format
        data.write_zarr(path)


def zarr_3_dense(data: ad.AnnData, path: Path) -> None:
    data.X = data.X.toarray()
    with ad.settings.override(zarr_write_format=3), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data.write_zarr(path)


def mtx_v2(data: ad.AnnData, path: Path) -> None:
    _mtx(data, path, "", "genes.tsv", 2, False)


def mtx_v3(data: ad.AnnData, path: Path) -> None:
    _mtx(data, path, "", "features.tsv", 3, True)


def mtx_prefixed(data: ad.AnnData, path: Path) -> None:
    """Two samples with prefixes, as in GEO."""
    _mtx(data[:25], path, "S1_", "features.tsv", 3, False)
    _mtx(data[25:], path, "S2_", "features.tsv", 3, False)


def _mtx(
    data: ad.AnnData, path: Path, prefix: str, genes: str, n_columns: int, packed: bool
) -> None:
    path.mkdir(exist_ok=True)
    text = io.BytesIO()
    scipy.io.mmwrite(text, data.X.T.tocoo().astype(np.int32))
    columns = [(f"ENSG{j}", name, "Gene Expression") for j, name in enumerate(data.var_names)]
    lines = ["\t".join(row[:n_columns]) for row in columns]
    files = {
        "matrix.mtx": text.getvalue(),
        genes: ("\n".join(lines) + "\n").encode(),
        "barcodes.tsv": ("\n".join(data.obs_names) + "\n").encode(),
    }
    for name, content in files.items():
        content = gzip.compress(content, mtime=0) if packed else content
        (path / f"{prefix}{name}{'.gz' if packed else ''}").write_bytes(content)


def csv(data: ad.AnnData, path: Path) -> None:
    data.to_df().astype(int).to_csv(path)


def tsv(data: ad.AnnData, path: Path) -> None:
    data.to_df().to_csv(path, sep="\t", index_label="barcode")


def txt(data: ad.AnnData, path: Path) -> None:
    """Log values, as a spreadsheet in Europe writes them."""
    np.log1p(data.to_df()).round(3).to_csv(path, sep=";", decimal=",")


def csv_gz(data: ad.AnnData, path: Path) -> None:
    path.write_bytes(gzip.compress(data.to_df().astype(int).to_csv().encode(), mtime=0))


def folder_of_h5ad(data: ad.AnnData, path: Path) -> None:
    path.mkdir()
    for name, part in (("one", data[:25]), ("two", data[25:])):
        part.copy().write_h5ad(path / f"{name}.h5ad")


# Writers of each kind of files, with the name of what they write.
WRITERS: dict[str, list[tuple[str, Callable[[ad.AnnData, Path], None]]]] = {
    "h5ad": [("x.h5ad", h5ad_by_rows), ("x.h5ad", h5ad_by_columns), ("x.h5ad", h5ad_dense),
             ("x.h5ad", h5ad_packed)],
    "h5ad.gz": [("x.h5ad.gz", h5ad_gz)],
    "10x h5": [("x.h5", tenx_v3), ("x.h5", tenx_v2)],
    "molecules": [("x.h5", molecules_v3), ("x.h5", molecules_v2)],
    "loom": [("x.loom", loom)],
    "zarr": [("x.zarr", zarr_by_rows), ("x.zarr", zarr_3_dense)],
    "mtx": [("x", mtx_v2), ("x", mtx_v3), ("x", mtx_prefixed)],
    "tables": [("x.csv", csv), ("x.tsv", tsv), ("x.txt", txt), ("x.csv.gz", csv_gz)],
    "folders": [("x", folder_of_h5ad)],
}  # fmt: skip
