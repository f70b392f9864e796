"""What stands on 待我处理. Any app offers a section, cut to what waits for that person; config lists the offers in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from qiguan.people.models import User


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One thing to do: what, what is known of it, where it is done."""

    what: str
    meta: str
    url: str


@dataclass(frozen=True, slots=True)
class WaitingSection:
    """A heading with its count and the lines, LISTED at most."""

    title: str
    rows: Sequence[WaitingRow]
    total: int
    link: str = ""


Offer = Callable[[User, datetime], WaitingSection]
LISTED = 100
OFFERS: list[Offer] = []
