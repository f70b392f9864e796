"""检查: the present state of every account, and its evidence."""
