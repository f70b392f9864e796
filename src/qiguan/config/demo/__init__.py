"""The demonstration town 示例市: everything in it is invented."""
