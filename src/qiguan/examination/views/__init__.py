"""Pages of officials."""
