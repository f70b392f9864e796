"""Random names for what shows up outside: URLs, exports, the API."""

from __future__ import annotations

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that reads alike on paper
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]


def public_id() -> str:
    """Return 12 random letters (59 bits): not guessable in bulk, short enough to read out."""
    number, letters = secrets.randbits(96), ""
    for _ in range(6):
        number, rest = divmod(number, len(_PAIRS))
        letters += _PAIRS[rest]
    return letters
