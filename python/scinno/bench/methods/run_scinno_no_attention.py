# /// scinno-bench
# name = "scinno without attention"
# group = "ablation"
# k = ["given", "unknown"]
# notes = "The paper's second ablation."
# ///
"""Without attention."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(attention=False)
