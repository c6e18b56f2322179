# The paper's figures from a benchmark's results.json; only the maps need Python.

example_results <- function() {
    system.file("extdata", "example_results.json", package = "scinno")
}

# Scores of one method on one set, one for each seed, read in the plainest way.
runs_of <- function(told, set, method, score = "ARI", mode = "given") {
    own <- Filter(function(run) {
        run$status == "done" && run$set == set && run$method == method && run$k_mode == mode
    }, told$runs)
    vapply(own, function(run) run$scores[[score]], 0)
}

test_that("figure 4 has a bar for each set and method: mean and spread over seeds, and a mean", {
    needs_packages("ggplot2")
    told <- from_json(read_text(example_results()))
    picture <- plotSCINNOBench(example_results())
    bars <- drawn(picture)
    expect_identical(levels(bars$score), c("NMI", "ARI"))
    expect_identical(levels(bars$method), c("scinno", "leiden", "pca-kmeans"))
    expect_identical(levels(bars$set), c("goolam_embryo", "mixology_dropseq_3cl", "mean"))
    expect_identical(nrow(bars), 18L)
    for (method in levels(bars$method)) {
        own <- bars[bars$score == "ARI" & bars$method == method, ]
        values <- lapply(levels(bars$set)[1:2], function(set) runs_of(told, set, method))
        expect_equal(own$value[1:2], vapply(values, mean, 0))
        expect_equal(own$spread, c(vapply(values, stats::sd, 0), NA))
        expect_equal(own$value[3], mean(own$value[1:2]))
    }
    fills <- unique(ggplot2::layer_data(picture)[c("fill", "x")]$fill)
    expect_setequal(fills, scinno_palette[1:3])
    expect_identical(picture$scales$get_scales("fill")$labels, c("scinno", "Leiden", "PCA + k-means"))
    some <- drawn(plotSCINNOBench(
        example_results(),
        scores = "accuracy", methods = c("PCA + k-means", "scinno"),
        sets = "mixology_dropseq_3cl"
    ))
    expect_identical(levels(some$method), c("pca-kmeans", "scinno"))
    expect_identical(levels(some$set), "mixology_dropseq_3cl")
    expect_false("mean" %in% drawn(plotSCINNOBench(example_results(), mean = FALSE))$set)
})

test_that("figure 6 has the whole method first, then each without a part", {
    needs_packages("ggplot2")
    picture <- plotSCINNOBench(example_results(), "ablation", scores = "ARI")
    expect_identical(
        levels(drawn(picture)$method), c("scinno", "scinno-no-attention", "scinno-no-infonce")
    )
    one <- plotSCINNOBench(example_results(), "ablation", methods = "scinno without InfoNCE")
    expect_identical(levels(drawn(one)$method), c("scinno", "scinno-no-infonce"))
})

test_that("a method that was not run on every set has no mean, and seconds fit the picture", {
    needs_packages("ggplot2")
    told <- from_json(read_text(example_results()))
    told$runs <- lapply(told$runs, function(run) {
        if (run$method == "leiden" && run$set == "goolam_embryo") {
            run["scores"] <- list(NULL)
            run$status <- "failed"
        }
        run
    })
    folder <- tempfile("bench")
    dir.create(folder)
    writeLines(as_json(told), file.path(folder, "results.json"))
    bars <- drawn(plotSCINNOBench(folder, scores = "ARI"))
    expect_identical(as.character(bars$set[bars$method == "leiden"]), "mixology_dropseq_3cl")
    expect_identical(sum(bars$set == "mean"), 2L)
    picture <- plotSCINNOBench(folder, scores = "peak_memory")
    tops <- ggplot2::ggplot_build(picture)$layout$panel_params[[1]]$y.range
    expect_gt(tops[2], max(drawn(picture)$value))
})

test_that("the repository's own results are drawn, K given or not", {
    needs_packages("ggplot2")
    file <- file.path("..", "..", "benchmarks", "results.json")
    # The file is no part of the installed package; where tests must run it is there.
    unless(file.exists(file), "not in a clone of the repository")
    bars <- drawn(plotSCINNOBench(dirname(file), scores = "ARI"))
    told <- from_json(read_text(file))
    own <- bars[bars$set == "pbmc3k" & bars$method == "scinno", ]
    expect_equal(own$value, mean(runs_of(told, "pbmc3k", "scinno")))
    expect_identical(levels(bars$method)[1], "scinno")
    # The file grows: which methods are in it is read from it, not known here.
    done <- Filter(function(run) run$status == "done" && !is_ablation(run$method), told$runs)
    methods <- function(mode, least = 1L) {
        own <- Filter(function(run) run$k_mode == mode, done)
        on <- lapply(split(own, all_of(own, "method")), function(runs) unique(all_of(runs, "set")))
        names(on)[lengths(on) >= least]
    }
    every <- length(unique(all_of(Filter(function(run) run$k_mode == "given", done), "set")))
    expect_setequal(as.character(bars$method[bars$set == "mean"]), methods("given", every))
    unknown_k <- drawn(plotSCINNOBench(file, k_given = FALSE))
    expect_setequal(levels(unknown_k$method), methods("unknown"))
})

