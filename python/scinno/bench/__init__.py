"""The benchmark: every method on every labeled set, in one and the same way.

``scinno bench`` on the command line. From Python: `run` a `Plan`, `collect` its results, and
`write_outputs` or `markdown` of them.
"""

from scinno.bench._execute.methods import Method, all_methods, choose, read_method
from scinno.bench._execute.plan import Plan
from scinno.bench._execute.run import run
from scinno.bench._execute.scores import SCORES, score
from scinno.bench._execute.stored import read_results
from scinno.bench._tables.markdown import markdown
from scinno.bench._tables.outputs import collect, write_outputs

__all__ = [
    "SCORES", "Method", "Plan", "all_methods", "choose", "collect", "markdown", "read_method",
    "read_results", "run", "score", "write_outputs",
]  # fmt: skip
