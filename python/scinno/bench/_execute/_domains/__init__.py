"""The task "domains": its sets and its scores."""
