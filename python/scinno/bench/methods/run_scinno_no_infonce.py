# /// scinno-bench
# name = "scinno without InfoNCE"
# group = "ablation"
# k = ["given", "unknown"]
# notes = "The paper's first ablation."
# ///
"""Without the contrastive loss."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(contrastive=False)
