"""Signs that names of genes are not names of genes."""

from scinno._data.gene_names import gene_name_problems


def test_dates_numbers_and_missing_names_are_noticed():
    assert "look like dates ('2-Sep')" in gene_name_problems(["2-Sep", "CD3D"])[0]
    assert gene_name_problems(["1", "2", "CD3D"])[0].startswith("2 of 3 gene names are numbers")
    assert gene_name_problems(["CD3D", "nan"]) == ["1 gene(s) have no name"]
    assert gene_name_problems(["CD3D", "SEPTIN2", "MT-CO1"]) == []
