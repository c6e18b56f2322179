"""``scinno bench``: run methods on labeled sets, and write the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scinno.cli import options


def bench(
    sets: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SETS...", help="Labeled .h5ad files, or folders of them."),
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            "--methods",
            "-m",
            help="Keys or groups (scinno, ablation, simple, peer, all), or your scripts; "
            "with commas or repeated. Default: all; with --paper those of the publication.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--sets",
            metavar="NAME",
            help="Only these of SETS; 'small': ten quick and varied ones of the project's 34; "
            "'batches': its ten with batches.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder; runs that it holds are not repeated.")
    ] = Path("scinno-bench"),
    seeds: Annotated[int, typer.Option("--seeds", min=0, help="Runs of each method and set.")] = 5,
    label_key: Annotated[
        str, typer.Option("--label-key", help="obs column of the known types.")
    ] = "cell_type",
    task: Annotated[
        str,
        typer.Option(
            "--task",
            help="'types': clusters against types; 'batches': methods also get the batch of each "
            "cell, and clusters must be types and not batches; 'domains': they get its place, and "
            "labels are domains of a tissue.",
        ),
    ] = "types",
    batch_key: Annotated[
        str, typer.Option("--batch-key", help="obs column of the batches, for --task batches.")
    ] = "batch",
    spatial_key: Annotated[
        str, typer.Option("--spatial-key", help="obsm array of the places, for --task domains.")
    ] = "spatial",
    library_key: Annotated[
        str | None,
        typer.Option(
            "--library-key",
            help="obs column of the slices, for --task domains. Default: 'batch', where it is.",
        ),
    ] = None,
    k: Annotated[str, typer.Option("--k", help="'given', 'unknown' or 'both'.")] = "both",
    kind: options.Kind = "auto",
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=1, help="Seconds for each run.")
    ] = 3600,
    memory_limit: Annotated[
        float | None, typer.Option("--memory-limit", help="GB for each run.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads for each run.")] = 1,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of scinno and its ablations."),
    ] = None,
    redo: Annotated[
        list[str] | None,
        typer.Option("--redo", help="Repeat the runs of this method; 'failed': all that failed."),
    ] = None,
    tsne: Annotated[
        list[str] | None,
        typer.Option(
            "--tsne",
            metavar="SET",
            help="t-SNE panels of this set; 'all': of every set. With --task batches: types and "
            "batches on the maps of scinno without and with the batches.",
        ),
    ] = None,
    doublets: Annotated[
        bool, typer.Option("--doublets", help="Look for doublets in the quality report, too.")
    ] = False,
    markdown: Annotated[
        Path | None,
        typer.Option("--markdown", help="Also write the tables as Markdown to this file."),
    ] = None,
    paper: Annotated[
        bool,
        typer.Option("--paper", help="Load the publication's sets, and draw its figures 4 and 6."),
    ] = False,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Run nothing: only write the outputs.")
    ] = False,
    show: Annotated[
        bool, typer.Option("--list", help="List the methods and whether they are installed.")
    ] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Compare clustering methods on labeled sets: tables, ranks and one HTML page.

    After an interruption the same command resumes; the same command in several terminals shares
    the work. Methods get counts and K, never labels.

    \b
    Examples:
      scinno bench --list
      scinno bench data/ --methods scinno,simple --seeds 3 --out bench
      scinno bench a.h5ad b.h5ad --methods all,my_method.py --time-limit 600 --memory-limit 8
      scinno bench --report-only --out bench --markdown tables.md
      scinno bench data/ data-more/ --sets small --seeds 1 --out quick
      scinno bench --paper --out paper
      scinno bench data/ --task batches --k given --seeds 3 --out batches
      scinno bench data/ --task domains --k given --seeds 3 --out domains
    """
    from scinno._runtime.atomic import write_file
    from scinno.bench import Plan, choose, collect, run, write_outputs
    from scinno.bench import markdown as as_markdown
    from scinno.bench._execute._batches.embedding import scib
    from scinno.bench._execute.methods import BATCHES, DOMAINS, TASK_WORDS, TASKS, TYPES
    from scinno.bench._execute.selection import select
    from scinno.bench._execute.sets import find_files, prepare
    from scinno.bench.pl._paper import METHODS, paper_figures, paper_sets

    if paper and sets:
        raise ValueError("SETS: --paper loads the sets of the publication: name no others")
    if only and (paper or report_only):
        raise ValueError(
            "--sets chooses among SETS: it cannot be used with --paper, which has sets of its own, "
            "or --report-only, which writes what the folder holds"
        )
    if task not in TASKS:
        raise ValueError(f"--task must be {TASK_WORDS}, got {task!r}")
    if paper and task != TYPES:
        raise ValueError("--paper is a comparison of the task 'types': leave --task out")
    if tsne and task == DOMAINS:
        raise ValueError("--tsne draws maps of types: with --task domains leave it out")
    chosen = choose(_split(methods) or (list(METHODS) if paper else ["all"]), task)
    # What scores embeddings is no method, but may be missing as one.
    parts = [*chosen, scib()] if task == BATCHES else chosen
    if show:
        width = max(len(method.key) for method in parts)
        for method in parts:
            typer.echo(f"{method.key:<{width}}  {method.missing() or 'ready'}")
        return
    modes = {"given": ("given",), "unknown": ("unknown",), "both": ("given", "unknown")}
    if k not in modes:
        raise ValueError(f"--k must be 'given', 'unknown' or 'both', got {k!r}")
    pictures = []
    if not (report_only or seeds == 0):
        if paper:
            # Also with --quiet: a missing set is missing in the figures.
            sets = paper_sets(out / "data", progress=lambda line: typer.echo(line, err=True))
        if not sets:
            raise ValueError("SETS: name at least one .h5ad file or folder, or use --report-only")
        if only:
            sets = select(find_files(sets), _split(only))
        plan = Plan(
            sets=sets, methods=chosen, out=out, seeds=seeds, modes=modes[k], label_key=label_key,
            kind=kind, time_limit=time_limit, threads=threads, doublets=doublets,
            memory_limit=None if memory_limit is None else memory_limit * 1e9,
            settings=options.parse_settings(setting), redo=_split(redo), task=task,
            batch_key=batch_key, spatial_key=spatial_key, library_key=library_key,
        )  # fmt: skip
        for method in parts:
            reason = method.missing()
            if reason is not None and not quiet:
                typer.echo(f"{method.name} {reason}")
        n_locked = run(plan, progress=lambda line: None if quiet else typer.echo(line))
        if n_locked and not quiet:
            typer.echo(f"{n_locked} run(s) are being done by another process, which writes them")
    results = collect(out, chosen)
    images = {}
    if tsne and sets and task == BATCHES:
        from scinno.bench.pl._before_after import images_of

        write_outputs(out, results)  # which the pictures are made of
        files = [f for f in find_files(sets) if {"all", f.stem} & set(_split(tsne))]
        images = images_of(out, files, lambda line: None if quiet else typer.echo(line))
    elif tsne and sets:
        from scinno.bench.pl._tsne import panels

        requested = _split(tsne)
        for file in find_files(sets):
            if "all" in requested or file.stem in requested:
                data = prepare(file, label_key, kind, out, doublets)
                pictures.append(panels(data, out, results["runs"]))
    write_outputs(out, results, pictures, images)
    if markdown is not None:
        write_file(markdown, as_markdown(results).encode())
    drawn = paper_figures(out, results) if paper else []
    if not quiet:
        for line in drawn:
            typer.echo(line)
        typer.echo(f"tables of {len(results['runs'])} run(s): {out}/benchmark.html")


def _split(texts: list[str] | None) -> list[str]:
    return [name.strip() for text in texts or [] for name in text.split(",") if name.strip()]
