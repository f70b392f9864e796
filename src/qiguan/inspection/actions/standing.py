"""Judge accounts and keep their present state: touched ones at once, the others when their state could next change."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from json import dumps
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from qiguan.collection.actions.lines import note_lines
from qiguan.collection.actions.statements import POSTGRESQL, stamp_or_none
from qiguan.collection.models import Touched
from qiguan.core.activity import Reason, judge
from qiguan.core.activity import Standing as Judged
from qiguan.core.days import start_of
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import Pack, pack_in_force
from qiguan.core.rule import Weight
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.models import NO_LINE, PackUse, Seen, Standing
from qiguan.inspection.queries.facts import facts_of_rows
from qiguan.inspection.queries.packs import PackBook, version_days
from qiguan.inspection.queries.plain_rows import plain_rows
from qiguan.inspection.queries.registered import Registered, read_registered
from qiguan.inspection.queries.story import present_moment
from qiguan.jobs.halves import in_halves
from qiguan.jobs.many import among
from qiguan.people.queries import pinyin_key
from qiguan.register.models import Account

log = logging.getLogger(__name__)
CHUNK = 400
KEPT_FIELDS = [f.name for f in Standing._meta.concrete_fields if not f.primary_key]


def judge_touched(*, at: datetime, limit: int = 4000) -> int:
    """Judge the accounts with new facts.

    1. Read a batch of marks. 2. Judge their accounts. 3. Drop a mark only where it is still the one we read: facts
    that came meanwhile stay marked. Safe to run twice and by several workers.
    """
    marks = dict(Touched.objects.order_by("at").values_list("account_id", "at")[:limit])
    ids = list(marks)
    for i in range(0, len(ids), CHUNK):
        part = ids[i : i + CHUNK]
        judge_accounts(part, at=at)
        with transaction.atomic():
            fresh = dict(Touched.objects.filter(account_id__in=part).values_list("account_id", "at"))
            Touched.objects.filter(account_id__in=[k for k in part if fresh.get(k) == marks[k]]).delete()
    return len(ids)


def judge_due(*, at: datetime, limit: int = 50_000) -> int:
    """Judge the accounts whose state could have changed by the mere passing of time."""
    ids = list(Standing.objects.filter(look_again_at__lte=at).order_by("look_again_at").values_list("pk", flat=True)[:limit])
    return in_halves(lambda part: judge_accounts(part, at=at), ids)


def judge_all(*, at: datetime, moved: Callable[[int, int], None] | None = None) -> int:
    """Judge every account again; `moved(done, total)` is told how far it has come."""
    ids = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    return judge_accounts(ids, at=at, moved=moved)


def judge_accounts(account_ids: Iterable[int], *, at: datetime, moved: Callable[[int, int], None] | None = None) -> int:
    """Judge these accounts at `at` and store their standings, a chunk a transaction. Returns how many were judged."""
    ids = list(account_ids)
    packs = PackTable(at)
    done = 0
    for i in range(0, len(ids), CHUNK):
        accounts = read_registered(ids[i : i + CHUNK])
        facts = facts_of_rows(accounts, at=at)
        judged = [
            (account, _judgement(facts[account.pk], packs.of(account), at, packs.changes_at(account))) for account in accounts
        ]
        _store(judged, at)
        done += len(accounts)
        if moved:
            moved(done, len(ids))
    return done


def _store(judged: Sequence[tuple[Registered, dict[str, Any]]], at: datetime) -> None:
    """Write a chunk: where the register's copies stand unchanged, only the judgement; else the whole row."""
    ids = [account.pk for account, _ in judged]
    rows = Standing.objects.filter(pk__in=among(ids)).order_by().values_list("pk", *INDEXED, *COPIES)
    kept = {row[0]: (row[1 : len(INDEXED) + 1], row[len(INDEXED) + 1 :]) for row in plain_rows(rows)}
    lines: dict[int, datetime | None] = {}
    whole: list[Standing] = []
    narrow: dict[tuple[bool, ...], list[list[Any]]] = defaultdict(list)
    for account, judgement in judged:
        copies = _copies(account)
        keys, before = kept.get(account.pk, (_NEW, ()))
        if keys[_LINE] != judgement["line_key"]:
            lines[account.pk] = judgement["next_line_at"]
        if before == copies:
            moved = tuple(old != judgement[name] for old, name in zip(keys, INDEXED, strict=True))
            narrow[moved].append([*_plain(judgement, moved), account.pk])
        else:
            sort_keys = {"sort_key": pinyin_key(account.name), "owner_sort_key": account.owner_sort_key}
            whole.append(Standing(account_id=account.pk, **dict(zip(COPIES, copies, strict=True)), **sort_keys, **judgement))
    with transaction.atomic():
        if whole:
            Standing.objects.bulk_create(whole, update_conflicts=True, unique_fields=["account"], update_fields=KEPT_FIELDS)
        for moved, values in narrow.items():
            _update(moved, values)
        if not POSTGRESQL:  # one commit for both; PostgreSQL takes the sources a row a commit (see note_lines)
            note_lines(lines, at=at)
    if POSTGRESQL:
        note_lines(lines, at=at)


