"""Actions of collection, one concern a module."""
