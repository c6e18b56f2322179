#' Domains of a tissue
#'
#' Regions of cells whose surroundings are alike. Clusters and domains are two answers about the
#' same cells: a domain holds several clusters, and one cluster may be in several domains. The
#' network is that of the fit, and nothing is trained again: its codes are averaged over neighbors
#' in space before domains are looked for (`scinno.domains` of the Python core).
#'
#' A domain depends on all cells around a cell, so that `object` must hold all cells of the fit, in
#' any order, and new cells have no domain without these.
#'
#' @param object A [scinno_fit], together with `coordinates`; or the result of [RunSCINNO()]: a
#'   Seurat object, SingleCellExperiment or SummarizedExperiment.
#' @param n_domains Number of domains; or a range, as in `c(5, 12)` or `5:12`, within which it is
#'   estimated; or `NULL` to estimate it freely.
#' @param ... No further arguments.
#' @param coordinates A matrix or table with a row per cell and 2 or 3 columns, in any unit; of more
#'   columns `x` and `y` (and `z`), or `imagerow` and `imagecol`, are used. Names of rows, or a
#'   column `cell`, must be the names of the cells, and put them in order. `NULL` takes those of
#'   `object`: of Seurat its images; of a SpatialExperiment `spatialCoords()`; else the reduced
#'   dimensions `"spatial"`. Neighbors are the spots around a spot where the places are a grid, else
#'   the 15 nearest cells.
#' @param slices The slice of each cell, as a vector or factor, or the name of a metadata column:
#'   cells of different slices are never neighbors. `NULL` for one slice, but with the coordinates
#'   of several images of Seurat each of these is one, and of a SpatialExperiment each `sample_id`.
#' @param smoothing Rounds of smoothing, from 0 (domains of single cells as they are) to 100;
#'   `"auto"` chooses.
#' @param seed A whole number, or `NULL`; see [RunSCINNO()].
#' @param cluster.name,name Name under which [RunSCINNO()] stored its results.
#' @param engine See [RunSCINNO()].
#' @param verbose Whether to show notes.
#' @param x A `scinno_domains`.
#' @return For a `scinno_fit` a `scinno_domains`, a list with: `labels`, a factor named by cell with
#'   domains from `"0"`, the largest; `confidence`, the membership of each cell in its own domain;
#'   `memberships` (cells x domains, rows sum to 1); `embedding` (cells x dimensions), that of the
#'   fit, smoothed; `n_domains`; `smoothing`, rounds; `smoothing_table`, why so many, a data frame
#'   with a row per number of rounds: `rounds`, `own_weight` (of a cell in its average), `error`
#'   (expected, in shares of the variance of the embedding), `chosen`, or `NULL` where it was given;
#'   `k_evidence`, as in a [scinno_fit], for the number of domains; `warnings`.
#'
#'   Otherwise `object` with two more metadata columns: the factor `scinno_domain` and
#'   `scinno_domain_confidence`, where `"scinno"` is `cluster.name` or `name`. What `warnings` says
#'   is then a warning. The identities of a Seurat object stay as they are.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' # A strip of tissue in which the clusters lie side by side.
#' places <- cbind(x = as.integer(fit$labels) + runif(120), y = runif(120))
#' if (scinnoReady()) {
#'     scinnoDomains(fit, 2, coordinates = places)
#' }
#' @export
scinnoDomains <- function(object, n_domains = NULL, ..., coordinates = NULL, slices = NULL,
                          smoothing = "auto", seed = 0, engine = "auto", verbose = TRUE) {
    UseMethod("scinnoDomains")
}

#' @noRd
#' @export
scinnoDomains.default <- function(object, n_domains = NULL, ..., coordinates = NULL,
                                  slices = NULL, smoothing = "auto", seed = 0, engine = "auto",
                                  verbose = TRUE) {
    scinno_stop("object must be a result of RunSCINNO(), got ", class(object)[1L])
}

