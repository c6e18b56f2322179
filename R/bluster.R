#' SCINNO for bluster's clusterRows()
#'
#' Parameters for `bluster::clusterRows()`, so that what takes them, as `scran::clusterCells()`,
#' `bluster::clusterSweep()` and `bluster::bootstrapStability()`, can cluster with SCINNO.
#'
#' SCINNO reads the expression of genes: counts, or log values as in the assay `logcounts`. It
#' selects genes and reduces dimensions by its own network, so that principal components, which
#' workflows often pass, are refused: they have negative values, and no gene is left in them.
#' Of a SingleCellExperiment give the assay,
#' `scran::clusterCells(sce, assay.type = "counts", BLUSPARAM = SCINNOParam())`, or call
#' [RunSCINNO()], which keeps the counts sparse.
#'
#' @param n_clusters Number of clusters; or a range; or `NULL` to estimate it. See [RunSCINNO()].
#' @param ... Arguments of the method; see [RunSCINNO()]. All must be named.
#' @param batch What cells were measured together, with a value per row of `x`, or `NULL`.
#' @param engine,verbose See [RunSCINNO()].
#' @return An object of class `SCINNOParam`, which extends bluster's `BlusterParam`. With it
#'   `clusterRows(x, param)` returns a factor of clusters from `"0"`, the largest, in the order of
#'   the rows of `x`, a matrix of cells x genes; with `full = TRUE` a list with `clusters`, and
#'   `objects`, a list whose element `fit` is the [scinno_fit]. `n_clusters`, `batch`, `engine` and
#'   `verbose` are read and changed by `param[["n_clusters"]]`, the other arguments as the list
#'   `param[["options"]]`.
#' @examples
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (requireNamespace("bluster", quietly = TRUE)) {
#'     param <- SCINNOParam(3, seed = 1, pretrain_epochs = 2, joint_epochs = 2)
#'     param
#'     if (scinnoReady()) {
#'         table(bluster::clusterRows(Matrix::t(counts), param))
#'     }
#' }
#' @export
SCINNOParam <- function(n_clusters = NULL, ..., batch = NULL, engine = "auto", verbose = FALSE) {
    need_package("bluster") # its hook, set by when_bluster_loads(), defines the class
    check_flag(verbose, "verbose")
    check_one_of(engine, c("auto", "inprocess", "process"), "engine")
    options <- list(...)
    as_request(c(list(n_clusters = n_clusters), options))
    new(
        get(class_name("SCINNOParam"), param_class),
        n_clusters = n_clusters, options = options, batch = batch, engine = engine,
        verbose = verbose
    )
}

# bluster is only suggested, and loading it takes seconds: the class that extends one of its own is
# defined when it is loaded. The namespace is locked by then, so the class has an environment of
# its own.
param_class <- new.env(parent = topenv())
param_class$.packageName <- "scinno"

class_name <- function(name) methods::classMetaName(name)

when_bluster_loads <- function() {
    if (isNamespaceLoaded("bluster")) {
        define_param_class()
    } else {
        setHook(packageEvent("bluster", "onLoad"), function(...) define_param_class())
    }
}

define_param_class <- function() {
    methods::setClass(
        "SCINNOParam",
        contains = methods::getClass("BlusterParam", where = asNamespace("bluster")),
        representation = methods::representation(
            n_clusters = "ANY", options = "list", batch = "ANY", engine = "character",
            verbose = "logical"
        ),
        where = param_class
    )
    methods::setMethod(
        getExportedValue("bluster", "clusterRows"), c("ANY", "SCINNOParam"), cluster_rows,
        where = param_class
    )
    methods::setMethod("show", "SCINNOParam", show_param, where = param_class)
}

cluster_rows <- function(x, BLUSPARAM, full = FALSE) {
    check_flag(full, "full")
    counts <- counts_of_rows(x)
    fit <- do.call(RunSCINNO, c(
        list(counts, BLUSPARAM@n_clusters), BLUSPARAM@options,
        list(batch = BLUSPARAM@batch, engine = BLUSPARAM@engine, verbose = BLUSPARAM@verbose)
    ))
    clusters <- unname(fit$labels)
    if (full) list(clusters = clusters, objects = list(fit = fit)) else clusters
}

# Genes x cells, from `x` with cells in rows.
counts_of_rows <- function(x) {
    if (length(dim(x)) != 2L) {
        scinno_stop("x must be a matrix with a row per cell, got ", class(x)[1L])
    }
    if (is.data.frame(x)) {
        x <- as.matrix(x)
    }
    turned <- if (is.matrix(x)) {
        t(x)
    } else if (is(x, "Matrix")) {
        Matrix::t(x)
    } else {
        need_package("DelayedArray")
        getExportedValue("DelayedArray", "t")(x)
    }
    if (is.numeric(turned) && any(turned < 0, na.rm = TRUE)) {
        scinno_stop(
            "x has negative values, as principal components have, and SCINNO reads the expression ",
            "of genes: give counts or log values, as in scran::clusterCells(sce, ",
            "assay.type = \"counts\", BLUSPARAM = SCINNOParam())"
        )
    }
    turned
}

show_param <- function(object) {
    n <- object@n_clusters
    shown <- c(
        n_clusters = if (is.null(n)) "estimated" else paste(n, collapse = " to "),
        vapply(object@options, short, "")
    )
    cat("class: SCINNOParam\n", paste0(names(shown), ": ", shown, "\n"), sep = "")
    if (!is.null(object@batch)) {
        cat("batch: of ", NROW(object@batch), " cells\n", sep = "")
    }
}
