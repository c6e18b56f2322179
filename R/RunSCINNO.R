#' Cluster cells with SCINNO
#'
#' Finds clusters of cells in their counts, with fuzzy memberships, an embedding, and a model that
#' predicts the clusters of new cells. The same counts and seed give the same clusters in Python.
#'
#' Clusters are numbered from 0, the largest first. [scinnoDefaults()] and [scinno_settings] list
#' the arguments that `...` accepts, with their defaults.
#'
#' @section Seurat:
#' The result has the metadata columns `cluster.name` (a factor, also the identities) and
#' `<cluster.name>_confidence` (membership of each cell in its own cluster), the reductions
#' `reduction.name` (the embedding) and `<reduction.name>_memberships` (its first column is for
#' cluster 0), and the fit itself, which [scinnoFit()] returns. By default these are `scinno`,
#' `scinno_confidence`, `SCINNO` and `SCINNO_memberships`, as in a SingleCellExperiment: Seurat does
#' not allow the same name for a metadata column and a reduction. Layers split by sample
#' (`counts.1`, `counts.2`, ...) are joined by cells.
#'
#' Without `assay` the default assay is taken, with two exceptions: after `SCTransform()` the counts
#' that it was made from, and after `IntegrateData()`, whose assay has no counts, those of `RNA`.
#' `seed.use` is `seed`, and `features = VariableFeatures(object)` is possible, though the method
#' selects genes itself. `dims` and `reduction` are refused: the method reads counts. For
#' `FindSubCluster()` make a graph of the embedding, `FindNeighbors(object, reduction = "SCINNO",
#' dims = 1:ncol(object[["SCINNO"]]))`, or use [subclusterSCINNO()]. The key names the columns of the
#' embedding, as Seurat has it: `FeaturePlot(object, "SCINNO_1")`, and `"DEEP_1"` after
#' `reduction.key = "DEEP_"` or `Key(object[["SCINNO"]]) <- "DEEP_"`.
#'
#' @section SingleCellExperiment:
#' The result has `colData(x)[[name]]` (a factor) and `colData(x)[[<name>_confidence]]`,
#' `reducedDim(x, <NAME>)` (the embedding) and `reducedDim(x, <NAME>_memberships)`, where `<NAME>`
#' is `name` in upper case, and the fit in `metadata(x)[[name]]`. A SummarizedExperiment has no
#' reduced dimensions; its fit holds both matrices.
#'
#' The method divides counts by library sizes, also where the object has size factors: the same
#' counts then give the same clusters in every container and in Python. With `size.factors = TRUE`
#' the object's own size factors are used: the model is fitted to `log1p(counts / size factors)`,
#' and [predict()][predict.scinno_fit] needs `size.factors = TRUE` as well. Of a
#' MultiAssayExperiment cluster one experiment, `object[["RNA"]] <- RunSCINNO(object[["RNA"]])`.
#'
#' The labels that scran and scater take by default are left as they are: set them by
#' `colLabels(object) <- object$scinno`, or name the groups, as in
#' `scran::findMarkers(object, groups = object$scinno)`.
#'
#' @section In parallel:
#' A fit trains in at most two threads and seeks clusters in at most three, with the same numbers for
#' any; OMP_NUM_THREADS=1, set before R starts, gives it one. BiocParallel and future cannot speed it
#' up. Several fits may run at once: in `BiocParallel::SnowParam()` and
#' `future::multisession` as anywhere, and in forks of R (`parallel::mclapply()`,
#' `BiocParallel::MulticoreParam()`, `future::multicore`) with `engine = "process"`, which `"auto"`
#' is there.
#'
#' @section Interrupting:
#' An interrupt during training ends it early, with a warning and the clusters found so far. If
#' there are none yet, the call ends with an error. `object` itself is never changed.
#'
#' @param object A Seurat object, SingleCellExperiment, SummarizedExperiment, or a matrix of genes
#'   x cells: dense, sparse (`Matrix`), on disk (`DelayedMatrix`, `HDF5Matrix`, read by blocks of
#'   cells) or of BPCells.
#' @param n_clusters Number of clusters; or a range, as in `c(5, 12)` or `5:12`, within which it is estimated;
#'   or `NULL` to estimate it freely.
#' @param ... Arguments of the method, by their Python names: `preset`, `input`, `device` and all
#'   settings. `resolution`, in place of `n_clusters`, is that of [cutSCINNO()]: the number of
#'   clusters is estimated, 1 keeps it, more gives more.
#' @param seed A whole number: the same counts, settings and seed give the same result. `NULL` draws
#'   one from R's generator, which `set.seed()` sets.
#' @param features Names of the genes to use; all by default, of which the method selects the most
#'   variable.
#' @param batch What cells were measured together, as their donor, chip or protocol: differences
#'   between batches are then not to make clusters. A vector or factor with a value per cell; the
#'   name of a metadata column, or several, of which each combination is a batch; or `"layers"`:
#'   each layer of a split Seurat 5 assay is a batch. `NULL` for none. Batches that seem to have
#'   nothing in common are refused unless `batch_force = TRUE` is given. See [scinnoBatches()].
#' @param group.by For Seurat: another name for `batch`.
#' @param engine `"inprocess"` runs Python inside R. `"process"` runs it in a process of its own
#'   and exchanges files with it: it starts more slowly, but libraries of R and Python cannot
#'   conflict. `"auto"` uses `"inprocess"` where it is known to work. Both give the same result.
#' @param verbose Whether to show progress and notes. Progress is never shown under knitr.
#' @param assay,assay.type Name of the assay with the counts. For Seurat `NULL` is the default assay.
#'   For SummarizedExperiment `NULL` is `counts`; if there are none `logcounts`, or `X`, which
#'   zellkonverter reads from an AnnData.
#' @param layer Name of the Seurat layer (in Seurat 4: slot) with the counts.
#' @param reduction.name,reduction.key Name of the Seurat reduction, and prefix of its columns.
#' @param cluster.name Name of the metadata column with the clusters, and of the fit for
#'   [scinnoFit()].
#' @param set.ident For Seurat: whether the clusters become the identities of the cells.
#' @param subset.row For SummarizedExperiment: the genes to use, as names, numbers or logical, in
#'   place of `features`.
#' @param altexp Name of an alternative experiment whose counts are clustered; the results are
#'   stored in `object` itself.
#' @param size.factors `TRUE` to divide counts by `sizeFactors(object)`, or by numbers given here,
#'   one per cell, in place of library sizes. See the section on SingleCellExperiment.
#' @param name Name of the results in a SingleCellExperiment or SummarizedExperiment.
#'
#' @return For a matrix a [scinno_fit]. Otherwise `object` with the results added.
#' @references SCINNO: Modeling and Simulation 14(5), 818-828, 2025.
#'   \doi{10.12677/mos.2025.145436}
#' @seealso [scinnoFit()], [scinnoMemberships()], [predict.scinno_fit()]
#' @examples
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     fit <- RunSCINNO(counts, n_clusters = 3, pretrain_epochs = 2, joint_epochs = 2)
#'     table(fit$labels)
#' }
#' @export
RunSCINNO <- function(object, ...) UseMethod("RunSCINNO")

