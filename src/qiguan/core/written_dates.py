"""Dates as Chinese sites and offices write them. Stub of the contract; see `parse_posted` and `parse_day`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
Precision = Literal["second", "minute", "day"]


@dataclass(frozen=True, slots=True)
class PostedAt:
    """A stated time of publication.

    `at` is aware, UTC. A day-precise post counts to the end of its day: `at` is then 24:00 Shanghai of that day.
    """

    at: datetime
    precision: Precision = "second"
    raw: str = ""
