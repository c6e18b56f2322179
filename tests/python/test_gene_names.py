"""Signs that names of genes are not names of genes."""

import pytest

from scinno._data.gene_names import check_orientation, gene_name_problems


def test_dates_numbers_and_missing_names_are_noticed():
    assert "look like dates ('2-Sep')" in gene_name_problems(["2-Sep", "CD3D"])[0]
    assert gene_name_problems(["1", "2", "CD3D"])[0].startswith("2 of 3 gene names are numbers")
    assert gene_name_problems(["CD3D", "nan"]) == ["1 gene(s) have no name"]
    assert gene_name_problems(["CD3D", "SEPTIN2", "MT-CO1"]) == []


BARCODES = [f"{code}AACATACAACCA" for code in ("ACGT", "TTGA", "CCAT", "GATC")]


@pytest.mark.parametrize(
    "genes",
    [
        BARCODES,
        [f"{code}-1" for code in BARCODES],
        [f"donor1_{code}-1" for code in BARCODES],
        [f"S{i}#{code}" for i, code in enumerate(BARCODES)],
        [f"cell_{i}" for i in range(9)],
        [f"Cell{i}" for i in range(9)],
        ["barcode-1", "barcode-2"],
    ],
)
def test_columns_named_like_cells_are_known(genes):
    with pytest.raises(ValueError, match=r"pass x\.T; if these are genes"):
        check_orientation(genes, ["CD3D", "LYZ", "NKG7"])


@pytest.mark.parametrize(
    ("genes", "cells"),
    [
        (["CD3D", "LYZ", "NKG7"], [f"donor1_{code}-1" for code in BARCODES]),
        ([f"CD3-{code[:15]}" for code in BARCODES], BARCODES),  # antibodies of CITE-seq-Count
        ([f"TP53_{code}ACGTT" for code in BARCODES], ["a", "b"]),  # guides of a screen
        (["CELF1", "CELSR2", "SPOT14"], ["a", "b"]),
        ([f"peak_{i}" for i in range(9)], [f"cell_{i}" for i in range(9)]),
    ],
)
def test_genes_and_features_are_not_taken_for_cells(genes, cells):
    check_orientation(genes, cells)
