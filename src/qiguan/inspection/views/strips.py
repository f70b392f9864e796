"""The mini strip of a list row, from the row's own 52 digits: no post is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from qiguan.core.days import day_of
from qiguan.core.facts import State
from qiguan.inspection.models import Standing
from qiguan.ui.pictures.strips import Gap, Strip, mini_strip


def row_strip(row: Standing, *, at: datetime, line_days: int) -> str:
    """Return the SVG: posts a week, the present silence over the line hatched, the days we did not see dotted."""
    today, judged, week = day_of(at), day_of(row.judged_at), timedelta(days=7)
    posts = {judged - nth * week - timedelta(days=3): int(n) for nth, n in enumerate(reversed(row.weeks)) if n != "0"}
    last = day_of(row.last_post_at) if row.last_post_at else None
    until = min(day_of(row.as_of), today) if row.as_of else today
    gaps, blind = [], []
    if row.state == State.NEVER_POSTED:
        gaps = [Gap(None, until, today - timedelta(days=364), True)]
    elif State(row.state).is_silence and last is not None:
        gaps = [Gap(last, until, min(last + timedelta(days=line_days), until), True, row.days_silent)]
    elif row.state == State.UNKNOWN:
        known = [day for day in (last, until if row.as_of else None) if day is not None]
        start = max(known) + timedelta(days=1) if known else today - timedelta(days=364)
        blind = [(min(start, today), today)]
    return mini_strip(Strip(today, posts, gaps, blind, figures=_figures(row, today, blind)), name=row.name)


def _figures(row: Standing, today: date, blind: Sequence[tuple[date, date]]) -> str:
    """The row's own figures: it has no other silences, and a week's digit ends at nine."""
    if not row.posts_year and (blind or row.longest_gap_days == 0):
        return ""  # the picture says what was not seen
    words = f"{row.posts_year}篇" + (f"，最长静默{row.longest_gap_days}天" if row.longest_gap_days else "")
    unseen = (today - max(blind[0][0], today - timedelta(days=364))).days + 1 if blind else 0
    return words + (f"，{unseen}天没看清" if unseen else "")
