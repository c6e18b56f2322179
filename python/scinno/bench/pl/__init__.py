"""Pictures of a benchmark, with matplotlib; every function returns axes."""

from scinno.bench.pl._before_after import before_after
from scinno.bench.pl._maps import maps
from scinno.bench.pl._scores import ablation, benchmark

__all__ = ["ablation", "before_after", "benchmark", "maps"]
