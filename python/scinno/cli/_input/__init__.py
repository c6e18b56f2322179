"""What a command reads: files in memory or in blocks, and what that needs."""
