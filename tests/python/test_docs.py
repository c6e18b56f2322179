"""The documentation: its code runs, its errors exist, and every command is on it."""

import ast
import re
from importlib import import_module
from pathlib import Path

import _pages as pages  # docs/_pages.py
import anndata as ad
import matplotlib
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK, simulate
from matplotlib import pyplot as plt
from test_cli import scinno as command

from scinno import Settings
from scinno.cli import app
from scinno.cli.options import EXIT_CODES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
PAGES = [page for page in PAGES if "_build" not in page.parts]
# Languages of fenced blocks. R is run by tests/testthat, the README's make targets by hand.
LANGUAGES = {
    "python", "console", "r", "text", "{toctree}", "{eval-rst}", "{literalinclude}", "{include}",
}  # fmt: skip


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def has_code(page: Path) -> bool:
    return any(b.language in pages.CODE and not b.not_run for b in pages.blocks(page))


def illustrated(page: Path) -> bool:
    """Whether the page shows what its code draws; then Sphinx runs it as it stands."""
    return "](made/" in page.read_text() or "](../made/" in page.read_text()


@pytest.fixture(scope="module")
def quick():
    """Short training and plain maps: the tests check that code runs, not what it finds."""
    replace = Settings.replace

    with pytest.MonkeyPatch.context() as patch:
        # Every call that fits resolves its settings through this method.
        patch.setattr(Settings, "replace", lambda self, new: replace(self, {**QUICK, **new}))
        patch.setattr("scinno._drawing.layout.compiled", lambda: False)
        patch.setattr("scinno._drawing.layout.tsne", lambda z, seed: z[:, :2])
        patch.setattr("scinno._drawing.layout.umap", lambda z, seed: z[:, :2])
        matplotlib.use("Agg")
        yield


