"""The comparison of the publication: its five sets, its methods, its figures 4 and 6."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from scinno.bench._tables.tables import frame

# Figure 4 compares scinno with six methods, figure 6 with its ablations.
PEERS = ("sc3", "simlr", "sharp", "celltree", "scena", "scgae")
METHODS = ("scinno", "ablation", *PEERS)
FIGURE_4, FIGURE_6 = "figure-4.png", "figure-6.png"


def paper_sets(folder: Path, progress: Callable[[str], None]) -> list[Path]:
    """The publication's sets as .h5ad files in a folder, each loaded once.

    A set that cannot be loaded is reported with the reason, and left out.

    Parameters
    ----------
    folder : Path
    progress : callable
        Gets each line on the progress.

    Raises
    ------
    ConnectionError
        None of the sets can be loaded; the error has the reason for each.
    """
    from scinno.datasets import NAMES, load

    folder.mkdir(parents=True, exist_ok=True)
    found, missing = [], []
    for name in NAMES:
        path = folder / f"{name}.h5ad"
        try:
            if not path.exists():
                progress(f"loading {name}")
                _write(path, load(name, cells="paper"))
        except (OSError, ValueError) as error:  # a ConnectionError is an OSError
            missing.append(f"{name}: {error}")
            continue
        found.append(path)
    if not found:
        raise ConnectionError(
            f"none of the publication's {len(missing)} sets can be loaded:\n  "
            + "\n  ".join(missing)
        )
    for line in missing:
        progress(f"not in the figures: {line}")
    return found


def _write(path: Path, data: Any) -> None:
    """Written under its name only once it is complete."""
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
        A line for each: its path, or why it was not drawn.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    from scinno.bench.pl._results import is_ablation
    from scinno.bench.pl._scores import benchmark

    table = frame(results["runs"])
    table = table[(table["status"] == "done") & (table["k_mode"] == "given")]
    names = {method["key"]: method["name"] for method in results["methods"]}
    done = [key for key in names if key in set(table["method"])]
    compared = [key for key in done if not is_ablation(key)]
    ablations = [key for key in done if is_ablation(key)]
    lines = []
    for file, keys, missing in (
        (FIGURE_4, compared, "scinno"),
        (
            FIGURE_6,
            ["scinno", *ablations] if ablations and "scinno" in done else [],
            "its ablations",
        ),
    ):
        if not keys:
            lines.append(f"no {file}: no run of {missing} with K given is finished")
            continue
        benchmark(results, methods=keys, sets=_in_order(table), save=folder / file)
        plt.close()
        lines.append(f"{folder / file}: {', '.join(names[key] for key in keys)}")
    return lines


def _in_order(table: pd.DataFrame) -> Sequence[str]:
    """Sets in the order of the publication, others after them."""
    from scinno.datasets import NAMES

    known = list(dict.fromkeys(table["set"]))
    return [*(name for name in NAMES if name in known), *(n for n in known if n not in NAMES)]
