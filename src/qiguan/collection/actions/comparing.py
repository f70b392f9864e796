"""Compare what a source shows with what is stored: new, edited, back again, gone, back-dated. Values in, rows out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from qiguan.collection.actions.lease import Held
from qiguan.collection.actions.statements import Row, stamp
from qiguan.core.evidence import is_backdated
from qiguan.core.source import Item, Outcome, Reading

_SURE = {Outcome.OK, Outcome.RENAMED, Outcome.MOVED}  # read whole: what is not shown is not there
_RELATIVE = ("前", "刚刚", "刚才")  # 3小时前: drifts with every reading
_UNSAFE = re.compile("[\0\ud800-\udfff]")  # NUL and lone surrogates: PostgreSQL and UTF-8 take neither


class Known(NamedTuple):
    """A stored post, as far as comparing needs it."""

    pk: int
    title: str
    published_at: datetime | None
    deleted: bool
    first_source_id: int | None


@dataclass(slots=True)
class Changes:
    """Rows collected from a batch, written together."""

    posts: list[Row] = field(default_factory=list)
    shown: set[tuple[int, str]] = field(default_factory=set)  # (account, key) in `posts`: two sources may bring the same post
    edits: list[Row] = field(default_factory=list)  # title, published_at, id
    revisions: list[Row] = field(default_factory=list)  # post, noticed_at, title, published_at
    gone: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    aliases: list[tuple[int, str, str, int]] = field(default_factory=list)  # account, key, value, source
    touched: set[int] = field(default_factory=set)


def clean(text: str, most: int) -> str:
    """Return text that every database takes, at most `most` characters."""
    return (_UNSAFE.sub("", text) if _UNSAFE.search(text) else text)[:most]


def vouched_from(reading: Reading) -> datetime | None:
    """Return the moment from which a reading shows every post; None where it has no dated item.

    A list shows its newest first, and sometimes an old post pinned on top: an item older than the last one of the list
    vouches for nothing before it.
    """
    if reading.covers_from is not None:
        return reading.covers_from
    dated = [i.posted.at for i in reading.items if i.posted is not None]
    if not dated:
        return None
    falling = sum(a >= b for a, b in pairwise(dated))
    return dated[-1] if falling * 2 > len(dated) - 1 and dated[-1] > min(dated) else min(dated)


def compare(held: Held, reading: Reading, outcome: Outcome, known: Mapping[str, Known], changes: Changes, at: datetime) -> int:
    """Add the rows of one source's answer to `changes`; return how many posts are new."""
    account, seen_at, new = held.account_id, stamp(at), 0
    for item in reading.items:
        old = known.get(item.key)
        if old is None:
            if (account, item.key) not in changes.shown:
                changes.shown.add((account, item.key))
                changes.posts.append(_post(held, item, seen_at))
                new += 1
        else:
            _note_edit(held, item, old, changes, at)
            if old.deleted and not item.deleted:
                changes.back.append(old.pk)
                changes.touched.add(account)
            elif item.deleted and not old.deleted:
                changes.gone.append(old.pk)
                changes.touched.add(account)
        if item.source_id and item.source_id != item.url:
            changes.aliases.append((account, item.key, clean(item.source_id, 300), held.pk))
    if new:
        changes.touched.add(account)
    if held.complete and outcome in _SURE:
        _note_gone(held, reading, known, changes)
    return new


def _post(held: Held, item: Item, seen_at: object) -> Row:
    when = item.posted
    asked = (
        when is not None
        and held.complete
        and (held.span_start is None or when.at > held.span_start)
        and is_backdated(when.at, read_before=held.span_until)
    )
    return (
        held.account_id, clean(item.key, 200), clean(item.title, 300), clean(item.url, 1000), stamp(when.at) if when else None,
        when.precision if when else "second", clean(when.raw, 80) if when else "", seen_at, item.pushed, item.original,
        seen_at if item.deleted else None, held.pk, asked,
    )  # fmt: skip


def _note_edit(held: Held, item: Item, old: Known, changes: Changes, at: datetime) -> None:
    """Keep what the post said before. Only the source that showed it first may change it: two sources never take turns."""
    if old.first_source_id not in {held.pk, None}:
        return
    title = clean(item.title, 300)
    posted = item.posted
    moved = posted is not None and posted.at != old.published_at and not posted.raw.endswith(_RELATIVE)
    if title == old.title and not moved:
        return
    changes.revisions.append((old.pk, stamp(at), old.title, stamp(old.published_at) if old.published_at else None))
    changes.edits.append((title, stamp(posted.at) if posted is not None and moved else None, old.pk))
    changes.touched.add(held.account_id)


def _note_gone(held: Held, reading: Reading, known: Mapping[str, Known], changes: Changes) -> None:
    """Notice posts that this source showed and, within what it shows, shows no longer. Neutral: they still count as updates."""
    start = vouched_from(reading)
    if start is None:
        return
    keys = {i.key for i in reading.items}
    until = reading.covers_until
    for key, old in known.items():
        when = old.published_at
        if (
            key not in keys
            and not old.deleted
            and old.first_source_id == held.pk
            and when is not None
            and when > start
            and (until is None or when <= until)
        ):
            changes.gone.append(old.pk)
            changes.touched.add(held.account_id)


def keys_and_start(answers: Sequence[tuple[Held, Reading]]) -> dict[int, tuple[set[str], datetime | None]]:
    """Return, by account, the keys shown and the oldest moment vouched for: what must be read to compare."""
    wanted: dict[int, tuple[set[str], datetime | None]] = {}
    for held, reading in answers:
        keys, start = wanted.get(held.account_id, (set(), None))
        own = vouched_from(reading) if held.complete else None
        wanted[held.account_id] = (
            keys | {i.key for i in reading.items},
            own if start is None else start if own is None else min(own, start),
        )
    return wanted
