"""Writes of topics."""
