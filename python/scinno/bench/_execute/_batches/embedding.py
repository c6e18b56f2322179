"""The embedding that a method wrote, and its scores by scib-metrics in the Python that has it."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from scinno._runtime import atomic
from scinno.bench._execute._batches.scores import SCIB_SCORES
from scinno.bench._execute.machine import environment
from scinno.bench._execute.methods import FOLDER, Method, read_method
from scinno.bench._execute.process import run_limited

SCIB = FOLDER / "score_scib.py"


@cache
def scib() -> Method:
    """What runs scib-metrics; `Method.missing` says why it cannot."""
    return read_method(SCIB)


def read_embedding(path: Path, order: np.ndarray) -> np.ndarray | None:
    """The embedding that a run wrote, float32 (cells, axes), in the order of the set.

    Parameters
    ----------
    path : Path
        ``embedding.f4`` of a run, with the cells in random order.
    order : ndarray of int, (cells,)
        That order.

    Returns
    -------
    ndarray or None
        None where the method has none.

    Raises
    ------
    ValueError
        It is of other cells, or holds NaN or infinities.
    """
    if not path.exists():
        return None
    values = np.fromfile(path, "<f4")
    n = len(order)
    if not len(values) or len(values) % n:
        raise ValueError(f"gave an embedding of {len(values)} numbers for {n} cells")
    if not np.isfinite(values).all():
        raise ValueError("gave an embedding with NaN or infinite values")
    found = np.empty((n, len(values) // n), dtype=np.float32)
    found[order] = values.reshape(n, -1)
    return found


def save_embedding(path: Path, points: np.ndarray) -> None:
    """Write ``embeddings/KEY.npz``, for pictures."""
    path.parent.mkdir(exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, embedding=points.astype("<f4"))
    atomic.write_file(path, buffer.getvalue())


def load_embedding(path: Path, n_cells: int) -> np.ndarray:
    """A stored embedding, float32 (cells, axes).

    Raises
    ------
    FileNotFoundError
    ValueError
        It is none, damaged, or of another number of cells.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open("embedding.npy") as member:
            # The size is looked at before anything of it is allocated.
            np.lib.format.read_magic(member)
            shape, _, dtype = np.lib.format.read_array_header_1_0(member)
            size = archive.getinfo("embedding.npy").file_size - member.tell()
        fits = len(shape) == 2 and shape[0] == n_cells and dtype == np.dtype("<f4")
        if not fits or size != 4 * shape[0] * shape[1]:
            raise ValueError("another shape or kind")
        points = np.load(path)["embedding"]
        if not np.isfinite(points).all():
            raise ValueError("not finite")
    except FileNotFoundError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy's header have errors of many kinds
        raise ValueError(
            f"{path} holds no embedding of {n_cells} cells, or is damaged; remove it and its run"
        ) from error
    return np.asarray(points)


def scib_scores(
    points: np.ndarray, truth: np.ndarray, batch: np.ndarray, threads: int, time_limit: float
) -> tuple[dict[str, float | None], str]:
    """Scores of an embedding by scib-metrics, in a process of the Python that has it.

    Parameters
    ----------
    points : ndarray of float32, (cells, axes)
    truth, batch : ndarray of str, (cells,)
    threads : int
    time_limit : float
        Seconds.

    Returns
    -------
    dict
        A value for each of `SCIB_SCORES`, None where there is none.
    str
        The version of scib-metrics, or why there are no scores.
    """
    none: dict[str, float | None] = dict.fromkeys(SCIB_SCORES)
    if missing := scib().missing():
        return none, missing
    program = scib().interpreter()
    assert program is not None
    folder = Path(tempfile.mkdtemp(prefix="scinno-bench-"))
    try:
        points.astype("<f4").tofile(folder / "embedding.f4")
        for name, values in (("types.i4", truth), ("batches.i4", batch)):
            np.unique(values, return_inverse=True)[1].astype("<i4").tofile(folder / name)
        result = run_limited(
            [program, str(SCIB), str(folder)], folder, environment(threads, program),
            folder / "log.txt", time_limit, None,
        )  # fmt: skip
        return _scores_of(folder / "scores.txt", none, result.failure)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _scores_of(
    path: Path, none: dict[str, float | None], failure: str | None
) -> tuple[dict[str, float | None], str]:
    if failure is not None or not path.exists():
        return none, f"failed: {failure or 'it wrote no scores'}"
    found: dict[str, Any] = dict(line.split("\t") for line in path.read_text().splitlines())
    version = str(found.pop("version"))
    values = {name: float(found[name]) for name in SCIB_SCORES}
    return {name: v if np.isfinite(v) else None for name, v in values.items()}, version
