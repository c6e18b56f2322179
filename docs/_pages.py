"""Run the code of each page, as a reader would who copies it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Languages that are run; other fenced blocks are text.
CODE = ("python", "console")
FENCE = re.compile(r"^(`{3,})([^\n`]*)\n(.*?)^\1\s*$", re.S | re.M)
# The line above a block that is shown but not run.
NOT_RUN = re.compile(r"<!-- not run: (.+) -->\n\Z")
# Their warnings announce changes in their own next versions and do not concern readers here.
DEPENDENCIES = r"(anndata|scanpy|umap|numba|sklearn|session_info|legacy_api_wrap|importlib)\b"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, first line (from 1), text, and why it is not run, or ""."""

    language: str
    line: int
    text: str
    not_run: str


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for fence in FENCE.finditer(text):
        before = text[: fence.start()]
        reason = NOT_RUN.search(before)
        line = before.count("\n") + 2
        language = fence[2].strip()
        found.append(Block(language, line, fence[3], reason[1] if reason else ""))
    return found


def run(page: Path, folder: Path) -> None:
    """Run the code of a page in ``folder``; all its blocks share their variables.

    Warnings of scinno and of the page itself are errors. A console block holds commands of scinno,
    one a line, whose output is discarded or goes to a file after ``>``.
    """
    names: dict[str, object] = {"__name__": "page"}
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", module=DEPENDENCIES)
        for block in blocks(page):
            if block.not_run or block.language not in CODE:
                continue
            if block.language == "python":
                # Empty lines first, so that an error names the line of the page.
                code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(code, names)
            else:
                for line, command in _commands(block):
                    _scinno(command, f"{page}:{line}")


def _commands(block: Block) -> Iterator[tuple[int, str]]:
    text = block.text.replace("\\\n", " ")
    for number, line in enumerate(text.splitlines()):
        if line.strip():
            yield block.line + number, line


def _scinno(command: str, where: str) -> None:
    from scinno.cli import main

    words = shlex.split(command, comments=True)
    if words[0] != "scinno":
        raise ValueError(f"{where}: only scinno can be run, got {words[0]!r}")
    target = Path(os.devnull)
    if ">" in words:
        target = Path(words[words.index(">") + 1])
        words = words[: words.index(">")]
    before = sys.argv
    sys.argv = words
    try:
        with target.open("w") as out, contextlib.redirect_stdout(out):
            main()
    except SystemExit as end:
        if end.code:
            raise RuntimeError(f"{where}: {command!r} ended with {end.code}") from None
    finally:
        sys.argv = before
