"""The log as an auditor reads it: cut to the audited organs, filtered, paged by key, and samples drawn that anyone can redo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from qiguan.core.days import start_of
from qiguan.core.errors import QiguanError
from qiguan.core.sampling import draw
from qiguan.core.written_dates import parse_day
from qiguan.people.models import AuditEntry, Organ, Role, User, any_within, within
from qiguan.people.queries import demand_role, memberships_of

PAGE = 50
MOST_DRAWN_FROM = 200_000
MOST_DRAWN = 200


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Who, what, when, where. Empty means all; `action` ending in `_` means all that begin with it."""

    who: str = ""
    action: str = ""
    object_id: str = ""
    place: str = ""  # an organ's public id
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> LogFilter:
        """Read a query string; what cannot be read counts as all."""
        since, until = (parse_day(query.get(name, "")) for name in ("since", "until"))
        return cls(
            who=_plain(query, "who", 60),
            action=_plain(query, "action", 60),
            object_id=_plain(query, "on", 40),
            place=_plain(query, "place", 16),
            since=since if isinstance(since, date) else None,
            until=until if isinstance(until, date) else None,
        )


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page, newest first. `older` continues after the last row; 0 at the end."""

    rows: list[AuditEntry]
    older: int


def _plain(query: Mapping[str, str], name: str, most: int) -> str:
    return query.get(name, "").strip()[:most].replace("\x00", "")


def entries_seen_by(user: User) -> QuerySet[AuditEntry]:
    """Return the entries of the organs that the user audits. What belongs to no organ is for whoever audits a root, or all."""
    demand_role(user, Role.AUDITOR)
    if user.is_superuser:
        return AuditEntry.objects.all()
    audited = [m.organ for m in memberships_of(user, roles=[Role.AUDITOR])]
    seen = any_within(["organ_path"], [organ.path for organ in audited])
    if any(organ.parent_id is None for organ in audited):
        seen |= Q(organ_path="")
    return AuditEntry.objects.filter(seen)


def entries_matching(*, user: User, wanted: LogFilter) -> QuerySet[AuditEntry]:
    """Return what the user may see and the filter keeps."""
    found = entries_seen_by(user)
    if wanted.who:
        people = User.objects.filter(Q(username=wanted.who) | Q(shown_name__icontains=wanted.who)).values_list("pk", flat=True)
        found = found.filter(by__in=list(people[:200]))
    if wanted.action:
        name = "action__startswith" if wanted.action.endswith("_") else "action"
        found = found.filter(**{name: wanted.action})
    if wanted.object_id:
        found = found.filter(object_id=wanted.object_id)
    if wanted.place:
        organ = Organ.objects.filter(public_id=wanted.place).first()
        found = found.filter(within("organ_path", organ.path)) if organ else found.none()
    if wanted.since:
        found = found.filter(at__gte=start_of(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=start_of(wanted.until + timedelta(days=1)))
    return found


def log_page(*, user: User, wanted: LogFilter, before: int = 0) -> LogPage:
    """Read one page by key: the entries with a lower id than `before`, newest first. No page is dearer than the first."""
    found = entries_matching(user=user, wanted=wanted)
    if before:
        found = found.filter(pk__lt=before)
    rows = list(found.select_related("by").order_by("-pk")[: PAGE + 1])
    return LogPage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else 0)


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, and all that is needed to redo it: the list is fixed by the filter and the seal."""

    rows: list[AuditEntry]
    numbers: list[int]
    seal: int
    seed: str


def draw_sample(*, user: User, wanted: LogFilter, seed: str, count: int, seal: int) -> Sample:
    """Draw `count` entries by lot from those that match and were sealed up to `seal`: sealed rows can no longer change."""
    if not seed.strip():
        raise QiguanError("没有写种子", place="种子", remedy="用事先公布、谁也定不了的数，如某期彩票号码")
    found = entries_matching(user=user, wanted=wanted).filter(seal__lte=seal).order_by("pk")
    numbers = list(found.values_list("pk", flat=True)[: MOST_DRAWN_FROM + 1])
    if len(numbers) > MOST_DRAWN_FROM:
        raise QiguanError(f"超过{MOST_DRAWN_FROM}条，一次抽不了", place="抽样", remedy="请缩小时间或单位的范围")
    drawn = draw(map(str, numbers), seed=seed, count=min(count, MOST_DRAWN))
    by_id = AuditEntry.objects.select_related("by").in_bulk([int(n) for n in drawn])
    return Sample([by_id[int(n)] for n in drawn], numbers, seal, seed)
