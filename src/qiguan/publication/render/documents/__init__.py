"""文书库: the office's documents from values, each replaceable by a Word template of the office's own."""
