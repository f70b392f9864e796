"""Pages of publication for officials."""
