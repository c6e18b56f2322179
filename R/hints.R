# Words of other packages for what is called otherwise here: did_you_mean() of the Python core knows
# similar spellings, not similar meanings.

foreign_words <- c(
    k = "n_clusters", K = "n_clusters", centers = "n_clusters", ncenters = "n_clusters",
    num_clusters = "n_clusters", nclusters = "n_clusters",
    slot = "layer", exprs_values = "assay", by_exprs_values = "assay", use.assay = "assay",
    assays = "assay", assay_name = "assay", seed.use = "seed",
    random.seed = "seed", random_state = "seed", n_pcs.use = "n_pcs", npcs = "n_pcs",
    ncomponents = "n_pcs", nfeatures = "n_genes", subset_row = "features",
    n_epochs = "pretrain_epochs"
)

own_threads <- paste(
    "a fit takes the threads that it needs, with the same numbers for any (OMP_NUM_THREADS",
    "limits them); ?RunSCINNO says how several fits run at once"
)

no_graph <- "the method has no graph of neighbors; FindNeighbors() makes one of the embedding"

foreign_answers <- c(
    threads = own_threads, n_threads = own_threads, num_threads = own_threads,
    num.threads = own_threads, nthreads = own_threads, n_jobs = own_threads, cores = own_threads,
    mc.cores = own_threads, BPPARAM = own_threads,
    gpu = "it is device = \"cuda\" here", use_gpu = "it is device = \"cuda\" here",
    n_neighbors = no_graph, k.param = no_graph, graph.name = no_graph, graph = no_graph,
    algorithm = "there is one method; scinnoDefaults() lists its settings",
    perplexity = "it belongs to t-SNE; attention_perplexity is the method's own",
    resolution = paste(
        "n_clusters sets how many clusters there are, a range such as 5:12 within which limits;",
        "cutSCINNO(fit, resolution = ) gives a finer or coarser level of a fit"
    ),
    batch = paste(
        "batches are given to RunSCINNO(), scinnoChooseK() and predict(), as in",
        "RunSCINNO(object, batch = \"donor\")"
    ),
    group.by = "for batches give batch = \"donor\"",
    dims = "the method selects n_genes genes and n_pcs components of all counts itself"
)

# `names`: arguments that are passed on to the method; none of these is one of its settings.
check_foreign <- function(names) {
    for (name in intersect(names, names(foreign_words))) {
        scinno_stop("unknown argument '", name, "': it is '", foreign_words[[name]], "' here")
    }
    for (name in intersect(names, names(foreign_answers))) {
        scinno_stop("unknown argument '", name, "': ", foreign_answers[[name]])
    }
}
