"""The account list: one filter meets one order in one index; words by two-character pieces; deep pages by key."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Count, F, Func, Q, Subquery

from qiguan.core.facts import State
from qiguan.core.platforms import name_key
from qiguan.inspection.models import KEPT, Standing, StandingQuerySet
from qiguan.people.models import Organ, User
from qiguan.register.queries.ids import LONG, MANY, accounts_with_id, bearers_of, bearers_of_all, pieces_of, rarest

PAGE = 50
NUMBERED_PAGES = 200  # further pages are reached by key, from the last row shown
WALKED = 40_000  # matches from which walking an order costs less than sorting them
SORTS = {"name": "sort_key", "owner": "owner_sort_key", "silence": "silence_key", "line": "line_key"}


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What the list is asked for. Empty strings mean "all"; `sort` is a key of SORTS, `-` before it turns it round."""

    state: str = ""
    platform: str = ""
    level: str = ""
    scope: str = ""
    place: str = ""  # an organ's public id
    words: str = ""
    ended: bool = False
    sort: str = "line"

    @classmethod
    def of(cls, query: Mapping[str, str]) -> ListFilter:
        """Read a query string; what it does not know falls back to "all"."""
        sort = query.get("sort", "line")
        return cls(
            state=query.get("state", "") if query.get("state", "") in set(State) else "",
            platform=query.get("platform", "")[:20],
            level=query.get("level", "")[:10],
            scope=query.get("scope", "")[:10],
            place=query.get("place", "")[:16],
            words=query.get("q", "").strip()[:60].replace("\x00", ""),
            ended=query.get("ended") == "1",
            sort=sort if sort.lstrip("-") in SORTS else "line",
        )

    @property
    def order(self) -> tuple[str, bool]:
        """Return the column and whether it runs downwards."""
        return SORTS[self.sort.lstrip("-")], self.sort.startswith("-")


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list, and how to go on."""

    rows: list[Standing]
    number: int
    total: int
    has_next: bool
    next_key: str  # continues after the last row; "" at the end


def matching(*, user: User | AnonymousUser, wanted: ListFilter, many: bool = False) -> StandingQuerySet:
    """Return the standings that the user may see and the filter keeps. `many`: they are a good part of all."""
    found = Standing.objects.visible_to(user, many=many)
    for column in KEPT:
        value = getattr(wanted, column)
        if value:
            found = found.filter(**{column: value})
    if wanted.ended:
        found = found.filter(owner_ended=True)
    if wanted.place:
        organ = Organ.objects.filter(public_id=wanted.place).first()
        found = found.under([organ.path], many=many) if organ else found.none()
    if wanted.words:
        found = found.filter(by_words(wanted.words, many=many))
    return found


class _AmongFew(Func):
    """Say whether an id is among those of a subquery, which finds few: they are fetched one by one."""

    template = "%(expressions)s"
    arg_joiner = " IN "
    output_field = BooleanField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Find the ids first: the planner takes them to lie evenly in every order and walks half the table to meet them."""
        return self.as_sql(compiler, connection, template="%(expressions)s)", arg_joiner=" = ANY(ARRAY", **extra)


def by_words(words: str, *, many: bool = False) -> Q:
    """Match a name, an owner or the beginning of an id by two-character pieces of the words; a single character by the name's text.

    Latin letters and digits may also be a whole id, or a long part of one. `many`: the words are known to match a good part of all.
    """
    key = name_key(words)
    if len(key) < 2:
        return Q(name__contains=words) if key else Q(pk__in=[])
    pieces = list(dict.fromkeys(key[i : i + 2] for i in range(len(key) - 1)))
    if not words.isascii() or " " in words:
        return _with_all(pieces[:6], many=many)
    whole = accounts_with_id(words)
    if len(words) < LONG:
        return _with_all(pieces[:6], many=many) | Q(pk__in=whole) if whole else _with_all(pieces[:6], many=many)
    return Q(pk__in=whole) if whole else _by_part(words, pieces[:12])


def _with_all(pieces: Sequence[str], *, many: bool = False) -> Q:
    if not many:
        found = bearers_of(pieces[0])
        for piece in pieces[1:]:
            found = found.filter(account_id__in=bearers_of(piece))
        return Q(_AmongFew(F("pk"), Subquery(found)))
    condition = Q()
    for piece in pieces:
        condition &= Q(pk__in=bearers_of(piece))
    return condition


def _by_part(words: str, named: Sequence[str]) -> Q:
    """Match a long part of an id; beside it a Latin name that bears all the pieces `named`.

    1. Begin with the part's rarest piece: its few accounts are read and compared at once. 2. Where even that is common, reading
    along the order of the list fills a page sooner than any index of pieces; the list is then of ids alone.
    """
    piece, count = rarest(pieces_of(words))
    if count > MANY:
        return Q(platform_id__icontains=words)
    found = (
        list(Standing.objects.filter(pk__in=bearers_of(piece), platform_id__icontains=words).values_list("pk", flat=True))
        if count
        else []
    )
    piece, count = rarest(named)
    if count > MANY:
        return Q(pk__in=found) if found else _with_all(named)
    return Q(pk__in=[*found, *(bearers_of_all(named, piece) if count else [])])


