"""Pages of officials, one concern a module."""
