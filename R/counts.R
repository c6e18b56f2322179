# From any accepted object to a checked dgCMatrix, genes x cells. The methods are in this namespace,
# so that the packages that define the classes need not be installed.

counts_of <- function(object, ...) UseMethod("counts_of")

counts_of.default <- function(object, ...) {
    scinno_stop(
        "object must be a Seurat object, a SingleCellExperiment or a numeric matrix of ",
        "genes x cells, got ", class(object)[1L]
    )
}

counts_of.dgCMatrix <- function(object, features = NULL, ...) {
    counts <- chosen_features(object, features)
    check_counts(counts)
    counts
}

counts_of.Matrix <- function(object, ...) {
    counts_of(as_csc(object), ...)
}

counts_of.matrix <- function(object, ...) {
    if (!is.numeric(object) && !is.logical(object)) {
        scinno_stop("object must hold numbers, got a matrix of type ", typeof(object))
    }
    storage.mode(object) <- "double"
    counts_of(as_csc(object), ...)
}

counts_of.DelayedMatrix <- function(object, ...) {
    need_package("DelayedArray")
    counts_of(by_blocks(object), ...)
}

# BPCells.
counts_of.IterableMatrix <- function(object, ...) {
    need_package("BPCells")
    counts_of(by_blocks(object), ...)
}

counts_of.Seurat <- function(object, assay = NULL, layer = "counts", ...) {
    need_package("SeuratObject")
    check_name(layer, "layer")
    assay <- chosen_assay(object, assay, layer)
    counts <- if (utils::packageVersion("SeuratObject") >= "5.0.0") {
        joined_layers(object, assay, layer)
    } else {
        slot_of(object, assay, layer)
    }
    if (!all(dim(counts))) {
        scinno_stop(
            "layer '", layer, "' of assay '", assay, "' is empty: add counts with ",
            "CreateSeuratObject(counts) or name another layer"
        )
    }
    counts_of(counts, ...)
}

chosen_assay <- function(object, assay, layer = "counts") {
    if (is.null(assay)) {
        return(counts_assay(object, layer))
    }
    check_name(assay, "assay")
    known <- SeuratObject::Assays(object)
    if (!assay %in% known) {
        scinno_stop("assay '", assay, "' is not in object, which holds: ", listed(known))
    }
    assay
}

chosen_features <- function(counts, features) {
    if (is.null(features)) {
        return(counts)
    }
    if (!is.character(features) || !length(features)) {
        scinno_stop("features must be names of genes, got ", short(features))
    }
    if (is.null(rownames(counts))) {
        scinno_stop("features requires gene names, but object has no rownames")
    }
    missing <- setdiff(features, rownames(counts))
    if (length(missing)) {
        scinno_stop(
            length(missing), " of the ", length(features), " features are not in object ",
            "(first: '", missing[1L], "')"
        )
    }
    counts[unique(features), , drop = FALSE]
}

as_csc <- function(x) {
    if (is(x, "dgCMatrix")) {
        return(x)
    }
    if (is(x, "DelayedMatrix") || is(x, "IterableMatrix")) {
        return(by_blocks(x))
    }
    as(as(as(x, "CsparseMatrix"), "generalMatrix"), "dMatrix")
}

# Reads a matrix on disk in blocks of cells; only the sparse form of all cells is in memory.
by_blocks <- function(x, cells = 5000L) {
    starts <- seq.int(1L, max(ncol(x), 1L), by = cells)
    blocks <- lapply(starts, function(start) {
        block <- x[, seq.int(start, length.out = min(cells, ncol(x) - start + 1L)), drop = FALSE]
        as_csc(as(block, "dgCMatrix"))
    })
    ends <- cumsum(vapply(blocks, function(block) as.double(block@p[length(block@p)]), 0))
    if (ends[length(ends)] > .Machine$integer.max) {
        scinno_stop(
            "object has more than ", .Machine$integer.max, " values above zero, the limit of R's ",
            "sparse matrices: select genes with features, or use the Python package"
        )
    }
    shifts <- as.integer(c(0, ends[-length(ends)]))
    new(
        "dgCMatrix",
        x = unlist(lapply(blocks, function(block) block@x)),
        i = unlist(lapply(blocks, function(block) block@i)),
        p = c(0L, unlist(Map(function(block, shift) block@p[-1L] + shift, blocks, shifts))),
        Dim = as.integer(dim(x)), # of BPCells it is double
        Dimnames = list(rownames(x), colnames(x))
    )
}
