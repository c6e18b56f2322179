#' The paper's figures from a benchmark, with ggplot2
#'
#' Figures 4, 5 and 6 of the publication, from what the command `scinno bench` has written; as
#' `scinno.pl.benchmark`, `scinno.pl.bench_maps` and `scinno.pl.ablation` in Python.
#'
#' @param results Folder of `scinno bench`, or the file `results.json` of one.
#' @param what `"scores"` (figure 4: bars of each score by set and method), `"ablation"` (figure 6:
#'   bars of the whole method beside the same without one part) or `"maps"` (figure 5: cells of one
#'   set on one t-SNE, once for the types and once for each method).
#' @param scores For bars: what to draw, one panel each; as in `"accuracy"` or `"seconds"`.
#' @param methods Keys or names of methods, in this order; `NULL` for all with a finished run, but no
#'   ablations. For `"ablation"`: those without a part; `NULL` for all with the word "no" in their
#'   key.
#' @param full For `"ablation"`: the whole method.
#' @param sets For bars: names of sets, in this order; `NULL` for all.
#' @param k_given Whether to draw runs in which methods were told K, or those in which they estimated
#'   it.
#' @param mean For bars: whether to add the mean over sets, of methods that were run on all of them.
#' @param data For `"maps"`: the .h5ad file of the set; the folder of a benchmark holds no types.
#' @param seed For `"maps"`: which run of each method; a method without chance has seed 0 only, and
#'   gives that.
#' @param size For `"maps"`: size of points; `NULL` for one that suits their number.
#' @param max_cells For `"maps"`: of more cells than this a sample is drawn.
#' @param ncol For `"maps"`: panels beside each other.
#' @param engine For `"maps"`, which Python computes: see [RunSCINNO()].
#' @return A ggplot. A bar is the mean over seeds, its whisker their standard deviation; a set on
#'   which a method was not run has no bar. On maps, clusters have the colour of the type they match
#'   best.
#' @examples
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'     results <- system.file("extdata", "example_results.json", package = "scinno")
#'     plotSCINNOBench(results)
#'     plotSCINNOBench(results, "ablation", scores = "ARI")
#' }
#' @export
plotSCINNOBench <- function(results, what = "scores", scores = c("NMI", "ARI"), methods = NULL,
                            full = "scinno", sets = NULL, k_given = TRUE, mean = TRUE,
                            data = NULL, seed = 0, size = NULL, max_cells = 5000, ncol = 3,
                            engine = "auto") {
    need_package("ggplot2")
    check_one_of(what, c("scores", "ablation", "maps"), "what")
    check_flag(k_given, "k_given")
    if (what == "maps") {
        return(gg_bench_maps(
            dirname(results_file(results)), data, methods, seed, k_given, size, max_cells, ncol, engine
        ))
    }
    check_flag(mean, "mean")
    rows <- bench_rows(results, scores, k_given)
    methods <- if (what == "scores") {
        chosen_of(rows, "method", if (is.null(methods)) no_ablations(rows) else methods)
    } else {
        chosen_of(rows, "method", c(full, if (is.null(methods)) ablations(rows, full) else methods))
    }
    gg_bars(rows, scores, methods, chosen_of(rows, "set", sets), mean)
}

# Names longer than this stand aslant below the bars.
upright <- 6L

gg_bars <- function(rows, scores, methods, sets, mean) {
    bars <- do.call(rbind, lapply(scores, bars_of, rows, methods, sets, mean))
    empty <- setdiff(scores, bars$score[is.finite(bars$value)])
    if (length(empty)) {
        scinno_stop("score '", empty[1L], "' has no value in these runs")
    }
    # A mean stands a little apart from the sets.
    with_mean <- length(sets) < length(levels(bars$set))
    places <- seq_along(levels(bars$set)) + c(numeric(length(sets)), if (with_mean) 0.4)
    width <- 0.8 / length(methods)
    aside <- (as.integer(bars$method) - (length(methods) + 1) / 2) * width
    bars$place <- places[as.integer(bars$set)] + aside
    bars <- bars[is.finite(bars$value), ]
    whiskers <- bars[is.finite(bars$spread), ]
    aslant <- max(nchar(levels(bars$set))) > upright
    labels <- ggplot2::element_text(angle = 40, hjust = 1, vjust = 1)
    ggplot2::ggplot(bars, gg_at("place", "value", fill = "method")) +
        ggplot2::geom_col(width = width * 0.92, show.legend = TRUE) +
        ggplot2::geom_linerange(
            gg_at("place", "value", ymin = "low", ymax = "high"),
            data = whiskers, colour = "grey25", linewidth = 0.3, inherit.aes = FALSE
        ) +
        ggplot2::geom_blank(gg_at("place", "value"), data = ends_of(bars), inherit.aes = FALSE) +
        ggplot2::geom_hline(yintercept = 0) +
        ggplot2::facet_wrap("score", ncol = 1L, scales = "free_y", strip.position = "left") +
        ggplot2::scale_x_continuous(
            breaks = places, labels = levels(bars$set),
            expand = ggplot2::expansion(0.01)
        ) +
        ggplot2::scale_y_continuous(expand = c(0, 0)) +
        ggplot2::scale_fill_manual(
            values = unname(colours_of(methods)), limits = methods, labels = names_of(rows, methods)
        ) +
        ggplot2::guides(fill = ggplot2::guide_legend(byrow = TRUE)) +
        ggplot2::labs(x = NULL, y = NULL, fill = NULL) +
        ggplot2::theme_classic() +
        ggplot2::theme(
            axis.text.x = if (aslant) labels, axis.ticks.x = ggplot2::element_blank(),
            legend.position = "top", legend.justification = "left",
            legend.key.size = ggplot2::unit(0.8, "lines"),
            panel.spacing = ggplot2::unit(1, "lines"), strip.background = ggplot2::element_blank(),
            strip.placement = "outside"
        )
}

