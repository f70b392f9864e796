"""Tags of the inspection pages."""
