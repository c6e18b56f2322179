"""Changes of the JSON that describes the arrays and groups of a zarr."""

from __future__ import annotations

import json

from mutations import Rng, changed_json
from trees import Tree

_HOSTILE = (2**40, -1, 0, "int32", "float16", "<U9", "|O", "csr_matrix", "csc_matrix", [2**40], [])


def changed_metadata(rng: Rng, tree: Tree) -> Tree:
    """A value in one of them that is another, missing or has another name."""
    names = [name for name in tree if name.rpartition("/")[2].startswith((".z", "zarr.json"))]
    # Those of the matrix more often than the many others.
    matrix = [name for name in names if name.startswith("X/")]
    names = matrix if rng.integers(3) == 0 else names
    name = names[rng.integers(len(names))]
    value = json.loads(tree[name])
    if not value:
        return tree | {name: b"[]"}
    if rng.integers(2):
        key = list(value)[rng.integers(len(value))]
        value[key] = _HOSTILE[rng.integers(len(_HOSTILE))]
    else:
        value = changed_json(rng, value)
    return tree | {name: json.dumps(value).encode()}
