"""Accounts by their ids, whatever the case of the letters: the whole id, another of the account's ids, or a long part."""

from __future__ import annotations

import unicodedata
from typing import Any
from zlib import crc32

from django.db.models import QuerySet
from django.db.models.functions import Lower

from qiguan.register.models import Account, AccountAlias, AccountGram, PublicEntry

PIECE = 4
_WINDOW = 5
LONG = PIECE + _WINDOW - 1  # any part of this many characters is found
_MOST_PIECES = 6
_SMALL = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}  # as the databases lower a bytewise column


def id_key(text: str) -> str:
    """Return what ids are compared by: without blanks around it, half-width, Latin letters small."""
    return unicodedata.normalize("NFKC", text).strip().translate(_SMALL)


def pieces_of(text: str) -> list[str]:
    """Return the four-character pieces that stand for an id, or for a long part of one.

    Of every five neighbouring pieces the one of the lowest checksum is kept (winnowing: Schleimer, Wilkerson, Aiken 2003):
    a third of them, and whatever part has eight characters shares a kept piece with the id it is of.
    """
    key = text.translate(_SMALL)
    pieces = [key[i : i + PIECE] for i in range(len(key) - PIECE + 1)]
    marks = [(crc32(p.encode("utf-8", "replace")), p) for p in pieces]
    kept = (min(marks[i : i + _WINDOW])[1] for i in range(len(marks) - _WINDOW + 1))
    return list(dict.fromkeys(kept))


def with_id(text: str) -> QuerySet[Account, Any]:
    """Return the keys of accounts that have this id, now or as another of their ids, or whose id holds this long part."""
    key = id_key(text)
    found = [
        PublicEntry.objects.alias(key=Lower("platform_id")).filter(key=key).values_list("account_id"),
        AccountAlias.objects.alias(key=Lower("value")).filter(key=key).values_list("account_id"),
    ]
    part = Account.objects.alias(key=Lower("platform_id")).filter(key__contains=key)
    pieces = pieces_of(key)[:_MOST_PIECES]
    for piece in pieces:
        part = part.filter(pk__in=AccountGram.objects.filter(gram=piece).values("account_id"))
    whole = part.values_list("pk") if pieces else Account.objects.none().values_list("pk")
    return whole.union(*found)


def entries_with_id(value: str) -> list[PublicEntry]:
    """Return the public entries of an id: those written exactly so, else those that differ in case alone."""
    key = id_key(value)
    entries: list[PublicEntry] = list(PublicEntry.objects.alias(key=Lower("platform_id")).filter(key=key).order_by("pk")[:10])
    if entries:
        return [e for e in entries if e.platform_id == value] or entries
    aliases = list(AccountAlias.objects.alias(key=Lower("value")).filter(key=key).order_by("pk")[:10])
    meant = [a.account_id for a in aliases if a.value == value] or [a.account_id for a in aliases]
    return list(PublicEntry.objects.filter(account__in=meant).order_by("pk"))
