"""The check point of `--at`: a date means 24:00 of that day; without a zone, Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from qiguan.core.errors import UnusableInput
from qiguan.core.written_dates import SHANGHAI


def parse_at(text: str, *, place: str = "--at") -> datetime:
    """Return the moment, aware, UTC. Raises UnusableInput where it is no ISO 8601 date or time."""
    plain = text.strip()
    try:
        if not set(plain) & set("T :"):  # a day alone, also as 20190228
            day = date.fromisoformat(plain)
            return (datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1)).astimezone(UTC)
        moment = datetime.fromisoformat(plain)
        return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnusableInput(
            f"“{text[:40]}”不是ISO 8601时间", place=place, remedy="例如2026-09-16，或2026-09-16T10:00:00+08:00"
        ) from error
