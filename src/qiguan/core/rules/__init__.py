"""Inspection rules 检查规则, one file each."""
