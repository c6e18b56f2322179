"""The methods: scripts whose heads describe them and what they need.

A method is one file in ``methods`` (or a user's), Python or R, run as a separate process. Its head
is TOML in comments, as in Python's inline script metadata, so that it works in both languages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from scinno._runtime.suggest import did_you_mean
from scinno._runtime.validate import checked

FOLDER = Path(__file__).resolve().parents[1] / "methods"
HEAD, TAIL = "# /// scinno-bench", "# ///"
GIVEN, UNKNOWN = "given", "unknown"
# What a benchmark asks of its methods: types of cells, types of cells from several batches, or
# domains of a tissue.
TYPES, BATCHES, DOMAINS = "types", "batches", "domains"
TASKS = (TYPES, BATCHES, DOMAINS)
TASK_WORDS = "'types', 'batches' or 'domains'"
# The order of the methods in every table.
GROUPS = ("scinno", "ablation", "simple", "peer", "own")
# Peers may need another Python, for all of them or for one (SCINNO_BENCH_PYTHON_SCVI).
PYTHON = "SCINNO_BENCH_PYTHON"


@dataclass(frozen=True)
class Method:
    """One way to cluster cells, as its script's head describes it.

    Attributes
    ----------
    key, name : str
        Name on the command line and in file names; name in tables and pictures.
    script : Path
        The script.
    group : str
        One of `GROUPS`; a peer runs in the Python that the user names.
    k : tuple of str
        Whether it can run with K "given", "unknown" or both.
    get : str
        One line: how to install what it needs.
    notes : str
        How it was run.
    modules, r_packages : tuple of str
        Packages that its interpreter must have.
    clone, clone_has : str
        Environment variable with the path of a clone, and a file in it.
    random : bool
        False: deterministic, so that one seed is enough.
    log_values : bool
        False: it needs counts, so sets of log values are left out.
    tasks : tuple of str
        Those of `TASKS` in which it runs; in "batches" it gets the batch of each cell, in "domains"
        its place and slice.
    """

    key: str
    name: str
    script: Path
    group: str
    k: tuple[str, ...]
    get: str = ""
    notes: str = ""
    modules: tuple[str, ...] = ()
    r_packages: tuple[str, ...] = ()
    clone: str = ""
    clone_has: str = ""
    random: bool = True
    log_values: bool = True
    tasks: tuple[str, ...] = (TYPES,)

    @property
    def in_r(self) -> bool:
        return self.script.suffix == ".R"

    def interpreter(self) -> str | None:
        """The program that runs the script; None where it is not installed."""
        if self.in_r:
            return shutil.which("Rscript")
        if self.group in ("peer", "own"):
            variable = f"{PYTHON}_{self.key.upper().replace('-', '_')}"
            return os.environ.get(variable) or os.environ.get(PYTHON) or sys.executable
        return sys.executable

    def missing(self) -> str | None:
        """Why it cannot run on this machine, and how to install it; None where it can."""
        missing = self._missing_part()
        return None if missing is None else f"not installed ({missing}): {self.get}"

    def _missing_part(self) -> str | None:
        program = self.interpreter()
        if program is None:
            return "no Rscript"
        if self.clone:
            path = os.environ.get(self.clone)
            if not path:
                return f"{self.clone} is not set"
            if not (Path(path) / self.clone_has).exists():
                return f"{self.clone}={path} holds no {self.clone_has}"
        if self.in_r:
            absent = [name for name in self.r_packages if not _r_has(program, name)]
        else:
            absent = [name for name in self.modules if not _python_has(program, name)]
        if not absent:
            return None
        return f"no {'R package' if self.in_r else 'module'} {', '.join(absent)}"


@cache
def _python_has(program: str, module: str) -> bool:
    if program == sys.executable:
        return find_spec(module) is not None
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    try:
        return (
            subprocess.run([program, "-c", code], capture_output=True, timeout=600).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


@cache
def _r_libraries(program: str) -> tuple[Path, ...]:
    """R's library folders; loading a package to find out whether it is installed takes seconds."""
    try:
        done = subprocess.run(
            [program, "-e", "writeLines(.libPaths())"], capture_output=True, text=True, timeout=600
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(Path(line) for line in done.stdout.splitlines())


def _r_has(program: str, package: str) -> bool:
    return any((lib / package / "DESCRIPTION").exists() for lib in _r_libraries(program))


@checked
def read_method(script: Path) -> Method:
    """The method that a script's head describes.

    Raises
    ------
    ValueError
        No head, TOML that cannot be read, or a field that is missing or unknown.
    """
    script = Path(script)
    if not script.is_file():
        raise FileNotFoundError(f"script {script}: there is no such file")
    lines = iter(script.read_text(encoding="utf-8", errors="replace").splitlines())
    if not any(line.strip() == HEAD for line in lines):
        raise ValueError(f"{script} has no line '{HEAD}': a method begins with its description")
    head = []
    for line in lines:
        if line.strip() == TAIL:
            break
        head.append(line.removeprefix("#").removeprefix(" "))
    try:
        found = tomllib.loads("\n".join(head))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the head of {script} is not valid TOML: {error}") from None
    found = {name: tuple(value) if isinstance(value, list) else value
             for name, value in found.items()}  # fmt: skip
    if script.parent != FOLDER:
        found["group"] = "own"
        found.setdefault("tasks", TASKS)
    key = script.stem.removeprefix("run_").replace("_", "-")
    try:
        method = Method(key=key, script=script.resolve(), **found)
    except TypeError as error:
        reason = str(error).replace("Method.__init__()", "it")
        raise ValueError(f"the head of {script} is not complete: {reason}") from None
    if method.group not in GROUPS or not method.k or not set(method.k) <= {GIVEN, UNKNOWN}:
        raise ValueError(
            f"the head of {script} needs a group ({', '.join(GROUPS)}) and k, a list of 'given' "
            f"and 'unknown'; it has {method.group!r} and {list(method.k)}"
        )
    if not method.tasks or not set(method.tasks) <= set(TASKS):
        raise ValueError(
            f"the head of {script} needs tasks, a list of {TASK_WORDS}; it has {list(method.tasks)}"
        )
    return method


@cache
def all_methods(task: str = TYPES) -> tuple[Method, ...]:
    """Every method of a task that comes with scinno, in the order of the tables."""
    scripts = [script for script in FOLDER.glob("run_*.*") if script.suffix != ".pyc"]
    found = [method for method in map(read_method, scripts) if task in method.tasks]
    # The default comes first of its group.
    order = {group: place for place, group in enumerate(GROUPS)}
    return tuple(sorted(found, key=lambda m: (order[m.group], m.key)))


@checked
def choose(names: Sequence[str], task: str = TYPES) -> list[Method]:
    """The methods of these keys, groups, "all", or paths of the user's scripts.

    Parameters
    ----------
    names : sequence of str
    task : {"types", "batches", "domains"}
        Methods that do not run in it are unknown.

    Raises
    ------
    ValueError
        An unknown name; the error names similar ones.
    """
    if task not in TASKS:
        raise ValueError(f"task must be {TASK_WORDS}, got {task!r}")
    known = {method.key: method for method in all_methods(task)}
    chosen: dict[str, Method] = {}
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"names must be texts, got {name!r} among them")
        if name.endswith((".py", ".R")):
            method = read_method(Path(name))
            if method.key in known:
                raise ValueError(f"{name} has the key of the method {method.key!r}: rename it")
            if task not in method.tasks:
                raise ValueError(f"{name} is for other tasks than {task!r}: see tasks in its head")
            chosen[method.key] = method
        elif name == "all" or name in GROUPS:
            chosen |= {k: m for k, m in known.items() if name in ("all", m.group)}
        elif name in known:
            chosen[name] = known[name]
        else:
            hint = did_you_mean(name, [*known, *GROUPS[:-1], "all"])
            of_task = "" if task == TYPES else f" of the task {task!r}"
            raise ValueError(f"--methods: {name!r} is not a method{of_task}: {hint}")
    order = {group: place for place, group in enumerate(GROUPS)}
    return sorted(chosen.values(), key=lambda m: (order[m.group], m.key))
