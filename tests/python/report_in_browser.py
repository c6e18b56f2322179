"""A small report page with known answers, opened in a browser."""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from chromium import look, open_page
from conftest import simulate

from scinno.report import write_report

EVIL = "<img src=x onerror=\"document.title='broken'\">"


@pytest.fixture(scope="module")
def adata() -> ad.AnnData:
    """Three clusters, known memberships, a name that would run if it were not escaped."""
    x, types = simulate(cells=300, genes=80)
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.4, 1, 300)
    memberships = np.full((300, 3), 0.0)
    memberships[np.arange(300), types] = sure
    memberships[np.arange(300), (types + 1) % 3] = (1 - sure) * 0.7
    memberships[np.arange(300), (types + 2) % 3] = (1 - sure) * 0.3
    obs = pd.DataFrame(
        {
            "batch": np.where(np.arange(300) % 2, "b1", "b2"),
            "kind": [f"kind {t}" for t in types],
            "age": np.linspace(0, 9, 300),
            "scinno": pd.Categorical(memberships.argmax(1).astype(str)),
            "scinno_doublet_like": np.arange(300) == 7,
        },
        index=[EVIL if i == 0 else "=1+1" if i == 1 else f"cell {i}" for i in range(300)],
    )
    names = [EVIL if j == 3 else f"Gene{j}" for j in range(80)]
    adata = ad.AnnData(x.astype(np.float32), obs=obs, var=pd.DataFrame(index=names))
    adata.obsm["scinno_memberships"] = memberships.astype(np.float32)
    flat = rng.normal(0, 1, (300, 2)) + 5 * np.eye(3)[types][:, :2]
    for name in ("X_scinno", "X_tsne_scinno", "X_umap_scinno"):
        adata.obsm[name] = flat.astype(np.float32)
    history = pd.DataFrame({
        "epoch": [1, 2, 3], "n_epochs": 3, "phase": ["pretrain", "pretrain", "joint"],
        "loss": [3.0, 2.0, 1.5], "scatter": [np.nan, np.nan, 0.4],
        "label_change": [np.nan, np.nan, 0.1],
    })  # fmt: skip
    evidence = pd.DataFrame({
        "n_clusters": [2, 3, 4], "mean_purity": [0.99, 0.97, 0.8], "min_purity": [0.9, 0.9, 0.2],
        "votes": [2, 9, 1], "stability": [0.5, 0.9, 0.1],
    })  # fmt: skip
    adata.uns["scinno"] = {"seed": 0, "history": history, "k_evidence": evidence}
    return adata


@pytest.fixture(scope="module")
def page(adata, folder) -> Path:
    return write_report(adata, folder / "report.html", label_key="kind", title=EVIL)


# Back to the first state; opening the page again takes seconds.
RESET = """
const send = (e, what) => e.dispatchEvent(new Event(what, {bubbles: true}));
const color = document.getElementById('color'), threshold = document.getElementById('threshold');
color.value = '0'; send(color, 'change');
const view = document.querySelector('input[name=view]'); view.checked = true; send(view, 'change');
threshold.value = 0.6; send(threshold, 'input');
document.getElementById('zoom-reset').click();
"""


@pytest.fixture(scope="module")
def once(browser, page):
    look(browser)
    open_page(browser, page)
    return browser


@pytest.fixture
def opened(once, page):
    look(once)
    if once.execute_script("return document.documentElement.clientWidth") < 1200:
        open_page(once, page)
    once.execute_script(RESET)
    return once


def points(browser) -> dict:
    """What the map shows: hover texts, colors and positions of its points."""
    return browser.execute_script(
        "const t = document.getElementById('map').data[0];"
        "return {text: t.text, color: t.marker.color, x: Array.from(t.x), type: t.type}"
    )
