# A resolution in place of a number of clusters: the fit at another level of its tree.

# Checked before the fit.
check_resolution <- function(resolution, n_clusters) {
    if (is.null(resolution)) {
        return(invisible())
    }
    if (!is.numeric(resolution) || length(resolution) != 1L || !is.finite(resolution) ||
        resolution <= 0) {
        scinno_stop("resolution must be one number above 0, got ", short(resolution))
    }
    if (!is.null(n_clusters)) {
        scinno_stop("n_clusters and resolution both choose how many clusters: give one of them")
    }
}

at_resolution <- function(fit, resolution, engine, verbose) {
    if (is.null(resolution)) {
        return(fit)
    }
    cut <- cutSCINNO(fit, resolution = resolution, engine = engine)
    note_of(
        verbose, fit$n_clusters, " clusters were found, and resolution = ", format(resolution),
        " gives ", cut$n_clusters, ", by cutSCINNO(), where 1 changes nothing"
    )
    cut
}
