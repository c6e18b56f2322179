"""Peak memory of a fit: never a dense cells × genes array, and twice the sparse input at most."""

import subprocess
import sys

import pytest

# In a process of its own: the peak of this one is that of the largest test before.
CODE = """
import resource, sys
import numpy as np, scipy.sparse as sp
import scinno
from scinno._train import batches

cells, genes, each = 200_000, 2000, 100
random = np.random.default_rng(0)
# Genes by squared uniform numbers: some common, most rare, as they are.
columns = np.sort((random.random((cells, each), dtype=np.float32) ** 2 * genes).astype(np.int32))
values = np.ones(cells * each, dtype=np.float32)
x = sp.csr_matrix((values, columns.ravel(), np.arange(cells + 1) * each), shape=(cells, genes))
x.sum_duplicates()
del columns, values
batches.MAX_SAMPLE = 2000
fit = scinno.fit(x, 4, n_genes=400, pretrain_epochs=1, joint_epochs=1, steps_per_epoch=2,
                 n_hidden=16, n_latent=8, n_pcs=8, n_anchors=16, n_heads=2, head_dim=8,
                 n_projection=4)
assert len(fit.labels) == cells
sparse = x.data.nbytes + x.indices.nbytes + x.indptr.nbytes
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, sparse, cells * genes * 4)
"""


# CI runs on Linux. Elsewhere ru_maxrss is in other units, or there is no `resource` at all.
@pytest.mark.skipif(sys.platform != "linux", reason="other systems count peak memory otherwise")
def test_a_fit_of_200_000_cells_needs_little_more_than_they_do():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    peak, sparse, dense = map(int, done.stdout.split())
    assert dense > 1.5e9
    assert peak < 1.2e9 + 2 * sparse
    assert peak < dense
