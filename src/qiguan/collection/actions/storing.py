"""Store what a batch of sources answered, in few statements and one short transaction.

Everything here may run twice: posts are unique by (account, key), equal outcomes extend one Poll row, coverage is
extended where it is contiguous. A source whose lease was lost changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import CoverageSpan, Poll, Post, PostAlias, PostRevision, Source
from qiguan.core.source import Item, Outcome, Reading

ASK_AFTER = timedelta(days=1)  # a post first seen so much later than stated, by a source that covered its date, is asked about
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Answered:
    """One source's answer, and what to send along next time."""

    source: Source
    reading: Reading
    next_at: datetime
    interval: int
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    blob: str = ""


@dataclass(slots=True)
class _Changes:
    """Rows collected from a batch, written together."""

    posts: list[tuple[Any, ...]] = field(default_factory=list)
    revisions: list[PostRevision] = field(default_factory=list)
    edits: list[tuple[Any, ...]] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    aliases: list[tuple[str, str, int, int]] = field(default_factory=list)  # key, value, source, account
    touched: set[int] = field(default_factory=set)


def store_answers(batch: Sequence[Answered], *, owner: str, at: datetime) -> int:
    """Store a batch; return how many new posts it brought. `at` is the moment of reading."""
    new = 0
    for i in range(0, len(batch), CHUNK):
        with transaction.atomic():
            new += _store_chunk(batch[i : i + CHUNK], owner, at)
    return new


def _store_chunk(batch: Sequence[Answered], owner: str, at: datetime) -> int:
    held = Source.objects.filter(pk__in=[a.source.pk for a in batch], owner=owner)
    ours = set((held.select_for_update() if connection.vendor == "postgresql" else held).values_list("pk", flat=True))
    changes = _Changes()
    new_by_source: dict[int, int] = {}
    kept = [a for a in batch if a.source.pk in ours]
    for answered in kept:
        new_by_source[answered.source.pk] = _compare(answered, changes, at) if answered.reading.items else 0
    _write_posts(changes, at)
    for answered in kept:
        if _outcome(answered) != answered.source.outcome:
            changes.touched.add(answered.source.account_id)
    _write_polls(kept, new_by_source, at)
    _write_spans(kept, changes, at)
    _write_sources(kept, owner, at)
    touch_accounts(changes.touched, at)
    return sum(new_by_source.values())


def _outcome(answered: Answered) -> Outcome:
    """A source that says another name than before is RENAMED until a person accepts the name."""
    reading, source = answered.reading, answered.source
    if reading.outcome is Outcome.OK and reading.name and source.seen_name and reading.name != source.seen_name:
        return Outcome.RENAMED
    if reading.outcome is Outcome.NOT_MODIFIED and source.outcome == Outcome.RENAMED:
        return Outcome.RENAMED
    return reading.outcome


def _compare(answered: Answered, changes: _Changes, at: datetime) -> int:
    """Compare the items with what is stored: new, edited, back again, gone. Returns how many are new."""
    source, items = answered.source, answered.reading.items
    dated = [i.posted.at for i in items if i.posted is not None]
    known: dict[str, tuple[int, str, datetime | None, datetime | None, int | None]] = {}
    if source.read_at is not None or source.outcome:
        found = Post.objects.filter(account_id=source.account_id)
        found = (
            found.filter(key__in=[i.key for i in items])
            if not dated
            else found.filter(_since(min(dated), [i.key for i in items if i.posted is None]))
        )
        known = {
            key: (pk, title, when, gone, first)
            for pk, key, title, when, gone, first in found.values_list(
                "pk", "key", "title", "published_at", "deleted_seen_at", "first_source_id"
            )
        }
    stamp = connection.ops.adapt_datetimefield_value
    seen_at = stamp(at)
    new = 0
    for item in items:
        old = known.get(item.key)
        if old is None:
            new += 1
            asked = _is_backdated(item, source, at)
            when = item.posted
            changes.posts.append((
                source.account_id, item.key, item.title, item.url, stamp(when.at) if when else None, when.precision if when else "second",
                when.raw if when else "", seen_at, item.pushed, item.original, None, source.pk, asked,
            ))  # fmt: skip
        elif old[1] != item.title or (item.posted is not None and old[2] != item.posted.at):
            changes.revisions.append(PostRevision(post_id=old[0], noticed_at=at, title=old[1], published_at=old[2]))
            changes.edits.append((item.title, stamp(item.posted.at) if item.posted else None, old[0]))
            changes.touched.add(source.account_id)
        if old is not None and old[3] is not None:
            changes.back.append(old[0])
        if item.source_id and item.source_id != item.url:
            changes.aliases.append((item.key, item.source_id, source.pk, source.account_id))
    if new:
        changes.touched.add(source.account_id)
    if source.complete and dated and _outcome(answered) in {Outcome.OK, Outcome.MOVED, Outcome.RENAMED}:
        keys, oldest = {i.key for i in items}, min(dated)
        changes.gone += [
            pk
            for key, (pk, _, when, gone, first) in known.items()
            if key not in keys and gone is None and first == source.pk and when is not None and when > oldest
        ]
    return new


