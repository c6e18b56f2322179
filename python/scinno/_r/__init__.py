"""What the R package may call."""