def _update(moved: Sequence[bool], rows: Sequence[Sequence[Any]]) -> None:
    """Write judgements; of the columns in many indexes only those that `moved`: SQLite writes each index that is named."""
    names = [name for name, changed in zip(INDEXED, moved, strict=True) if changed] + list(_BESIDE)
    sets = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in names)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Standing._meta.db_table} SET {sets} WHERE account_id = %s", rows)


class PackTable:
    """Which pack binds which account at a moment: the nearest organ above it that named one."""

    def __init__(self, at: datetime) -> None:
        on = at.astimezone(SHANGHAI).date()
        self._at = at
        uses = list(PackUse.objects.select_related("organ").order_by("since"))
        self._by_path = {use.organ.path: use.pack for use in uses if use.since <= on and (use.until is None or on < use.until)}
        self._book = PackBook(at)
        self._packs: dict[str, Pack] = {}
        days = version_days()
        turns = {
            path: {day for use in uses if use.organ.path == path for day in _turns(use, days)}
            for path in {u.organ.path for u in uses}
        }
        self._next = {path: min((day for day in found if day > on), default=None) for path, found in turns.items()}
        self._next_of_all = min((day for day in days.get(settings.DEFAULT_PACK, ()) if day > on), default=None)

    def changes_at(self, account: Account | Registered) -> datetime | None:
        """Return the first moment at which another pack, or another version of it, may bind the account; None where none is known."""
        found = [self._next.get(path) for path in _paths_above(account.owner_path)] + [self._next_of_all]
        day = min((day for day in found if day is not None), default=None)
        return None if day is None else start_of(day) + timedelta(microseconds=1)  # 24:00 belongs to the day before

    def of(self, account: Account | Registered) -> Pack:
        """Return the pack in force for the account."""
        name = settings.DEFAULT_PACK
        for path in _paths_above(account.owner_path):
            if path in self._by_path:
                name = self._by_path[path]
                break
        if name not in self._packs:
            pack = self._book.get(name)
            if pack is None:  # a local pack that is over must not stop the night: the national one binds
                log.warning("pack %s is not in force", name)
            self._packs[name] = pack or pack_in_force("national", self._at)
        return self._packs[name]


def _turns(use: PackUse, days: Mapping[str, Collection[date]]) -> Iterable[date]:
    """Yield the days on which a use, or the pack that it names, begins or ends."""
    yield use.since
    if use.until is not None:
        yield use.until
    yield from days.get(use.pack, ())


def _paths_above(path: str) -> Iterable[str]:
    """Yield /1/5/7/, /1/5/, /1/ for /1/5/7/."""
    while len(path) > 1:
        yield path
        path = path[: path.rstrip("/").rfind("/") + 1]


