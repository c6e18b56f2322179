"""The benchmark: every method on every labelled set, in one and the same way.

``scinno bench`` on the command line; from Python `run`, `collect` and `write_outputs`.
"""

from scinno.bench._methods import Method, all_methods, choose, read_method
from scinno.bench._run import Plan, run
from scinno.bench._scores import SCORES, score

__all__ = [
    "SCORES", "Method", "Plan", "all_methods", "choose", "read_method", "run", "score",
]  # fmt: skip
