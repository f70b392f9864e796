"""Let so many through in a time, no more: one row a comer, true over any number of workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db import transaction
from django.utils.crypto import salted_hmac

from qiguan.core.errors import TooMany
from qiguan.intake.models import RateLimit


@dataclass(frozen=True, slots=True)
class Rate:
    """`times` in `per`: all of them may come at once, after that one each `per // times`."""

    times: int
    per: timedelta


def allow(*, what: str, who: str, rate: Rate, now: datetime) -> timedelta | None:
    """Count one act of `who`; None where it may go on, else how long to wait. A refused act counts for nothing.

    `now` is machine time. Call it outside the act's own transaction: an act that fails has come all the same.
    """
    name = salted_hmac("qiguan.intake.allow", f"{what}\x00{who}", algorithm="sha256").hexdigest()
    with transaction.atomic():
        row, _ = RateLimit.objects.select_for_update().get_or_create(name=name, defaults={"spent_until": now})
        spent = max(row.spent_until, now) + rate.per // rate.times
        if spent - now > rate.per:
            return spent - now - rate.per
        RateLimit.objects.filter(pk=row.pk).update(spent_until=spent)
    return None


def demand_room(*, what: str, who: str, rate: Rate, now: datetime) -> None:
    """Raise TooMany where `allow` says to wait."""
    wait = allow(what=what, who=who, rate=rate, now=now)
    if wait is not None:
        raise TooMany(max(ceil(wait.total_seconds()), 1))
