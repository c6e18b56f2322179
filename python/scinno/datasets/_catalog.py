"""The five sets: their files, labels, licenses and citations."""

from __future__ import annotations

from dataclasses import dataclass, field

_GEO = "https://ftp.ncbi.nlm.nih.gov/geo"
# In short, what NCBI states on GEO; none of the four submitters adds a license to the files.
_GEO_LICENSE = "none stated; NCBI does not restrict the use of GEO data, submitters may hold rights"


@dataclass(frozen=True)
class RemoteFile:
    """One file of a set.

    Attributes
    ----------
    name : str
        Its name, in the accession and in the cache.
    folder : str, optional
        URL of its folder; without one the file has to be put into the cache by hand.
    checksum : str, optional
        As pooch writes it: "sha256:…" or "md5:…". None of the sources publishes one for its files,
        so all are None today and a finished download is known by its length.
    """

    name: str
    folder: str | None = None
    checksum: str | None = None

    def url(self, base_url: str | None = None) -> str | None:
        """The address: in ``base_url`` if that is given, else in its own folder."""
        folder = base_url or self.folder
        return None if folder is None else f"{folder.rstrip('/')}/{self.name}"


@dataclass(frozen=True)
class DataSet:
    """One set; `paper` is (cells, genes, types) as the publication of SCINNO counts them."""

    name: str
    accession: str
    organism: str
    counts: RemoteFile
    units: str
    labels_from: str
    license: str
    citation: str
    doi: str
    paper: tuple[int, int, int]
    labels: RemoteFile | None = None
    # What inst/scripts/scRNAseq-sets.R can export for this set.
    in_r: str | None = field(default=None)


MURARO = DataSet(
    name="muraro",
    accession="GSE85241",
    organism="human",
    counts=RemoteFile(
        "GSE85241_cellsystems_dataset_4donors_updated.csv.gz",
        f"{_GEO}/series/GSE85nnn/GSE85241/suppl",
    ),
    units="transcripts from UMIs, corrected for collisions (not whole numbers)",
    labels=RemoteFile(
        "cell_type_annotation_Cels2016.csv",
        "https://s3.amazonaws.com/scrnaseq-public-datasets/manual-data/muraro",
    ),
    labels_from="the authors, through a file of the Hemberg group; not part of the accession",
    license=_GEO_LICENSE,
    citation=(
        "Muraro MJ et al. A Single-Cell Transcriptome Atlas of the Human Pancreas. "
        "Cell Systems 3(4), 385-394 (2016)"
    ),
    doi="10.1016/j.cels.2016.09.002",
    paper=(3072, 19059, 11),
    in_r="MuraroPancreasData() of Bioconductor's scRNAseq",
)

LAWLOR = DataSet(
    name="lawlor",
    accession="GSE86469",
    organism="human",
    counts=RemoteFile(
        "GSE86469_GEO.islet.single.cell.processed.data.RSEM.raw.expected.counts.csv.gz",
        f"{_GEO}/series/GSE86nnn/GSE86469/suppl",
    ),
    units="expected read counts of RSEM (not whole numbers)",
    labels=RemoteFile("GSE86469_series_matrix.txt.gz", f"{_GEO}/series/GSE86nnn/GSE86469/matrix"),
    labels_from="the accession: 'cell type' in its series matrix",
    license=_GEO_LICENSE,
    citation=(
        "Lawlor N et al. Single-cell transcriptomes identify human islet cell signatures and "
        "reveal cell-type-specific expression changes in type 2 diabetes. "
        "Genome Research 27(2), 208-222 (2017)"
    ),
    doi="10.1101/gr.212720.116",
    paper=(638, 26616, 8),
    in_r="LawlorPancreasData() of Bioconductor's scRNAseq",
)

KOLODZIEJCZYK = DataSet(
    name="kolodziejczyk",
    accession="E-MTAB-2600",
    organism="mouse",
    # The accession has the reads; the table of counts is on the authors' own site.
    counts=RemoteFile("counttable_es.csv", "https://espresso.teichlab.sanger.ac.uk/static"),
    units="read counts",
    labels_from="the names of the cells: the culture medium",
    license="none stated with the table",
    citation=(
        "Kolodziejczyk AA et al. Single Cell RNA-Sequencing of Pluripotent States Unlocks Modular "
        "Transcriptional Variation. Cell Stem Cell 17(4), 471-485 (2015)"
    ),
    doi="10.1016/j.stem.2015.09.011",
    paper=(704, 38653, 3),
    in_r="KolodziejczykESCData() of Bioconductor's scRNAseq",
)

BHATTACHERJEE = DataSet(
    name="bhattacherjee",
    accession="GSE124952",
    organism="mouse",
    counts=RemoteFile(
        "GSE124952_expression_matrix.csv.gz", f"{_GEO}/series/GSE124nnn/GSE124952/suppl"
    ),
    units="UMI counts",
    labels=RemoteFile("GSE124952_meta_data.csv.gz", f"{_GEO}/series/GSE124nnn/GSE124952/suppl"),
    labels_from="the accession: 'CellType' in its table of cells",
    license=_GEO_LICENSE,
    citation=(
        "Bhattacherjee A et al. Cell type-specific transcriptional programs in mouse prefrontal "
        "cortex during adolescence and addiction. Nature Communications 10, 4169 (2019)"
    ),
    doi="10.1038/s41467-019-12054-3",
    paper=(24822, 21000, 8),
)

BMCITE = DataSet(
    name="bmcite",
    accession="GSE128639",
    organism="human",
    counts=RemoteFile(
        "GSM3681518_MNC_RNA_counts.tsv.gz", f"{_GEO}/samples/GSM3681nnn/GSM3681518/suppl"
    ),
    units="UMI counts",
    # Labels are only in SeuratData's object; the R script makes this small file from it.
    labels=RemoteFile("bmcite_cell_types.csv"),
    labels_from="'celltype.l1' of SeuratData's bmcite; not part of the accession",
    license=_GEO_LICENSE,
    citation=(
        "Stuart T, Butler A et al. Comprehensive Integration of Single-Cell Data. "
        "Cell 177(7), 1888-1902 (2019)"
    ),
    doi="10.1016/j.cell.2019.05.031",
    paper=(30672, 17009, 5),
    in_r="bmcite of SeuratData (labels only)",
)

CATALOG = {s.name: s for s in (MURARO, LAWLOR, KOLODZIEJCZYK, BHATTACHERJEE, BMCITE)}
NAMES = tuple(CATALOG)
