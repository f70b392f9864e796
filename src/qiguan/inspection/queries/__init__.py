"""Reads of the inspection app, one concern a module."""