#' @rdname scinnoDomains
#' @export
scinnoDomains.scinno_fit <- function(object, n_domains = NULL, ..., coordinates = NULL,
                                     slices = NULL, smoothing = "auto", seed = 0, engine = "auto",
                                     verbose = TRUE) {
    check_domain_words(list(...))
    check_flag(verbose, "verbose")
    fit <- check_fit(object)
    if (is.null(coordinates)) {
        scinno_stop(
            "coordinates must be given with a scinno_fit: a matrix with a row per cell of the fit"
        )
    }
    cells <- names(fit$labels)
    n_cells <- length(fit$labels)
    if (!n_cells) {
        scinno_stop("the fit holds no cells, as the model of a run in blocks: domains need them")
    }
    places <- places_of(coordinates, cells, n_cells)
    slices <- slices_of(slices, NULL, cells, n_cells)
    options <- list(n_domains = n_domains, smoothing = smoothing, seed = seed)
    domains_of(fit, places, slices, options, engine, verbose)
}

#' @rdname scinnoDomains
#' @export
scinnoDomains.Seurat <- function(object, n_domains = NULL, ..., coordinates = NULL, slices = NULL,
                                 smoothing = "auto", seed = 0, cluster.name = "scinno",
                                 engine = "auto", verbose = TRUE) {
    need_package("SeuratObject")
    check_domain_words(list(...), "cluster.name")
    check_name(cluster.name, "cluster.name")
    check_flag(verbose, "verbose")
    columns <- domain_columns(object, cluster.name, c(
        SeuratObject::Assays(object), SeuratObject::Reductions(object), SeuratObject::Images(object)
    ))
    fit <- scinnoFit(object, cluster.name)
    tissue <- if (is.null(coordinates)) image_places(object)
    options <- list(n_domains = n_domains, smoothing = smoothing, seed = seed)
    found <- domains_in(object, fit, tissue, coordinates, slices, options, engine, verbose)
    object[[columns[1L]]] <- found$labels
    object[[columns[2L]]] <- found$confidence
    object
}

#' @rdname scinnoDomains
#' @export
scinnoDomains.SummarizedExperiment <- function(object, n_domains = NULL, ..., coordinates = NULL,
                                               slices = NULL, smoothing = "auto", seed = 0,
                                               name = "scinno", engine = "auto", verbose = TRUE) {
    need_package("SummarizedExperiment")
    check_domain_words(list(...), "name")
    check_name(name, "name")
    check_flag(verbose, "verbose")
    columns <- domain_columns(object, name)
    fit <- scinnoFit(object, name)
    tissue <- if (is.null(coordinates)) experiment_places(object)
    options <- list(n_domains = n_domains, smoothing = smoothing, seed = seed)
    found <- domains_in(object, fit, tissue, coordinates, slices, options, engine, verbose)
    SummarizedExperiment::colData(object)[[columns[1L]]] <- unname(found$labels)
    SummarizedExperiment::colData(object)[[columns[2L]]] <- unname(found$confidence)
    object
}

#' @rdname scinnoDomains
#' @export
print.scinno_domains <- function(x, ...) {
    sizes <- table(x$labels)
    cat(
        "scinno_domains: ", length(x$labels), " cells in ", x$n_domains, " domains (sizes ",
        max(sizes), " to ", min(sizes), "), ", x$smoothing, " rounds of smoothing\n",
        sep = ""
    )
    print_warnings(x$warnings)
    invisible(x)
}

# Asks Python. `places`: a matrix with a row per cell of the fit, in its order. `slices`: text or
# NULL.
domains_of <- function(fit, places, slices, options, engine, verbose) {
    n_domains <- options$n_domains
    if (length(n_domains) > 1L) {
        n_domains <- as_range(ends_of(n_domains), "n_domains")
        options <- options[names(options) != "n_domains"]
    }
    options <- as_request(options)
    if (length(n_domains) > 1L) {
        options$n_domains <- n_domains
    }
    request <- list(
        # In JSON by columns, with all digits.
        coordinates = lapply(seq_len(ncol(places)), function(j) json_numbers(places[, j])),
        slices = as_names(slices), options = options
    )
    answer <- call_python(
        "domains", request,
        model = fit$model, engine = engine, verbose = verbose
    )
    new_scinno_domains(answer, fit)
}

