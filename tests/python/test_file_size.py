"""How much memory a file needs, from its header."""

from test_cli import write_10x_folder, write_10x_h5

from scinno._data import file_size


def test_sizes_of_all_formats_are_told_from_their_headers(labeled_cells, tmp_path):
    cells = labeled_cells
    cells.write_h5ad(tmp_path / "x.h5ad")
    dense = cells.copy()
    dense.X = dense.X.toarray()
    dense.write_h5ad(tmp_path / "dense.h5ad")
    least = cells.X.nnz * 8
    paths = (
        tmp_path / "x.h5ad", tmp_path / "dense.h5ad", write_10x_h5(cells, tmp_path / "x.h5"),
        write_10x_folder(cells, tmp_path / "x"),
    )  # fmt: skip
    for path in paths:
        size = file_size.size_of(path)
        assert (size.cells, size.genes) == cells.shape
        assert least < size.needed < 100 * least
    samples = tmp_path / "samples"
    samples.mkdir()
    for name in ("s1", "s2"):
        write_10x_folder(cells, samples / name)
    one = file_size.size_of(samples / "s1")
    assert file_size.size_of(samples) == (2 * one.cells, one.genes, 2 * one.needed)
    (tmp_path / "x.csv").write_text("a,b\n" * 1000)
    assert file_size.size_of(tmp_path / "x.csv").needed == 8000
    file_size.check_fits(tmp_path / "missing.h5ad", "INPUT")  # its reader has the error
