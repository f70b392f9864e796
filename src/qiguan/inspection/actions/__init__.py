"""Writes of the inspection app, one concern a module."""
