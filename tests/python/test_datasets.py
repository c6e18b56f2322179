"""The five sets, from small files in the formats of their accessions."""

from __future__ import annotations

import gzip
import subprocess
import sys

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp
from served_folder import served

import scinno
from scinno.datasets import NAMES, load
from scinno.datasets._catalog import CATALOG

MURARO = (
    '"D28-1_1"\t"D28-1_2"\t"D29-3_7"\t"D31-8_96"\n'
    '"A1BG-AS1__chr19"\t0.00\t1.00195598\t0\t2.0078\n'
    '"ERCC-00002__chrERCC"\t9\t9\t9\t9\n'
    '"ZZZ3__chr1"\t3.0176\t0\t0.3\t0\n'
)
# As R writes a table of one column: no field over the names, "-" turned into ".".
MURARO_LABELS = "celltypes\nD28.1_1\talpha\nD29.3_7\tduct\nD31.8_96\talpha\nD30.1_1\tbeta\n"

LAWLOR = (
    '"","10th_C10_S104","10th_C11_S96","9th-C9_S13"\n'
    '"ENSG00000229483",0,12.5,0\n'
    '"ENSG00000232849",1,0,7\n'
)
LAWLOR_SERIES = (
    '!Series_title\t"islets"\n\n'
    '!Sample_title\t"9th-C9_S13"\t"10th_C10_S104"\t"10th_C11_S96"\n'
    '!Sample_geo_accession\t"GSM3"\t"GSM1"\t"GSM2"\n'
    '!Sample_characteristics_ch1\t"cell type: Gamma/PP"\t"cell type: None/Other"'
    '\t"cell type: Beta"\n'
    # A sample without a sex: GEO moves its later fields up.
    '!Sample_characteristics_ch1\t"islet unos id: ACCG268"\t"Sex: Female"\t"Sex: Female"\n'
    '!Sample_characteristics_ch1\t""\t"islet unos id: ACIW009"\t"islet unos id: ACIW009"\n'
    '!series_matrix_table_begin\n"ID_REF"\t"GSM3"\t"GSM1"\t"GSM2"\n!series_matrix_table_end\n'
)

KOLODZIEJCZYK = (
    '"ola_mES_2i_3_10.counts" "ola_mES_lif_1_2.counts" "ola_mES_a2i_2_7.counts"\n'
    '"ENSMUSG00000000001" 603 140 0\n'
    '"ERCC-00002" 5 6 7\n'
    '"ENSMUSG00000000003" 0 0 2\n'
    '"__no_feature" 900 900 900\n'
    '"__not_aligned" 1 1 1\n'
)

BHATTACHERJEE = (
    '"","PFCSample1_AAAC","PFCSample2_AAAG","P21Sample1_AAAT","PFCSample2_CCCC"\n'
    '"Xkr4",0,2,0,1\n'
    '"NA",1,0,0,0\n'
    '"Gm1992",0,0,3,0\n'
)
BHATTACHERJEE_CELLS = (
    '"","nGene","nUMI","percent.mito","Sample","treatment","Period","stage","CellType",'
    '"L2_clusters","DevStage"\n'
    '"PFCSample1_AAAC",1,1,0.1,"PFCSample1","Saline","p","s","NF Oligo","NF Oligo_1","Adult"\n'
    '"P21Sample1_AAAT",1,3,0.1,"P21Sample1",NA,"p","s","Excitatory","Exc_3","P21"\n'
    '"PFCSample2_AAAG",1,2,0.1,"PFCSample2","Cocaine","p","s","Astro","Astro_2","Adult"\n'
    '"PFCSample2_CCCC",1,2,0.1,"PFCSample2","Cocaine","p","s",NA,NA,"Adult"\n'
)

BMCITE = (
    "a_AAACCTGAGCTTATCG.1\ta_AAACCTGAGGTGGGTT.1\tb_TTTGTCATCAGTTTGG.1\n"
    "FAM138A\t0\t0\t1\n"
    "MT-CO1\t5\t0\t0\n"
)
BMCITE_LABELS = (
    '"cell","cell_type","subtype","donor"\n'
    '"b_TTTGTCATCAGTTTGG-1","T cell","CD8 Naive","batch2"\n'
    '"a_AAACCTGAGCTTATCG-1","Progenitor cells","LMPP","batch1"\n'
)

TEXTS = {
    "muraro": (MURARO, MURARO_LABELS),
    "lawlor": (LAWLOR, LAWLOR_SERIES),
    "kolodziejczyk": (KOLODZIEJCZYK, None),
    "bhattacherjee": (BHATTACHERJEE, BHATTACHERJEE_CELLS),
    "bmcite": (BMCITE, BMCITE_LABELS),
}


def packed(name: str, text: str) -> bytes:
    return gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()


