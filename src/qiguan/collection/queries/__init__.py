"""Queries of collection, one concern a module."""
