# Exports the publication's data sets from R packages, for scinno.datasets.load() in Python:
#
#     Rscript scRNAseq-sets.R muraro FOLDER
#
# muraro, lawlor and kolodziejczyk come from Bioconductor's scRNAseq, whole, into
# FOLDER/<set>/from-r: counts.mtx (genes x cells), genes.csv, and last cells.csv. Of bmcite only the
# labels are written, FOLDER/bmcite/bmcite_cell_types.csv, from SeuratData: its counts are on GEO.
# bhattacherjee is in neither package. FOLDER is the SCINNO_DATASETS of Python.

stop_plainly <- function(...) stop(..., call. = FALSE)

need_package <- function(package, how) {
    if (!requireNamespace(package, quietly = TRUE)) {
        stop_plainly("the R package ", package, " is not installed: ", how)
    }
}

from_scrnaseq <- function(name, ...) {
    need_package("scRNAseq", "run BiocManager::install(\"scRNAseq\")")
    getExportedValue("scRNAseq", name)(...)
}

# Names of columns differ between versions of scRNAseq: "cell type" or "cell.type".
column <- function(sce, pattern) {
    cells <- SummarizedExperiment::colData(sce)
    found <- grep(pattern, colnames(cells), value = TRUE)
    if (length(found) == 0L) {
        stop_plainly(
            "this version of scRNAseq has no column like ", pattern, ", but ",
            paste(colnames(cells), collapse = ", ")
        )
    }
    as.character(cells[[found[1L]]])
}

# Gene models are not needed, and their annotation is one more download.
muraro <- function() {
    sce <- from_scrnaseq("MuraroPancreasData", ensembl = FALSE, location = FALSE)
    donor <- column(sce, "^donor$")
    list(sce = sce, cells = data.frame(
        cell_type = column(sce, "^label$"), donor = donor,
        batch = paste(donor, column(sce, "^plate$"), sep = "-")
    ))
}

lawlor <- function() {
    sce <- from_scrnaseq("LawlorPancreasData")
    list(sce = sce, cells = data.frame(
        cell_type = column(sce, "^cell[. ]type$"), donor = column(sce, "^islet[. ]unos[. ]id$"),
        disease = column(sce, "^disease$")
    ))
}

kolodziejczyk <- function() {
    sce <- from_scrnaseq("KolodziejczykESCData", location = FALSE)
    culture <- column(sce, "^culture$")
    list(sce = sce, cells = data.frame(
        cell_type = culture, batch = paste(culture, column(sce, "^plate$"), sep = "_")
    ))
}

write_set <- function(set, folder) {
    sce <- set$sce
    counts <- methods::as(SummarizedExperiment::assay(sce, "counts"), "CsparseMatrix")
    dir.create(folder, recursive = TRUE, showWarnings = FALSE)
    done <- file.path(folder, "cells.csv")
    unlink(done)
    Matrix::writeMM(counts, file.path(folder, "counts.mtx"))
    utils::write.csv(
        data.frame(gene = rownames(counts)), file.path(folder, "genes.csv"),
        row.names = FALSE
    )
    # Python regards the folder as complete once this file exists.
    half <- paste0(done, ".half")
    utils::write.csv(cbind(cell = colnames(counts), set$cells), half, row.names = FALSE)
    file.rename(half, done)
    message(ncol(counts), " cells and ", nrow(counts), " genes are in ", folder)
}

write_bmcite_labels <- function(folder) {
    need_package("SeuratData", "run remotes::install_github(\"satijalab/seurat-data\")")
    need_package("bmcite.SeuratData", "run SeuratData::InstallData(\"bmcite\")")
    # The slot itself: methods of newer versions of Seurat require the old object to be updated first.
    cells <- methods::slot(SeuratData::LoadData("bmcite"), "meta.data")
    labels <- data.frame(
        cell = rownames(cells), cell_type = cells$celltype.l1, subtype = cells$celltype.l2,
        donor = cells$donor
    )
    dir.create(folder, recursive = TRUE, showWarnings = FALSE)
    file <- file.path(folder, "bmcite_cell_types.csv")
    half <- paste0(file, ".half")
    utils::write.csv(labels, half, row.names = FALSE)
    file.rename(half, file)
    message(nrow(labels), " labels are in ", file)
}

main <- function(arguments) {
    sets <- list(muraro = muraro, lawlor = lawlor, kolodziejczyk = kolodziejczyk)
    known <- c(names(sets), "bmcite")
    if (length(arguments) != 2L || !arguments[1L] %in% known) {
        stop_plainly("usage: Rscript scRNAseq-sets.R ", paste(known, collapse = "|"), " FOLDER")
    }
    name <- arguments[1L]
    if (name == "bmcite") {
        write_bmcite_labels(file.path(arguments[2L], name))
    } else {
        set <- sets[[name]]()
        write_set(set, file.path(arguments[2L], name, "from-r"))
    }
}

if (sys.nframe() == 0L) main(commandArgs(trailingOnly = TRUE))
