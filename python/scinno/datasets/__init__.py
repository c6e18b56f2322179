"""The five labeled sets of the publication, from their public accessions."""

from scinno.datasets._catalog import NAMES
from scinno.datasets._load import load

__all__ = ["NAMES", "load"]
