"""Tables and pages of benchmark results."""
