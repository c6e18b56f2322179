# Interrupts (Ctrl-C) while Python runs inside R.

# Python calls this with each row of the history, and stops if it returns TRUE.
progress_callback <- function(progress) {
    function(row) interrupted(if (!is.null(progress)) progress(row))
}

# Evaluates `expr` unless an interrupt is pending; returns whether one was or came meanwhile.
interrupted <- function(expr = NULL) {
    tryCatch(
        {
            allowInterrupts({
                Sys.sleep(0) # R checks for interrupts here
                expr
            })
            FALSE
        },
        interrupt = function(e) TRUE
    )
}

# The same after with_signal_held(). Python may have noted the interrupt as well, and would end the
# next call with it.
interrupt_came <- function() {
    noted <- isTRUE(session$noted)
    session$noted <- NULL
    came <- interrupted()
    unless_noted(reticulate::py_run_string("pass"))
    came || noted || isTRUE(session$noted)
}

# Evaluates a call to Python and remembers if Python ended it as interrupted.
unless_noted <- function(expr) {
    tryCatch(expr, error = function(e) if (is_interrupt(e)) session$noted <- TRUE else stop(e))
}

# Python's KeyboardInterrupt, by the class or the text that reticulate gives it.
is_interrupt <- function(e) {
    inherits(e, c("interrupt", "python.builtin.KeyboardInterrupt")) ||
        grepl("KeyboardInterrupt", conditionMessage(e), fixed = TRUE)
}

interrupted_stop <- function() {
    scinno_stop("interrupted before there were clusters", class = "scinno_interrupted")
}

# Evaluates `expr`, which loads Python's modules. An interrupt in the midst of that leaves modules
# that are neither there nor can be loaded again, and later calls end R. R's own handling is
# suspended by call_python(); where Python knows signal masks the signal itself waits, so that Python
# does not see it either.
with_signal_held <- function(expr) {
    signal <- reticulate::import("signal", convert = FALSE)
    if (reticulate::py_has_attr(signal, "pthread_sigmask")) {
        mask <- function(how) signal$pthread_sigmask(signal[[how]], list(signal$SIGINT))
        unless_noted(mask("SIG_BLOCK"))
        on.exit(unless_noted(mask("SIG_UNBLOCK")))
    }
    expr
}