COPIES = ("public_id", "name", "platform", "platform_id", "owner_name", "owner_path", "supervisor_path", "level", "scope")
JUDGED = (
    "state", "reason", "because", "as_of", "judged_at", "last_post_at", "days_silent", "next_line_at", "look_again_at", "pack", "verdict", "seen", "next_step",
    "next_who", "owner_ended", "flags", "weeks", "posts_year", "longest_gap_days", "days_out", "silence_key", "line_key",
)  # fmt: skip


INDEXED = ("state", "silence_key", "line_key")  # of JUDGED: each stands in five indexes and more
_LINE = INDEXED.index("line_key")
_NEW = ("", 0, NO_LINE)  # before the first judging
_BESIDE = tuple(name for name in JUDGED if name not in INDEXED)
_MOMENTS = frozenset({"as_of", "judged_at", "last_post_at", "next_line_at", "look_again_at"})


def _plain(judgement: dict[str, Any], moved: Sequence[bool]) -> list[Any]:
    """The columns of `_update` as the database takes them: the mapper's own conversion costs more than the judging."""
    values = [judgement[name] for name, changed in zip(INDEXED, moved, strict=True) if changed]
    for name in _BESIDE:
        value = judgement[name]
        if name in _MOMENTS:
            value = stamp_or_none(value)
        elif name == "flags":
            value = dumps(value) if value else "[]"
        values.append(value)
    return values


def _copies(account: Registered) -> tuple[str, ...]:
    """What the list shows of the register, in the order of COPIES."""
    return (
        account.public_id,
        account.name,
        account.platform,
        account.platform_id,
        account.owner,
        account.owner_path,
        account.supervisor_path,
        account.level,
        account.scope,
    )


def _judgement(facts: AccountFacts, pack: Pack, at: datetime, changes_at: datetime | None) -> dict[str, Any]:
    """Judge one account; return the columns of JUDGED. `changes_at`: when another pack or version of it begins to bind."""
    evidence = weigh(facts, at=at, counts=pack.counts)
    judged = judge(facts, pack, at, evidence=evidence)
    moment = present_moment(judged, pack)
    weighed = evidence if moment == at else None
    verdict, _ = inspect_account(facts, pack, at=moment, known_at=at, evidence=weighed, weights={Weight.VETO})
    return {
        "state": judged.state.value,
        "reason": judged.reason.value,
        "because": judged.because[:300],
        "as_of": judged.as_of,
        "judged_at": at,
        "last_post_at": judged.last_post_at,
        "days_silent": judged.days_silent,
        "next_line_at": judged.next_line_at,
        "look_again_at": min((m for m in (judged.look_again_at, changes_at) if m is not None), default=None),
        "pack": judged.pack,
        "verdict": verdict.word.value if verdict.word else "",
        "seen": _seen(judged, facts, at, pack),
        "next_step": judged.next_step,
        "next_who": judged.next_who,
        "owner_ended": facts.owner_ended_on is not None and facts.owner_ended_on <= _day(at),
        "flags": list(judged.flags),
        "weeks": judged.rhythm.weeks,
        "posts_year": judged.rhythm.posts_365,
        "longest_gap_days": judged.rhythm.longest_gap_days or 0,
        "days_out": judged.rhythm.days_out,
        "silence_key": int(judged.last_post_at.timestamp()) if judged.last_post_at else 0,
        "line_key": int(judged.next_line_at.timestamp()) if judged.next_line_at else NO_LINE,
    }


def _seen(judged: Judged, facts: AccountFacts, at: datetime, pack: Pack) -> str:
    """Name the best hand that vouches for the account today."""
    grace = timedelta(hours=pack.grace_hours)
    if judged.reason is not Reason.CONTRADICTED and any(span.until >= at - grace for span in facts.spans):
        return Seen.COMPLETE
    if any(check.at >= at - pack.line for check in facts.checks):
        return Seen.CHECKED
    return Seen.PARTIAL if facts.has_partial_source or judged.last_post_at is not None else Seen.NOTHING


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()
