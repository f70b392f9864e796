"""Contacts and tokens at rest: encrypted with a key that is not in the database."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


@lru_cache(maxsize=4)
def _cipher(key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()))


def encrypt(text: str) -> bytes:
    """Encrypt a contact or a token."""
    return _cipher(settings.CREDENTIAL_KEY).encrypt(text.encode())


def decrypt(data: bytes) -> str:
    """Return the text; "" where the key has changed since (the secret must then be given anew)."""
    try:
        return _cipher(settings.CREDENTIAL_KEY).decrypt(bytes(data)).decode() if data else ""
    except InvalidToken:
        return ""
