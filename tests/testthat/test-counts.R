# What each kind of object becomes, and what is refused; none of this needs Python.

counts <- example_counts()

test_that("every kind of matrix gives the same counts", {
    expect_identical(counts_of(counts), counts)
    expect_identical(counts_of(as.matrix(counts)), counts)
    whole <- as.matrix(counts)
    storage.mode(whole) <- "integer"
    expect_identical(counts_of(whole), counts)
    expect_identical(counts_of(as(counts, "TsparseMatrix")), counts)
    expect_identical(counts_of(as(counts, "RsparseMatrix")), counts)
    detected <- counts_of(counts > 0)
    expect_s4_class(detected, "dgCMatrix")
    expect_identical(sum(detected@x), sum(as.matrix(counts) > 0) + 0)
})

test_that("matrices on disk are read by blocks of cells", {
    needs_packages("DelayedArray", "HDF5Array")
    delayed <- DelayedArray::DelayedArray(counts)
    expect_identical(counts_of(delayed), counts)
    expect_identical(by_blocks(delayed, cells = 7L), counts)
    on_disk <- HDF5Array::writeHDF5Array(as.matrix(counts), with.dimnames = TRUE)
    expect_identical(by_blocks(on_disk, cells = 50L), counts)
})

# BPCells is in neither CRAN nor Debian: a stand-in with the slots of its class, whose dim is double
# and has no method, and with its two methods that are used here.
methods::setClass("IterableMatrix", representation(
    dim = "numeric", transpose = "logical", dimnames = "list"
))
methods::setClass("IterableOfTests", contains = "IterableMatrix", representation(mat = "dgCMatrix"))
as_iterable <- function(counts) {
    methods::new(
        "IterableOfTests",
        dim = as.numeric(dim(counts)), transpose = FALSE, dimnames = dimnames(counts), mat = counts
    )
}
methods::setMethod("[", "IterableMatrix", function(x, i, j, ...) {
    as_iterable(if (missing(i)) x@mat[, j, drop = FALSE] else x@mat[i, j, drop = FALSE])
})
methods::setAs("IterableMatrix", "dgCMatrix", function(from) from@mat)

test_that("matrices of BPCells go the way of those on disk, where it is installed", {
    iterable <- as_iterable(counts)
    expect_identical(by_blocks(iterable, cells = 50L), counts)
    expect_identical(as_csc(iterable), counts)
    if (nzchar(system.file(package = "BPCells"))) {
        real <- methods::as(counts, "IterableMatrix")
        expect_identical(counts_of(real), counts)
    } else {
        expect_scinno_error(
            RunSCINNO(iterable), "run remotes::install_github(\"bnprks/BPCells/r\")"
        )
    }
})

test_that("features chooses genes in the order asked for", {
    wanted <- rownames(counts)[c(9, 2, 2, 5)]
    expect_identical(counts_of(counts, features = wanted), counts[unique(wanted), ])
    expect_scinno_error(counts_of(counts, features = c("gene001", "nix")), "first: 'nix'")
    expect_scinno_error(counts_of(counts, features = 1:3), "features must be names of genes")
    expect_scinno_error(counts_of(unname(counts), features = "a"), "object has no rownames")
})

test_that("bad values are named with their place", {
    spoiled <- function(value) {
        bad <- as.matrix(counts)
        bad[7, 11] <- value
        bad
    }
    place <- "first at gene 'gene007', cell 'a_cell011'"
    expect_scinno_error(RunSCINNO(spoiled(NA)), paste("1 NA value(s), the", place))
    expect_scinno_error(RunSCINNO(spoiled(-1)), paste("1 negative value(s), the", place))
    expect_scinno_error(RunSCINNO(spoiled(Inf)), paste("1 infinite value(s), the", place))
    expect_scinno_error(RunSCINNO(unname(spoiled(-1))), "first at gene 7, cell 11")
})

test_that("bad shapes and names are refused", {
    renamed <- function(rows = rownames(counts), columns = colnames(counts)) {
        bad <- counts
        dimnames(bad) <- list(rows, columns)
        bad
    }
    rows <- rownames(counts)
    rows[3] <- rows[8]
    expect_scinno_error(RunSCINNO(renamed(rows)), "'gene008' occurs more than once")
    rows[3] <- ""
    expect_scinno_error(RunSCINNO(renamed(rows)), "gene names must not be empty: gene 3")
    columns <- colnames(counts)
    columns[5] <- columns[4]
    expect_scinno_error(RunSCINNO(renamed(columns = columns)), "cell names must be unique")
    expect_scinno_error(RunSCINNO(counts[0, ]), "at least one gene and one cell, got 0 genes")
    expect_scinno_error(RunSCINNO(counts[, 0]), "got 200 genes x 0 cells")
})

test_that("other classes are refused in one sentence", {
    expect_scinno_error(RunSCINNO("a"), "genes x cells, got character")
    expect_scinno_error(RunSCINNO(NULL), "got NULL")
    expect_scinno_error(RunSCINNO(sum), "genes x cells, got function")
    expect_scinno_error(RunSCINNO(matrix("a", 2, 2)), "a matrix of type character")
})

test_that("arguments that no Python needs to see are refused", {
    expect_scinno_error(RunSCINNO(counts, 3, 5), "must be named, as in seed = 1")
    expect_scinno_error(RunSCINNO(counts, seed = 1:2), "seed must be one value or NULL")
    expect_scinno_error(RunSCINNO(counts, seed = NA), "seed must be one value or NULL, got NA")
    expect_scinno_error(RunSCINNO(counts, verbose = "yes"), "verbose must be TRUE or FALSE")
    expect_scinno_error(
        RunSCINNO(counts, engine = "warp"), "must be 'auto', 'inprocess' or 'process', got \"warp\""
    )
})
