"""整改: tickets from confirmed findings to their end."""
