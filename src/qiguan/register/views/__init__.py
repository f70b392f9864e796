"""Views of the register, one concern a module."""
