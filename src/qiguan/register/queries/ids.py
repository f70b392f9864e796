"""Accounts by their ids, whatever the case of the letters: the whole id, another of the account's ids, or a long part."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any
from zlib import crc32

from django.db.models import Count, QuerySet
from django.db.models.functions import Lower

from qiguan.register.models import AccountAlias, AccountGram, PublicEntry

PIECE = 4
_WINDOW = 5
LONG = PIECE + _WINDOW - 1  # any part of this many characters is found
MANY = 1000  # accounts that are still listed one by one
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


def accounts_with_id(text: str) -> list[int]:
    """Return the keys of the accounts that have this whole id, now or as another of their ids; at most twenty."""
    key = id_key(text)
    now = PublicEntry.objects.alias(key=Lower("platform_id")).filter(key=key).values_list("account_id", flat=True)
    other = AccountAlias.objects.alias(key=Lower("value")).filter(key=key).values_list("account_id", flat=True)
    return list(dict.fromkeys([*now[:10], *other[:10]])) if key else []


def bearers_of(piece: str) -> QuerySet[AccountGram, Any]:
    """Return the keys of the accounts with a piece, as a subquery."""
    return AccountGram.objects.filter(gram=piece).values("account_id")


def rarest(pieces: Sequence[str]) -> tuple[str, int]:
    """Return the piece that the fewest accounts bear, and how many (counted to MANY + 1); no query need begin elsewhere."""
    found = ("", MANY + 1)
    for piece in pieces:
        count = bearers_of(piece)[: MANY + 1].count()
        if count < found[1] or not found[0]:
            found = piece, count
        if count == 0:
            break
    return found


def bearers_of_all(pieces: Sequence[str], piece: str) -> list[int]:
    """Return the keys of the accounts that bear all the pieces, beginning with those of `piece`, a rare one among them."""
    among = AccountGram.objects.filter(gram__in=pieces, account__in=list(bearers_of(piece).values_list("account_id", flat=True)))
    counted = among.values("account_id").annotate(n=Count("gram")).filter(n=len(pieces))
    return list(counted.values_list("account_id", flat=True))


def entries_with_id(value: str) -> list[PublicEntry]:
    """Return the public entries of an id: those written exactly so, else those that differ in case alone."""
    key = id_key(value)
    entries: list[PublicEntry] = list(PublicEntry.objects.alias(key=Lower("platform_id")).filter(key=key).order_by("pk")[:10])
    if entries:
        return [e for e in entries if e.platform_id == value] or entries
    aliases = list(AccountAlias.objects.alias(key=Lower("value")).filter(key=key).order_by("pk")[:10])
    meant = [a.account_id for a in aliases if a.value == value] or [a.account_id for a in aliases]
    return list(PublicEntry.objects.filter(account__in=meant).order_by("pk"))
