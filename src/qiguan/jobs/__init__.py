"""Background work: the business clock, progress, ticks, the working-day table."""
