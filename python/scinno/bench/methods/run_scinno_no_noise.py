# /// scinno-bench
# name = "scinno without noise"
# group = "ablation"
# k = ["given", "unknown"]
# notes = "Both paths see the same cells."
# ///
"""Without noise."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(noise="none")
