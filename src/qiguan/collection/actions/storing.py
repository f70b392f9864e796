"""Store what a batch of sources answered, in few statements and one short transaction.

Everything here may run twice: posts are unique by (account, key), equal outcomes extend one Poll row, coverage is
extended where it is contiguous. A source whose lease was lost changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from qiguan.collection.actions.comparing import Changes, Known, clean, compare, keys_and_start, vouched_from
from qiguan.collection.actions.lease import Held
from qiguan.collection.actions.statements import (
    POSTGRESQL,
    Row,
    insert_returning,
    insert_rows,
    stamp,
    stamp_or_none,
    update_all,
    update_rows,
)
from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import CoverageSpan, Poll, Post, PostAlias, PostRevision, Source
from qiguan.core.source import Outcome, Reading
from qiguan.register.models import Account

log = logging.getLogger(__name__)
STALE = timedelta(days=1)
_PLAIN = {Outcome.OK, Outcome.NOT_MODIFIED}
CHUNK, CHUNK_ITEMS = 250, 4000  # sources and items of one transaction: well under 250 ms


@dataclass(slots=True)
class Answered:
    """One source's answer, what to send along next time, and when. `interval`: seconds of its usual pause."""

    source: Held
    reading: Reading
    next_at: datetime | None  # None: nothing to fetch, what comes comes by itself
    interval: int
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    blob: str = ""
    # worked out while storing, anew at each attempt: the outcome as stored, new posts, where the open rows then stand
    outcome: Outcome = Outcome.INTERNAL
    new: int = 0
    poll_ref: int | None = None
    span_ref: int | None = None
    span_start: datetime | None = None
    span_until: datetime | None = None

    def begin(self) -> None:
        """Set what storing works out back to what the claim read."""
        s = self.source
        self.outcome, self.new, self.poll_ref = _outcome(self), 0, s.poll_ref
        self.span_ref, self.span_start, self.span_until = s.span_ref, s.span_start, s.span_until


def store_answers(batch: Sequence[Answered], *, owner: str, at: datetime) -> int:
    """Store a batch; return how many new posts it brought. `at` is the moment of reading."""
    return sum(_store_or_split(chunk, owner, at) for chunk in _chunks(batch))


def _chunks(batch: Sequence[Answered]) -> Iterator[list[Answered]]:
    chunk: list[Answered] = []
    items = 0
    for answered in batch:
        if chunk and (len(chunk) >= CHUNK or items + len(answered.reading.items) > CHUNK_ITEMS):
            yield chunk
            chunk, items = [], 0
        chunk.append(answered)
        items += len(answered.reading.items)
    if chunk:
        yield chunk


def _store_or_split(chunk: list[Answered], owner: str, at: datetime) -> int:
    """Store a chunk; where the database refuses it, store each half alone, so that one bad row costs one source only."""
    try:
        with transaction.atomic():
            return _store_chunk(chunk, owner, at)
    except (DatabaseError, ValueError, OverflowError) as error:
        if len(chunk) > 1:
            half = len(chunk) // 2
            return _store_or_split(chunk[:half], owner, at) + _store_or_split(chunk[half:], owner, at)
        log.exception("source %s could not be stored", chunk[0].source.public_id)
        with transaction.atomic():
            return _store_chunk([replace(chunk[0], reading=Reading(Outcome.INTERNAL, detail=type(error).__name__))], owner, at)


def _store_chunk(batch: Sequence[Answered], owner: str, at: datetime) -> int:
    """1. Keep the sources still ours. 2. Compare. 3. Write posts, polls, coverage, then the sources. 4. Mark the accounts."""
    held = Source.objects.filter(pk__in=[a.source.pk for a in batch], owner=owner).order_by()
    ours = set((held.select_for_update() if POSTGRESQL else held).values_list("pk", flat=True))
    kept = [a for a in batch if a.source.pk in ours]
    for answered in kept:
        answered.begin()
    changes = Changes()
    shown = [a for a in kept if a.reading.items]
    posted = _with_posts([a.source.account_id for a in kept if a.reading.items or a.outcome is Outcome.EMPTY])
    known = _known([a for a in shown if a.source.account_id in posted])
    for a in shown:
        a.new = compare(a.source, a.reading, a.outcome, known.get(a.source.account_id, {}), changes, at)
    _write_posts(changes, at)
    changes.touched.update(a.source.account_id for a in kept if _turned(a, at))
    _write_polls(kept, at)
    _write_spans(kept, changes, posted, at)
    _write_sources(kept, owner, at)
    if changes.touched:
        touch_accounts(changes.touched, at)
    return sum(a.new for a in kept)


