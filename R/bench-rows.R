# Finished runs of a benchmark, one row each: what python/scinno/pl/_results.py reads of the same
# file, in the same order.

# The results.json of a folder, or the file itself.
results_file <- function(results) {
    if (!is_name(results)) {
        scinno_stop(
            "results must be a folder of scinno bench or its results.json, got ", short(results)
        )
    }
    file <- path.expand(results)
    if (dir.exists(file)) {
        file <- file.path(file, "results.json")
    }
    if (!file.exists(file)) {
        scinno_stop("results ", file, ": there is no such file; 'scinno bench' writes it")
    }
    file
}

# `names` says what to call a method, by its key.
bench_rows <- function(results, scores, k_given) {
    if (!is.character(scores) || !length(scores) || anyNA(scores)) {
        scinno_stop("scores must be names of scores, as in \"ARI\", got ", short(scores))
    }
    file <- results_file(results)
    told <- read_results(file)
    keys <- all_of(told$methods, "key")
    table <- data.frame(
        set = all_of(told$runs, "set"), method = all_of(told$runs, "method"),
        seed = numbers_of(told$runs, "seed"), k_mode = all_of(told$runs, "k_mode"),
        status = all_of(told$runs, "status"), stringsAsFactors = FALSE
    )
    known <- unique(unlist(lapply(told$runs, function(run) names(run$scores))))
    for (score in known) {
        table[[score]] <- numbers_of(lapply(told$runs, `[[`, "scores"), score)
    }
    more <- c("cells", "k_true", "k_found", "seconds", "wall_seconds", "peak_memory")
    for (name in more) {
        table[[name]] <- numbers_of(told$runs, name)
    }
    table$k_error <- abs(table$k_found - table$k_true) / table$k_true
    known <- c(known, more, "k_error")
    for (score in scores) {
        if (!score %in% known) {
            scinno_stop("results have no column '", score, "': ", unknown(score, known))
        }
    }
    # The order of the benchmark's own tables: methods as listed, small sets first.
    sets <- all_of(told$sets, "name")
    table <- table[order(match(table$method, keys), match(table$set, sets), table$seed), ]
    mode <- if (k_given) "given" else "unknown"
    table <- table[which(table$status == "done" & table$k_mode == mode), ]
    if (!nrow(table)) {
        scinno_stop("results have no rows with k_given = ", k_given)
    }
    list(table = table, names = stats::setNames(all_of(told$methods, "name"), keys))
}

read_results <- function(file) {
    told <- tryCatch(from_json(read_text(file)), error = function(e) {
        scinno_stop("results ", file, ": it is no JSON (", first_line(e), ")")
    })
    if (!all(c("runs", "methods", "sets") %in% names(told))) {
        scinno_stop(
            "results must be those of scinno bench (with runs, methods and sets), got the keys ",
            listed(names(told))
        )
    }
    told
}

all_of <- function(records, name) {
    vapply(records, function(record) as.character(c(record[[name]], NA)[1L]), "")
}

numbers_of <- function(records, name) {
    vapply(records, function(record) as.numeric(c(record[[name]], NA)[1L]), 0)
}

names_of <- function(rows, methods) {
    names <- unname(rows$names[methods])
    ifelse(is.na(names), methods, names)
}

# Sets or methods in the order asked for, or all; a method by its key or its name.
chosen_of <- function(rows, column, asked) {
    known <- unique(rows$table[[column]])
    if (is.null(asked)) {
        return(known)
    }
    if (!is.character(asked) || !length(asked)) {
        scinno_stop(column, "s must be names or NULL, got ", short(asked))
    }
    if (column == "method") {
        key <- names(rows$names)[match(asked, rows$names)]
        asked <- ifelse(asked %in% known | is.na(key), asked, key)
    }
    for (name in asked) {
        if (!name %in% known) {
            scinno_stop("results have no ", column, " '", name, "': ", unknown(name, known))
        }
    }
    unique(asked)
}

# An ablation is named so: "scinno-no-attention".
is_ablation <- function(methods) grepl("\\bno\\b", methods, perl = TRUE)

no_ablations <- function(rows) {
    known <- unique(rows$table$method)
    if (all(is_ablation(known))) known else known[!is_ablation(known)]
}

ablations <- function(rows, full) {
    known <- unique(rows$table$method)
    found <- setdiff(known[is_ablation(known)], full)
    if (!length(found)) {
        scinno_stop(
            "no method is an ablation (named 'no' and a part, as in 'no attention'), there is ",
            paste(known, collapse = ", "), ": name them in methods"
        )
    }
    found
}
