"""窗口体检: does each part of an account's front door work? Looks by people and by machine → one line a part.

Facts, not a verdict: the vetoes ask the message box (GB19-M-V3a) and an app's use (GB19-M-V2b) by rules of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from qiguan.core.remedies import REMEDIES
from qiguan.core.source import Outcome

LASTING: Final = timedelta(days=90)  # ours: a look holds as long as a look at usability
EACH_WEEK: Final = timedelta(days=7)
FIRST_RETRY: Final = timedelta(hours=6)
LONGEST_RETRY: Final = timedelta(days=3)
TIMES_TO_BREAK: Final = 2  # a server that stumbles once is not broken
_GONE = frozenset({Outcome.GONE, Outcome.REDIRECT_LOOP})  # the answer itself says that there is nothing
_STUMBLES = frozenset({Outcome.SERVER_ERROR, Outcome.TIMEOUT, Outcome.UNREACHABLE})
_THERE = frozenset({Outcome.TOO_LARGE, Outcome.TRUNCATED})  # a page came


class Part(StrEnum):
    """The six parts (PRODUCT §3.3), with their words."""

    MENU = "menu"
    SERVICE = "service"
    MINI_PROGRAM = "mini"
    TELEPHONE = "phone"
    AUTO_REPLY = "auto"
    MESSAGE_BOX = "box"

    @property
    def word(self) -> str:
        """The word shown to users."""
        return _WORDS[self]


_WORDS = {
    Part.MENU: "菜单",
    Part.SERVICE: "服务链接",
    Part.MINI_PROGRAM: "小程序",
    Part.TELEPHONE: "电话",
    Part.AUTO_REPLY: "自动回复",
    Part.MESSAGE_BOX: "留言",
}


class Works(StrEnum):
    """Three answers; no fourth."""

    YES = "能用"
    NO = "不能用"
    NOT_TRIED = "没有试过"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one part, or at one link of it (`label`). `works` None: tried, and it could not be told."""

    part: Part
    at: datetime
    works: bool | None
    hand: str
    label: str = ""
    because: str = ""
    proof: str = ""  # where the proof is kept; "" without


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    part: Part
    label: str
    works: Works
    because: str = ""
    at: datetime | None = None
    hand: str = ""
    proof: str = ""


def window_lines(items: Iterable[tuple[Part, str]], looks: Iterable[Look], *, at: datetime) -> list[Line]:
    """Return one line a part, and one a link (`items`: part and label), in the order of the parts.

    The newest look that could tell counts, for ninety days. A part with links of its own needs no line beside them, unless
    a person looked at the part as a whole.
    """
    named = list(dict.fromkeys(items))
    found: dict[tuple[Part, str], Look] = {}
    for look in sorted(looks, key=lambda look: look.at):
        if look.works is not None and at - LASTING <= look.at <= at:
            found[look.part, look.label] = look
    lines = []
    for part in Part:
        labels = [label for p, label in named if p is part]
        whole = [""] if not labels or (part, "") in found else []
        lines += [_line(part, label, found.get((part, label))) for label in [*whole, *labels]]
    return lines


def broken(lines: Sequence[Line]) -> list[Line]:
    """Return the lines that do not work."""
    return [line for line in lines if line.works is Works.NO]


def by_machine(outcome: Outcome, failures: int) -> tuple[bool | None, str]:
    """Say what a machine's try of a link shows, in words. `failures`: tries in a row that stumbled, this one among them.

    A door that is closed to machines says nothing about citizens, and one stumble is none.
    """
    words = REMEDIES[outcome].title
    if outcome.is_read or outcome in _THERE:
        return True, "链接打得开"
    if outcome in _GONE:
        return False, words
    if outcome in _STUMBLES and failures >= TIMES_TO_BREAK:
        return False, f"{words}，连续{failures}次"
    return None, words


def next_try(*, at: datetime, outcome: Outcome, failures: int) -> datetime:
    """Return when to try a link again: weekly; after a stumble in six hours, then twice as long each time, at most three days."""
    if outcome not in _STUMBLES:
        return at + EACH_WEEK
    return at + min(FIRST_RETRY * (1 << min(max(failures, 1) - 1, 6)), LONGEST_RETRY)


def stumbles(outcome: Outcome, failures: int) -> int:
    """Return how many tries in a row have stumbled, this one among them."""
    return failures + 1 if outcome in _STUMBLES else 0


def _line(part: Part, label: str, look: Look | None) -> Line:
    if look is None:
        return Line(part, label, Works.NOT_TRIED)
    because = look.because if look.works or look.proof or look.because else "没有截图"
    return Line(part, label, Works.YES if look.works else Works.NO, because, look.at, look.hand, look.proof)
