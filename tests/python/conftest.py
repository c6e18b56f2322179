from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

# Before libraries are loaded that begin threads: some tests fork, and a fork would wait for ever
# for the threads of its parent. Tests of several threads set their number themselves.
os.environ.setdefault("OMP_NUM_THREADS", "1")
import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

import scinno
from scinno._data.backed import BackedCells
from scinno._data.counts import as_counts
from scinno._data.source import BlockSource, as_source
from scinno._distributed.group import ProcessGroup as ProcessGroup
from scinno._fit import fit_cells
from scinno._nn.network import Network as Network
from scinno._preprocess.gene_stats import GeneStats, compute_gene_stats
from scinno._preprocess.genes import align_genes
from scinno._preprocess.gpu_values import GpuValues
from scinno._preprocess.inputs import Inputs
from scinno._preprocess.prepare import prepare, prepare_new
from scinno._preprocess.preprocessing import Preprocessing
from scinno._run import RunContext
from scinno._runtime.atomic import atomic_folder as atomic_folder
from scinno._runtime.scratch import ScratchSpace as ScratchSpace
from scinno._runtime.scratch import mapped_file as mapped_file

# Enough training to find three plain clusters, little enough to be quick.
QUICK = {"pretrain_epochs": 3, "joint_epochs": 2, "steps_per_epoch": 10, "n_genes": 150}


def simulate(cells: int = 150, genes: int = 200, k: int = 3, seed: int = 0) -> tuple:
    """Poisson counts of ``k`` cell types with markers of their own; counts and true types."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.6, 0.5, size=genes) * np.ones((k, 1))
    for j in range(k):
        rates[j, j * 15 : (j + 1) * 15] += 3
    types = np.sort(rng.integers(k, size=cells))
    depth = rng.lognormal(0, 0.3, size=(cells, 1))
    return sp.csr_matrix(rng.poisson(rates[types] * depth)), types


def blobs(
    sizes: list[int], gap: float = 20.0, seed: int = 0, dims: int = 5
) -> tuple[np.ndarray, np.ndarray]:
    """Normal clouds of given sizes, float32 (cells, dims), around distant centers; their labels."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    centers = rng.normal(size=(len(sizes), dims)) * gap
    return (centers[labels] + rng.normal(size=(len(labels), dims))).astype(np.float32), labels


def source_of(x, genes=None, input="auto", batch=None) -> BlockSource:
    """Cells in memory as a fit takes them."""
    return as_source(x, genes, input, ScratchSpace(), batch)


def gene_stats(source: BlockSource, reader=None) -> GeneStats:
    """The first reading of all cells, by ``reader`` if there is one."""
    return compute_gene_stats(source, RunContext(gene_stats_reader=reader))


def prepared(x, genes=None, input="auto", batch=None, **settings) -> Inputs:
    """What the network reads of ``x``, prepared with the default settings but for those given."""
    source = source_of(x, genes, input, batch)
    return prepare(source, scinno.Settings(**settings), RunContext())


def on_device(inputs: Inputs) -> Inputs:
    """The same inputs with their values "on the GPU"."""
    fixed = inputs.preprocessing
    cpu = torch.device("cpu")
    values = GpuValues(inputs.values, fixed.center, fixed.scale, cpu, inputs.batch)
    return replace(inputs, gpu_values=values)


def prepared_new(x, fitted: Preprocessing, genes=None) -> Inputs:
    """New cells in memory, prepared as the cells of ``fitted`` were."""
    counts = as_counts(x, genes)
    columns = align_genes(fitted.genes, counts.genes, x.shape[1], fitted.selected, 0.5)
    return prepare_new(counts, fitted, columns)


def fit_in(files: BackedCells, folder: Path) -> scinno.Fit:
    """As the command line fits cells in files, with temporary files in ``folder``."""
    scratch = ScratchSpace(folder)
    source = as_source(files.reader, list(files.var_names), "auto", scratch)
    cpu = torch.device("cpu")
    return fit_cells(source, 3, scinno.Settings(**QUICK), 0, cpu, RunContext(scratch))


@pytest.fixture(scope="session")
def simulated() -> tuple:
    return simulate()


@pytest.fixture(scope="session")
def names(simulated) -> np.ndarray:
    return np.array([f"G{j}" for j in range(simulated[0].shape[1])])


@pytest.fixture(scope="session")
def labeled_cells(simulated, names) -> ad.AnnData:
    """The same as a user's file would hold them; not to be changed."""
    obs = pd.DataFrame({"type": simulated[1].astype(str)}, index=[f"c{i}" for i in range(150)])
    return ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))


@pytest.fixture(scope="session")
def small_fit(simulated, names) -> scinno.Fit:
    return scinno.fit(simulated[0], 3, genes=names, **QUICK)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    here = Path(__file__).resolve()
    folder = Path(os.environ.get("SCINNO_DATA", here.parents[3] / "shared" / "data"))
    if not folder.is_dir():  # a user's clone has no such folder; .ci/run refuses to start
        pytest.skip("the labeled data sets are not here: set SCINNO_DATA to their folder")
    return folder


# Files of tests in the order in which they begin, before all others.
FIRST = (
    # They fork this process. A fork has only one of the threads of the process, and waits for ever
    # for the others that libraries have begun in earlier tests.
    "test_disks.py", "test_kills.py",
    # They take longest: of two processes that share the files, neither should begin one at the end.
    "test_real_data.py", "test_process_group.py", "test_docs.py", "test_faults.py",
    "test_bench_peers.py", "test_bench_paper.py", "test_promises.py", "test_cli.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path.name, len(FIRST)))
