"""Texts and moments as a bundle writes them: Shanghai time, and nobody's name, telephone or mail address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from qiguan.core.written_dates import SHANGHAI

NOBODY: Final = "［已略去］"
_REACHED: Final = (
    re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"),
    re.compile(r"(?<![0-9A-Za-z])1[3-9]\d([ -]?)\d{4}\1\d{4}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])0\d{2,3}[-— ]\d{7,8}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])"),  # 身份证号
)


class Plain:
    """Writes texts without the names given, nor anything by which a person is reached."""

    def __init__(self, names: Iterable[str]) -> None:
        known = sorted({name.strip() for name in names if len(name.strip()) >= 2}, key=lambda name: (-len(name), name))
        self._names = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, words: str) -> str:
        """Return the words without people."""
        for reached in _REACHED:
            words = reached.sub(NOBODY, words)
        return self._names.sub(NOBODY, words) if self._names else words


def moment(at: datetime | None) -> str:
    """Return a moment in Shanghai, to the second: 2026-09-16T10:00:00+08:00; "" for none."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else ""


def day(on: date | None) -> str:
    """Return a day: 2026-09-16; "" for none."""
    return on.isoformat() if on else ""
