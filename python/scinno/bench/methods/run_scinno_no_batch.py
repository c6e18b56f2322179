# /// scinno-bench
# name = "scinno without the batches"
# group = "ablation"
# k = ["given", "unknown"]
# tasks = ["batches"]
# notes = "Default settings, as if all cells were of one batch."
# ///
"""Without the batches."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(with_batch=False)
