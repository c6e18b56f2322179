# /// scinno-bench
# name = "scinno"
# group = "scinno"
# k = ["given", "unknown"]
# tasks = ["types", "batches", "domains"]
# notes = "Default settings. Domains: scinno.domains of the fit, with K for both."
# ///
"""The default."""

from _scinno import cluster

if __name__ == "__main__":
    cluster()
