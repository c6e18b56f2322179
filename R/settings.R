#' Arguments of the method and their defaults
#'
#' Read from the Python core, the only place where defaults are written; [scinno_settings] shows the
#' same list as text.
#'
#' @param preset `"default"` or `"paper"` (the published constants).
#' @param engine See [RunSCINNO()].
#' @param x What `scinnoDefaults()` returned.
#' @param ... Ignored.
#' @return A data frame with a row per argument, named by it: `type` (Python's name for it),
#'   `default` (a list, since types differ) and `about`. It prints one line per argument, as wide as
#'   the console.
#' @examples
#' if (scinnoReady()) {
#'     head(scinnoDefaults()[, c("type", "default")])
#'     scinnoDefaults()["n_genes", "about"]
#' }
#' @export
scinnoDefaults <- function(preset = "default", engine = "auto") {
    check_name(preset, "preset")
    answer <- call_python("defaults", list(preset = preset), engine = engine, verbose = FALSE)
    lines <- answer$reply$settings
    field <- function(name) vapply(lines, function(line) line[[name]], "")
    table <- data.frame(
        row.names = field("name"),
        type = field("type"),
        default = I(lapply(lines, function(line) line$default)),
        about = field("about")
    )
    structure(table, class = c("scinno_defaults", "data.frame"))
}

#' @rdname scinnoDefaults
#' @export
print.scinno_defaults <- function(x, ...) {
    if (!all(c("default", "about") %in% names(x))) {
        return(NextMethod()) # some columns of it
    }
    start <- paste0(
        format(rownames(x)), "  ", format(vapply(x$default, default_text, "")), "  "
    )
    room <- getOption("width") - nchar(start)
    about <- gsub("`+", "", gsub("``x``", "object", x$about, fixed = TRUE))
    cat(paste0(start, shortened(about, pmax(room, 8L))), sep = "\n")
    cat("?scinno_settings has the whole texts.\n")
    invisible(x)
}

shortened <- function(text, width) {
    ifelse(nchar(text) > width, paste0(substr(text, 1L, width - 3L), "..."), text)
}

#' All arguments that RunSCINNO passes on
#'
#' Names, types and defaults are those of the Python core; this page is generated from
#' [scinnoDefaults()]. Whole numbers may be given as `10` or `10L`; `NULL` is Python's `None`.
#'
#' @eval settings_page()
#' @name scinno_settings
#' @aliases scinno_settings
NULL

# For roxygen2: one item per argument, as "name (type, default): meaning".
settings_page <- function() {
    settings <- scinnoDefaults()
    defaults <- vapply(settings$default, default_text, "")
    types <- gsub("[", "(", gsub("]", ")", settings$type, fixed = TRUE), fixed = TRUE)
    c(
        "@section Arguments:",
        paste0(
            "* `", rownames(settings), "` (", types, ", `", defaults, "`): ",
            gsub("`+", "`", settings$about) # roxygen2 escapes percent signs
        ),
        ""
    )
}

default_text <- function(value) {
    if (is.null(value)) "NULL" else as.character(as_json(value))
}
