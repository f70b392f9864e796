"""Read a ballot as a form sends it: radio buttons, the same for citizens and for those who type paper in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qiguan.core.marking import GRADES, POINTS, Mark
from qiguan.examination.actions.casting import Said
from qiguan.examination.models import PaperQuestion, Season


@dataclass(frozen=True, slots=True)
class Choice:
    """One radio button."""

    value: int
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One question of the form. `grade`, `point`: names of its two rows of buttons."""

    number: int
    question: PaperQuestion
    grade: str
    point: str
    grades: list[Choice]
    points: list[Choice]


def said_in(season: Season, sent: Mapping[str, str]) -> Said:
    """Return what was marked; what is no mark counts as not marked."""
    asked = season.paper.questions.count()
    marks = [Mark(_one_of(sent.get(f"g{n}"), len(GRADES)), _one_of(sent.get(f"p{n}"), len(POINTS))) for n in range(1, asked + 1)]
    return Said(_one_of(sent.get("whole"), len(GRADES)), marks, _one_of(sent.get("group"), len(season.groups)))


def lines_of(season: Season, sent: Mapping[str, str]) -> list[Line]:
    """Return the questions with their buttons, those pressed before pressed again."""
    return [
        Line(n, q, f"g{n}", f"p{n}", choices(GRADES, sent.get(f"g{n}")), choices(POINTS, sent.get(f"p{n}")))
        for n, q in enumerate(season.paper.questions.all(), 1)
    ]


def choices(words: tuple[str, ...], sent: str | None) -> list[Choice]:
    """Return the buttons of one row."""
    chosen = _one_of(sent, len(words))
    return [Choice(n, word, n == chosen) for n, word in enumerate(words, 1)]


def _one_of(text: str | None, most: int) -> int:
    kept = text or ""
    return int(kept) if kept.isascii() and kept.isdecimal() and len(kept) < 3 and int(kept) <= most else 0
