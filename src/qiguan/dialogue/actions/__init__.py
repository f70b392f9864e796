"""Writes of dialogue."""
