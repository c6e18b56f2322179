"""What an output folder may hold before a command writes it, without and with --force."""

from __future__ import annotations

from pathlib import Path

from scinno._runtime.atomic import MARKER, held_in
from scinno._runtime.json import Schema, is_text, read_json
from scinno._runtime.out_folder import check_writable

# Every file that a command writes into its output folder.
WRITTEN = frozenset({
    MARKER, "all_labels.csv", "batch_mix.csv", "batches.csv", "clustered.h5ad", "clusters.csv",
    "domains.csv", "embedding.csv", "history.csv", "k_evidence.csv", "k_evidence.png", "labels.csv",
    "levels.png", "memberships.csv", "model.safetensors", "report.html", "smoothing.csv",
    "tissue.png", "tree.csv", "tree.png", "trials.csv", "trials.png", "tsne.png", "umap.png",
})  # fmt: skip
# What file managers put anywhere.
_NOBODYS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
# Other programs have a settings.json, too.
_MARKED: Schema = {"scinno": is_text}


def check_free(out: Path, force: bool) -> None:
    """Refuse an output folder that would overwrite something, or that cannot be written.

    Raises
    ------
    FileExistsError
        ``out`` is there already and ``force`` is not given; or is a file, or not a run's folder,
        or holds something that scinno did not write.
    OSError
        It cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise FileExistsError(f"--out must be a folder, but {out} is a file")
    if out.exists() and (held := held_in(out)):
        if not force:
            raise FileExistsError(f"--out {out} is not empty: choose another or add --force")
        try:
            read_json(out / MARKER, "the settings.json of a scinno run", _MARKED)
        except FileNotFoundError:
            raise FileExistsError(
                f"--out {out} is not empty and holds no earlier scinno run (no settings.json): "
                "--force replaces earlier runs only"
            ) from None
        except ValueError as error:
            raise FileExistsError(
                f"--out {out} is not empty, and its settings.json is not a scinno run's ({error}): "
                "--force replaces earlier runs only"
            ) from None
        others = [
            path.name for path in held
            if path.name not in _NOBODYS and (path.name not in WRITTEN or path.is_dir())
        ]  # fmt: skip
        if others:
            raise FileExistsError(
                f"--out {out} holds what scinno did not write ({', '.join(others[:5])}), and "
                "--force would remove it: move it, or choose another folder"
            )
    check_writable(out)
