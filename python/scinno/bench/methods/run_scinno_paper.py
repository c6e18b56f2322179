# /// scinno-bench
# name = "scinno, paper's constants"
# group = "ablation"
# k = ["given", "unknown"]
# notes = "The published constants, for reference: they tend to collapse."
# ///
"""The paper's constants."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(preset="paper")
