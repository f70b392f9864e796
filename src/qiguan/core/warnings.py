"""Who is told what when, before an account passes the line and after (PRODUCT §3.3 提醒). Pure: no clock, no tables.

The line is national and does not stop on holidays; people work on working days. So what counts is how many working days
are left until the line: what falls into a holiday is told before it, on the same mornings as everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import day_of, say_at, say_day, start_of
from qiguan.core.facts import State
from qiguan.core.written_dates import SHANGHAI

_DAY = timedelta(days=1)
BEGIN: Final = time(9)
NOON: Final = time(12)
CLOSE: Final = time(18)
LEAD: Final = 3  # working days before the line from which operators hear: one more than the leader, who must come second
LEADER: Final = 2  # working days before the line at which the responsible leader is asked
HOLIDAY: Final = 3  # days off in a row that are called a holiday


class Stage(StrEnum):
    """Why a person hears of an account."""

    BEFORE = "before"  # operator and deputy, each working morning until something moves
    LEADER = "leader"  # the responsible leader, once a line
    AGREED = "agreed"  # operator and deputy, once a line of their own making: told as agreed, never as an official one
    AFTER = "after"  # operator, deputy and the unit's administrator, once a state


class Window(StrEnum):
    """What may be told at a moment."""

    MORNING = "morning"
    LATE = "late"  # of a working day: only what would come too late the next working morning
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Watched:
    """One account as the morning sees it. People are ids.

    `blind`: nobody vouches for what we say of it, so nobody is told that it is silent. `known`: no post can have escaped us;
    else operators are asked and the leader is left alone. `settled`: somebody has decided what becomes of it. Nobody is asked
    for what the platform's quota forbids.
    """

    account: int
    name: str
    state: State
    line_at: datetime | None = None
    because: str = ""
    last_day: date | None = None
    known: bool = True
    blind: bool = False
    settled: bool = False
    agreed_days: int | None = None
    agreed_at: datetime | None = None  # when the agreed time is over
    quota_until: datetime | None = None  # no push is allowed before
    push_only: bool = False  # what is published without a push does not count as an update
    operators: Sequence[int] = ()
    admins: Sequence[int] = ()
    leaders: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One account in a person's message. `mark` names what is said only once; "" may be said again another day."""

    account: int
    stage: Stage
    mark: str
    words: str
    line_at: datetime | None


@dataclass(frozen=True, slots=True)
class Digest:
    """The one message of a person on a day. `assumed`: years whose calendar is not known, counted Monday to Friday."""

    person: int
    day: date
    items: Sequence[Item]
    assumed: Sequence[int]
    holiday: str = ""

    @property
    def title(self) -> str:
        """What it is about, leader's decisions first."""
        n = {stage: len({i.account for i in self.items if i.stage is stage}) for stage in Stage}
        before = "个账号在放假期间到线" if self.holiday else "个账号快到更新期限"
        parts = [
            f"{n[stage]}{word}"
            for stage, word in (
                (Stage.LEADER, "个账号请您决定"),
                (Stage.BEFORE, before),
                (Stage.AGREED, "个账号到约定的更新日子"),
                (Stage.AFTER, "个账号已过更新期限"),
            )
            if n[stage]
        ]
        return ("节前提示：" if self.holiday else "") + "，".join(parts)

    @property
    def lines(self) -> list[str]:
        """One line an account and stage, then what was assumed."""
        said = [item.words for item in self.items]
        if self.assumed:
            said.append("、".join(f"{year}年" for year in self.assumed) + "的工作日历还没有录入，暂按周一至周五算")
        return said


@dataclass(frozen=True, slots=True)
class Workdays:
    """The calendar, falling back to Monday to Friday in a year that it does not hold; whoever uses it says so."""

    calendar: WorkCalendar

    def is_working(self, day: date) -> bool:
        """Say whether the day is worked, or would be in a plain week."""
        return self.calendar.is_working_day(day) if self.knows(day) else day.weekday() < 5

    def knows(self, day: date) -> bool:
        """Say whether the official calendar of that year is there."""
        return day.year in self.calendar.years

    def next_working(self, day: date) -> date:
        """Return the first working day after `day`."""
        day += _DAY
        while not self.is_working(day):
            day += _DAY
        return day

    def left(self, today: date, line: date) -> int:
        """Count the working days after today up to and with the line's day; LEAD + 1 stands for more."""
        n, day = 0, today
        while n <= LEAD:
            day = self.next_working(day)
            if day > line:
                break
            n += 1
        return n

    def horizon(self, today: date) -> date:
        """Return the last day whose line has at most LEAD working days left."""
        day = today
        for _ in range(LEAD + 1):
            day = self.next_working(day)
        return day - _DAY

    def holiday(self, today: date, line: date) -> str:
        """Name the holiday in which the line's day lies, 放假 where it has no name; "" for a working day or a weekend."""
        if self.is_working(line):
            return ""
        first = last = line
        while not self.is_working(first - _DAY):
            first -= _DAY
        while not self.is_working(last + _DAY):
            last += _DAY
        if (last - first).days + 1 < HOLIDAY or first <= today:
            return ""
        days = [first + _DAY * i for i in range((last - first).days + 1)]
        return next((name for name in map(self.calendar.holiday, days) if name), "放假")


