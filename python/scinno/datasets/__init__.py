"""The five labelled sets of the publication, from their public accessions."""

from scinno.datasets._catalogue import NAMES
from scinno.datasets._load import load

__all__ = ["NAMES", "load"]
