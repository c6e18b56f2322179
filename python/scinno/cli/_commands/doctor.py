"""``scinno doctor``: print the checks, and end with 1 if there is a problem."""

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

    Ends with exit code 1 if something must be repaired, and prints the command that does it.

    \b
    Examples:
      scinno doctor
      scinno doctor --verbose               (and environment variables)
      scinno doctor --json > doctor.json    (to attach to a question)
    """
    from scinno._version import __version__
    from scinno.cli.doctor_checks import environment, examine

    checks = examine()
    bad = [check for check in checks if not check.good]
    if as_json:
        options.print_json({
            "scinno": __version__,
            "good": not bad,
            "checks": [asdict(check) for check in checks],
            "environment": environment(),
        })  # fmt: skip
    else:
        width = max(len(check.name) for check in checks)
        for check in checks if not quiet else bad:
            mark = "ok  " if check.good else "BAD "
            typer.echo(f"{mark}{check.name:<{width}}  {check.found}")
            if check.repair:
                typer.echo(f"{'':<{width + 6}}to repair: {check.repair}")
        if verbose:
            shown = [f"{name}={value}" for name, value in environment().items()]
            typer.echo(f"environment: {', '.join(shown) or 'nothing relevant is set'}")
        if not quiet:
            typer.echo("No problems found." if not bad else f"{len(bad)} problem(s) found.")
    if bad:
        raise typer.Exit(1)
