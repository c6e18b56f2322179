"""Seeded changes of files and folders, as paths with their bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from mutations import Rng, changed_bytes, noise, one_bit, rearranged, truncated

# Content of each file, by its path below the folder; a single file has the path "".
Tree = dict[str, bytes]
Change = Callable[[Rng, Tree], Tree]


def write(tree: Tree, path: Path) -> None:
    """Put a file or folder in place of what there is."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    for name, content in tree.items():
        file = path / name if name else path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def read(path: Path) -> Tree:
    if path.is_file():
        return {"": path.read_bytes()}
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


def one_file(change: Callable[[Rng, bytes], bytes]) -> Change:
    """The change of a file, for one of the files of a folder."""

    def changed(rng: Rng, tree: Tree) -> Tree:
        names = list(tree)
        name = names[rng.integers(len(names))]
        return tree | {name: change(rng, tree[name]) if tree[name] else rng.bytes(9)}

    return changed


def moved(rng: Rng, tree: Tree) -> Tree:
    """A file that is missing, empty, or has the content of another one; or one more file."""
    names = list(tree)
    name, other = (names[place] for place in rng.integers(len(names), size=2))
    how = rng.integers(4)
    if how == 0 and len(tree) > 1:
        return {path: content for path, content in tree.items() if path != name}
    if how == 1 and len(tree) > 1:
        return tree | {name: tree[other]}
    if how == 2 and len(tree) > 1:
        return tree | {f"{name}.more": tree[other]}
    return tree | {name: b""}


BYTES: dict[str, Change] = {
    "bytes": one_file(changed_bytes),
    "one bit": one_file(one_bit),
    "truncated": one_file(truncated),
    "pieces": one_file(rearranged),
    "noise": one_file(noise),
    "files": moved,
}
