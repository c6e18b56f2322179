"""The command line: which commands there are, and how an error ends."""

from __future__ import annotations

import logging
import signal
from types import FrameType
from typing import Annotated

import typer

from scinno._distributed.env import world_size
from scinno._runtime._texts.plain_text import plain_text
from scinno._version import __version__
from scinno.cli._commands.bench import bench
from scinno.cli._commands.choose_k import choose_k
from scinno.cli._commands.cluster import cluster, demo
from scinno.cli._commands.doctor import doctor
from scinno.cli._commands.markers import markers
from scinno.cli._commands.predict import predict
from scinno.cli._commands.report import report
from scinno.cli._commands.subcluster import subcluster
from scinno.cli._commands.tree import tree
from scinno.cli._commands.tune import tune
from scinno.cli.options import EXIT_CODES

app = typer.Typer(
    help="Deep clustering of single-cell RNA-seq: denoising autoencoder, attention, fuzzy k-means.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
COMMANDS = (
    cluster, choose_k, tune, demo, predict, markers, tree, subcluster, report, bench, doctor,
)  # fmt: skip
for command in COMMANDS:
    app.command(epilog=EXIT_CODES)(command)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"scinno {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    command = context.invoked_subcommand
    if world_size() > 1 and command != "cluster":
        raise ValueError(f"torchrun is for scinno cluster: {command} runs in a single process")


class _PlainText(logging.Formatter):
    """Lines in which no name from a file can give the terminal an order."""

    def format(self, record: logging.LogRecord) -> str:
        return plain_text(super().format(record))


def _screen() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(_PlainText("scinno: %(message)s"))
    return handler


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line; expected problems end in one line on stderr and exit code 2."""
    logging.basicConfig(level=logging.WARNING, handlers=[_screen()])
    logging.captureWarnings(True)
    logger = logging.getLogger("scinno")
    level = logger.level  # --verbose sets it, for this run only
    asked_to_end = signal.getsignal(signal.SIGTERM)
    try:
        if asked_to_end is signal.SIG_DFL:  # as a scheduler does: temporary files are removed
            signal.signal(signal.SIGTERM, _end)
        app(standalone_mode=True)
    except (ValueError, TypeError, KeyError, OSError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        typer.echo(f"scinno: error: {plain_text(str(message))}", err=True)
        raise SystemExit(2) from None
    finally:
        logger.setLevel(level)
        if asked_to_end is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, asked_to_end)
