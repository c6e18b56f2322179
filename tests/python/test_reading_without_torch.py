"""Reading a result does not load torch, which takes seconds and is not needed for it."""

import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parent / "data" / "run-0.1.0"

# umap is imported where a map is missing; the command line is a user of the same modules.
SCRIPT = """
import sys, warnings
import matplotlib
matplotlib.use("Agg")
import anndata as ad
import scinno._anndata.markers
import scinno.pl
import scinno.report
from scinno.cli import main

data = ad.read_h5ad(sys.argv[1])
scinno.pl.embedding(data)
scinno.pl.history(data), scinno.pl.memberships(data), scinno.pl.confidence(data)
scinno.pl.k_evidence(data)
scinno.report.write_report(data, sys.argv[2])
assert len(scinno.markers(data))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import umap
sys.argv[1:] = ["report", sys.argv[1], "--out", sys.argv[3], "--quiet"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
assert "torch" not in sys.modules
"""


def test_pictures_page_and_markers_of_a_stored_run_load_no_torch(tmp_path):
    pages = [tmp_path / "page.html", tmp_path / "by-command.html"]
    command = [sys.executable, "-c", SCRIPT, RUN / "clustered.h5ad", *pages]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(page.stat().st_size > 4e6 for page in pages)
