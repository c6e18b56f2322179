# Fits that saveRDS() saved in version 0.99.0 of this package, whose Python core was 0.1.0: the old
# names and the present ones. The Python core has the same lists in _settings/renamed.py and
# _result/legacy.py; a test compares them.

renamed_elements <- c(centres = "centers")

renamed_columns <- c(
    epochs = "n_epochs", contrast = "contrastive", spotting = "mask_prediction",
    imbalance = "negative_entropy", changed = "label_change", mean_share = "mean_purity",
    least_share = "min_purity", good_clusters = "pure_clusters", allowed = "in_range"
)

renamed_phases <- c(denoise = "pretrain", cluster = "joint")

renamed_settings <- c(
    hidden = "n_hidden", latent = "n_latent", linear = "n_pcs", deep_weight = "encoder_weight",
    clean_path = "reconstruct_clean", noise_focus = "corrupted_weight",
    spot_weight = "mask_loss_weight", activate_code = "activate_latent",
    projection = "n_projection", contrast_weight = "contrastive_loss_weight", heads = "n_heads",
    head_width = "head_dim", anchors = "n_anchors", attended_anchors = "attention_perplexity",
    attention_share = "attention_weight", m = "fuzzifier", entropy_weight = "entropy_loss_weight",
    cluster_weight = "cluster_loss_weight", most_moved = "max_label_change",
    epochs = "pretrain_epochs"
)

# A whole fit with the present names; of the present version it is returned as it is. The bytes of
# the model stay: Python reads those of every version.
upgrade_fit <- function(fit) {
    fit <- whole_fit(fit)
    if (!inherits(fit, "scinno_fit") || !any(names(renamed_elements) %in% names(fit))) {
        return(fit)
    }
    names(fit) <- renamed(names(fit), renamed_elements)
    names(fit$settings) <- renamed(names(fit$settings), renamed_settings)
    names(fit$history) <- renamed(names(fit$history), renamed_columns)
    fit$history$phase <- renamed(fit$history$phase, renamed_phases)
    if (!is.null(fit$k_evidence)) {
        names(fit$k_evidence) <- renamed(names(fit$k_evidence), renamed_columns)
    }
    fit
}

# The same for what scinnoChooseK() gave.
upgrade_k <- function(choice) {
    if ("k" %in% names(choice)) {
        names(choice) <- renamed(names(choice), c(k = "n_clusters"))
        names(choice$k_evidence) <- renamed(names(choice$k_evidence), renamed_columns)
    }
    choice
}

renamed <- function(names, map) {
    old <- names %in% names(map)
    names[old] <- map[names[old]]
    names
}
