"""The settings of the method."""
