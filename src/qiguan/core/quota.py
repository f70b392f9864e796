"""群发次数: how often a platform lets an account push (mass posting), and when the next push is allowed. Pure.

WeChat: 订阅号 one mass posting a day, 服务号 four a calendar month (the platform's own help pages). What is published without a
push (发布) takes nothing of it. A day and a month are those of Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from qiguan.core.days import add_months, start_of
from qiguan.core.written_dates import SHANGHAI

MONTHLY = 4  # mass postings of a service account in a calendar month


class Quota(StrEnum):
    """Which limit binds; "" is unstated and binds nothing."""

    NONE = ""
    DAILY = "daily"
    MONTHLY = "monthly"

    @property
    def word(self) -> str:
        """The word shown to users."""
        return {"": "没写", "daily": "订阅号：每天群发1次", "monthly": f"服务号：每月群发{MONTHLY}次"}[self.value]


def period_start(quota: Quota, at: datetime) -> datetime:
    """Return when the running day or month began."""
    day = at.astimezone(SHANGHAI).date()
    return start_of(day.replace(day=1) if quota is Quota.MONTHLY else day)


def blocked_until(quota: Quota, pushes: Iterable[datetime], at: datetime) -> datetime | None:
    """Return when the next push is allowed; None where one is allowed now. Articles of one push have one moment."""
    if quota is Quota.NONE:
        return None
    start = period_start(quota, at)
    used = len({moment.replace(second=0, microsecond=0) for moment in pushes if start <= moment <= at})
    if used < (MONTHLY if quota is Quota.MONTHLY else 1):
        return None
    return add_months(start, 1) if quota is Quota.MONTHLY else start + timedelta(days=1)
