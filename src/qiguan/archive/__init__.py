"""Content-addressed evidence and uploads."""
