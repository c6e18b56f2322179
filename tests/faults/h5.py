"""Changed files of cells, read as the command line reads them, in memory and in blocks."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from data_bytes import as_bytes, changed_parts
from mutations import changed_bytes, one_bit, rearranged, truncated

TESTS = Path(__file__).resolve().parents[1] / "python"
CHANGES = {
    "parts": changed_parts,
    "parts again": changed_parts,
    "bytes": changed_bytes,
    "one bit": one_bit,
    "truncated": truncated,
    "pieces": rearranged,
}


@dataclass
class State:
    files: list[bytes]
    folder: Path


def prepare() -> State:
    sys.path.insert(0, str(TESTS))
    from conftest import simulate

    x, types = simulate(90, 60)
    obs = pd.DataFrame({"type": types.astype(str)}, index=[f"c{i}" for i in range(90)])
    var = pd.DataFrame(index=[f"G{j}" for j in range(60)])
    cells = ad.AnnData(x.astype(np.float32), obs=obs, var=var)
    cells.obsm["X_pca"] = np.arange(180.0).reshape(90, 2)
    cells.obsp["near"] = sp.identity(90, format="csr")
    return State(as_bytes(cells), Path(tempfile.mkdtemp()))


def change_of(state: State, seed: int) -> str:
    return list(CHANGES)[(seed // len(state.files)) % len(CHANGES)]


def attempt(state: State, seed: int) -> tuple[str, str, str]:
    """What was changed, and what came of it."""
    from scinno._data.read import read_cells

    rng = np.random.default_rng(seed)
    data = state.files[seed % len(state.files)]
    name = change_of(state, seed)
    is_10x = seed % len(state.files) == len(state.files) - 1
    path = state.folder / ("x.h5" if is_10x else "x.h5ad")
    path.write_bytes(CHANGES[name](rng, data))
    outcomes = [_outcome(lambda: read_cells(path).X)]
    if not is_10x:
        outcomes.append(_outcome(lambda: _in_blocks(path)))
    # The worse of both ways counts.
    return name, *max(outcomes, key=lambda found: found[0] == "foreign")


def _outcome(read) -> tuple[str, str]:
    from scinno._data.counts import as_counts

    try:
        # Values are checked as a fit does, and a sum goes over all that native code would.
        counts = as_counts(read())
        counts.matrix.sum()
        counts.matrix.T.tocsr()
    except (ValueError, TypeError) as error:
        ours = _is_sentence(error)
        return ("refused" if ours else "foreign"), f"{type(error).__name__}: {error}"
    return "right", ""


def _is_sentence(error: Exception) -> bool:
    """Whether scinno itself says it, in the last frame of the traceback."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and "scinno" in Path(trace.tb_frame.f_code.co_filename).parts


def _in_blocks(path: Path):
    from scinno._data.backed import open_cells
    from scinno._data.blocks import iterate_blocks
    from scinno._runtime.scratch import ScratchSpace

    with open_cells(path, None, ScratchSpace()) as cells:
        return sp.vstack([block for _, block in iterate_blocks(cells.reader, 40)], format="csr")
