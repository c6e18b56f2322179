"""Adapter for the R package: `call` is what it may call, in R's process or in one of its own."""