@pytest.fixture
def archive():
    """All files of all sets, under the names of the accessions."""
    files = {}
    for name, (counts, labels) in TEXTS.items():
        dataset = CATALOG[name]
        files[dataset.counts.name] = packed(dataset.counts.name, counts)
        if labels is not None:
            files[dataset.labels.name] = packed(dataset.labels.name, labels)
    with served(files) as archive:
        yield archive


@pytest.fixture
def here(archive, tmp_path, monkeypatch):
    """Sets by name alone, from the archive and into a folder of this test."""
    monkeypatch.setenv("SCINNO_DATASETS", str(tmp_path))
    monkeypatch.setenv("SCINNO_DATASETS_URL", archive.url)
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("name", NAMES)
def test_every_set_is_counts_with_labels_and_where_they_come_from(name, tmp_path):
    adata = load(name)
    assert isinstance(adata.X, sp.csr_matrix)
    assert adata.X.dtype == np.float32
    assert np.array_equal(adata.X.data, np.rint(adata.X.data))
    assert adata.obs["cell_type"].notna().all()
    dataset = CATALOG[name]
    assert adata.uns["accession"] == dataset.accession
    assert adata.uns["source"][0].endswith(dataset.counts.name)
    assert adata.uns["citation"]
    assert adata.uns["license"]
    adata.write_h5ad(tmp_path / "set.h5ad")
    again = ad.read_h5ad(tmp_path / "set.h5ad")
    assert list(again.obs["cell_type"]) == list(adata.obs["cell_type"])
    assert "cell_type" not in load(name, labels=False).obs


@pytest.mark.usefixtures("here")
def test_muraro():
    adata = load("muraro", cells="all", rounded=False)
    assert list(adata.var_names) == ["A1BG-AS1__chr19", "ZZZ3__chr1"]  # no spike-in
    assert list(adata.var["symbol"]) == ["A1BG-AS1", "ZZZ3"]
    assert list(adata.obs["cell_type"].astype(object).fillna("-")) == [
        "alpha",
        "-",
        "duct",
        "alpha",
    ]
    assert list(adata.obs["donor"]) == ["D28", "D28", "D29", "D31"]
    assert list(adata.obs["batch"]) == ["D28-1", "D28-1", "D29-3", "D31-8"]
    expected = np.array([[0, 3.0176], [1.00195598, 0], [0, 0.3], [2.0078, 0]], dtype=np.float32)
    np.testing.assert_array_equal(adata.X.toarray(), expected)
    assert adata.X.nnz == 4  # "0.00" is not stored
    assert not adata.uns["rounded"]


@pytest.mark.usefixtures("here")
def test_muraro_as_counts_of_labeled_cells_and_as_the_publication_has_it():
    adata = load("muraro")
    assert list(adata.obs_names) == ["D28-1_1", "D29-3_7", "D31-8_96"]
    np.testing.assert_array_equal(adata.X.toarray(), [[0, 3], [0, 0], [2, 0]])
    assert adata.X.nnz == 2
    assert adata.uns["rounded"]
    assert list(load("muraro", cells="paper").obs["cell_type"]) == [
        "alpha", "unlabeled", "duct", "alpha",
    ]  # fmt: skip


@pytest.mark.usefixtures("here")
def test_lawlor():
    adata = load("lawlor", rounded=False)
    assert list(adata.obs_names) == ["10th_C10_S104", "10th_C11_S96", "9th-C9_S13"]
    assert list(adata.obs["cell_type"]) == ["None/Other", "Beta", "Gamma/PP"]
    assert list(adata.obs["donor"]) == ["ACIW009", "ACIW009", "ACCG268"]
    np.testing.assert_array_equal(adata.X.toarray(), [[0, 1], [12.5, 0], [0, 7]])


@pytest.mark.usefixtures("here")
def test_kolodziejczyk():
    adata = load("kolodziejczyk")
    assert list(adata.var_names) == ["ENSMUSG00000000001", "ENSMUSG00000000003"]
    assert list(adata.obs["cell_type"]) == ["2i", "lif", "a2i"]
    assert list(adata.obs["batch"]) == ["2i_3", "lif_1", "a2i_2"]
    np.testing.assert_array_equal(adata.X.toarray(), [[603, 0], [140, 0], [0, 2]])
    assert not adata.uns["rounded"]


