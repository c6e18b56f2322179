# Other containers of counts: what they hold as a matrix of genes x cells, or the line that converts.

# SparseArray's sparse matrices.
counts_of.SVT_SparseMatrix <- function(object, ...) {
    need_package("SparseArray")
    counts_of(as_csc(as(object, "dgCMatrix")), ...)
}

counts_of.COO_SparseMatrix <- counts_of.SVT_SparseMatrix

counts_of.ExpressionSet <- function(object, ...) {
    need_package("Biobase")
    counts_of(Biobase::exprs(object), ...)
}

# edgeR. It is a list with a class, so that edgeR itself is not needed.
counts_of.DGEList <- function(object, ...) {
    counts_of(object[["counts"]], ...)
}

# Tables: genes named by rows, or by a first column of text. tibble and data.table have no row names.
counts_of.data.frame <- function(object, ...) {
    counts_of(matrix_of_table(as.data.frame(object)), ...)
}

matrix_of_table <- function(table) {
    genes <- if (.row_names_info(table) > 0L) rownames(table)
    first <- if (ncol(table)) table[[1L]]
    if (is.character(first) || is.factor(first)) {
        genes <- as.character(first)
        check_names(genes, "gene", "object[[1]] <- make.unique(as.character(object[[1]]))")
        table <- table[-1L]
    } else if (is.null(genes) && is.numeric(first) && length(first) > 1L &&
        identical(as.double(first), as.double(seq_along(first)))) {
        scinno_stop(
            "the first column of object ('", names(table)[1L], "') numbers its rows, which are no ",
            "counts: leave it out, object[-1]"
        )
    }
    numbers <- vapply(table, function(column) is.numeric(column) || is.logical(column), TRUE)
    if (!all(numbers)) {
        wrong <- which(!numbers)[1L]
        scinno_stop(
            "a table must hold numbers, with gene names as row names or in the first column, but ",
            "column '", names(table)[wrong], "' is ", class(table[[wrong]])[1L], ": leave it out"
        )
    }
    matrix <- as.matrix(table)
    rownames(matrix) <- genes
    matrix
}

# Read10X() of several kinds of features gives a list of matrices.
counts_of.list <- function(object, ...) {
    known <- names(object)
    if (!length(known)) known <- as.character(seq_along(object))
    first <- if (length(known)) known[1L] else "Gene Expression"
    scinno_stop(
        "object is a list (", listed(known), "): give one matrix of it, as in object[[\"", first,
        "\"]]"
    )
}

counts_of.character <- function(object, ...) {
    scinno_stop(
        "object must be a Seurat object, a SingleCellExperiment or a numeric matrix of ",
        "genes x cells, got character",
        if (is_name(object) && file.exists(object)) {
            paste0(
                ", the name of a file: read it first, as in Seurat::Read10X(), ",
                "Seurat::Read10X_h5() or zellkonverter::readH5AD()"
            )
        }
    )
}

# anndataR.
counts_of.AbstractAnnData <- function(object, ...) {
    scinno_stop(
        "object is an AnnData of anndataR: cluster object$as_SingleCellExperiment() or ",
        "object$as_Seurat()"
    )
}

# The package anndata, and Python's own objects through reticulate.
counts_of.AnnDataR6 <- function(object, ...) {
    scinno_stop(
        "object is an AnnData of the package anndata, with cells in rows: cluster t(object$X), ",
        "and give the result's labels to object$obs"
    )
}

counts_of.python.builtin.object <- function(object, ...) {
    scinno_stop(
        "object is an object of Python, got ", class(object)[1L], ": convert an AnnData with ",
        "zellkonverter::AnnData2SCE(object), a matrix with reticulate::py_to_r(object)"
    )
}
