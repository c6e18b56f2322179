# /// scinno-bench
# name = "scinno without smoothing"
# group = "ablation"
# k = ["given", "unknown"]
# tasks = ["domains"]
# notes = "As scinno, but codes are not averaged over neighbors in space (smoothing=0)."
# ///
"""Domains without space."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(smoothing=0)
