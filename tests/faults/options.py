"""The program's options with values that nobody should give."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path

from forked import SET, without_pictures

from scinno.cli import main

TEXTS = (
    "",
    " ",
    "a",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "1.5",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "9" * 400,
    "2:3",
    "3:2",
    ":",
    "2:",
    "2:3:4",
    "None",
    "true",
    "auto",
    "log",
    "counts",
    "X",
    "raw",
    "type",
    "cuda:99",
    "gamma=",
    "gamma",
    "gamma=nan",
    "gamma=1e999",
    "n_genes=[1]",
    "n_genes={}",
    "=1",
    "x=1",
    "n_genes=null",
    "noise=swap:nan",
    "\u2028",
    "x" * 3000,
    "../..",
    "/",
    "--",
    "-k",
    "a\nb",
    "é",
)
OPTIONS = {
    "cluster": ("--n-clusters", "--preset", "--seed", "--device", "--label-key", "--batch-key",
                "--layer", "--input", "--unassigned", "--set", "--out", "--spatial-key",
                "--library-key", "--n-domains", "--smoothing"),
    "choose-k": ("--n-clusters", "--preset", "--seed", "--device", "--batch-key", "--layer",
                 "--input", "--set", "--out"),
    "tune": ("--n-clusters", "--budget", "--trials", "--study", "--preset", "--seed", "--device",
             "--layer", "--input", "--set"),
    "predict": ("--layer", "--batch-key", "--min-overlap", "--out"),
    "markers": ("--key", "--cluster", "--against", "--layer", "--method", "--n-genes"),
    "report": ("--key", "--label-key", "--batch-key", "--genes", "--title", "--layer", "--out"),
    "tree": ("--n-clusters", "--resolution", "--out"),
    "subcluster": ("--n-clusters", "--key", "--layer", "--set", "--seed"),
    "bench": ("--methods", "--seeds", "--sets", "--threads", "--label-key", "--k", "--set"),
}  # fmt: skip


def program(folder: Path, command: str) -> Callable[..., None]:
    """The command in this process, with one option more; it may end with 0 or 2, and one line."""
    words = {
        "cluster": [folder / "in.h5ad", "-k", "3", *SET],
        "choose-k": [folder / "in.h5ad", *SET],
        "tune": [folder / "none.h5ad"],
        "predict": [folder / "run" / "model.safetensors", folder / "in.h5ad"],
        "markers": [folder / "run"],
        "report": [folder / "run", "--force"],
        "tree": [folder / "run"],
        "subcluster": [folder / "run" / "clustered.h5ad", "9"],
        "bench": [folder / "none"],
    }[command]

    def call(**options: str) -> None:
        more = [word for name, text in options.items() for word in (name, text)]
        said = io.StringIO()
        sys.argv = ["scinno", command, *map(str, words), *more]
        code: object = 0
        with without_pictures(), contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            try:
                main()
            except SystemExit as end:
                code = end.code
        text = said.getvalue()
        assert code in (None, 0, 2), f"exit status {code}: {text}"
        assert "Traceback" not in text, text
        assert code != 2 or "error" in text.lower(), text

    return call
