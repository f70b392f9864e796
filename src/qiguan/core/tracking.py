"""查询码 of a citizen's message: 80 random bits as letters that are read out and copied by hand; a short one for the telephone.

Who holds the code reads the message: it is the only key. It is derived from the form's own one-time key, so that a form sent
twice over a broken line gets the same code and nothing readable is ever stored.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from hashlib import sha256
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs, 5 bits each; no 0 O 1 I
LENGTH: Final = 16  # 80 bits
SPOKEN: Final = 8  # digits of the code for the telephone: good only in the hands of counter staff
_GROUP = 4
_DASHES = re.compile(r"[\s\-–—_·.]+")


def make_code(secret: bytes, seed: str) -> str:
    """Return the code that belongs to a form's key: the same key, the same code."""
    number = int.from_bytes(hmac.new(secret, b"track\0" + seed.encode(), sha256).digest()[:10], "big")
    return "".join(ALPHABET[number >> (5 * i) & 31] for i in range(LENGTH))


def make_spoken(secret: bytes, seed: str) -> str:
    """Return the eight digits for the telephone."""
    number = int.from_bytes(hmac.new(secret, b"spoken\0" + seed.encode(), sha256).digest()[:10], "big")
    return f"{number % 10**SPOKEN:0{SPOKEN}d}"


def show_code(code: str) -> str:
    """Write a code in groups: K7QF-2M9D-XXXX-XXXX."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def read_code(text: str) -> str:
    """Return the code in what was typed, full width or not, with or without dashes; "" where it is none."""
    found = _DASHES.sub("", unicodedata.normalize("NFKC", text[:200])).upper()
    return found if len(found) == LENGTH and all(c in ALPHABET for c in found) else ""


def read_spoken(text: str) -> str:
    """Return the eight digits in what was typed; "" where they are none."""
    found = _DASHES.sub("", unicodedata.normalize("NFKC", text[:60]))
    return found if len(found) == SPOKEN and found.isascii() and found.isdecimal() else ""


def digest_of(secret: bytes, code: str) -> str:
    """Return what is stored of a code: a keyed hash, worthless to whoever gets the database alone."""
    return hmac.new(secret, b"digest\0" + code.encode(), sha256).hexdigest()
