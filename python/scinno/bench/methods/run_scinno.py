# /// scinno-bench
# name = "scinno"
# group = "scinno"
# k = ["given", "unknown"]
# tasks = ["types", "batches"]
# notes = "Default settings."
# ///
"""The default."""

from _scinno import cluster

if __name__ == "__main__":
    cluster()
