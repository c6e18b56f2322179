"""Runs that are ended at random moments, and what is left of them.

    python tests/faults/kills.py [--scale SHARE] [--page docs/development/kills.md]

Ends with 1 if any of them lost a result, left one half-written, or was not taken up by the next.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import deaths
import launched
from forked import SET, bits, cells, complete, forked, program, waited, without_pictures

# What is tried, how often, and what it is called.
WORLDS = {
    "memory": (40, "in memory"),
    "force": (40, "in memory, over an earlier run with --force"),
    "blocks": (40, "in blocks, with --checkpoint"),
    "blocks-force": (40, "in blocks, with --checkpoint, over an earlier run with --force"),
    "python": (30, "scinno.fit with checkpoint, in memory"),
    "ranks": (40, "two processes, with --checkpoint, over an earlier run with --force"),
    "torchrun": (12, "the same, begun by torchrun"),
}
# Worlds of two processes, with other mini-batches than those of one.
TWO = ("ranks", "torchrun")
SIGNALS = {
    "SIGKILL": (signal.SIGKILL,),
    "SIGTERM": (signal.SIGTERM,),
    "Ctrl-C": (signal.SIGINT,),
    "Ctrl-C twice": (signal.SIGINT, signal.SIGINT),
}
RANK_KILLED = "SIGKILL of one rank"
STATUS = {"SIGKILL": -9, "SIGTERM": 143, "Ctrl-C": 130, "Ctrl-C twice": 130, RANK_KILLED: 0}
# What may be found after the signal.
FOUND = {
    "none": "nothing, as before",
    "old": "the earlier run",
    "new": "the whole run",
    "short": "a run cut short, with a warning",
}


@dataclass
class Counts:
    """What was found after the signals, how many were resumed, and what is bad among it."""

    found: dict[str, Counter[str]] = field(default_factory=dict)
    resumed: Counter[str] = field(default_factory=Counter)
    bad: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return sum(counter.total() for counter in self.found.values())


class Bench:
    """One folder with cells, an earlier run, and a run to compare with.

    The parent of all forks has made a run, so that all that is imported late is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.log, self.state = folder, folder / "log", folder / "work" / "state"
        self.input = cells(folder)
        self.old, self.new, self.out = folder / "old", folder / "new", folder / "work" / "out"
        for out, seed in ((self.old, 1), (self.new, 0)):
            with contextlib.suppress(SystemExit):
                program("cluster", self.input, "-k", 3, "-o", out, "--seed", seed, "-q", *SET)()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # the program is over, we are not
        self.bits = {bits(self.old): "old", bits(self.new): "new"}
        assert len(self.bits) == 2

    def words(self, world: str) -> list[object]:
        force = ["--force"] if "force" in world or world in TWO else []
        state = [] if world in ("memory", "force") else ["--checkpoint", self.state]
        return ["cluster", self.input, "-k", 3, "-o", self.out, "-q", *SET, *force, *state]

    def begin(self, world: str) -> list[int]:
        """Begin a run; the numbers of its processes."""
        if world == "python":
            return [forked(deaths.python_fit(self.input, self.state, self.out), self.log)]
        if world == "ranks":
            port = deaths.free_port()
            return [
                forked(deaths.rank(r, port, self.words(world)), Path(f"{self.log}{r or ''}"))
                for r in (0, 1)
            ]
        if world == "torchrun":
            return [launched.torchrun(deaths.free_port(), self.words(world), self.log)]
        return [forked(program(*self.words(world)), self.log)]

    def clean(self, world: str) -> None:
        shutil.rmtree(self.out.parent, ignore_errors=True)
        self.out.parent.mkdir()
        if "--force" in self.words(world):
            shutil.copytree(self.old, self.out)

    def leftovers(self) -> list[str]:
        return [p.name for p in self.out.parent.rglob("*") if ".scinno" in p.name]

    def found(self, said: str, status: int) -> str:
        """What lies in the folder of results, or what is wrong with it."""
        if not self.out.exists():
            return "none"
        if problem := complete(self.out):
            return problem
        kind = self.bits.get(bits(self.out))
        if kind is None:
            return "short" if "interrupted after" in said and status == 0 else "another result"
        return kind

    def again(self, world: str) -> str:
        """Run once more; "resumed" or "anew", or what is wrong with it."""
        had = self.state.is_dir() and any(self.state.glob("*.checkpoint"))
        numbers = self.begin(world)
        if self.out.exists() and "--force" not in self.words(world):
            waited(numbers[0], self.log)
            shutil.rmtree(self.out)
            numbers = self.begin(world)
        ends = [waited(n, Path(f"{self.log}{r or ''}")) for r, n in enumerate(numbers)]
        if any(end.status for end in ends) or self.found(ends[0].said, 0) != "new":
            return f"the next run: {ends}, {self.found(ends[0].said, 0)}"
        if self.leftovers() or self.state.exists():
            return f"the next run left {self.leftovers()}, state: {self.state.exists()}"
        resumed = "resuming from" in ends[0].said
        if resumed != had:
            return f"resumed: {resumed}, with a checkpoint: {had}"
        return "resumed" if resumed else "anew"


def seconds_of(bench: Bench, world: str) -> float:
    """How long a run takes that nothing ends."""
    bench.clean(world)
    start = time.monotonic()
    for rank, number in enumerate(bench.begin(world)):
        end = waited(number, Path(f"{bench.log}{rank or ''}"))
        assert end.status == 0, end
    if world in TWO:
        bench.bits = {bits(bench.old): "old", bits(bench.out): "new"}
    assert bench.found("", 0) == "new"
    return time.monotonic() - start


