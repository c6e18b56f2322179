silent <- function() isTRUE(getOption("knitr.in.progress"))

# A function that gets each row of the history as JSON, and NULL at the end; NULL if no progress is
# shown.
progress_bar <- function(verbose) {
    if (!verbose || silent()) {
        return(NULL)
    }
    bar <- NULL
    # cli ends a bar with the function that made it, unless it is tied to another environment.
    owner <- environment()
    function(row) {
        if (is.null(row)) {
            if (!is.null(bar)) cli::cli_progress_done(id = bar, .envir = owner)
            return(invisible())
        }
        row <- from_json(row)
        if (is.null(bar)) {
            bar <<- cli::cli_progress_bar(
                "SCINNO", total = row$n_epochs, .auto_close = FALSE, .envir = owner
            )
        }
        text <- paste0(row$phase, ", loss ", signif(row$loss, 4L))
        cli::cli_progress_update(set = row$epoch, status = text, id = bar, .envir = owner)
        invisible()
    }
}
