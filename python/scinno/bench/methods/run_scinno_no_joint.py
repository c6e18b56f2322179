# /// scinno-bench
# name = "scinno without the joint phase"
# group = "ablation"
# k = ["given", "unknown"]
# notes = "First centers on the code of the denoising network."
# ///
"""Without the joint phase."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(joint_epochs=0)
