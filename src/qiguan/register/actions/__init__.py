"""Actions of the register, one concern a module."""