def window(at: datetime, days: Workdays, begin: time = BEGIN) -> Window:
    """Say what may be told at `at`: a working morning begins at `begin`."""
    local = at.astimezone(SHANGHAI)
    if not days.is_working(local.date()) or not begin <= local.time() < CLOSE:
        return Window.CLOSED
    return Window.MORNING if local.time() < max(NOON, begin) else Window.LATE


def digests(
    watched: Iterable[Watched],
    *,
    at: datetime,
    days: Workdays,
    said: Collection[tuple[int, int, str]] = (),
    served: Collection[int] = (),
    joined: Collection[int] = (),
    begin: time = BEGIN,
) -> list[Digest]:
    """Return the messages that are due at `at`, one a person, by person.

    1. Outside working hours nobody is told; in the afternoon only who would hear too late the next working morning.
    2. Gather each account's items by person; what was `said` (person, account, mark) already is left out. 3. Who is `served`
    today gets nothing more, whatever came since. Who is `joined` gets a message for another reason: all is in it.
    """
    now = window(at, days, begin)
    if now is Window.CLOSED:
        return []
    today = at.astimezone(SHANGHAI).date()
    mornings = start_of(days.next_working(today)) + timedelta(hours=begin.hour, minutes=begin.minute)
    found: dict[int, list[tuple[Watched, Item]]] = {}
    for one in watched:
        for person, item in _items(one, at, today, days):
            if person not in served and (not item.mark or (person, item.account, item.mark) not in said):
                found.setdefault(person, []).append((one, item))
    out = []
    for person in sorted(found):
        items = sorted((item for _, item in found[person]), key=lambda i: (_ORDER[i.stage], i.line_at or at, i.account))
        if now is Window.MORNING or person in joined or any(i.line_at is not None and i.line_at <= mornings for i in items):
            out.append(_digest(person, today, items, days))
    return out


_ORDER = {Stage.LEADER: 0, Stage.BEFORE: 1, Stage.AFTER: 2, Stage.AGREED: 3}


def _digest(person: int, today: date, items: Sequence[Item], days: Workdays) -> Digest:
    ends = [day_of(item.line_at) for item in items if item.line_at is not None]
    years = {y for end in [today, *ends] for y in range(today.year, end.year + 1) if y not in days.calendar.years}
    # 节前提示 is said when all that is near falls into a holiday; each line names its own in any case
    names = [days.holiday(today, end) for end in ends]
    holiday = next((name for name in names if name), "") if all(names) else ""
    return Digest(person, today, tuple(items), tuple(sorted(years)), holiday)


def _items(one: Watched, at: datetime, today: date, days: Workdays) -> Iterable[tuple[int, Item]]:
    forbidden = one.quota_until is not None and one.quota_until > at
    if one.blind or one.settled or (forbidden and one.push_only):
        return
    hint = _quota_words(one) if forbidden else ""
    if one.state.is_silence:
        mark = f"{one.state.value}:{one.last_day or ''}"
        words = f"{one.name}：{one.state.word}。{one.because}{hint}"
        for person in dict.fromkeys([*one.operators, *one.admins]):
            yield person, Item(one.account, Stage.AFTER, mark, words, None)
        return
    if one.state not in {State.ACTIVE, State.DUE} or one.line_at is None or one.line_at <= at:
        return
    line = day_of(one.line_at)
    left = days.left(today, line)
    if one.state is not State.DUE and left > LEAD:
        yield from _agreed(one, today, days, forbidden=forbidden)
        return
    words = f"{one.name}：{_when(one, today, left, days)}。{one.because}{hint}"
    caution = "" if one.known else "。来源不完整，已经更新的不用理会"
    for person in dict.fromkeys(one.operators):
        yield person, Item(one.account, Stage.BEFORE, "", words + caution, one.line_at)
    if one.known and left <= LEADER:
        for person in dict.fromkeys(one.leaders):
            yield person, Item(one.account, Stage.LEADER, f"leader:{line}", words, one.line_at)


def _agreed(one: Watched, today: date, days: Workdays, *, forbidden: bool) -> Iterable[tuple[int, Item]]:
    """The agreed time ends before the next working day is over: said once, and only while the official line is far."""
    if one.agreed_at is None or forbidden or not one.known:
        return
    end = day_of(one.agreed_at)
    if days.next_working(today) < end:
        return
    words = f"{one.name}：约定{one.agreed_days}天更新一次，{say_day(end)}到日子。{one.because}。这是本单位约定的，不是国家的期限，过了不算问题"
    for person in dict.fromkeys(one.operators):
        yield person, Item(one.account, Stage.AGREED, f"agreed:{end}", words, None)


def _quota_words(one: Watched) -> str:
    assert one.quota_until is not None
    return (
        f"。群发次数已用完，{say_day(one.quota_until.astimezone(SHANGHAI).date())}起才能再群发；只发布、不群发也算更新，不占次数"
    )


def _when(one: Watched, today: date, left: int, days: Workdays) -> str:
    """9月18日10:00到更新期限，还有2个工作日."""
    assert one.line_at is not None
    line = day_of(one.line_at)
    if line == today:
        return f"今天{say_at(one.line_at).removeprefix(say_day(line))}到更新期限"
    holiday = days.holiday(today, line)
    tail = f"，正在{holiday if holiday.endswith('放假') else holiday + '放假'}期间" if holiday else ""
    if not left:
        return f"{say_at(one.line_at)}到更新期限{tail}，今天是之前最后一个工作日"
    more = "以上" if left > LEAD else ""
    return f"{say_at(one.line_at)}到更新期限{tail}，还有{min(left, LEAD)}个工作日{more}"
