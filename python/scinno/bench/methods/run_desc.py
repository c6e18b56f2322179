# /// scinno-bench
# name = "DESC"
# group = "peer"
# k = ["unknown"]
# modules = ["desc", "tensorflow", "scanpy"]
# get = """\
#   in a Python 3.8: pip install 'pip<24.1'; pip install desc 'pandas<2' (newer pips find only its \
#   versions below 2); export SCINNO_BENCH_PYTHON_DESC=/path/to/that/python"""
# notes = """\
#   Its tutorial's preprocessing (log of counts per 10,000, 2000 variable genes, scaled) and \
#   defaults at Louvain resolution 0.8; it cannot be given K."""
# ///
"""DESC, a Python package that runs in a separate Python."""

import time

import anndata as ad
import desc
import numpy as np
import scanpy as sc
from _job import finish, read
from desc.models import SAE

if __name__ == "__main__":
    job = read()
    # It would draw its network, which needs graphviz.
    SAE.plot_model = lambda *args, **settings: None
    start = time.perf_counter()
    data = ad.AnnData(job.matrix.astype(np.float32).toarray())
    if job.kind != "log":
        sc.pp.normalize_total(data, target_sum=1e4)
        sc.pp.log1p(data)
    if data.n_vars > 2000:
        sc.pp.highly_variable_genes(data, n_top_genes=2000)
        data = data[:, data.var["highly_variable"]].copy()
    sc.pp.scale(data, zero_center=True, max_value=3)
    found = desc.train(
        data, dims=[data.n_vars, 64, 32], louvain_resolution=[0.8], save_dir=job.out,
        random_seed=job.seed, num_Cores=1, use_GPU=False, do_tsne=False, verbose=False,
    )  # fmt: skip
    finish(job, found.obs["desc_0.8"].astype(str), start, version=desc.__version__)