new_scinno_domains <- function(answer, fit) {
    reply <- answer$reply
    arrays <- answer$arrays
    cells <- names(fit$labels)
    domains <- as.character(seq_len(reply$n_domains) - 1L)
    labels <- factor(as.character(arrays$labels), levels = domains)
    dimnames(arrays$memberships) <- list(cells, domains)
    dimnames(arrays$embedding) <- list(cells, colnames(fit$centers))
    found <- list(
        labels = stats::setNames(labels, cells),
        memberships = arrays$memberships,
        embedding = arrays$embedding,
        n_domains = as.integer(reply$n_domains),
        smoothing = as.integer(reply$smoothing),
        smoothing_table = if (!is.null(reply$smoothing_table)) as_table(reply$smoothing_table),
        k_evidence = if (!is.null(reply$k_evidence)) as_table(reply$k_evidence),
        warnings = as.character(unlist(reply$warnings))
    )
    found <- append(found, list(confidence = confidence(found)), after = 1L)
    structure(found, class = "scinno_domains")
}

# The same for the cells of an object, whose order may not be that of the fit. `tissue`: places and
# slices from the object itself, or NULL where `coordinates` were given.
domains_in <- function(object, fit, tissue, coordinates, slices, options, engine, verbose) {
    cells <- colnames(object)
    n_cells <- ncol(object)
    at <- order_in_fit(fit, cells, n_cells)
    if (is.null(tissue)) {
        tissue <- list(places = coordinates)
    }
    places <- places_of(tissue$places, cells, n_cells)
    if (is.null(slices)) {
        slices <- tissue$slices
    }
    slices <- slices_of(slices, object, cells, n_cells)
    found <- domains_of(fit, places[at, , drop = FALSE], slices[at], options, engine, verbose)
    for (text in found$warnings) {
        warning(text, call. = FALSE)
    }
    note_of(verbose, found$n_domains, " domains, ", found$smoothing, " rounds of smoothing")
    back <- order(at)
    list(labels = found$labels[back], confidence = found$confidence[back])
}

# Where each cell of the fit is in the object.
order_in_fit <- function(fit, cells, n_cells) {
    known <- names(fit$labels)
    if (!is.null(known) && !is.null(cells)) {
        labels_of(fit, cells, "object")
    }
    if (n_cells != length(fit$labels)) {
        scinno_stop(
            "object holds ", n_cells, " of the ", length(fit$labels), " cells of the fit, and a ",
            "domain depends on all cells around a cell: find domains before cells are removed, or ",
            "run RunSCINNO(object) for a fit of these"
        )
    }
    if (is.null(known) || is.null(cells)) seq_len(n_cells) else match(known, cells)
}

# Names of the two columns of the result. `others`: what else object[[name]] finds.
domain_columns <- function(object, name, others = NULL) {
    columns <- paste0(name, c("_domain", "_domain_confidence"))
    taken <- intersect(columns, others)
    if (length(taken)) {
        scinno_stop(
            "the result would be the metadata column '", taken[1L], "', which is the name of an ",
            "assay, reduction or image of object: rename that first"
        )
    }
    taken <- intersect(columns, names(cell_columns(object)))
    if (length(taken) == 1L) {
        scinno_stop(
            "the column '", taken, "' of object is not a result of scinnoDomains(), which would ",
            "overwrite it: rename it first"
        )
    }
    columns
}

# Refuses `dots`, with what is meant by the words of other functions. `own`: the argument that names
# the results, which differs between objects.
check_domain_words <- function(dots, own = NULL) {
    if (!length(dots)) {
        return(invisible())
    }
    first <- names(dots)[1L]
    if (is.null(first) || !nzchar(first)) {
        scinno_stop(
            "arguments of scinnoDomains() after n_domains must be named, as in coordinates = xy"
        )
    }
    meant <- c(
        n_clusters = "n_domains", k = "n_domains", coords = "coordinates", rounds = "smoothing",
        slice = "slices", library_key = "slices", sample_id = "slices", batch = "slices"
    )
    if (!is.null(own)) {
        meant[setdiff(c("name", "cluster.name"), own)] <- own
    }
    scinno_stop(
        "unknown argument '", first, "' of scinnoDomains()",
        if (first %in% names(meant)) paste0(": it is '", meant[[first]], "' here")
    )
}
