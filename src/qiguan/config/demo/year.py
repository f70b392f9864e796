"""Replay a year of 示例市 day by day on the business clock, by the product's own actions; only the feeds are brought without a network.

Each morning at five past nine: the feeds are read, accounts judged, warnings queued, tickets tended; then the units and the office
do their work. A weekend passes in one step, holidays day by day. The same seed gives the same year, public ids and drawn lots included.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from qiguan.config.demo import year_office as office
from qiguan.config.demo import year_units as units
from qiguan.config.demo.year_lives import CONTRACTOR_LEAVES, Player, players
from qiguan.config.demo.year_reading import read_feeds
from qiguan.config.demo.year_town import Town, found_year, leave_contractor
from qiguan.config.morning import queue_mornings
from qiguan.core.calendar import WorkCalendar
from qiguan.core.days import start_of
from qiguan.inspection.actions.standing import judge_all, judge_due, judge_touched
from qiguan.jobs import clock, keys
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import end_organ, rename_organ
from qiguan.people.audit.sealing import seal_entries
from qiguan.rectification.actions.tending import tend_tickets
from qiguan.register.models import Account

FIRST_DAY, LAST_DAY = date(2025, 10, 9), date(2026, 10, 8)
MORNING = timedelta(hours=9, minutes=5)
MERGER = date(2026, 3, 2)
POINTS = (date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30))
CORRECTED_AFTER = 14  # working days after the first check point: the appeal is answered by then


@dataclass(slots=True)
class Year:
    """A replay under way or over."""

    town: Town
    calendar: WorkCalendar
    quarters: list[office.Quarter]
    now: datetime
    before: date  # the day lived through last
    posts: int = 0
    warned: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def replay(
    *,
    first: date = FIRST_DAY,
    last: date = LAST_DAY,
    most: int = 80,
    seed: int = 2026,
    moved: Callable[[date], None] | None = None,
) -> Year:
    """Found the town in an empty database and live through the days `first` to `last`; returns how it stands on the last morning."""
    with _seeded(seed):
        at = start_of(first) + MORNING
        _set_clock(at)
        played = players(seed=seed, most=most, at=at)
        town = found_year(played, at=at)
        rows = WorkingDay.objects.values_list("day", "is_working", "note")
        quarters = [office.Quarter(_title(p), p, n) for n, p in enumerate(POINTS, 1) if first <= p < last]
        year = Year(town, WorkCalendar(rows), quarters, at, first)
        year.posts += read_feeds(played, at=at)
        judge_all(at=at)
        day = first
        while day < last:
            day += timedelta(days=1)
            if day.weekday() < 5 or year.calendar.is_working_day(day) or day == last:
                _live(year, day, played)
            if moved:
                moved(day)
        while seal_entries(at=clock.machine_now()):
            pass
    return year


def _live(year: Year, day: date, played: list[Player]) -> None:
    """One day."""
    at = year.now = start_of(day) + MORNING
    _set_clock(at)
    _befall(year, day, played, at)
    year.before = day
    for player in played:
        player.until(at)
    year.posts += read_feeds(played, at=at)
    judge_touched(at=at)
    judge_due(at=at)
    for word, n in tend_tickets(at=at).items():
        year.counts[word] = year.counts.get(word, 0) + n
    year.warned += queue_mornings(at=at)
    if not year.calendar.is_working_day(day):
        return
    units.hear_warnings(year.town, at=at)
    units.work_on_tickets(year.town, year.calendar, at=at)
    for quarter in year.quarters:
        step = year.calendar.count_working_days(quarter.point, day) - 1 if day > quarter.point else -1
        if 0 <= step <= 1:
            office.look_by_hand(year.town, quarter, step, at=at)
        elif 2 <= step <= 6:
            office.inspect(year.town, quarter, step, at=at)
        if quarter.number == 1 and step >= CORRECTED_AFTER:
            office.correct(year.town, quarter, step - CORRECTED_AFTER, at=at)
    office.desk(year.town, year.calendar, at=at)


def _befall(year: Year, day: date, played: list[Player], at: datetime) -> None:
    """What happens to the town: the contractor leaves, two bureaux merge, some fall silent again, one comes back after its end."""
    town, before = year.town, year.before
    if before < CONTRACTOR_LEAVES <= day:
        leave_contractor(town, at=at)
    if before < MERGER <= day:
        boss, document = town.office["jianguan"], "示机改〔2026〕5号"
        heir = rename_organ(
            organ=town.organs["西例区农业农村局"], name="西例区农业农村和商务局", on=day, document=document, by=boss, at=at
        )
        end_organ(organ=town.organs["西例区商务局"], on=day, successor=heir, what="merged", document=document, by=boss, at=at)
        town.units[heir.name] = town.units["西例区农业农村局"]
    for player in played:
        if player.life.again is not None and before < player.life.again <= day:
            closed = Account.objects.filter(pk=town.accounts[player.key].pk, status=Account.Status.CLOSED).exists()
            if closed:
                player.write(at - timedelta(hours=1))
            player.stop()


def _title(point: date) -> str:
    return f"{point.year}年第{'一二三四'[point.month // 3 - 1]}季度"


def _set_clock(at: datetime) -> None:
    """Business time is the replayed day's for whoever asks for it."""
    os.environ["QIGUAN_CLOCK_OFFSET"] = str((at - clock.machine_now()).total_seconds())


class _Dice:
    """In place of `secrets` for public ids: nothing here is worth guessing, and a lot is drawn from the ids."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311

    def randbits(self, n: int) -> int:
        return self._random.getrandbits(n)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Draw public ids from the seed while a made year is made."""
    module: Any = keys
    kept = module.secrets
    module.secrets = _Dice(seed)
    try:
        yield
    finally:
        module.secrets = kept
