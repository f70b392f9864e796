"""What all public forms and keys share: rate limits, and form keys that are used once."""