@pytest.mark.usefixtures("here")
def test_bhattacherjee():
    adata = load("bhattacherjee")
    assert list(adata.var_names) == ["Xkr4", "NA", "Gm1992"]  # a gene of that name
    assert list(adata.obs["cell_type"]) == ["NF Oligo", "Astro", "Excitatory"]
    assert list(adata.obs["batch"]) == ["PFCSample1", "PFCSample2", "P21Sample1"]
    np.testing.assert_array_equal(adata.X.toarray(), [[0, 1, 0], [2, 0, 0], [0, 0, 3]])
    paper = load("bhattacherjee", cells="paper")
    assert list(paper.obs["stage"]) == ["Adult", "Adult"]
    assert list(paper.obs["cell_type"].cat.categories) == ["Astro", "NF Oligo"]
    assert load("bhattacherjee", cells="all").n_obs == 4


@pytest.mark.usefixtures("here")
def test_bmcite():
    adata = load("bmcite")
    assert list(adata.obs_names) == ["a_AAACCTGAGCTTATCG-1", "b_TTTGTCATCAGTTTGG-1"]
    assert list(adata.obs["cell_type"]) == ["Progenitor cells", "T cell"]
    assert list(adata.obs["batch"]) == ["a", "b"]
    assert list(adata.obs["donor"]) == ["batch1", "batch2"]
    np.testing.assert_array_equal(adata.X.toarray(), [[0, 5], [1, 0]])


def test_labels_that_are_not_public_say_how_to_get_them(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        load("bmcite", folder=tmp_path)
    for part in ("bmcite_cell_types.csv", str(tmp_path / "bmcite"), "Rscript", "labels=False"):
        assert part in str(error.value)


def test_without_a_network_the_error_has_the_address_the_folder_and_r(tmp_path):
    with pytest.raises(ConnectionError) as error:
        load("kolodziejczyk", folder=tmp_path, base_url="http://127.0.0.1:9")
    for part in ("127.0.0.1:9/counttable_es.csv", str(tmp_path), "KolodziejczykESCData"):
        assert part in str(error.value)


def test_without_labels_the_accession_is_enough(archive, here):
    del archive.files["bmcite_cell_types.csv"]
    adata = load("bmcite", labels=False)
    assert adata.n_obs == 3
    assert [name for name, _ in archive.sent] == ["GSM3681518_MNC_RNA_counts.tsv.gz"]


@pytest.mark.parametrize(
    ("name", "hint"), [("murao", "did you mean 'muraro'"), ("zeisel", "there is muraro, lawlor")]
)
def test_an_unknown_set_says_what_there_is(name, hint):
    with pytest.raises(ValueError, match=f"no data set {name!r}: {hint}"):
        load(name)


def test_an_unknown_choice_of_cells(tmp_path):
    with pytest.raises(ValueError, match="cells must be one of labeled, paper, all, got 'adult'"):
        load("muraro", cells="adult", folder=tmp_path)


def test_damaged_files_are_named(here):
    folder = here / "lawlor"
    folder.mkdir()
    counts, labels = CATALOG["lawlor"].counts.name, CATALOG["lawlor"].labels.name
    (folder / labels).write_bytes(packed(labels, LAWLOR_SERIES))
    (folder / counts).write_bytes(packed(counts, LAWLOR + '"A",1,2,3\n' * 50)[:-9])
    with pytest.raises(ValueError, match=rf"{counts} is damaged"):
        load("lawlor")
    for values in ("0,12.5", "0,0,0,0", "", "0,NA,0", "0,,0", "0,-1,0", "0,nan,0", "0,inf,0"):
        text = LAWLOR + f'"ENSG00000000001",{values}\n'
        (folder / counts).write_bytes(packed(counts, text))
        with pytest.raises(
            ValueError, match=r"line 4 of .* must hold 3 numbers.*'ENSG00000000001'"
        ):
            load("lawlor")


def test_files_without_genes_samples_or_labels_say_so(here):
    folder = here / "lawlor"
    folder.mkdir()
    counts, labels = CATALOG["lawlor"].counts.name, CATALOG["lawlor"].labels.name
    (folder / counts).write_text(LAWLOR)
    (folder / labels).write_text(LAWLOR_SERIES.replace("cell type", "kind"))
    with pytest.raises(ValueError, match="the files of lawlor have no labels: labels=False"):
        load("lawlor")
    (folder / labels).write_text("nothing of the kind\n")
    with pytest.raises(ValueError, match="is not a series matrix of GEO"):
        load("lawlor")
    (folder / counts).write_text('"","10th_C10_S104"\n')
    with pytest.raises(ValueError, match="holds no genes"):
        load("lawlor", labels=False)


def test_labels_of_other_cells_are_refused(here):
    (here / "bmcite").mkdir()
    (here / "bmcite" / "bmcite_cell_types.csv").write_text('"cell","cell_type"\n"x-1","T"\n')
    with pytest.raises(ValueError, match="of other cells: it names none of the 3"):
        load("bmcite")


def test_the_package_is_found_from_scinno_and_brings_no_torch():
    assert scinno.datasets.load is load
    code = "import sys, scinno; scinno.datasets.load; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
