"""``scinno cluster`` and ``scinno demo``."""

from __future__ import annotations

from pathlib import Path

from scinno.cli import options
from scinno.cli.job import ClusterJob, parse_n_clusters, parse_smoothing, settings_of

# Types among the cells of the demo, and the column that holds them.
DEMO_CLUSTERS, DEMO_LABELS = 10, "bulk_labels"


def cluster(
    input_path: options.Input,
    n_clusters: options.NClusters = None,
    out: options.Out = Path("scinno-run"),
    preset: options.PresetName = "default",
    seed: options.Seed = 0,
    device: options.Device = "auto",
    label_key: options.LabelKey = None,
    batch_key: options.BatchKey = None,
    batch_force: options.BatchForce = False,
    spatial_key: options.SpatialKey = None,
    library_key: options.LibraryKey = None,
    n_domains: options.NDomains = None,
    smoothing: options.Smoothing = "auto",
    layer: options.Layer = None,
    kind: options.Kind = "auto",
    unassigned: options.Unassigned = None,
    setting: options.Setting = None,
    backed: options.Backed = None,
    checkpoint: options.Checkpoint = None,
    scheduler: options.Scheduler = None,
    report: options.Report = False,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Cluster the cells of INPUT and write labels, memberships, embedding, model and pictures.

    \b
    Examples:
      scinno cluster pbmc.h5ad --n-clusters 8 --out pbmc-run
      scinno cluster filtered_feature_bc_matrix/ --out run    (K is estimated)
      scinno cluster cells.h5ad --n-clusters 5:12 --out run   (K is estimated within)
      scinno cluster cells.h5ad --layer counts --label-key cell_type --out run
      scinno cluster cells.h5ad --batch-key donor --out run   (types, not donors)
      scinno cluster slice.h5ad -k 7 --spatial-key spatial --out run   (domains, too)
      scinno cluster cells.h5ad --unassigned 0.5 --json --out run > summary.json
      scinno cluster atlas.h5ad --backed --out run            (in blocks, never whole)
      torchrun --nproc-per-node 4 -m scinno cluster atlas.h5ad --out run --checkpoint state
    """
    job = ClusterJob(
        input_path=input_path,
        n_clusters=parse_n_clusters(n_clusters),
        out=out,
        settings=settings_of(preset, options.parse_settings(setting)),
        seed=seed,
        device=device,
        input=kind,
        layer=layer,
        label_key=label_key,
        batch_key=tuple(batch_key or ()),
        batch_force=batch_force,
        spatial_key=spatial_key,
        library_key=library_key,
        n_domains=parse_n_clusters(n_domains, "--n-domains"),
        smoothing=parse_smoothing(smoothing),
        unassigned=unassigned,
        backed=backed,
        checkpoint=checkpoint,
        scheduler=scheduler,
        report=report,
        force=force,
        quiet=quiet,
        as_json=as_json,
    )
    _run(job)


def demo(
    out: options.Out = Path("scinno-demo"),
    seed: options.Seed = 0,
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Cluster 700 blood cells that ship with scanpy (10x PBMC 68k, reduced).

    \b
    Example:
      scinno demo --out scinno-demo
    """
    job = ClusterJob(
        input_path=None,
        n_clusters=DEMO_CLUSTERS,
        out=out,
        settings=settings_of("default", {}),
        seed=seed,
        input="log",
        label_key=DEMO_LABELS,
        force=force,
        quiet=quiet,
        as_json=as_json,
    )
    _run(job)


def _run(job: ClusterJob) -> None:
    from scinno.cli.run import run  # with torch, which `scinno --help` does not need

    run(job)
