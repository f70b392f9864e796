"""Connectors: request out, bytes in, items out; one file a platform. Pure like the core."""
