# inst/scripts/scRNAseq-sets.R, with objects that look like those of the packages it reads.

script <- function() {
    place <- new.env()
    sys.source(system.file("scripts", "scRNAseq-sets.R", package = "scinno"), place)
    place
}

muraro <- function() {
    needs_packages("SingleCellExperiment", "SummarizedExperiment", "S4Vectors")
    counts <- matrix(
        c(1.002, 0, 2.01, 0, 0, 3), 2,
        dimnames = list(c("A__chr1", "B__chr2"), c("D28-1_1", "D28-1_2", "D29-3_7"))
    )
    SingleCellExperiment::SingleCellExperiment(
        list(counts = counts),
        colData = S4Vectors::DataFrame(
            label = c("alpha", NA, "duct"), donor = c("D28", "D28", "D29"), plate = factor(c(1, 1, 3))
        )
    )
}

test_that("a set is written for Python, its cells last", {
    place <- script()
    asked <- list()
    place$from_scrnaseq <- function(name, ...) {
        asked <<- list(name, ...)
        muraro()
    }
    folder <- tempfile("sets")
    expect_message(place$main(c("muraro", folder)), "3 cells and 2 genes")
    expect_identical(asked, list("MuraroPancreasData", ensembl = FALSE, location = FALSE))
    written <- file.path(folder, "muraro", "from-r")
    expect_setequal(list.files(written), c("cells.csv", "counts.mtx", "genes.csv"))
    cells <- read.csv(file.path(written, "cells.csv"))
    expect_identical(cells$cell, c("D28-1_1", "D28-1_2", "D29-3_7"))
    expect_identical(cells$cell_type, c("alpha", NA, "duct"))
    expect_identical(cells$batch, c("D28-1", "D28-1", "D29-3"))
    expect_identical(read.csv(file.path(written, "genes.csv"))$gene, c("A__chr1", "B__chr2"))
    counts <- as.matrix(Matrix::readMM(file.path(written, "counts.mtx")))
    expect_equal(counts, SummarizedExperiment::assay(muraro()), ignore_attr = TRUE)
})

test_that("a failed export is not taken for a whole one", {
    place <- script()
    place$from_scrnaseq <- function(...) muraro()
    folder <- tempfile("sets")
    suppressMessages(place$main(c("muraro", folder)))
    local_writer <- place$write_set
    body(local_writer)[[length(body(local_writer)) - 2L]] <- quote(stop("disk full"))
    expect_error(
        local_writer(place$muraro(), file.path(folder, "muraro", "from-r")), "disk full"
    )
    expect_false(file.exists(file.path(folder, "muraro", "from-r", "cells.csv")))
})

test_that("what is missing is one plain sentence", {
    place <- script()
    missing <- expect_error(
        place$need_package("no.such.package", "get it"),
        "^the R package no\\.such\\.package is not installed: get it$"
    )
    expect_null(conditionCall(missing))
    expect_error(place$main("muraro"), "usage: Rscript scRNAseq-sets.R muraro\\|lawlor")
    expect_error(place$main(c("bhattacherjee", "x")), "usage")
    place$from_scrnaseq <- function(...) muraro()
    expect_error(place$lawlor(), "no column like .*cell.*type.*, but label, donor, plate")
})