def _outcome(answered: Answered) -> Outcome:
    """A source that says another name than before is RENAMED until a person accepts the name."""
    reading, before = answered.reading, answered.source.seen_name
    if reading.outcome is Outcome.OK and reading.name and before and clean(reading.name, 120) != before:
        return Outcome.RENAMED
    return reading.outcome


def _turned(answered: Answered, at: datetime) -> bool:
    """Say whether the outcome is news for the account: another one than before, or any word after a day without."""
    source, read = answered.source, answered.outcome.is_read
    if read and source.complete and (source.read_at is None or at - source.read_at > STALE):
        return True
    return answered.outcome != source.outcome and not {answered.outcome, source.outcome} <= _PLAIN


def _with_posts(accounts: Sequence[int]) -> set[int]:
    """Return which of these accounts have any post: the others need no comparing."""
    if not accounts:
        return set()
    marks = ",".join(["%s"] * len(accounts))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {Account._meta.db_table} a WHERE id IN ({marks}) AND EXISTS (SELECT 1 FROM {Post._meta.db_table} WHERE account_id = a.id)",
            accounts,
        )
        return {row[0] for row in cursor.fetchall()}


def _known(answers: Sequence[Answered]) -> dict[int, dict[str, Known]]:
    """Read the stored posts that the answers show, or that a complete one should show."""
    found: dict[int, dict[str, Known]] = {}
    for account, (keys, start) in keys_and_start([(a.source, a.reading) for a in answers]).items():
        wanted = Q(key__in=keys) if start is None else Q(key__in=keys) | Q(published_at__gt=start)
        rows = Post.objects.filter(wanted, account_id=account).order_by()
        found[account] = {
            key: Known(pk, title, when, gone is not None, first)
            for key, pk, title, when, gone, first in rows.values_list(
                "key", "pk", "title", "published_at", "deleted_seen_at", "first_source_id"
            )
        }
    return found


_POST_COLUMNS = (
    "account_id", "key", "title", "url", "published_at", "precision", "raw_date", "first_seen_at", "pushed", "original", "deleted_seen_at", "first_source_id",
    "asked_about",
)  # fmt: skip


def _write_posts(changes: Changes, at: datetime) -> None:
    insert_rows(
        Post, _POST_COLUMNS, changes.posts, conflict=f"ON CONFLICT (account_id, {connection.ops.quote_name('key')}) DO NOTHING"
    )
    insert_rows(PostRevision, ("post_id", "noticed_at", "title", "published_at"), changes.revisions)
    update_rows(Post, "title = %s, published_at = COALESCE(%s, published_at)", changes.edits)
    update_all(Post, "deleted_seen_at = %s", (stamp(at),), changes.gone)
    update_all(Post, "deleted_seen_at = NULL", (), changes.back)
    if changes.aliases:
        ids = {
            (account, key): pk
            for pk, account, key in Post.objects.filter(
                account_id__in={a for a, *_ in changes.aliases}, key__in={k for _, k, *_ in changes.aliases}
            ).values_list("pk", "account_id", "key")
        }
        rows = [(ids[a, k], source, value) for a, k, value, source in changes.aliases if (a, k) in ids]
        insert_rows(PostAlias, ("post_id", "source_id", "value"), rows, conflict="ON CONFLICT DO NOTHING")


def _write_polls(batch: Sequence[Answered], at: datetime) -> None:
    """Extend the open Poll row of an equal outcome; open another for a different one."""
    now = stamp(at)
    quiet: list[int] = []
    longer: list[Row] = []
    opened: list[Answered] = []
    for a in batch:
        if not a.poll_ref or a.source.outcome != a.outcome:
            opened.append(a)
        elif a.new or a.blob:
            longer.append((now, a.new, a.blob, a.poll_ref))
        else:
            quiet.append(a.poll_ref)
    new = connection.ops.quote_name("new")
    update_all(Poll, "last_at = %s, times = times + 1", (now,), quiet)
    update_rows(Poll, f"last_at = %s, times = times + 1, {new} = {new} + %s, blob = COALESCE(NULLIF(%s, ''), blob)", longer)
    columns = ("source_id", "outcome", "first_at", "last_at", "times", "items", "new", "detail", "blob")
    rows = [(a.source.pk, a.outcome.value, now, now, 1, len(a.reading.items), a.new, _detail(a), a.blob) for a in opened]
    ids = insert_returning(Poll, columns, rows, key="source_id")
    for a in opened:
        a.poll_ref = ids[a.source.pk]


