"""Pages of officials of topics."""
