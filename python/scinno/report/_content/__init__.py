"""What the report says, one part a file."""
