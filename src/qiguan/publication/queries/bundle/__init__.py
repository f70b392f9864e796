"""证据包: what one account's evidence bundle holds. Facts, words and stored copies; no contact, no person."""
