"""Writes of publication."""
