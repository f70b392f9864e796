"""Pages of dialogue for officials."""
