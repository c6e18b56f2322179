"""A small clustering for the report's tests, and how they read the page made of it."""

import base64
import gzip
import json
import re
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.cluster import store
from scinno._anndata.results import results_of as results_of
from scinno.report import write_report
from scinno.report._content.gene_tables import MAX_VALUES as MAX_VALUES
from scinno.report._content.gene_tables import Markers as Markers
from scinno.report._html import plotly_script as plotly_script
from scinno.report._pack import Pack as Pack


def clustered(small_fit, simulated, names) -> ad.AnnData:
    """A small clustered object with maps, a batch, labels and a number."""
    n = len(small_fit.labels)
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {
            "type": [f"type {t}" for t in simulated[1]],
            "batch": np.where(np.arange(n) % 2, "b1", "b2"),
            "age": rng.normal(size=n),
        },
        index=[f"c{i}" for i in range(n)],
    )
    adata = ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))
    store(adata, small_fit, "scinno")
    for kind in ("tsne", "umap"):
        flat = small_fit.embedding[:, :2] + rng.normal(0, 0.01, (n, 2))
        adata.obsm[f"X_{kind}_scinno"] = flat.astype(np.float32)
    return adata


def written(adata: ad.AnnData, folder: Path) -> str:
    """The page of it, in a folder where nothing else is left."""
    path = folder / "report.html"
    assert write_report(adata, path, label_key="type", genes=["G7"], title="Nine & <b>") == path
    assert [p.name for p in folder.iterdir()] == ["report.html"]
    return path.read_text()


def data_of(page: str) -> dict:
    """The JSON that the page's scripts read."""
    return json.loads(re.search(r'id="report-data">(.*?)</script>', page, re.S)[1])


def arrays_of(page: str) -> dict[str, np.ndarray]:
    """The packed arrays, unpacked as the page does it."""
    text = re.search(r'id="report-pack">(.*?)</script>', page, re.S)[1]
    data = gzip.decompress(base64.b64decode(text))
    kinds = {"Uint8": "u1", "Uint16": "<u2", "Uint32": "<u4", "Float32": "<f4"}
    return {
        name: np.frombuffer(data, kinds[kind], size, offset)
        for name, (kind, offset, size) in data_of(page)["directory"].items()
    }


def gene_from(arrays: dict[str, np.ndarray], j: int, n: int) -> np.ndarray:
    """One gene's values, decoded as in data.js."""
    at, first = int(arrays["gene_at"][j]), int(arrays["gene_count"][:j].sum())
    values, cell = np.zeros(n), -1
    for i in range(int(arrays["gene_count"][j])):
        while True:
            byte = int(arrays["gene_gap"][at])
            at += 1
            cell += byte
            if byte < 255:
                break
        cell += 1
        values[cell] = arrays["gene_level"][first + i] * arrays["gene_top"][j] / 63
    return values


def text_of(page: str) -> str:
    """Words of the page, without scripts and marks."""
    body = re.sub(r"<script.*?</script>|<style.*?</style>", " ", page, flags=re.S)
    words = re.sub(r"<[^>]+>", " ", body).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", words)