def _since(oldest: datetime, undated: Sequence[str]) -> Q:
    condition = Q(published_at__gte=oldest)
    return condition | Q(key__in=undated) if undated else condition


def _is_backdated(item: Item, source: Source, at: datetime) -> bool:
    """倒填: the source had covered the stated date, did not show the post then, and shows it now."""
    if not source.complete or item.posted is None or source.span_until is None or source.read_at is None:
        return False
    stated = item.posted.at
    watched = source.span_start is None or stated > source.span_start
    return watched and stated < source.span_until and at - stated > ASK_AFTER and source.span_until - stated > ASK_AFTER


_POST_COLUMNS = (
    "account_id", "key", "title", "url", "published_at", "precision", "raw_date", "first_seen_at", "pushed", "original", "deleted_seen_at", "first_source_id", "asked_about",
)  # fmt: skip


def _write_posts(changes: _Changes, at: datetime) -> None:
    """Write the collected rows: plain statements, because the mapper costs more than the database here."""
    if changes.posts:
        quoted = ",".join(connection.ops.quote_name(c) for c in _POST_COLUMNS)
        marks = ",".join(["%s"] * len(_POST_COLUMNS))
        table = Post._meta.db_table
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({quoted}) VALUES ({marks}) ON CONFLICT (account_id, {connection.ops.quote_name('key')}) DO NOTHING",
                changes.posts,
            )
    if changes.edits:
        PostRevision.objects.bulk_create(changes.revisions)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {Post._meta.db_table} SET title = %s, published_at = COALESCE(%s, published_at) WHERE id = %s",
                changes.edits,
            )
    if changes.gone:
        Post.objects.filter(pk__in=changes.gone).update(deleted_seen_at=at)
    if changes.back:
        Post.objects.filter(pk__in=changes.back).update(deleted_seen_at=None)
    if changes.aliases:
        accounts = {account for _, _, _, account in changes.aliases}
        ids = {
            (account, key): pk
            for pk, account, key in Post.objects.filter(
                account_id__in=accounts, key__in=[k for k, *_ in changes.aliases]
            ).values_list("pk", "account_id", "key")
        }
        rows = [
            PostAlias(post_id=ids[account, key], source_id=source, value=value[:300])
            for key, value, source, account in changes.aliases
            if (account, key) in ids
        ]
        PostAlias.objects.bulk_create(rows, ignore_conflicts=True)


