"""答复期限: working days by kind and pack, with the reason for the date. Packs without a table of their own stand on the national one.

No national text gives one limit in working days (RULES SLA notes); every number says whose it is.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final

from qiguan.core.calendar import Deadline, UnknownYear, WorkCalendar
from qiguan.core.days import say_day


class Kind(StrEnum):
    """What a message is."""

    ENQUIRY = "enquiry"
    HELP = "help"
    CORRECTION = "correction"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"

    @property
    def word(self) -> str:
        """The word shown to users."""
        return _WORDS[self]


_WORDS: Final = {
    Kind.ENQUIRY: "咨询",
    Kind.HELP: "求助",
    Kind.CORRECTION: "纠错",
    Kind.SUGGESTION: "建议",
    Kind.COMPLAINT: "对单位或账号不满意",
}
UNKNOWN: Final = "等工作日历公布后算出"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many working days, and whose number it is."""

    days: int
    whose: str


@dataclass(frozen=True, slots=True)
class ReplyBy:
    """The day and why that day; None where the calendar does not reach so far."""

    day: date | None
    because: str


@cache
def _tables() -> dict[str, dict[str, Any]]:
    found = [f for f in (files("qiguan.core") / "packs").iterdir() if f.name.endswith(".toml")]
    raw = {f.name.removesuffix(".toml"): tomllib.loads(f.read_text(encoding="utf-8")) for f in found}
    return {name: values.get("reply", {}) for name, values in raw.items()}


def limit_of(kind: Kind, pack: str) -> Limit:
    """Return the limit of a kind under a pack; what the pack does not say, the national one does."""
    tables = _tables()
    row = tables.get(pack, {}).get(kind.value) or tables["national"][kind.value]
    return Limit(int(row["days"]), str(row["whose"]))


def reply_by(kind: Kind, *, pack: str, received: date, calendar: WorkCalendar) -> ReplyBy:
    """Count from the day after `received`. Passing a message on counts nothing anew: its day of receipt stays."""
    limit = limit_of(kind, pack)
    head = f"{kind.word}{limit.days}个工作日（{limit.whose}），{say_day(received)}收到，次日起算"
    try:
        deadline: Deadline = calendar.deadline(received, limit.days)
    except UnknownYear:
        return ReplyBy(None, f"{head}；{UNKNOWN}")
    return ReplyBy(deadline.day, f"{head}；{deadline.because}；转给别的单位不重新算")