# Mean and standard deviation over seeds, of each set and method, and means over sets.
bars_of <- function(score, rows, methods, sets, mean) {
    grid <- expand.grid(set = sets, method = methods, stringsAsFactors = FALSE)
    values <- lapply(seq_len(nrow(grid)), function(i) {
        own <- rows$table$set == grid$set[i] & rows$table$method == grid$method[i]
        found <- rows$table[[score]][own]
        found[!is.na(found)]
    })
    grid$value <- vapply(values, base::mean, 0)
    grid$spread <- vapply(values, stats::sd, 0)
    shown <- sets
    if (mean && length(sets) > 1L) {
        # A mean over fewer sets would be one of easier or harder sets.
        over <- vapply(methods, function(m) base::mean(grid$value[grid$method == m]), 0)
        shown <- c(sets, "mean")
        grid <- rbind(grid, data.frame(set = "mean", method = methods, value = over, spread = NA))
    }
    data.frame(
        score = factor(score), set = factor(grid$set, shown), method = factor(grid$method, methods),
        value = grid$value, spread = grid$spread, low = grid$value - grid$spread,
        high = grid$value + grid$spread
    )
}

# Scores are seen from 0, or from the worst below it, to 1; seconds and memory to their highest.
ends_of <- function(bars) {
    do.call(rbind, lapply(split(bars, bars$score, drop = TRUE), function(own) {
        low <- min(0, own$value) * 1.05
        high <- max(1, own$value, own$high, na.rm = TRUE) * 1.02
        data.frame(score = own$score[1L], place = own$place[1L], value = c(low, high))
    }))
}

gg_bench_maps <- function(folder, data, methods, seed, k_given, size, max_cells, ncol, engine) {
    if (!is_name(data)) {
        scinno_stop("data must be the path of the set's .h5ad file, got ", short(data))
    }
    check_whole(seed, "seed", 0)
    check_whole(max_cells, "max_cells", 1)
    check_whole(ncol, "ncol", 1)
    request <- list(
        folder = folder, data = path.expand(data), methods = as_names(methods),
        seed = as.integer(seed), k_given = k_given, max_cells = as.integer(max_cells)
    )
    answer <- ask_python("bench_maps", request, engine = engine, verbose = FALSE)
    told <- lapply(answer$reply[c("levels", "names", "scores")], unlist)
    codes <- answer$arrays$codes
    drawn <- data.frame(
        one = answer$arrays$flat[, 1L], two = answer$arrays$flat[, 2L],
        group = factor(told$levels[as.vector(codes) + 1L], told$levels),
        panel = factor(rep(seq_len(ncol(codes)), each = nrow(codes)))
    )
    if (is.null(size)) {
        size <- min(1.5, max(0.3, 30 / sqrt(nrow(codes))))
    }
    # All panels have the same points, so "free" changes no scale: it gives each panel its axes.
    # Two methods may have one name, so panels go by number.
    titles <- stats::setNames(
        paste(told$names, told$scores, sep = "\n"), levels(drawn$panel)
    )
    ggplot2::ggplot(drawn, gg_at("one", "two", "group")) +
        ggplot2::geom_point(size = size, shape = 16L) +
        ggplot2::facet_wrap(
            "panel",
            ncol = ncol, scales = "free",
            labeller = ggplot2::as_labeller(titles)
        ) +
        ggplot2::scale_colour_manual(
            values = colours_of(told$levels), breaks = told$levels[seq_len(answer$reply$types)]
        ) +
        ggplot2::guides(colour = ggplot2::guide_legend(override.aes = list(size = 3))) +
        ggplot2::labs(x = "t-SNE 1", y = "t-SNE 2", colour = NULL) +
        ggplot2::theme_classic() +
        ggplot2::theme(
            axis.text = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
            strip.background = ggplot2::element_blank(),
            strip.text = ggplot2::element_text(hjust = 0)
        )
}
