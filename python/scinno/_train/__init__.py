"""Training: mini-batches, the loops, checkpoints."""
