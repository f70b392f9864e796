"""The bytes of the audit chain: what of an entry is hashed, how a seal binds entries to the seal before it, where a chain breaks.

Anyone can redo it with a SHA-256 tool from the lines that `qiguan audit verify --export` writes; docs/adr/0011 says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

FORM = 1  # of the bytes below: a later form gets another number, so that old seals verify for ever
ALGORITHM = "sha256:"
NOTHING_BEFORE = ""  # `previous` of the first seal
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ID, _LEAF = 8, 32  # bytes of one line of `leaves`
_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


class Broken(StrEnum):
    """What differs at the broken link, in words."""

    NO_SEAL = "缺这一号封条"
    UNLINKED = "封条与上一号封条接不上"
    SEAL_ALTERED = "封条本身（表头或条目清单）被改过"
    ALTERED = "条目内容与封存时不同"
    DELETED = "封存过的条目不见了"
    MOVED = "封存过的条目被移出这一号封条"
    INSERTED = "条目不在封条清单里，是封存后塞进来的"
    ERASURE = "抹除个人信息的条目与抹除记录对不上"
    ANCHOR = "与在外留存的封条摘要不同"


@dataclass(frozen=True, slots=True)
class Break:
    """The first broken link: the seal's number, the entry's id, and what differs."""

    what: Broken
    seal: int
    entry: int = 0  # 0 where no single entry can be named

    def __str__(self) -> str:
        return f"第{self.seal}号封条" + (f"、第{self.entry}号条目" if self.entry else "") + f"：{self.what.value}"


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain. `leaves` lists each entry: 8 bytes of id (big-endian), 32 bytes of the SHA-256 of its text."""

    number: int
    at: datetime
    first_id: int
    last_id: int
    count: int
    previous: str
    leaves: bytes
    digest: str


def microseconds(at: datetime) -> int:
    """Return whole microseconds since 1970 UTC: the same on every database."""
    return (at - _EPOCH) // _MICROSECOND


def part_digest(salt: str, part: str, value: str) -> str:
    """Return what the chain knows of a personal part ("" of none): it stays when salt and value are erased."""
    return ALGORITHM + sha256(f"{salt}|{part}|{value}".encode()).hexdigest() if value else ""


def entry_text(
    *,
    id: int,
    at: datetime,
    by: str,
    action: str,
    model: str,
    on: str,
    organ_path: str,
    fields: object,
    count: int,
) -> str:
    """Return the canonical text of an entry. `by`, and `on` where it names a person, are part digests."""
    return _plain([FORM, id, microseconds(at), by, action, model, on, organ_path, fields, count])


def leaf(text: str) -> bytes:
    """Return an entry's 32 bytes."""
    return sha256(text.encode()).digest()


def pack_leaves(rows: Iterable[tuple[int, bytes]]) -> bytes:
    """Write (id, leaf) pairs, in the order of ids, as a seal keeps them."""
    return b"".join(number.to_bytes(_ID, "big") + bytes_ for number, bytes_ in rows)


def unpack_leaves(leaves: bytes) -> Iterator[tuple[int, bytes]]:
    """Read them again."""
    for start in range(0, len(leaves), _ID + _LEAF):
        line = leaves[start : start + _ID + _LEAF]
        yield int.from_bytes(line[:_ID], "big"), line[_ID:]


def seal_digest(*, number: int, at: datetime, first_id: int, last_id: int, count: int, previous: str, leaves: bytes) -> str:
    """Return the digest that names a seal: over its header line and, below it, its leaves."""
    header = _plain([FORM, number, microseconds(at), first_id, last_id, count, previous])
    return ALGORITHM + sha256(header.encode() + b"\n" + leaves).hexdigest()


def make_seal(*, number: int, at: datetime, previous: str, rows: Sequence[tuple[int, bytes]]) -> Seal:
    """Seal (id, leaf) pairs behind the seal whose digest is `previous`."""
    rows = sorted(rows)
    leaves, first_id, last_id = pack_leaves(rows), rows[0][0], rows[-1][0]
    digest = seal_digest(
        number=number, at=at, first_id=first_id, last_id=last_id, count=len(rows), previous=previous, leaves=leaves
    )
    return Seal(number, at, first_id, last_id, len(rows), previous, leaves, digest)


def broken_seal(seal: Seal, *, number: int, previous: str) -> Break | None:
    """Say whether the seal is the one that must follow, whole and linked: `number` and `previous` are what it must have."""
    if seal.number != number:
        return Break(Broken.NO_SEAL, number)
    if seal.digest != seal_digest(
        number=seal.number, at=seal.at, first_id=seal.first_id, last_id=seal.last_id, count=seal.count, previous=seal.previous, leaves=seal.leaves
    ):  # fmt: skip
        return Break(Broken.SEAL_ALTERED, number)
    return Break(Broken.UNLINKED, number) if seal.previous != previous else None


def broken_entries(seal: Seal, found: Sequence[tuple[int, bytes]]) -> Iterator[Break]:
    """Compare the entries found under a seal, (id, leaf) in the order of ids, with those it lists; yield what differs in that order."""
    listed = list(unpack_leaves(seal.leaves))
    if listed == list(found):
        return
    then, now = dict(listed), dict(found)
    for number in sorted(then.keys() | now.keys()):
        if number not in now:
            yield Break(Broken.DELETED, seal.number, number)
        elif number not in then:
            yield Break(Broken.INSERTED, seal.number, number)
        elif then[number] != now[number]:
            yield Break(Broken.ALTERED, seal.number, number)
