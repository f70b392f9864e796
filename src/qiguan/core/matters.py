"""What of rectification waits for a person, and when the morning's message says so. Pure: no clock, no tables.

A message goes only where something is new or presses; once it goes, it lists all that waits, so that nobody asks twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from qiguan.core.warnings import Workdays

SOON: Final = 2  # working days left before a unit's deadline from which each morning says so


class Duty(StrEnum):
    """What waits. The value is the word after 3件."""

    APPEAL = "申诉待答复"
    EXTENSION = "延期待答复"
    RECHECK = "整改待复查"
    ENDING = "备案待审批"
    CLOSE = "整改待销号"
    LATE = "整改已超期"
    FIX = "整改在办"
    CANCEL = "注销待报备"

    @property
    def of_office(self) -> bool:
        """Say whether the office is waited for: it hears every working morning until it is done."""
        return self in {Duty.APPEAL, Duty.EXTENSION, Duty.RECHECK, Duty.ENDING, Duty.CLOSE}


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that waits for a person. `ticket` is its public id, `due` the last day where one is set."""

    ticket: str
    name: str
    duty: Duty
    words: str
    due: date | None = None


@dataclass(frozen=True, slots=True)
class News:
    """A step that the person has not heard of. `step` is its number."""

    ticket: str
    name: str
    step: int
    words: str


@dataclass(frozen=True, slots=True)
class Morning:
    """What a person's message says of rectification. `urgent`: the next working morning would be too late."""

    title: str
    lines: Sequence[str]
    urgent: bool
    steps: Sequence[int]


def presses(matter: Matter, *, today: date, days: Workdays) -> bool:
    """Say whether the matter alone is worth a message: the office's every morning, a unit's near its day, what is late once a week."""
    if matter.duty.of_office:
        return True
    if matter.duty is Duty.LATE:
        return not any(days.is_working(today - timedelta(days=n)) for n in range(1, today.weekday() + 1))
    return matter.due is not None and days.left(today, matter.due) <= SOON


def tell_now(due: date, *, today: date, days: Workdays) -> bool:
    """Say whether a change cannot wait for the next working morning: its deadline is at the end of that day or before."""
    return due <= days.next_working(today)


def morning_of(matters: Iterable[Matter], news: Iterable[News], *, today: date, days: Workdays) -> Morning | None:
    """Return what to say; None where nothing is new and nothing presses. One line a ticket, what is new first."""
    matters, news = list(matters), list(news)
    if not news and not any(presses(m, today=today, days=days) for m in matters):
        return None
    both: list[News | Matter] = [*news, *matters]
    names = {one.ticket: one.name for one in both}
    said: dict[str, list[str]] = {ticket: [] for ticket in names}
    for one in both:
        if one.words not in said[one.ticket]:
            said[one.ticket].append(one.words)
    urgent = any(m.due is not None and today <= m.due < days.next_working(today) for m in matters if not m.duty.of_office)
    lines = [f"{names[ticket]}：{'；'.join(words)}" for ticket, words in said.items()]
    return Morning(_title(matters, news), lines, urgent, [one.step for one in news])


def _title(matters: Sequence[Matter], news: Sequence[News]) -> str:
    counts = {duty: sum(m.duty is duty for m in matters) for duty in Duty}
    parts = [f"{n}件{duty}" for duty, n in counts.items() if n]
    waiting = {m.ticket for m in matters}
    moved = len({one.ticket for one in news} - waiting)
    return "，".join(parts + ([f"{moved}件整改有进展"] if moved else []))
