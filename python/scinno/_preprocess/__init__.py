"""From counts to what the network reads."""
