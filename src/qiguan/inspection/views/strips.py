"""The mini strip of a list row, from the row's own 52 digits: no post is read."""

from __future__ import annotations

from datetime import datetime, timedelta

from qiguan.core.facts import State
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.models import Standing
from qiguan.ui.pictures.strips import Gap, Strip, mini_strip


def row_strip(row: Standing, *, at: datetime, line_days: int) -> str:
    """Return the SVG: posts a week, the present silence over the line hatched, the days we did not see dotted."""
    today = at.astimezone(SHANGHAI).date()
    judged = row.judged_at.astimezone(SHANGHAI).date()
    posts = {}
    for nth, digit in enumerate(reversed(row.weeks)):
        if digit != "0":
            posts[judged - timedelta(days=7 * nth + 3)] = int(digit)
    last = row.last_post_at.astimezone(SHANGHAI).date() if row.last_post_at else None
    gaps, blind = [], []
    if State(row.state).is_silence and last is not None:
        gaps = [Gap(last, today, last + timedelta(days=line_days), True)]
    elif row.state == State.NEVER_POSTED:
        gaps = [Gap(None, today, today - timedelta(days=364), True)]
    elif row.state == State.UNKNOWN:
        start = last + timedelta(days=1) if last else today - timedelta(days=364)
        blind = [(min(start, today), today)]
    return mini_strip(Strip(today, posts, gaps, blind), name=row.name)
