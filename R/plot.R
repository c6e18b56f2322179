#' Plot a fit
#'
#' @param x A [scinno_fit].
#' @param what `"cells"` (first two principal components of the embedding, coloured by cluster),
#'   `"memberships"` (how sure cells are, by cluster) or `"history"` (the loss by epoch).
#' @param ... Passed on to [graphics::plot()] or [graphics::boxplot()].
#' @return What was drawn, as a data frame, invisibly.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' plot(fit)
#' plot(fit, "memberships")
#' plot(fit, "history")
#' @export
plot.scinno_fit <- function(x, what = "cells", ...) {
    check_one_of(what, c("cells", "memberships", "history"), "what")
    drawn <- switch(what,
        cells = plot_cells(x, ...),
        memberships = plot_memberships(x, ...),
        history = plot_history(x, ...)
    )
    invisible(drawn)
}

plot_cells <- function(fit, ...) {
    points <- stats::prcomp(fit$embedding, rank. = 2L)$x
    clusters <- levels(fit$labels)
    colours <- unname(colours_of(clusters))
    plot_with(
        list(points, col = colours[fit$labels], pch = 20, xlab = "PC 1", ylab = "PC 2"), list(...)
    )
    # Names at the middles: a legend would lie on the points of some other fit.
    middle <- function(values) tapply(values, fit$labels, stats::median)
    graphics::text(middle(points[, 1L]), middle(points[, 2L]), clusters, font = 2)
    data.frame(points, cluster = fit$labels)
}

plot_memberships <- function(fit, ...) {
    drawn <- data.frame(cluster = fit$labels, membership = confidence(fit))
    colours <- unname(colours_of(levels(fit$labels)))
    own <- list(
        drawn$membership ~ drawn$cluster, col = colours, xlab = "cluster",
        ylab = "membership in own cluster", ylim = c(0, 1)
    )
    do.call(graphics::boxplot, utils::modifyList(own, list(...)))
    drawn
}

plot_history <- function(fit, ...) {
    history <- fit$history
    phases <- unique(history$phase)
    colours <- unname(colours_of(phases))
    own <- list(
        history$epoch, history$loss, col = colours[match(history$phase, phases)], pch = 20,
        xlab = "epoch", ylab = "loss"
    )
    plot_with(own, list(...))
    graphics::legend("topright", phases, col = colours, pch = 20, title = "phase", bty = "n")
    history[c("epoch", "phase", "loss")]
}

# What the user asks for goes over our own.
plot_with <- function(own, given) do.call(graphics::plot, utils::modifyList(own, given))
