"""群众点题: what citizens ask an account to publish, what became of it, and what they give themselves."""