def _detail(answered: Answered) -> str:
    name = f"现名“{answered.reading.name}”" if answered.outcome is Outcome.RENAMED else ""
    return clean("；".join(filter(None, [name, answered.reading.detail])), 400)


def _write_spans(batch: Sequence[Answered], changes: Changes, posted: set[int], at: datetime) -> None:
    """Extend coverage where the reading reaches back to it; open a new span after a gap.

    An empty answer vouches for "never" only while no post of the account is known: else the list has lost its content.
    """
    whole_now: list[int] = []
    longer: list[Row] = []
    opened: list[Answered] = []
    for a in batch:
        s, reading, empty = a.source, a.reading, a.outcome is Outcome.EMPTY
        if not s.complete or not a.outcome.is_read or (empty and s.account_id in posted):
            continue
        until = min(reading.covers_until or at, at)
        start, whole, unchanged = vouched_from(reading), reading.whole or empty, a.outcome is Outcome.NOT_MODIFIED
        if a.span_ref and a.span_until is not None and (unchanged or whole or (start is not None and start <= a.span_until)):
            if until <= a.span_until:
                continue
            a.span_until = until
            if until == at:
                whole_now.append(a.span_ref)
            else:
                longer.append((stamp(until), stamp(at), a.span_ref))
        elif whole or start is not None:  # without a date and without a word on its span, an answer vouches for nothing
            a.span_start, a.span_until = (None if whole or start is None else min(start, until)), until
            opened.append(a)
            changes.touched.add(s.account_id)
    update_all(CoverageSpan, "until = %s, read_at = %s", (stamp(at), stamp(at)), whole_now)
    update_rows(CoverageSpan, "until = %s, read_at = %s", longer)
    rows: list[Row] = []
    for a in opened:
        rows.append((a.source.pk, a.source.account_id, stamp_or_none(a.span_start), stamp_or_none(a.span_until), stamp(at)))
    ids = insert_returning(CoverageSpan, ("source_id", "account_id", "start", "until", "read_at"), rows, key="source_id")
    for a in opened:
        a.span_ref = ids[a.source.pk]


_UNCHANGED = "next_at = %s, owner = '', {interval} = %s, failures = 0, read_at = %s, span_until = %s"
_ANSWERED = (
    "next_at", "owner", "interval", "etag", "last_modified", "body_hash", "outcome", "failures", "read_at", "seen_name", "moved_to", "poll_ref",
    "span_ref", "span_start", "span_until",
)  # fmt: skip


def _write_sources(batch: Sequence[Answered], owner: str, at: datetime) -> None:
    """Set the next look and what to send along. What asks for a person is read in full again until answered: no ETag is kept."""
    now = stamp(at)
    quote = connection.ops.quote_name
    same: list[Row] = []
    rows: list[Row] = []
    turned: list[int] = []
    for a in batch:
        s, outcome = a.source, a.outcome
        if outcome is Outcome.NOT_MODIFIED and s.outcome == outcome:
            same.append((stamp_or_none(a.next_at), a.interval, now, stamp_or_none(a.span_until), s.pk, owner))
            continue
        if outcome != s.outcome:
            turned.append(s.pk)
        read = outcome.is_read
        keep = (a.etag, a.last_modified, a.body_hash) if outcome is Outcome.OK else (s.etag, s.last_modified, s.body_hash)
        rows.append((
            stamp_or_none(a.next_at), "", a.interval, *keep, outcome.value, 0 if read else s.failures + 1, now if read else stamp_or_none(s.read_at),
            s.seen_name or clean(a.reading.name, 120), clean(a.reading.moved_to, 1000) if outcome is Outcome.MOVED else "", a.poll_ref, a.span_ref,
            stamp_or_none(a.span_start), stamp_or_none(a.span_until), s.pk, owner,
        ))  # fmt: skip
    guard = "id = %s AND owner = %s"
    update_rows(Source, _UNCHANGED.format(interval=quote("interval")), same, where=guard)
    update_all(Source, "outcome_since = %s", (now,), turned)
    update_rows(Source, ", ".join(f"{quote(c)} = %s" for c in _ANSWERED), rows, where=guard)
