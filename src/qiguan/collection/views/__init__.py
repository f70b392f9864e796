"""Views of collection, one concern a module."""