@pytest.fixture(scope="module")
def files(quick, tmp_path_factory) -> Path:
    """What pages assume to exist: cells.h5ad, more-cells.h5ad, a finished run and a benchmark."""
    folder = tmp_path_factory.mktemp("files")
    counts, types = simulate(cells=320)
    genes = [f"G{j}" for j in range(counts.shape[1])]
    genes[0], genes[20] = "CD3D", "NKG7"
    obs = pd.DataFrame({"cell_type": [f"type {t}" for t in types]})
    obs.index = [f"cell-{i}" for i in obs.index]
    obs["batch"] = np.where(np.arange(320) % 2, "a", "b")
    cells = ad.AnnData(counts.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
    cells[:240].copy().write_h5ad(folder / "cells.h5ad")
    cells[240:].copy().write_h5ad(folder / "more-cells.h5ad")
    command("cluster", folder / "cells.h5ad", "-k", 3, "-o", folder / "run", "-q")
    command("bench", folder / "cells.h5ad", "-o", folder / "bench", "--seeds", 1, "--k", "given",
            "-m", "scinno,scinno-no-attention,pca-kmeans", "-q",
            *(f"--set={name}={value}" for name, value in QUICK.items()))  # fmt: skip
    return folder


def test_pages_with_pictures_are_run_when_the_site_is_built():
    named = re.search(r"ILLUSTRATED = \((.*?)\)", (DOCS / "conf.py").read_text(), re.S)[1]
    assert {f"docs/{name}.md" for name in re.findall(r'"(.+?)"', named)} == {
        name_of(page) for page in PAGES if illustrated(page)
    }


@pytest.mark.parametrize(
    "page", [page for page in PAGES if has_code(page) and not illustrated(page)], ids=name_of
)
def test_the_code_of_a_page_runs(page, files, tmp_path, quick):
    for path in files.iterdir():
        (tmp_path / path.name).symlink_to(path)
    pages.run(page, tmp_path)
    plt.close("all")


def test_every_fence_is_of_a_known_kind_and_says_why_it_is_not_run():
    for page in PAGES:
        for block in pages.blocks(page):
            if name_of(page) == "README.md" and block.language == "":
                continue  # make demo and make test
            assert block.language.split(" ")[0] in LANGUAGES, f"{name_of(page)}:{block.line}"
    left_out = [b.not_run for page in PAGES for b in pages.blocks(page) if b.not_run]
    assert len(left_out) == 2


def test_an_error_names_the_line_of_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A\n\n```python\nx = 1\n```\n\ntext\n\n```python\n\nx / 0\n```\n")
    with pytest.raises(ZeroDivisionError) as caught:
        pages.run(page, tmp_path)
    assert caught.traceback[-1].lineno + 1 == 11
    page.write_text("```console\nscinno --version\nscinno cluster nowhere.h5ad\n```\n")
    with pytest.raises(RuntimeError, match=r"page.md:3: 'scinno cluster .*' ended with 2"):
        pages.run(page, tmp_path)
    page.write_text("```python\nimport warnings\nwarnings.warn('old')\n```\n")
    with pytest.raises(UserWarning, match="old"):
        pages.run(page, tmp_path)
    page.write_text("<!-- not run: no -->\n```python\n1 / 0\n```\n\n```text\n1 / 0\n```\n")
    pages.run(page, tmp_path)


def sentences() -> str:
    """All texts of the source, one a line, with … for what is filled in."""
    found = []
    for path in (ROOT / "python" / "scinno").rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [v.value if isinstance(v, ast.Constant) else "…" for v in node.values]
                found.append("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.sub(r"%[a-z,.\d]*[dsgr]", "…", node.value))
    return "\n".join(found)


def test_every_error_of_the_troubleshooting_page_is_in_the_source():
    headings = re.findall(r"^### `(.+)`$", (DOCS / "troubleshooting.md").read_text(), re.M)
    assert len(headings) > 45
    assert len(set(headings)) == len(headings)
    known = sentences()
    for heading in headings:
        assert heading.removesuffix(" …").removesuffix(" …:") in known, heading


def test_every_message_of_the_r_package_on_that_page_is_in_its_source():
    page = (DOCS / "troubleshooting.md").read_text().split("\n## R\n")[1]
    messages = re.findall(r"^\| `(.+?)` \|", page, re.M)
    assert len(messages) > 10
    code = "".join(path.read_text() for path in sorted((ROOT / "R").glob("*.R")))
    code = re.sub(r'",\s*(if \(new\) )?"', "", code)  # parts of one sentence
    for message in messages:
        for part in filter(None, (part.strip(" .,:()'") for part in message.split("…"))):
            assert part in code, part


def test_every_file_that_a_page_names_exists():
    folders = "python|benchmarks|docs|tests|inst|R"
    for page in (DOCS / "contributing.md", DOCS / "architecture.md", DOCS / "cluster-computers.md"):
        named = re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)`", page.read_text())
        assert named, name_of(page)
        for path in named:
            assert (ROOT / path).exists(), f"{name_of(page)}: {path}"


def test_every_command_and_exit_code_is_on_the_page_of_commands():
    page = (DOCS / "commands.md").read_text()
    commands = re.findall(r"^## scinno ([\w-]+)$", page, re.M)
    names = [info.callback.__name__.replace("_", "-") for info in app.registered_commands]
    assert sorted(commands) == sorted(names)
    codes = re.findall(r"^\| (\d+) \|", page, re.M)
    assert codes == re.findall(r"\b(\d+) ", EXIT_CODES)
    assert set(re.findall(r"made/help/([\w-]+).txt", page)) == set(commands)


def test_every_page_is_in_the_table_of_contents_and_every_function_in_the_reference():
    index = (DOCS / "index.md").read_text()
    development = (DOCS / "development" / "index.md").read_text()
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix("").as_posix()
        if name == "index" or {"_build", "made"} & {*page.parts}:
            continue
        if page.parent.name == "development" and page.stem != "index":
            assert f"\n{page.stem}\n" in development, name
        else:
            assert f"\n{name}\n" in index, name
    import scinno

    reference = (DOCS / "api.md").read_text()
    for name in set(scinno.__all__) - {
        "API_VERSION",
        "__version__",
        "bench",
        "datasets",
        "pl",
        "report",
    }:
        assert re.search(rf"auto\w+:: scinno\.{name}$", reference, re.M), name
    for module in ("pl", "bench.pl"):
        for name in import_module(f"scinno.{module}").__all__:
            assert re.search(rf"auto\w+:: scinno\.{module}\.{name}$", reference, re.M), name
