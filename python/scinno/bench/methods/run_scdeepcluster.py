# /// scinno-bench
# name = "scDeepCluster"
# group = "peer"
# k = ["given", "unknown"]
# modules = ["torch", "scanpy", "h5py", "igraph"]
# clone = "SCINNO_BENCH_SCDEEPCLUSTER"
# clone_has = "scDeepCluster.py"
# get = """\
#   git clone https://github.com/ttgump/scDeepCluster_pytorch; export \
#   SCINNO_BENCH_SCDEEPCLUSTER=/path/to/scDeepCluster_pytorch"""
# log_values = false
# notes = """\
#   Its preprocessing and constants (all genes, 300 epochs of pretraining, up to 2000 of \
#   clustering, stop at 0.1 % changed labels), but below 4096 cells pretraining has smaller \
#   batches, so that it takes about as many steps as in its tutorial: with 256 it is far from \
#   trained and its clustering may collapse. Without labels it reports its last state. K unknown: \
#   as its script, but with Leiden at resolution 0.8 and 20 neighbors in place of Louvain."""
# ///
"""scDeepCluster (PyTorch) from a clone."""

import time

import anndata as ad
import numpy as np
from _clone import open_clone, seed_torch
from _job import finish, read, whole_counts

# Its tutorial has 4271 cells: 17 batches of 256, and so 5100 steps of pretraining. 378 ES cells
# with high counts have two batches. After 600 steps the loss is twice that after 3600, and
# clustering then put all cells into one cluster: ARI 0.64 before it, 0 after it. With 3600 steps
# ARI was 0.70 before and 0.88 after, and 0.58 after with the cells in another order.
BATCHES, LEAST, MOST = 16, 32, 256


def pretraining_batch(cells: int) -> int:
    """256 as in its script from 4096 cells on; below, what makes 16 batches, but not under 32."""
    return max(LEAST, min(MOST, cells // BATCHES))


if __name__ == "__main__":
    job = read()
    open_clone("SCINNO_BENCH_SCDEEPCLUSTER")
    seed_torch(job.seed)
    import preprocess
    import torch
    from scDeepCluster import scDeepCluster

    start = time.perf_counter()
    data = ad.AnnData(whole_counts(job).astype("float64"))
    data = preprocess.normalize(preprocess.read_dataset(data, copy=True))
    sizes = data.obs["size_factors"].to_numpy()
    model = scDeepCluster(
        input_dim=data.n_vars, z_dim=32, encodeLayer=[256, 64], decodeLayer=[64, 256], sigma=2.5,
        gamma=1.0, device="cpu",
    )  # fmt: skip
    parts = {"X": np.asarray(data.X), "X_raw": np.asarray(data.raw.X), "size_factor": sizes}
    batch = pretraining_batch(data.n_obs)
    model.pretrain_autoencoder(**parts, batch_size=batch, epochs=300, ae_save=False)
    first = {}
    k = job.k
    if k is None:
        import scanpy as sc
        from _graph import Neighbors

        code = model.encodeBatch(torch.tensor(parts["X"])).cpu().numpy()
        graph = ad.AnnData(code)
        sc.pp.neighbors(graph, use_rep="X", transformer=Neighbors(n_neighbors=20))
        sc.tl.leiden(graph, resolution=0.8, flavor="igraph", n_iterations=2, directed=False,
                     random_state=job.seed)  # fmt: skip
        labels = graph.obs["leiden"].to_numpy().astype(int)
        k = len(np.unique(labels))
        centers = np.array([code[labels == j].mean(0) for j in range(k)])
        first = {"init_centroid": centers, "y_pred_init": labels}
    found = model.fit(
        **parts, n_clusters=k, y=None, batch_size=256, num_epochs=2000, update_interval=1,
        tol=1e-3, save_dir=job.out, **first,
    )  # fmt: skip
    finish(job, found[0], start)
