"""What the extras bring is not needed by what does without, and its absence has one sentence."""

import subprocess
import sys

import pytest

# Everything that only an extra installs.
EXTRAS = (
    "dask", "filelock", "jinja2", "loompy", "matplotlib", "optuna", "plotly", "pooch", "requests",
    "rich", "scanpy", "scranpy", "typer", "umap",
)  # fmt: skip


def without(modules: tuple[str, ...], code: str) -> subprocess.CompletedProcess:
    """Run code in a Python that cannot import some modules."""
    hidden = f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
    command = [sys.executable, "-c", hidden + code]
    return subprocess.run(command, capture_output=True, text=True)


def test_a_fit_needs_no_extra(tmp_path):
    code = (
        "import numpy as np, anndata as ad, scinno\n"
        "x = np.random.default_rng(0).poisson(2.0, size=(40, 30)).astype('float32')\n"
        "quick = dict(pretrain_epochs=1, joint_epochs=1, steps_per_epoch=2)\n"
        "adata = ad.AnnData(x)\n"
        "fit = scinno.cluster(adata, 3, **quick)\n"
        "fit.save(sys.argv[1])\n"
        "assert (scinno.load(sys.argv[1]).predict(x) == fit.labels).all()\n"
        "assert scinno.choose_k(x, **quick).n_clusters >= 2\n"
        "assert len(scinno.SCINNO(3, settings=quick).fit_predict(x)) == 40\n"
    ).replace("sys.argv[1]", repr(str(tmp_path / "fit")))
    # PyTorch itself uses these two where they are there.
    hidden = tuple(name for name in EXTRAS if name not in ("filelock", "jinja2"))
    done = without(hidden, code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("missing", "code", "message"),
    [
        ("matplotlib", "import scinno; scinno.pl",
         "scinno.pl needs matplotlib, which is not installed: pip install 'scinno[report]'"),
        ("jinja2", "import scinno; scinno.report",
         "scinno.report needs jinja2, which is not installed: pip install 'scinno[report]'"),
        ("filelock", "import scinno; scinno.bench",
         "scinno.bench needs filelock, which is not installed: pip install 'scinno[bench]'"),
        ("typer", "from scinno.__main__ import main; main()",
         "scinno: error: the command line needs typer, which is not installed: "
         "pip install 'scinno[cli]'"),
        ("scanpy", "import scinno, anndata; scinno.markers(anndata.AnnData())",
         "scinno.markers needs scanpy, which is not installed: pip install 'scinno[report]'"),
        ("optuna", "import scinno; scinno.tune([[1.0]])",
         "scinno.tune needs optuna, which is not installed: pip install 'scinno[tune]'"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_the_command_that_installs_it(missing, code, message):
    done = without((missing,), code)
    assert done.returncode == 1
    assert message in done.stderr


def test_a_command_without_its_extra_ends_with_that_sentence():
    code = (
        "import sys; sys.argv = ['scinno', 'tune', 'cells.h5ad']\n"
        "from scinno.__main__ import main; main()"
    )
    done = without(("optuna",), code)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "scinno: error: scinno.tune needs optuna, which is not installed: "
        "pip install 'scinno[tune]'"
    )
