"""Keys that tell nothing: random numbers for rows, codes for letters, and the keyed digests under which codes are known."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.crypto import salted_hmac

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that reads alike on paper
LETTERS = 12  # of a code: 59 bits, tried a few times an hour


def random_key() -> int:
    """Return a key of 63 random bits."""
    return secrets.randbits(63)


class RandomKeyField(models.BigIntegerField):
    """The primary key of a row whose place must tell nothing: on SQLite it is the rowid, so that rows lie in random order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"primary_key": True, "default": random_key, "editable": False}
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        """Name the column's type: only the very word `integer` makes a key the rowid."""
        return "integer" if connection.vendor == "sqlite" else "bigint"

    def rel_db_type(self, connection: Any) -> str:
        """Name the type of a column that points here."""
        return self.db_type(connection)


def new_code() -> str:
    """Return a code as it stands on a letter, without its dashes."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LETTERS))


def shown(code: str) -> str:
    """Write a code in groups of four, for reading and typing."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def typed(text: str) -> str:
    """Read a code as people type it: any case, with or without dashes and spaces, full-width too. "" where it cannot be one."""
    kept = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text[:80]).upper()
    kept = "".join(c for c in kept if c.isalnum())
    return kept if len(kept) == LETTERS and set(kept) <= set(_ALPHABET) else ""


def digest(what: str, *parts: str) -> str:
    """Return the keyed digest under which something is known. Its key lies outside the database."""
    return salted_hmac(
        f"qiguan.examination.{what}", "\x00".join(parts), secret=settings.CREDENTIAL_KEY, algorithm="sha256"
    ).hexdigest()


def tracking_code(form_key: str) -> str:
    """Return the code that goes with a form: the same form gives the same code again. 17 letters, 84 bits."""
    number, letters = int(digest("track", form_key), 16), ""
    for _ in range(17):
        number, rest = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[rest]
    return letters
