"""Which files are read in blocks."""

import pytest

from scinno.cli._input import backed


def test_a_file_is_read_in_blocks_by_itself_when_it_is_large(labeled_cells, tmp_path, monkeypatch):
    path = tmp_path / "in.h5ad"
    labeled_cells.write_h5ad(path)
    needed = backed.size_of(path).needed
    monkeypatch.setattr(backed, "available_memory", lambda: needed * 2 + 2)
    assert not backed.reads_in_blocks(path, None)
    monkeypatch.setattr(backed, "available_memory", lambda: needed * 2 - 2)
    assert backed.reads_in_blocks(path, None)
    assert not backed.reads_in_blocks(path, False)
    assert backed.reads_in_blocks(path, True)
    assert not backed.reads_in_blocks(tmp_path / "missing.h5ad", None)


@pytest.mark.parametrize(
    ("name", "in_blocks", "message"),
    [
        ("cells.csv", None, "torchrun needs .h5ad, .zarr or a folder of several of them"),
        ("cells.h5ad", False, "torchrun reads cells in blocks: leave --in-memory out"),
    ],
)
def test_a_process_group_reads_cells_in_blocks(labeled_cells, tmp_path, name, in_blocks, message):
    path = tmp_path / name
    path.touch()
    with pytest.raises(ValueError, match=message):
        backed.reads_in_blocks(path, in_blocks, "torchrun")
    file = tmp_path / "in.h5ad"
    labeled_cells.write_h5ad(file)
    assert backed.reads_in_blocks(file, None, "torchrun")
    assert not backed.reads_in_blocks(file, None)
