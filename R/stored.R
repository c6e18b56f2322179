# Results inside objects: which fit is meant, and which names are taken by something else.

# All fits of this name: cbind() of two SummarizedExperiments keeps both.
stored_fits <- function(object, name) {
    if (inherits(object, "Seurat")) {
        return(Filter(Negate(is.null), list(fit_in_seurat(object, name))))
    }
    need_package("S4Vectors")
    known <- S4Vectors::metadata(object)
    Filter(function(x) inherits(x, "scinno_fit"), unname(known[names(known) %in% name]))
}

# IntegrateLayers() lets its method store nothing but reductions.
fit_in_seurat <- function(object, name) {
    fit <- object@misc[[name]]
    if (is.null(fit) && name %in% names(object@reductions)) {
        fit <- object@reductions[[name]]@misc$scinno
    }
    fit
}

# The fit of this name; of several the one that has all cells of `object`.
stored_fit <- function(object, name) {
    fits <- stored_fits(object, name)
    if (!length(fits)) {
        no_fit_stop(object, name)
    }
    if (length(fits) == 1L) {
        return(fits[[1L]])
    }
    whole <- vapply(fits, function(fit) all(colnames(object) %in% names(fit$labels)), TRUE)
    if (!any(whole)) {
        scinno_stop(
            "object holds ", length(fits), " fits named '", name, "', none with all of its cells, ",
            "as cbind() of clustered objects gives: clusters of one number in two fits are not ",
            "the same. Select the cells of one, object[, cells], or run RunSCINNO(object) for one ",
            "fit of all"
        )
    }
    fits[[which(whole)[1L]]]
}

no_fit_stop <- function(object, name) {
    if (has_columns(object, name)) {
        scinno_stop(
            "object has the column '", name, "', but no fit of that name: merge() keeps columns, ",
            "not fits, and clusters of one number in two fits are not the same. Take ",
            "scinnoFit(object) before merge(), or run RunSCINNO(object) for one fit of all cells"
        )
    }
    scinno_stop("object holds no fit named '", name, "': run RunSCINNO(object) first")
}

has_columns <- function(object, name) {
    all(c(name, paste0(name, "_confidence")) %in% names(cell_columns(object)))
}

# Whether results of an earlier run have this name, which a new run replaces.
is_earlier_run <- function(object, name) {
    has_columns(object, name) || length(stored_fits(object, name)) > 0L
}

check_columns_free <- function(object, name, argument) {
    taken <- intersect(c(name, paste0(name, "_confidence")), names(cell_columns(object)))
    if (length(taken) && !is_earlier_run(object, name)) {
        scinno_stop(
            argument, " = \"", name, "\" would overwrite the column '", taken[1L], "', which is ",
            "not a result of RunSCINNO(): choose another name"
        )
    }
}

# `reductions`: those of `object`. An earlier run has made both reductions or, in merge(), one.
check_reduction_free <- function(reduction, reductions, argument, value, usual) {
    companion <- paste0(reduction, "_memberships")
    if (reduction %in% reductions && !companion %in% reductions && reduction != usual) {
        scinno_stop(
            argument, " = \"", value, "\" would overwrite the reduction '", reduction, "', which ",
            "is not a result of RunSCINNO(): choose another name"
        )
    }
}

check_sce_names <- function(object, name) {
    check_columns_free(object, name, "name")
    if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        known <- SingleCellExperiment::reducedDimNames(object)
        check_reduction_free(toupper(name), known, "name", name, "SCINNO")
    }
}

# The usual key, unless another reduction of the object has it.
free_key <- function(object, reduction, usual = "SCINNO_") {
    others <- setdiff(SeuratObject::Reductions(object), reduction)
    keys <- vapply(others, function(name) SeuratObject::Key(object[[name]]), "")
    letters <- gsub("[^A-Za-z0-9]", "", reduction)
    if (usual %in% keys && grepl("^[A-Za-z]", letters)) paste0(letters, "_") else usual
}

# Columns as Seurat requires them of reductions, from 1: clusters are numbered from 0.
numbered_columns <- function(values, key) {
    columns <- paste0(key, seq_len(ncol(values)))
    if (!identical(colnames(values), columns)) {
        colnames(values) <- columns # this copies
    }
    values
}