def tried(bench: Bench, world: str, seeds: range) -> Counts:
    """End runs of one kind at random moments."""
    counts = Counts()
    before = bench.bits
    seconds = seconds_of(bench, world)
    for seed in seeds:
        draw = random.Random(f"{world} {seed}")
        name = list(SIGNALS)[seed % len(SIGNALS)]
        if world in TWO and name != "SIGKILL":
            name = "SIGTERM"  # which torchrun sends to all when it gets either
        if world == "torchrun" and seed % 3 == 2:
            name = RANK_KILLED
        if world == "python":
            name = "SIGKILL"  # others are the business of the program that calls the function
        moment = draw.uniform(0.05, 1.05 * seconds)  # first the fork puts its own handlers
        where = f"{world} {seed}, {name} after {moment:.2f} s"
        bench.clean(world)
        numbers = bench.begin(world)
        time.sleep(moment)
        try:
            _one(bench, world, name, numbers, draw, counts, where)
        except TimeoutError as error:
            counts.bad.append(f"{where}: {error}")
    bench.bits = before
    return counts


def _one(
    bench: Bench, world: str, name: str, numbers: list[int], draw: random.Random,
    counts: Counts, where: str,
) -> None:  # fmt: skip
    first = draw.choice(numbers)
    if name == RANK_KILLED and not launched.kill_one_rank(first, draw):
        name = "SIGTERM"
    for number in SIGNALS.get(name, ()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, number)
    for other in set(numbers) - {first}:  # as torchrun does
        with contextlib.suppress(ProcessLookupError):
            os.kill(other, signal.SIGTERM)
    ends = {n: waited(n, Path(f"{bench.log}{r or ''}")) for r, n in enumerate(numbers)}
    if world == "torchrun":
        launched.wait_for_ranks(bench.out)
    end = ends[first]
    # torchrun's own status after SIGTERM is 1, with its traceback. It itself, before it has a
    # handler, and a rank that waits for the other, end by the signal.
    others = {"torchrun": (1, -signal.SIGTERM), "ranks": (-signal.SIGTERM,)}.get(world, ())
    if end.status not in (0, STATUS[name], *others):
        counts.bad.append(f"{where}: exit status {end.status}: {end.said}")
    for said in (e.said for e in ends.values()):
        # torchrun prints its own, and torch speaks of the lost peer.
        if (world != "torchrun" and "Traceback" in said) or (world not in TWO and "Error" in said):
            counts.bad.append(f"{where}: {said}")
    found = bench.found(ends[numbers[0]].said, end.status)
    if found not in FOUND or (found == "none" and "--force" in bench.words(world)):
        counts.bad.append(f"{where}: left {found}")
    if name in ("SIGTERM", "Ctrl-C") and len(numbers) == 1 and bench.leftovers():
        counts.bad.append(f"{where}: left {bench.leftovers()}")
    counts.found.setdefault(name, Counter())[found] += 1
    how = bench.again(world)
    counts.resumed[how] += 1
    if how not in ("resumed", "anew"):
        counts.bad.append(f"{where}: {how}")


def renames(bench: Bench, every: int = 1) -> Counts:
    """Kill before and after each rename of a run, on disks that can exchange folders or cannot."""
    counts = Counts()
    for world in ("force", "blocks-force"):
        for exchange in (True, False):
            bench.clean(world)
            call = deaths.at_rename(bench.words(world), None, exchange)
            n = int(waited(forked(call, bench.log), bench.log).said.split()[-1])
            for moment in range(0, 2 * n, every):
                bench.clean(world)
                call = deaths.at_rename(bench.words(world), moment, exchange)
                end = waited(forked(call, bench.log), bench.log)
                where = f"{world}, rename {moment // 2} of {n}, exchange {exchange}"
                found = bench.found("", end.status)
                hidden = found == "none" and bool(bench.leftovers())
                if end.status != -9 or (found not in ("old", "new") and not hidden):
                    counts.bad.append(f"{where}: {end}, {found}")
                # Between two renames the earlier run is hidden: the next one finds it.
                name = "hidden" if hidden else found
                if hidden and exchange:
                    counts.bad.append(f"{where}: the earlier run is hidden")
                counts.found.setdefault("SIGKILL", Counter())[name] += 1
                how = bench.again(world)
                counts.resumed[how] += 1
                if how not in ("resumed", "anew"):
                    counts.bad.append(f"{where}: {how}")
    return counts


@contextlib.contextmanager
def bench_of(folder: Path | None = None) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as made, without_pictures():
        yield Bench(folder or Path(made))


def main() -> int:
    from kills_page import page

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("worlds", nargs="*", default=list(WORLDS), help="which; all by default")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual number")
    parser.add_argument("--page", type=Path, help="where to write the page with the counts")
    options = parser.parse_args()
    with bench_of() as bench:
        results = {}
        for world in options.worlds:
            results[world] = tried(bench, world, range(int(WORLDS[world][0] * options.scale)))
            print(world, results[world], flush=True)
        last = renames(bench, max(1, round(1 / options.scale)))
        print("renames", last)
    if options.page:
        options.page.write_text(page(results, last), encoding="utf-8")
    return int(any(counts.bad for counts in (*results.values(), last)))


if __name__ == "__main__":
    sys.exit(main())
