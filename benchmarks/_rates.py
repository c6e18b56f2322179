"""Rates of matrix products and copies on a machine, and the fraction that training reaches."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import torch


def per_second(work: float, run: Callable[[], object], least: float = 1.0) -> float:
    """``work`` of one call per second, from repeated calls for at least ``least`` seconds."""
    run()
    start, calls = time.perf_counter(), 0
    while time.perf_counter() - start < least:
        run()
        calls += 1
    return work * calls / (time.perf_counter() - start)


def machine_rates(device: str = "cpu") -> dict[str, float]:
    """Multiply-adds per second of matrix products, and bytes per second of a copy."""
    side = 2048 if device == "cpu" else 8192
    wait = torch.cuda.synchronize if device != "cpu" else (lambda: None)
    rates = {}
    for name, kind, threads in (
        ("float32 products, one thread", torch.float32, 1),
        ("float32 products, all cores", torch.float32, os.cpu_count() or 1),
        ("bfloat16 products, one thread", torch.bfloat16, 1),
        ("bfloat16 products, all cores", torch.bfloat16, os.cpu_count() or 1),
    ):
        if device != "cpu":
            if threads != 1:
                continue
            name = name.split(",")[0]
        torch.set_num_threads(threads)
        a, b = (torch.randn(side, side, device=device).to(kind) for _ in range(2))

        def product(a: torch.Tensor = a, b: torch.Tensor = b) -> None:
            a @ b
            wait()

        rates[name] = per_second(side**3, product)
    torch.set_num_threads(1)
    source = torch.zeros(2**26, device=device)  # 256 MB: larger than caches
    target = torch.empty_like(source)

    def copy() -> None:
        target.copy_(source)
        wait()

    rates["memory, one thread (read + written)"] = per_second(2 * source.nbytes, copy)
    return rates


def training_cost(training: dict, rates: dict[str, float]) -> list[str]:
    """What a step of DN costs by count, and its share of the measured rates, as lines of a page.

    Multiply-adds per cell: forward, and twice that backward; both paths go through encoder and
    projection, the noisy one through decoder and mask predictor as well. Bytes per step, the
    minimum that must be moved: Adam reads four and writes three numbers per parameter, forward and
    backward read each weight three times and write its gradient; arrays as wide as the genes are
    the batch, its noise, both inputs, reconstructed values and scores, each written and read, and
    the gradients of the last two.
    """
    cost = 3 * (2 * training["both"] + training["noisy"])
    parameters, wide = training["parameters"], training["batch"] * training["selected"]
    moved = 4 * (parameters * 11 + wide * 16)
    steps = training["cells/s"] / training["batch"]
    done, carried = cost * training["cells/s"], moved * steps
    lines = [
        "## Fraction of the machine's rates\n",
        f"A training step of {training['batch']} cells costs {cost:,} multiply-adds per cell in "
        f"the autoencoder and moves at least {moved / 1e6:.0f} MB. Training the denoising network "
        f"alone did {steps:.0f} steps, {training['cells/s']:,.0f} cells, a second "
        f"({training['cells']:,} cells in all): {done / 1e9:.1f} G multiply-adds and "
        f"{carried / 1e9:.1f} GB a second.\n",
        "| measured in the same run | rate | training's share |",
        "|---|---|---|",
    ]
    for name, rate in rates.items():
        used = carried if name.startswith("memory") else done
        unit = "GB/s" if name.startswith("memory") else "G multiply-adds/s"
        lines.append(f"| {name} | {rate / 1e9:.1f} {unit} | {used / rate:.0%} |")
    return lines
