"""单位与人员: organs and their lives, users, roles, the audit log."""
