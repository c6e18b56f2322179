"""Running methods on labelled sets."""
