"""What `qiguan check` writes: accounts.csv and report.html; its bulletin is in `check_bulletin`. Takes values, no models."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string

from qiguan.core.days import day_of, say_at
from qiguan.core.facts import State
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.register_rows import safe_cell
from qiguan.core.steps import FLAG_WORDS
from qiguan.core.written_dates import SHANGHAI
from qiguan.core.year import Year
from qiguan.ui.pictures.strips import Strip

COLUMNS = (
    "account", "platform", "account_id", "owner", "state", "last_post_at", "days_silent", "longest_gap_days", "verdict", "rule", "evidence", "reason",
)  # fmt: skip
SHOWN = 400  # rows of the page; every row is in accounts.csv


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One account's result. Moments are aware; `year` is what its picture shows."""

    account: str
    platform: str
    account_id: str
    owner: str
    state: State
    last_post_at: datetime | None
    days_silent: int | None
    longest_gap_days: int | None
    verdict: str
    rule: str
    evidence: str
    reason: str
    flags: Sequence[str] = ()
    year: Year | None = None

    def strip(self, at: datetime) -> Strip:
        """The year as values for a picture."""
        return Strip(day_of(at)) if self.year is None else Strip.of(self.year)

    @property
    def platform_word(self) -> str:
        """The platform's official name."""
        return PLATFORM_NAMES.get(self.platform, self.platform)

    @property
    def flag_words(self) -> list[str]:
        """What must be said beside the state; an ended owner is said at its name, an assumption on top of the report."""
        return [FLAG_WORDS[flag] for flag in self.flags if flag not in {"owner_ended", "assumed_complete"}]


@dataclass(frozen=True, slots=True)
class CheckRun:
    """The run as a whole: when, by which pack, on which assumptions, what was not looked at."""

    at: datetime
    observed_at: datetime
    pack: str
    pack_settings: str
    whose: str
    assumed: bool
    register: str
    problems: Sequence[str]
    not_looked: Mapping[str, str]  # rule title → why


def write_csv(lines: Sequence[CheckLine], path: Path) -> None:
    """Write accounts.csv: utf-8 with BOM, ISO times with zone, text that no spreadsheet runs."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for line in lines:
            writer.writerow([safe_cell(c) for c in _cells(line)])


def _cells(line: CheckLine) -> list[str]:
    return [
        line.account, line.platform_word, line.account_id, line.owner, line.state.value, _iso(line.last_post_at), _number(line.days_silent),
        _number(line.longest_gap_days), line.verdict, line.rule, line.evidence, line.reason,
    ]  # fmt: skip


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(SHANGHAI).isoformat() if moment else ""


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def counts_of(lines: Sequence[CheckLine]) -> dict[State, int]:
    """Count the lines by state, in the order of the states."""
    counted = Counter(line.state for line in lines)
    return {state: counted[state] for state in State if counted[state]}


def longest_silences(lines: Sequence[CheckLine], most: int = 10) -> list[CheckLine]:
    """Return the longest silences that are really known, the longest first."""
    silent = [line for line in lines if line.days_silent is not None and line.state not in {State.CLOSED, State.UNKNOWN}]
    return sorted(silent, key=lambda line: -(line.days_silent or 0))[:most]


def write_html(lines: Sequence[CheckLine], run: CheckRun, path: Path) -> None:
    """Write report.html: one file that loads nothing, the picture on top."""
    counts = counts_of(lines)
    rank = {
        state: nth
        for nth, state in enumerate(
            (State.ZOMBIE, State.NEVER_POSTED, State.SLEEPING, State.OVERDUE, State.BLOCKED, State.UNKNOWN, State.DUE)
        )
    }
    ordered = sorted(lines, key=lambda line: (rank.get(line.state, 9), -(line.days_silent or 0)))
    verdicts = Counter(line.verdict or "不在检查范围" for line in lines)
    context = {
        "run": run,
        "point": say_at(run.at),
        "total": len(lines),
        "counts": counts,
        "verdicts": [(word, verdicts[word]) for word in ("合格", "不合格", "未能判定", "不在检查范围") if verdicts[word]],
        "failed": verdicts["不合格"],
        "untold": verdicts["未能判定"],
        "longest": longest_silences(lines),
        "rows": [(line, line.strip(run.at)) for line in ordered[:SHOWN]],
        "more": max(0, len(lines) - SHOWN),
    }
    path.write_text(render_to_string("publication/check_report.html", context), encoding="utf-8")
