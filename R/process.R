# Python in a process of its own: the same request as call_inprocess(), with files between.

call_process <- function(what, request, counts, model, progress) {
    folder <- tempfile("scinno-")
    dir.create(folder)
    on.exit(unlink(folder, recursive = TRUE))
    sent <- list(what = what, request = request)
    if (!is.null(counts)) {
        sent$shape <- dim(counts)
        for (part in c("x", "i", "p")) {
            write_plain(slot(counts, part), file.path(folder, paste0(part, ".bin")))
        }
    }
    if (!is.null(model)) {
        writeBin(model, file.path(folder, "model.bin"))
    }
    writeLines(enc2utf8(as_json(sent)), file.path(folder, "request.json"), useBytes = TRUE)
    run_python(folder, progress)
    reply <- from_json(read_text(file.path(folder, "reply.json")))
    arrays <- Map(
        function(name, shape) read_plain(file.path(folder, paste0(name, ".out")), shape),
        names(reply$shapes), reply$shapes
    )
    list(reply = reply, arrays = arrays)
}

read_text <- function(file) {
    text <- readChar(file, file.size(file), useBytes = TRUE)
    Encoding(text) <- "UTF-8"
    text
}

# In pieces: writeBin() makes a copy of what it writes.
write_plain <- function(x, file, piece = 2^22) {
    connection <- file(file, "wb")
    on.exit(close(connection))
    for (start in seq(1, by = piece, length.out = ceiling(length(x) / piece))) {
        writeBin(x[start:min(start + piece - 1, length(x))], connection, endian = "little")
    }
}

# `shape$type` is NumPy's dtype.kind: u (unsigned), i (integer) or f (float).
read_plain <- function(file, shape) {
    dims <- unlist(shape$dim)
    size <- file.size(file) / prod(dims)
    what <- switch(shape$type, u = "raw", i = "integer", f = "double")
    values <- readBin(file, what, n = prod(dims), size = size, endian = "little")
    # NumPy stores matrices by rows, R by columns.
    if (length(dims) == 2L) matrix(values, dims[1L], dims[2L], byrow = TRUE) else values
}

run_python <- function(folder, progress) {
    python <- python_path()
    paths <- c(core_folder(), Sys.getenv("PYTHONPATH"))
    process <- processx::process$new(
        python, c("-m", "scinno._r.process", folder),
        stdin = "|", stdout = "|", stderr = file.path(folder, "stderr.txt"), cleanup = TRUE,
        env = python_environment(
            PYTHONPATH = paste(paths[nzchar(paths)], collapse = .Platform$path.sep)
        )
    )
    on.exit(process$kill())
    sent <- wait_for(process, progress)
    if (sent && !file.exists(file.path(folder, "reply.json"))) {
        interrupted_stop() # while Python was loading
    }
    if (!file.exists(file.path(folder, "reply.json"))) {
        lines <- readLines(file.path(folder, "stderr.txt"), warn = FALSE)
        scinno_stop(
            "Python at '", python, "' ended without an answer (",
            if (length(lines)) lines[length(lines)] else paste("status", process$get_exit_status()),
            "): run scinnoDoctor()",
            class = "scinno_no_python"
        )
    }
}

# Returns whether there was an interrupt. The first is sent on to Python, which ends training and
# returns the clusters found so far; the second ends the wait, and on.exit() above ends Python.
wait_for <- function(process, progress) {
    sent <- FALSE
    while (process$is_alive() || process$is_incomplete_output()) {
        process$poll_io(200)
        for (row in process$read_output_lines()) {
            if (!is.null(progress)) progress(row)
        }
        if (interrupted()) {
            if (sent) interrupted_stop()
            sent <- TRUE
            process$interrupt()
        }
    }
    sent
}
