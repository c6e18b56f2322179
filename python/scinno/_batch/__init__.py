"""Batches: cells that were measured together, as those of a donor, a chip or a protocol."""
