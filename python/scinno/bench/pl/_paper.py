"""The publication's comparison: its five sets, its methods, its figures 4 and 6."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from scinno.bench._tables.tables import frame

# Figure 4 sets scinno beside six methods; figure 6 beside itself with one part taken away.
PEERS = ("sc3", "simlr", "sharp", "celltree", "scena", "scgae")
METHODS = ("scinno", "ablation", *PEERS)
FIGURE_4, FIGURE_6 = "figure-4.png", "figure-6.png"


def paper_sets(folder: Path, tell: Callable[[str], None]) -> list[Path]:
    """The publication's sets as .h5ad files in a folder, each loaded once.

    A set that cannot be had is told with its reason, and the others go on without it.

    Parameters
    ----------
    folder : Path
    tell : callable
        Gets each line.

    Raises
    ------
    ConnectionError
        None of the sets can be had; says why for each.
    """
    from scinno.datasets import NAMES, load

    folder.mkdir(parents=True, exist_ok=True)
    found, missing = [], []
    for name in NAMES:
        path = folder / f"{name}.h5ad"
        try:
            if not path.exists():
                tell(f"loading {name}")
                _write(path, load(name, cells="paper"))
        except (OSError, ValueError) as error:  # a ConnectionError is an OSError
            missing.append(f"{name}: {error}")
            continue
        found.append(path)
    if not found:
        raise ConnectionError(
            f"none of the publication's {len(missing)} sets can be had:\n  " + "\n  ".join(missing)
        )
    for line in missing:
        tell(f"not in the figures: {line}")
    return found


def _write(path: Path, data: Any) -> None:
    """Under its name only once it is whole."""
    part = path.with_suffix(".part")
    data.write_h5ad(part, compression="gzip")
    part.replace(path)


def paper_figures(folder: Path, results: dict[str, Any]) -> list[str]:
    """Draw figure 4 and figure 6 of finished runs in which K was given.

    Parameters
    ----------
    folder : Path
        Where they are written.
    results : dict
        Of `scinno.bench.collect`.

    Returns
    -------
    list of str
        A line for each: where it is, or why there is none.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from scinno.bench.pl._results import is_ablation
    from scinno.bench.pl._scores import benchmark

    table = frame(results["runs"])
    table = table[(table["status"] == "done") & (table["k_mode"] == "given")]
    names = {method["key"]: method["name"] for method in results["methods"]}
    there = [key for key in names if key in set(table["method"])]
    compared = [key for key in there if not is_ablation(key)]
    parts = [key for key in there if is_ablation(key)]
    said = []
    for file, keys, lacks in (
        (FIGURE_4, compared, "scinno"),
        (FIGURE_6, ["scinno", *parts] if parts and "scinno" in there else [], "its ablations"),
    ):
        if not keys:
            said.append(f"no {file}: no run of {lacks} with K given is finished")
            continue
        benchmark(results, methods=keys, sets=_in_order(table), save=folder / file)
        plt.close()
        said.append(f"{folder / file}: {', '.join(names[key] for key in keys)}")
    return said


def _in_order(table: pd.DataFrame) -> Sequence[str]:
    """Sets as the publication has them; any others after them."""
    from scinno.datasets import NAMES

    known = list(dict.fromkeys(table["set"]))
    return [*(name for name in NAMES if name in known), *(n for n in known if n not in NAMES)]
