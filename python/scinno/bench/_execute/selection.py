"""A part of the labeled sets, by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scinno._runtime.suggest import did_you_mean

# Quick (at most 2,200 cells) and varied: counts of molecules and of reads, fractional counts, log
# values; panels of 700 genes and whole transcriptomes; 3 to 15 types that are cell lines,
# conditions, stages, sorted cells or published clusters. Chosen by these properties, not by any
# method's score.
SMALL = (
    "cellhashing_4lines",
    "deng_embryo_3233g",
    "haber_intestine_1000g",
    "kang_pbmc_1267g",
    "kolodziejczyk_mesc_378c_1047g",
    "mixology_dropseq_3cl",
    "panc_3protocols_2000g",
    "puram_headneck_log",
    "tms_liver_726g",
    "zebrafish_hsc_sorted",
)
# Of the task "batches": protocols, donors, plates, studies, treatments and ages, some that hardly
# differ, and types that a batch lacks.
BATCHES = (
    "baron_human1",
    "batch_hsc_young_old",
    "batch_mixology3_2protocols",
    "batch_pancreas_xin_wang_log",
    "kang_pbmc_1267g",
    "mixology_celseq2_5cl",
    "packer_worm_embryo",
    "panc_3protocols_2000g",
    "pancreas_beta_ductal_3studies",
    "pbmc_symphony_log1767",
)
SELECTIONS = {"small": SMALL, "batches": BATCHES}


def select(files: Sequence[Path], names: Sequence[str]) -> list[Path]:
    """The files of these sets, in the order of the files.

    Parameters
    ----------
    files : sequence of Path
        As `scinno.bench._execute.sets.find_files` gives them.
    names : sequence of str
        Names of sets (of files without ``.h5ad``) or of selections (``"small"``, ``"batches"``).

    Raises
    ------
    ValueError
        A name that is neither; a set of a selection that is not among the files.
    """
    by_name = {file.stem: file for file in files}
    chosen: set[str] = set()
    for name in names:
        if name in by_name:
            chosen.add(name)
        elif name in SELECTIONS:
            missing = [one for one in SELECTIONS[name] if one not in by_name]
            if missing:
                raise ValueError(
                    f"--sets {name}: {len(missing)} of its {len(SELECTIONS[name])} sets are not "
                    f"among SETS: {', '.join(missing)}; name the folders that hold them, too"
                )
            chosen.update(SELECTIONS[name])
        else:
            hint = did_you_mean(name, [*by_name, *SELECTIONS])
            raise ValueError(f"--sets: {name!r} is not a set among SETS: {hint}")
    return [file for name, file in by_name.items() if name in chosen]
