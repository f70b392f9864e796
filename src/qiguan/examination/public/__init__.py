"""Pages of citizens: no log-in, no scripts needed."""
