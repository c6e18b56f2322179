silent <- function() isTRUE(getOption("knitr.in.progress"))

# A function that takes each row of the history as JSON, or NULL at the end; NULL when nothing is to
# be shown.
progress_bar <- function(verbose) {
    if (!verbose || silent()) {
        return(NULL)
    }
    bar <- NULL
    # The bar must outlive the call that makes it.
    home <- environment()
    function(row) {
        if (is.null(row)) {
            if (!is.null(bar)) cli::cli_progress_done(id = bar, .envir = home)
            return(invisible())
        }
        row <- from_json(row)
        if (is.null(bar)) {
            bar <<- cli::cli_progress_bar(
                "SCINNO", total = row$epochs, .auto_close = FALSE, .envir = home
            )
        }
        text <- paste0(row$phase, ", loss ", signif(row$loss, 4L))
        cli::cli_progress_update(set = row$epoch, status = text, id = bar, .envir = home)
        invisible()
    }
}
