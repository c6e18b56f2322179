# /// scinno-bench
# name = "scinno without the joint phase"
# group = "ablation"
# k = ["given", "unknown"]
# notes = "Initial centers on the latent code of the denoising network."
# ///
"""Without the joint phase."""

from _scinno import cluster

if __name__ == "__main__":
    cluster(joint_epochs=0)