def list_counts(*, user: User | AnonymousUser, wanted: ListFilter) -> dict[str, int]:
    """Count what the filter keeps, whatever its state, by state: one walk through the index that holds all of it."""
    rest = replace(wanted, state="", ended=False)
    # words and a place single out few; without them everything in sight is counted
    return tally(matching(user=user, wanted=rest, many=not (rest.words or rest.place)), "state").of("state")


def list_page(
    *, user: User | AnonymousUser, wanted: ListFilter, counts: Mapping[str, int] | None = None, number: int = 1, after: str = ""
) -> ListPage:
    """Read one page: ids first, in index order, then their rows.

    1. How many match: `counts` by state where the caller has them. 2. Find the page's ids: many matches are met in the
    order's own index, few are read whole and sorted. 3. Fetch those rows. `after` is `key:id` of the last row shown before.
    """
    column, down = wanted.order
    if counts is None or wanted.ended:
        total = matching(user=user, wanted=wanted).count()
    else:
        total = counts.get(wanted.state, 0) if wanted.state else sum(counts.values())
    found = matching(user=user, wanted=wanted, many=total > WALKED)
    walk = found.order_by(f"-{column}", "-pk") if down else found.order_by(column, "pk")
    key, sep, last_id = after.rpartition(":")
    if sep and last_id.isdecimal():
        value: Any = key if column.endswith("sort_key") else int(key) if key.lstrip("-").isdecimal() else 0
        # a range with a hole, not a union of two: the union would be read whole and sorted
        walk = walk.filter(**{f"{column}__{'lte' if down else 'gte'}": value})
        walk = walk.filter(~Q(**{column: value, f"pk__{'gte' if down else 'lte'}": int(last_id)}))
        start = 0
    else:
        number = max(1, min(number, NUMBERED_PAGES))
        start = (number - 1) * PAGE
    ids = list(walk.values_list("pk", flat=True)[start : start + PAGE + 1])
    by_id = Standing.objects.in_bulk(ids[:PAGE])
    rows = [by_id[i] for i in ids[:PAGE] if i in by_id]
    has_next = len(ids) > PAGE
    next_key = f"{getattr(rows[-1], column)}:{rows[-1].pk}" if has_next and rows else ""
    return ListPage(rows, number, total, has_next, next_key)


@dataclass(frozen=True, slots=True)
class Tally:
    """Standings counted by some of their columns in one statement; `of` adds them up by one of these, most first."""

    columns: tuple[str, ...]
    counted: tuple[tuple[tuple[Any, ...], int], ...]

    def of(self, column: str, **wanted: Collection[Any]) -> dict[Any, int]:
        """Return the counts by a column. `wanted`: of another column, the values to keep."""
        place = self.columns.index(column)
        kept = [(self.columns.index(name), values) for name, values in wanted.items()]
        sums: dict[Any, int] = {}
        for values, n in self.counted:
            if all(values[i] in among for i, among in kept):
                sums[values[place]] = sums.get(values[place], 0) + n
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))


def tally(found: StandingQuerySet, *columns: str) -> Tally:
    """Count standings by the columns together: the columns of the index `st_tally` cost no reading of rows."""
    rows = found.order_by().values_list(*columns).annotate(n=Count("pk"))
    return Tally(columns, tuple((tuple(row[:-1]), row[-1]) for row in rows))


def crossing_soon(*, user: User | AnonymousUser, at: datetime, until: datetime, limit: int = 20) -> list[Standing]:
    """Return accounts whose next line lies between `at` and `until`, the nearest first."""
    lines = Standing.objects.visible_to(user).filter(
        line_key__gte=int(at.timestamp()), line_key__lte=int(until.timestamp()), state__in=[State.ACTIVE, State.DUE]
    )
    return list(lines.order_by("line_key", "pk")[:limit])


def silence_months(*, user: User | AnonymousUser, at: datetime) -> list[tuple[str, int]]:
    """Count accounts by whole months of silence, as far as it is known; those never seen to post stand last."""
    now = int(at.timestamp())
    month = 30 * 86400
    bounds = [(0, "一个月内"), (1, "1–2个月"), (2, "2–3个月"), (3, "3–6个月"), (6, "6–12个月"), (12, "1–2年"), (24, "两年以上")]
    live = Standing.objects.visible_to(user).exclude(state__in=[State.UNKNOWN, State.CLOSED, State.CLOSING, State.BLOCKED])
    wants: dict[str, Count] = {}
    for i, (months, _) in enumerate(bounds):
        newest = now - months * month
        condition = Q(silence_key__gt=0, silence_key__lte=newest if i else now + month)
        if i + 1 < len(bounds):
            condition &= Q(silence_key__gt=now - bounds[i + 1][0] * month)
        wants[f"b{i}"] = Count("pk", filter=condition)
    counts = live.aggregate(**wants, never=Count("pk", filter=Q(state=State.NEVER_POSTED)))
    return [(word, counts[f"b{i}"]) for i, (_, word) in enumerate(bounds)] + [("从未发布", counts["never"])]
