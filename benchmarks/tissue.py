"""Time and memory of `scinno.domains`, beside the fit that it needs, by the number of cells.

    python benchmarks/tissue.py [CELLS ...]

Poisson counts of four types in six stripes of a square tissue, each number of cells in a process of
its own. Prints one row per number: seconds of the fit and of the domains, and how far the peak of
memory rises above that of the fit.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

SIZES = (3_000, 30_000, 300_000)
GENES, TYPES, STRIPES = 300, 4, 6


def peak() -> float:
    """Most memory of this process so far, GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(n: int) -> str:
    """One row of the table."""
    import numpy as np
    import scipy.sparse as sp

    import scinno

    rng = np.random.default_rng(0)
    places = rng.uniform(size=(n, 2)) * np.sqrt(n)
    stripe = (places[:, 0] / np.sqrt(n) * STRIPES).astype(int)
    types = (stripe + rng.choice(TYPES, n, p=(0.55, 0.15, 0.15, 0.15))) % TYPES
    rates = rng.gamma(0.5, 0.4, size=(TYPES, GENES)).astype(np.float32)
    blocks = [
        sp.csr_matrix(rng.poisson(rates[types[start : start + 10_000]]), dtype=np.float32)
        for start in range(0, n, 10_000)
    ]
    x = sp.vstack(blocks, format="csr")
    start = time.perf_counter()
    fit = scinno.fit(x, TYPES)
    fitted, before = time.perf_counter() - start, peak()
    start = time.perf_counter()
    found = scinno.domains(fit, places, STRIPES)
    seconds = time.perf_counter() - start
    return (
        f"| {n:,} | {fitted:.1f} | {seconds:.1f} | {found.smoothing} | {before:.2f} | "
        f"{peak() - before:.2f} |"
    )


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or list(SIZES)
    if len(sizes) == 1:
        print(measure(sizes[0]))
        return
    print("| cells | fit (s) | domains (s) | rounds | peak of the fit (GB) | domains add (GB) |")
    print("|--:|--:|--:|--:|--:|--:|", flush=True)
    for size in sizes:
        subprocess.run([sys.executable, __file__, str(size)], check=True)


if __name__ == "__main__":
    main()
