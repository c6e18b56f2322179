"""The order of the packages: each imports only from those below it, and nothing in a circle."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import scinno

ROOT = Path(scinno.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "architecture.md"

# Bottom first: what it is called, and what it holds. A name is a module or a package of scinno.
LAYERS = (
    ("_version", "the version, and that of the interface to R"),
    ("_runtime", "files, folders, memory, threads, device, scratch space, JSON, checks, hints"),
    ("_settings", "every setting once, with its default, range and reason; the two presets"),
    ("_drawing", "colors, points, maps and axes of all pictures"),
    ("_distributed", "torchrun's environment, rendezvous, process group"),
    ("_run", "`RunContext`: scratch space, process group, checkpoint, progress"),
    ("_batch", "which batch each cell is of; whether batches share types; their centers"),
    ("_data", "any matrix as checked counts or as blocks of cells; files; names of genes"),
    ("_clusters", "microclusters, initial centers, number of clusters, stability, diagnostics"),
    (
        "_preprocess",
        "gene statistics, size factors, selected genes, `Inputs`, principal components",
    ),
    ("_nn", "noise, losses, memberships, the network (weights only), inference, the optimizer"),
    ("_train", "mini-batches, losses of a batch, the two loops, rollback, checkpoint"),
    ("_tree", "merges of clusters, evidence for each split, cuts at any level"),
    ("_result", "`Fit`, its file format, new cells, names of earlier versions"),
    ("_space", "neighbors in a tissue, smoothing among them, `domains`"),
    ("_fit", "`fit`: check, then `fit_cells`: the line through all of the above"),
    ("_choose_k", "`choose_k`: that line up to K"),
    ("_tune", "`tune`: settings tried without labels, within seconds; Optuna's study"),
    ("_anndata", "adapter: AnnData in, results out; markers"),
    ("_sklearn", "adapter: an estimator for scikit-learn"),
    ("datasets", "the publication's data sets"),
    ("pl", "pictures of a clustering"),
    ("report", "the report page"),
    ("bench", "the benchmark: methods, sets, scores, tables, its pictures in `bench.pl`"),
    ("_r", "adapter: what the R package may call"),
    ("cli", "adapter: the command line"),
)
RANK = {name: place for place, (name, _) in enumerate(LAYERS)}
# The package itself only names what is public; it is imported for its version and public names.
FACADE = ("__init__", "__main__")


def modules() -> dict[str, Path]:
    """Every module by its dotted name below scinno."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "methods" not in parts:  # scripts that run in processes of their own
            found[".".join(parts)] = path
    return found


def imports(path: Path, known: set[str]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each module of scinno that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name == "scinno" or name.startswith("scinno."):
                yield node.lineno, module_of(name.removeprefix("scinno").lstrip("."), known)


def module_of(name: str, known: set[str]) -> str:
    """The module that a name lies in: itself, or the nearest one above it."""
    while name:
        for module in (name, f"{name}.__init__"):
            if module in known:
                return module
        name = name.rpartition(".")[0]
    return "__init__"


def graph() -> dict[str, set[str]]:
    found = modules()
    return {name: {target for _, target in imports(path, set(found))} - {name}
            for name, path in found.items()}  # fmt: skip


def breaches(edges: dict[str, set[str]]) -> list[str]:
    """Imports of a layer by one below it, or of a layer that has no place in the table."""
    found = []
    for name, targets in edges.items():
        if name in FACADE:
            continue
        for target in sorted(targets):
            below, above = target.split(".")[0], name.split(".")[0]
            if below in FACADE:
                found.append(f"{name} imports the package itself, not the module it needs")
            elif RANK[below] > RANK[above]:
                found.append(f"{name} imports {target}, which lies above it")
    return found


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Modules that import each other, by Tarjan's strongly connected components."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in edges.get(name, ()):
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            part = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(part) > 1:
                found.append(sorted(part))

    for name in edges:
        if name not in index:
            visit(name)
    return found


def test_every_module_has_a_layer():
    tops = {name.split(".")[0] for name in modules()} - set(FACADE)
    assert tops == set(RANK)


def test_each_layer_imports_only_from_those_below_it():
    assert breaches(graph()) == []


def test_no_module_imports_itself_by_a_detour():
    assert circles(graph()) == []


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ({"_nn.network": {"_train.loops"}}, "_nn.network imports _train.loops, which lies above"),
        ({"_data.read": {"__init__"}}, "imports the package itself"),
    ],
)
def test_a_breach_is_found(edges, message):
    assert message in breaches(edges)[0]


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_lazy_and_type_checking_imports_count(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from scinno._fit import fit\n"
        "def f():\n    import scinno.pl._embedding\n"
    )
    found = {target for _, target in imports(file, set(modules()))}
    assert found == {"_fit", "pl._embedding"}


def test_rooms_are_small():
    found = modules()
    root = [name for name in found if "." not in name]
    assert len(root) <= 8, root
    folders: dict[str, int] = {}
    for path in found.values():
        folders[str(path.parent)] = folders.get(str(path.parent), 0) + (path.stem != "__init__")
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, path
    assert max(folders.values()) <= 11, folders


def private_modules(path: Path) -> set[str]:
    """The modules that a file imports beside what is public."""
    found = {target for _, target in imports(path, set(modules()))}
    return {
        name
        for name in found
        if name.rpartition(".")[2] != "__init__"
        or any(part[0] == "_" for part in name.split(".")[:-1])
    }


def test_a_test_imports_public_names_or_the_one_module_that_it_tests():
    """What tests share (``conftest.py`` and other helpers here) may know more of them."""
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    several = {path.name: found for path in files if len(found := private_modules(path)) > 1}
    assert several == {}


def test_a_test_of_two_modules_is_found(tmp_path):
    file = tmp_path / "test_two.py"
    file.write_text("import scinno.pl\nfrom scinno._data import blocks\nfrom scinno import fit\n")
    assert private_modules(file) == {"_data.blocks"}
    file.write_text(file.read_text() + "def f():\n    from scinno._nn.noise import KINDS\n")
    assert private_modules(file) == {"_data.blocks", "_nn.noise"}


def table() -> str:
    """The table of docs/architecture.md, bottom first."""
    lines = ["| package | what it holds |", "|---|---|"]
    return "\n".join([*lines, *(f"| `{name}` | {what} |" for name, what in LAYERS)]) + "\n"


def test_the_page_on_architecture_has_this_table():
    assert table() in DOCS.read_text(encoding="utf-8"), f"put this table there:\n{table()}"