test_that("what cannot be drawn is said", {
    needs_packages("ggplot2")
    file <- example_results()
    draw <- plotSCINNOBench
    expect_scinno_error(draw(3), "results must be a folder of scinno bench or its results.json, got 3")
    expect_scinno_error(draw("nowhere"), "results nowhere: there is no such file; 'scinno bench'")
    expect_scinno_error(draw(tempdir()), "results.json: there is no such file")
    expect_scinno_error(draw(file, "figure 4"), "what must be 'scores', 'ablation' or 'maps'")
    expect_scinno_error(
        draw(file, methods = "pca-kmean"), "no method 'pca-kmean': did you mean 'pca-kmeans'?"
    )
    expect_scinno_error(draw(file, sets = "x"), "no set 'x': there is goolam_embryo, mixology")
    expect_scinno_error(draw(file, scores = "ari"), "no column 'ari': did you mean 'ARI'")
    expect_scinno_error(draw(file, scores = 1), "scores must be names of scores")
    expect_scinno_error(
        draw(file, scores = "rare_recall", sets = "mixology_dropseq_3cl"),
        "score 'rare_recall' has no value in these runs"
    )
    expect_scinno_error(draw(file, "maps"), "data must be the path of the set's .h5ad file, got NULL")
    expect_scinno_error(draw(file, "maps", data = "x", seed = 0.5), "seed must be a whole number")
    other <- tempfile(fileext = ".json")
    writeLines("{", other)
    expect_scinno_error(draw(other), "it is no JSON")
    writeLines("{\"a\": 1}", other)
    expect_scinno_error(draw(other), "got the keys 'a'")
    told <- from_json(read_text(file))
    told$runs <- Filter(function(run) run$method == "leiden" && run$k_mode == "given", told$runs)
    writeLines(as_json(told), other)
    expect_scinno_error(draw(other, "ablation"), "no method is an ablation")
    expect_scinno_error(draw(other, k_given = FALSE), "results have no rows with k_given = FALSE")
})

# A benchmark of two methods on 40 cells, one of which finds a type too many; as scinno bench
# leaves it, without what no picture needs.
tiny_bench <- "
import hashlib, json, sys
from pathlib import Path
import anndata as ad, numpy as np
folder = Path(sys.argv[1])
truth = np.repeat([0, 1], 20)
counts = np.random.default_rng(0).poisson(1 + 4 * (np.arange(60) % 2 == truth[:, None]))
cells = ad.AnnData(counts.astype('float32'))
cells.obs['cell_type'] = np.array(['T', 'B'])[truth]
cells.write_h5ad(folder / 'tiny.h5ad')
(folder / 'labels').mkdir()
methods, runs = {'good': truth, 'split': np.repeat([2, 0, 1], [20, 15, 5])}, []
for key, labels in methods.items():
    np.savez(folder / 'labels' / f'tiny__{key}__given__0.npz', labels=labels)
    runs.append({'set': 'tiny', 'method': key, 'k_mode': 'given', 'seed': 0, 'status': 'done',
                 'scores': {'ARI': 1.0 if key == 'good' else 0.5, 'NMI': 0.75}})
sha = hashlib.sha256((folder / 'tiny.h5ad').read_bytes()).hexdigest()
(folder / 'results.json').write_text(json.dumps({
    'format': 1, 'about': {'label_key': 'cell_type', 'input': 'counts'},
    'sets': [{'name': 'tiny', 'sha256': sha}], 'runs': runs,
    'methods': [{'key': key, 'name': key.title()} for key in methods]}))
"

test_that("figure 5 has the types and what each method found, on one map", {
    needs_python()
    needs_packages("ggplot2")
    folder <- tempfile("bench")
    dir.create(folder)
    made <- processx::run(
        python_path(), c("-c", tiny_bench, folder),
        env = c("current", PYTHONPATH = core_folder()), error_on_status = FALSE
    )
    expect_identical(made$status, 0L, info = made$stderr)
    data <- file.path(folder, "tiny.h5ad")
    picture <- plotSCINNOBench(file.path(folder, "results.json"), "maps", data = data)
    cells <- drawn(picture)
    expect_identical(levels(cells$panel), c("1", "2", "3"))
    panel <- function(i) as.character(cells$group[cells$panel == i])
    expect_identical(panel(1), rep(c("T", "B"), each = 20))
    expect_identical(panel(2), panel(1))
    expect_identical(panel(3), rep(c("T", "B", "+1"), c(20, 15, 5)))
    expect_equal(cells$one[cells$panel == 3], cells$one[cells$panel == 1])
    expect_identical(
        colours_of(c("B", "T", "+1")),
        c(B = "#0072b2", T = "#e69f00", "+1" = "#009e73")
    )
    points <- ggplot2::layer_data(picture)$colour
    expect_identical(points, unname(colours_of(c("B", "T", "+1"))[as.character(cells$group)]))
    # The legend names types only; titles are those of Python.
    expect_identical(picture$scales$get_scales("colour")$breaks, c("B", "T"))
    titles <- picture$facet$params$labeller(data.frame(panel = c("1", "3")))$panel
    expect_identical(unlist(titles), c("tiny: cell_type\n", "Split\nARI 0.50  NMI 0.75"))
    again <- plotSCINNOBench(folder, "maps", data = data, methods = "Split", engine = "process")
    expect_identical(levels(drawn(again)$panel), c("1", "2"))
    expect_identical(nrow(drawn(plotSCINNOBench(folder, "maps", data = data, max_cells = 30))), 90L)
    expect_scinno_error(
        plotSCINNOBench(folder, "maps", data = data, methods = "Spilt"), "did you mean 'split'?"
    )
    expect_scinno_error(
        plotSCINNOBench(folder, "maps", data = paste0(data, "x")), "there is no such file"
    )
    unlink(file.path(folder, "labels", "tiny__good__given__0.npz"))
    expect_scinno_error(
        plotSCINNOBench(folder, "maps", data = data), "the labels of this run are not there"
    )
})
