# Fits in several processes of R at once.

# Whether this R is a fork, as of mclapply() or future::multicore, of the R that loaded this
# package. A fork has the memory of its parent, but none of its threads: Python's libraries would
# wait for theirs for ever.
is_fork <- function() {
    !is.null(session$loaded_in) && session$loaded_in != Sys.getpid()
}

engine_here <- function(engine) {
    if (!is_fork()) {
        return(if (engine == "auto") best_engine() else engine)
    }
    if (engine == "inprocess") {
        scinno_stop(
            "engine = \"inprocess\" cannot be used in a fork of R, as of mclapply() or ",
            "future::multicore: use engine = \"process\" or \"auto\", or future::multisession"
        )
    }
    "process"
}
