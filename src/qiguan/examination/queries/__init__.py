"""Reads of the examination."""
