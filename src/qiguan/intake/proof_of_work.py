"""Proof of work: a machine that sends a form must first have searched for a number. It makes floods dear, and proves no person.

The challenge is the form's own one-time key; the browser looks for a whole number n so that SHA-256 of `key|n` begins with
`bits` zero bits. Nothing is stored: the key is spent with the form.
"""

from __future__ import annotations

from hashlib import sha256

BITS = 16  # 65,536 tries on average: about a second on a cheap phone
_MOST_DIGITS = 12


def holds(challenge: str, answer: str, *, bits: int = BITS) -> bool:
    """Say whether `answer` is a number that solves the challenge."""
    if not (answer.isascii() and answer.isdecimal() and len(answer) <= _MOST_DIGITS):
        return False
    found = sha256(f"{challenge}|{answer}".encode(errors="replace")).digest()
    return int.from_bytes(found, "big") >> (len(found) * 8 - bits) == 0


def solve(challenge: str, *, bits: int = BITS) -> str:
    """Search for a number, as the browser does. For tests and for clients without a browser."""
    n = 0
    while not holds(challenge, str(n), bits=bits):
        n += 1
    return str(n)
