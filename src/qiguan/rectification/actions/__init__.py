"""Writes on tickets."""
