"""Deep clustering of single-cell RNA-seq: SCINNO in Python."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scinno._runtime.extras import needs_extra
from scinno._version import API_VERSION, __version__

# Each name is imported when it is first used: torch takes seconds, and neither `scinno --help` nor
# a Tab in the shell may; and `scinno doctor` must run where torch does not.
if TYPE_CHECKING:
    from scinno import bench, datasets, pl, report
    from scinno._anndata.cluster import cluster
    from scinno._anndata.markers import markers
    from scinno._anndata.subcluster import subcluster
    from scinno._choose_k import choose_k
    from scinno._clusters.k_choice import KChoice
    from scinno._clusters.uncertainty import cluster_report, uncertain_cells
    from scinno._fit import fit
    from scinno._result.fit import Fit, from_bytes, load
    from scinno._settings.settings import Settings
    from scinno._sklearn import SCINNO
    from scinno._space.domains import Domains, domains
    from scinno._tree.cluster_tree import ClusterTree
    from scinno._tune.result import Tuning
    from scinno._tune.tune import tune

_MODULE_OF = {
    "SCINNO": "_sklearn",
    "ClusterTree": "_tree.cluster_tree",
    "Domains": "_space.domains",
    "Fit": "_result.fit",
    "KChoice": "_clusters.k_choice",
    "Settings": "_settings.settings",
    "Tuning": "_tune.result",
    "choose_k": "_choose_k",
    "cluster": "_anndata.cluster",
    "cluster_report": "_clusters.uncertainty",
    "domains": "_space.domains",
    "fit": "_fit",
    "from_bytes": "_result.fit",
    "load": "_result.fit",
    "markers": "_anndata.markers",
    "subcluster": "_anndata.subcluster",
    "tune": "_tune.tune",
    "uncertain_cells": "_clusters.uncertainty",
}

# Public modules, and the extra that brings what they need.
_MODULES = {"bench": "bench", "datasets": "datasets", "pl": "report", "report": "report"}

__all__ = [
    "API_VERSION",
    "SCINNO",
    "ClusterTree",
    "Domains",
    "Fit",
    "KChoice",
    "Settings",
    "Tuning",
    "__version__",
    "bench",
    "choose_k",
    "cluster",
    "cluster_report",
    "datasets",
    "domains",
    "fit",
    "from_bytes",
    "load",
    "markers",
    "pl",
    "report",
    "subcluster",
    "tune",
    "uncertain_cells",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        with needs_extra(f"scinno.{name}", _MODULES[name]):
            return import_module(f"scinno.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'scinno' has no attribute {name!r}")
    value = getattr(import_module(f"scinno.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
