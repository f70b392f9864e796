"""A citizen's only key: made from the form that was sent, so that a sending repeated over a broken line gets the same one."""

from __future__ import annotations

from base64 import b32encode
from hashlib import sha256

from django.utils.crypto import salted_hmac

LETTERS = 16  # of five bits each: 80 bits
_TIDY = str.maketrans("0189", "OLBQ")


def code_for(form_key: str) -> str:
    """Return the code of a form, such as ABCD-EFGH-IJKL-MNOP."""
    mac = salted_hmac("qiguan.topics.code", form_key, algorithm="sha256").digest()
    letters = b32encode(mac[:10]).decode()
    return "-".join(letters[i : i + 4] for i in range(0, LETTERS, 4))


def hash_of(code: str) -> str:
    """Return what is kept of a code; blanks, case and what reads alike on paper do not matter. "" for what is no code."""
    letters = "".join(letter for letter in code[:60].upper() if letter.isascii() and letter.isalnum()).translate(_TIDY)
    return sha256(f"qiguan.topics\x00{letters}".encode()).hexdigest() if len(letters) == LETTERS else ""
