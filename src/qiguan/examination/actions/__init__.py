"""Writes of the examination."""
