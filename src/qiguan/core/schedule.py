"""When to look at a source next: by the account's own rhythm, by how near a line is, and by what the last look brought.

Pure: the same inputs give the same moment on every machine. Spread comes from the source's id, not from chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Final

from qiguan.core.remedies import REMEDIES, Severity
from qiguan.core.source import Outcome

SHORTEST: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=24)
UNKNOWN_RHYTHM: Final = timedelta(hours=4)
NEAR_LINE: Final = timedelta(days=3)  # from here on a late look could miss the rescue
NEAR_PAUSE: Final = timedelta(hours=2)
LOOKS_A_POST: Final = 4  # so that a post is seen within a quarter of the usual pause
FIRST_RETRY: Final = timedelta(minutes=30)
LONGEST_WAIT: Final = timedelta(days=7)  # a Retry-After beyond it is not believed
SPREAD: Final = 10  # per cent, either way


def next_look(
    *,
    at: datetime,
    source_id: str,
    outcome: Outcome | None,
    failures: int = 0,
    recent_posts: Sequence[datetime] = (),
    next_line_at: datetime | None = None,
    retry_after: float | None = None,
) -> datetime:
    """Return the moment of the next look, between 30 minutes and 24 hours after `at`.

    1. A source that was read: a quarter of its usual pause between posts. 2. Not later than the next line is to be told,
    and every two hours within three days of it. 3. One that failed: 30 minutes, doubled with each failure in a row (`failures`, from 1);
    one that will not mend by itself: once a day. 4. Never earlier than the host asked (`retry_after`, seconds; at most a week).
    5. Spread by a tenth, by id.

    `recent_posts`: moments in order, oldest first; ten are enough. `next_line_at`: see `Standing.next_line_at`.
    """
    if outcome is not None and not outcome.is_read:
        pause = failed_pause(outcome, failures)
    else:
        pause = by_line(usual_pause(recent_posts, at=at), at=at, next_line_at=next_line_at)
    pause = min(max(_spread(pause, source_id), SHORTEST), LONGEST)
    asked = timedelta(seconds=min(max(retry_after or 0.0, 0.0), LONGEST_WAIT.total_seconds()))
    return at + max(pause, asked)


def usual_pause(recent_posts: Sequence[datetime], *, at: datetime) -> timedelta:
    """Return a quarter of the median pause of the last ten posts; a silence longer than that pause counts too."""
    last = [m for m in recent_posts[-10:] if m <= at]
    if len(last) < 2:
        return UNKNOWN_RHYTHM
    pauses = sorted(b - a for a, b in pairwise(last))
    return max(pauses[len(pauses) // 2], (at - last[-1]) / 2) / LOOKS_A_POST


def failed_pause(outcome: Outcome, failures: int) -> timedelta:
    """Return the wait after a look that brought nothing."""
    if REMEDIES[outcome].severity is Severity.ACT:
        return LONGEST
    return min(FIRST_RETRY * (1 << min(max(failures, 1) - 1, 10)), LONGEST)


def by_line(pause: timedelta, *, at: datetime, next_line_at: datetime | None) -> timedelta:
    """Return the pause, cut so that the last looks before the line come in time; a line that is past is no hurry."""
    if next_line_at is None or next_line_at <= at:
        return pause
    left = next_line_at - at
    return min(pause, NEAR_PAUSE, left) if left <= NEAR_LINE else min(pause, left - NEAR_LINE + NEAR_PAUSE)


def _spread(pause: timedelta, source_id: str) -> timedelta:
    """Shift by up to a tenth, always by the same share for the same source."""
    share = int.from_bytes(sha256(source_id.encode()).digest()[:4], "big") / 2**32  # 0 … 1
    return pause * (100 - SPREAD + 2 * SPREAD * share) / 100
