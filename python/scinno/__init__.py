"""Deep clustering of single-cell RNA-seq: SCINNO in Python."""

from scinno._anndata import cluster
from scinno._fit import fit
from scinno._result import Fit, from_bytes, load
from scinno._settings import Settings
from scinno._sklearn import SCINNO

# The one place it stands; pyproject.toml reads it here.
__version__ = "0.1.0"

# Raised when a function that the R package calls changes.
API_VERSION = 1

__all__ = [
    "API_VERSION",
    "SCINNO",
    "Fit",
    "Settings",
    "__version__",
    "cluster",
    "fit",
    "from_bytes",
    "load",
]
