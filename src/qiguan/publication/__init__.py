"""通报与公开: documents and public pages; rendering takes values, no models."""
