# Containers that are neither Seurat's nor SingleCellExperiment's; none of this needs Python. Each
# is tested with its own package where a world has that.

counts <- example_counts()
whole <- as.matrix(counts)

test_that("sparse matrices of SparseArray are taken", {
    # Debian 12 is older than SparseArray; the modern R world has it.
    skip_if_not_installed("SparseArray")
    svt <- as(counts, "SVT_SparseMatrix")
    expect_identical(counts_of(svt), counts)
    expect_identical(counts_of(as(counts, "COO_SparseMatrix")), counts)
    integers <- whole
    storage.mode(integers) <- "integer"
    expect_identical(counts_of(as(integers, "SVT_SparseMatrix")), counts)
    expect_identical(counts_of(DelayedArray::DelayedArray(svt)), counts)
    needs_packages("SummarizedExperiment")
    object <- SummarizedExperiment::SummarizedExperiment(list(counts = svt))
    expect_identical(counts_of(object), counts)
})

test_that("an ExpressionSet is taken", {
    needs_packages("Biobase")
    expect_identical(counts_of(Biobase::ExpressionSet(whole)), counts)
})

test_that("a DGEList of edgeR is taken", {
    if (nzchar(system.file(package = "edgeR"))) { # not among the packages of the R worlds
        made <- getExportedValue("edgeR", "DGEList")(whole)
        expect_identical(counts_of(made), counts)
    }
    made <- structure(list(counts = whole), class = "DGEList")
    expect_identical(counts_of(made), counts)
})

test_that("tables are taken, with genes as row names or in the first column", {
    table <- as.data.frame(whole)
    expect_identical(counts_of(table), counts)
    named <- cbind(gene = rownames(counts), table)
    rownames(named) <- NULL
    expect_identical(counts_of(named), counts)
    named$gene <- factor(named$gene)
    expect_identical(counts_of(named), counts)
    expect_identical(counts_of(named, features = "gene003"), counts["gene003", , drop = FALSE])
    needs_packages("tibble", "data.table")
    expect_identical(counts_of(tibble::as_tibble(named)), counts)
    expect_identical(counts_of(data.table::as.data.table(named)), counts)
    # Without names of genes, as in a matrix without row names.
    plain <- tibble::as_tibble(as.data.frame(whole))
    expect_identical(unname(counts_of(plain)), unname(counts))
    expect_null(rownames(counts_of(plain)))
})

test_that("tables with other columns are refused with their name", {
    table <- as.data.frame(whole)
    rownames(table) <- NULL
    expect_scinno_error(counts_of(cbind(X = 1:200, table)), "('X') numbers its rows")
    labeled <- cbind(id = rownames(counts), symbol = rownames(counts), table)
    expect_scinno_error(counts_of(labeled), "column 'symbol' is character: leave it out")
    twice <- cbind(id = rep("a", 200), table)
    expect_scinno_error(counts_of(twice), "object[[1]] <- make.unique(as.character(object[[1]]))")
})

test_that("what is not taken is answered with the line that converts", {
    several <- list("Gene Expression" = counts, "Antibody Capture" = counts)
    expect_scinno_error(RunSCINNO(several), "as in object[[\"Gene Expression\"]]")
    expect_scinno_error(RunSCINNO(list(counts)), "('1')")
    file <- tempfile(fileext = ".h5ad")
    file.create(file)
    on.exit(unlink(file))
    expect_scinno_error(RunSCINNO(file), "zellkonverter::readH5AD()")
    expect_no_match(tryCatch(RunSCINNO("nix"), error = conditionMessage), "file")
    # anndataR and anndata are in no Debian: stand-ins with their classes. By hand it was the same with
    # anndataR 0.99.0.
    of_class <- function(...) structure(new.env(), class = c(..., "R6"))
    expect_scinno_error(
        RunSCINNO(of_class("InMemoryAnnData", "AbstractAnnData")), "as_SingleCellExperiment()"
    )
    expect_scinno_error(RunSCINNO(of_class("AnnDataR6")), "cluster t(object$X)")
})

test_that("objects of Python are answered with the line that converts", {
    needs_python()
    skip_if(best_engine() == "process", "Python is not loaded in this R")
    python <- reticulate::import("fractions", convert = FALSE)$Fraction(1L)
    expect_scinno_error(RunSCINNO(python), "zellkonverter::AnnData2SCE(object)")
})
