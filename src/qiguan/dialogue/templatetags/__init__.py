"""Tags of dialogue."""
