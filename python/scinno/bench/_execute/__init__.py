"""Running methods on labeled sets."""