#' @rdname RunSCINNO
#' @export
RunSCINNO.default <- function(object, n_clusters = NULL, ..., seed = 0, features = NULL,
                              batch = NULL, engine = "auto", verbose = TRUE) {
    counts <- counts_of(object, features = features)
    batch <- batch_of(counts, batch)
    fit_counts(counts, n_clusters, list(..., seed = seed), engine, verbose, batch)
}

# The same for every kind of object. `counts`: dgCMatrix, genes x cells, checked. `batch`: from
# batch_of(). `known`: the caller's own arguments, which are then suggested for misspelled names as
# well.
fit_counts <- function(counts, n_clusters, options, engine, verbose, batch = NULL, known = NULL) {
    check_flag(verbose, "verbose")
    resolution <- options[["resolution"]]
    check_resolution(resolution, n_clusters)
    options <- options[!names(options) %in% "resolution"]
    options <- as_request(c(list(n_clusters = n_clusters), options))
    request <- list(
        options = with_batch(options, batch),
        genes = as_names(rownames(counts)),
        cells = as_names(utils::head(colnames(counts), 5000L)),
        known = as.list(c("features", "batch", "resolution", "engine", "verbose", known))
    )
    answer <- call_python(
        "fit", request,
        counts = counts, engine = engine, verbose = verbose, progress = progress_bar(verbose)
    )
    fit <- new_scinno_fit(answer, cells = colnames(counts))
    at_resolution(fit, resolution, engine, verbose)
}

as_request <- function(options) {
    named <- names(options)
    if (is.null(named) || any(named == "")) {
        scinno_stop(
            "arguments after n_clusters must be named, as in seed = 1; scinnoDefaults() lists them"
        )
    }
    if (anyDuplicated(named)) {
        scinno_stop("argument '", named[anyDuplicated(named)], "' is given twice")
    }
    check_foreign(named)
    for (name in named) {
        value <- options[[name]]
        if (name == "n_clusters" && length(value) > 1L) {
            options[[name]] <- as_range(ends_of(value), name)
            next
        }
        if (!is.null(value) && !(is.atomic(value) && length(value) == 1L && !is.na(value))) {
            scinno_stop(name, " must be one value or NULL, got ", short(value))
        }
    }
    if ("seed" %in% named && is.null(options$seed)) {
        # Python has generators of its own; set.seed() determines them only through this number.
        options$seed <- sample.int(.Machine$integer.max, 1L)
    }
    lapply(options, all_digits)
}

# 5:12 is c(5, 12).
ends_of <- function(x) {
    if (is.numeric(x) && length(x) > 2L && !anyNA(x) && all(diff(x) == 1)) range(x) else x
}

# toJSON() writes 15 digits; a double needs 17 to be read back unchanged.
all_digits <- function(x) {
    if (length(x) != 1L || !is.double(x) || !is.finite(x)) {
        return(x)
    }
    structure(sprintf("%.17g", x), class = "json")
}
