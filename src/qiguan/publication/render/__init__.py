"""Documents from values: no models, no database."""
