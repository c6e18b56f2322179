"""``scinno doctor``: print what was found, and end with 1 if something needs mending."""

from __future__ import annotations

from dataclasses import asdict

import typer

from scinno.cli import options


def doctor(
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    as_json: options.AsJson = False,
) -> None:
    """Check Python, packages, GPU, threads, memory and write access, and run a small fit.

    Ends with exit code 1 if something needs mending, and prints the line that mends it.

    \b
    Examples:
      scinno doctor
      scinno doctor --verbose               (and what the environment sets)
      scinno doctor --json > doctor.json    (to send with a question)
    """
    import scinno
    from scinno.cli.doctor_checks import environment, examine

    checks = examine()
    bad = [check for check in checks if not check.good]
    if as_json:
        options.print_json({
            "scinno": scinno.__version__,
            "good": not bad,
            "checks": [asdict(check) for check in checks],
            "environment": environment(),
        })  # fmt: skip
    else:
        width = max(len(check.name) for check in checks)
        for check in checks if not quiet else bad:
            mark = "ok  " if check.good else "BAD "
            typer.echo(f"{mark}{check.name:<{width}}  {check.found}")
            if check.mend:
                typer.echo(f"{'':<{width + 6}}to mend: {check.mend}")
        if verbose:
            told = [f"{name}={value}" for name, value in environment().items()]
            typer.echo(f"environment: {', '.join(told) or 'sets nothing that matters here'}")
        if not quiet:
            typer.echo("All is well." if not bad else f"{len(bad)} thing(s) to mend.")
    if bad:
        raise typer.Exit(1)
