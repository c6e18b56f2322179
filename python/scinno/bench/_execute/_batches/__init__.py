"""The task "batches": its cases and its scores."""