def _write_polls(batch: Sequence[Answered], new: dict[int, int], at: datetime) -> None:
    """Extend the open Poll row of an equal outcome; open another for a different one."""
    stamp = connection.ops.adapt_datetimefield_value(at)
    longer, opened = [], []
    for answered in batch:
        outcome, source = _outcome(answered), answered.source
        if source.poll_ref and source.outcome == outcome:
            longer.append((stamp, new[source.pk], source.poll_ref))
        else:
            detail = f"现名“{answered.reading.name}”" if outcome is Outcome.RENAMED else answered.reading.detail
            opened.append(
                (
                    answered,
                    Poll(
                        source=source,
                        outcome=outcome,
                        first_at=at,
                        last_at=at,
                        items=len(answered.reading.items),
                        new=new[source.pk],
                        detail=detail[:400],
                        blob=answered.blob,
                    ),
                )
            )
    if longer:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {Poll._meta.db_table} SET last_at = %s, times = times + 1, new = new + %s WHERE id = %s",
                longer,
            )
    for (answered, _), poll in zip(opened, Poll.objects.bulk_create([p for _, p in opened]), strict=True):
        answered.source.poll_ref = poll.pk


def _write_spans(batch: Sequence[Answered], changes: _Changes, at: datetime) -> None:
    """Extend coverage where the reading reaches back to it; open a new span after a gap."""
    stamp = connection.ops.adapt_datetimefield_value
    longer, opened = [], []
    for answered in batch:
        source, reading = answered.source, answered.reading
        if not source.complete or not _outcome(answered).is_read:
            continue
        until = min(reading.covers_until or at, at)
        start = _start_of(reading)
        whole = reading.whole or reading.outcome is Outcome.EMPTY
        unchanged = reading.outcome is Outcome.NOT_MODIFIED
        if (
            source.span_ref
            and source.span_until is not None
            and (unchanged or whole or (start is not None and start <= source.span_until))
        ):
            if until > source.span_until:
                source.span_until = until
                longer.append((stamp(until), stamp(at), source.span_ref))
        elif not unchanged:
            source.span_start, source.span_until = (None if whole else start or at), until
            opened.append(
                (
                    source,
                    CoverageSpan(source=source, account_id=source.account_id, start=source.span_start, until=until, read_at=at),
                )
            )
            changes.touched.add(source.account_id)
    if longer:
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {CoverageSpan._meta.db_table} SET until = %s, read_at = %s WHERE id = %s", longer)
    for (source, _), span in zip(opened, CoverageSpan.objects.bulk_create([s for _, s in opened]), strict=True):
        source.span_ref = span.pk


def _start_of(reading: Reading) -> datetime | None:
    if reading.covers_from is not None:
        return reading.covers_from
    dated = [i.posted.at for i in reading.items if i.posted is not None]
    return min(dated) if dated else None


def _write_sources(batch: Sequence[Answered], owner: str, at: datetime) -> None:
    stamp = connection.ops.adapt_datetimefield_value
    rows = []
    for a in batch:
        s, outcome = a.source, _outcome(a)
        read = outcome.is_read
        if outcome != s.outcome:
            s.outcome, s.outcome_since = outcome.value, at
        s.failures = 0 if read else s.failures + 1
        s.read_at = at if read else s.read_at
        s.seen_name = s.seen_name or a.reading.name
        fresh = read and outcome is not Outcome.NOT_MODIFIED and a.reading.outcome is not Outcome.NOT_MODIFIED
        rows.append((
            stamp(a.next_at), "", a.interval, (a.etag if fresh else s.etag), (a.last_modified if fresh else s.last_modified),
            (a.body_hash if fresh else s.body_hash), s.outcome, stamp(s.outcome_since) if s.outcome_since else None, s.failures,
            stamp(s.read_at) if s.read_at else None, s.seen_name[:120], (a.reading.moved_to or s.moved_to)[:1000], s.poll_ref, s.span_ref,
            stamp(s.span_start) if s.span_start else None, stamp(s.span_until) if s.span_until else None, s.pk, owner,
        ))  # fmt: skip
    columns = (
        "next_at", "owner", "interval", "etag", "last_modified", "body_hash", "outcome", "outcome_since", "failures", "read_at", "seen_name", "moved_to",
        "poll_ref", "span_ref", "span_start", "span_until",
    )  # fmt: skip
    sets = ", ".join(f"{connection.ops.quote_name(c)} = %s" for c in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Source._meta.db_table} SET {sets} WHERE id = %s AND owner = %s", rows)
