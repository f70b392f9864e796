"""Reads over tickets."""
