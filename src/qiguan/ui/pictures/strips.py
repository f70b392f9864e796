"""The year strip: a tick for a day with a post, a blank for silence, hatching over the line, dots where we did not see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from qiguan.core.rhythm import DAYS
from qiguan.core.year import Year
from qiguan.ui.dates import day_words, range_words
from qiguan.ui.pictures.marks import label, line, percent, picture, rect, stretched, words

LIMIT_DAYS = 14
_TOP, _BASE = 26, 74  # pixels between which a day stands
_ROOM_WIDE, _ROOM_NARROW = 7.5, 20.0  # per cent that a label needs on a desk and on a phone


@dataclass(frozen=True, slots=True)
class Gap:
    """One silence. `last`: day of the post before it (None: nothing known before); `until`: day of the next post, or
    the last day watched when `open`; `line`: the first day that counts as over the limit (None: never reached).
    `spell`: whole 24-hour periods, of a silence that was found over the limit by the hour; None: the days between count.
    """

    last: date | None
    until: date
    line: date | None = None
    open: bool = False
    spell: int | None = None

    @property
    def days(self) -> int | None:
        """Whole days of silence; None when its start is not known."""
        if self.spell is not None:
            return self.spell
        return (self.until - self.last).days if self.last else None

    @property
    def is_over(self) -> bool:
        """Whether the line was crossed."""
        if self.spell is not None:
            return True
        return self.line is not None and self.line < self.until + timedelta(days=int(self.open))


@dataclass(frozen=True, slots=True)
class Strip:
    """All that a year strip shows, ending with the day `at`. `posts`: how many on which day (Shanghai days).

    `blind` are first and last days on which no complete source saw the account; `holidays` the same with a name.
    `limit` is in words, as the rule pack says it. `figures`: the summary in words, of a row that has the year's weeks only.
    """

    at: date
    posts: Mapping[date, int] = field(default_factory=dict)
    gaps: Sequence[Gap] = ()
    blind: Sequence[tuple[date, date]] = ()
    checks: Sequence[date] = ()
    holidays: Sequence[tuple[date, date, str]] = ()
    limit: str = "两周"
    limit_days: int = LIMIT_DAYS
    days: int = DAYS
    figures: str = ""

    @classmethod
    def of(cls, year: Year, *, holidays: Sequence[tuple[date, date, str]] = ()) -> Strip:
        """The strip of a year as the core tells it."""
        gaps = [Gap(s.last, s.until, s.line, s.open, s.days) for s in year.silences]
        limit = "两周" if year.line_days == LIMIT_DAYS else f"{year.line_days}天"
        return cls(year.day, year.posts, gaps, year.unseen, year.checks, holidays, limit, year.line_days)

    @property
    def first(self) -> date:
        """The first day shown."""
        return self.at - timedelta(days=self.days - 1)

    def shown_posts(self) -> dict[date, int]:
        """Posts on days that the strip shows, oldest first."""
        return {d: n for d, n in sorted(self.posts.items()) if n > 0 and self.first <= d <= self.at}

    def shown_gaps(self) -> list[Gap]:
        """Silences over the line that reach into the strip, oldest first."""
        return sorted((g for g in self.gaps if g.is_over and g.until >= self.first), key=lambda g: g.until)

    def summary(self) -> str:
        """Say it in numbers: 104篇，4段静默超过两周，最长32天."""
        if self.figures:
            return self.figures
        total, over = sum(self.shown_posts().values()), self.shown_gaps()
        unseen = _days_of(_clipped(self.blind, self.first, self.at))
        if not over:
            if not total:
                return "没有看清" if unseen >= self.days else "没有看到内容" + (f"，{unseen}天没看清" if unseen else "")
            # what we did not see is never called lively either
            return f"{total}篇，{'看得清的日子里' if unseen else ''}没有超过{self.limit}的静默"
        longest = max((g.days or 0) for g in over)
        said = f"{total}篇，{len(over)}段静默超过{self.limit}" + (f"，最长{longest}天" if longest else "")
        return said + (f"，{unseen}天没看清" if unseen else "")

    def title(self) -> str:
        """Say the whole finding: each silence with its days, and how long we did not see."""
        said = [f"近一年{self.summary()}"]
        over = self.shown_gaps()
        named = "、".join(_gap_words(g, self.at) for g in over[:8])
        if over:
            said.append(named + ("等" if len(over) > 8 else ""))
        unseen = _clipped(self.blind, self.first, self.at)
        if unseen:
            spans = "、".join(range_words(a, b, self.at) for a, b in unseen[:6])
            said.append(f"我们没看清{_days_of(unseen)}天：{spans}{'等' if len(unseen) > 6 else ''}")
        seen = [d for d in self.checks if self.first <= d <= self.at]
        if seen:
            said.append(f"人工核查{len(seen)}次")
        return "。".join(said) + "。"


def _gap_words(gap: Gap, at: date) -> str:
    # what was watched until yesterday only is no silence of today
    end = "今" if gap.open and gap.until >= at else day_words(gap.until, at)
    if gap.last is None:
        return f"至{end}一直没有"
    return f"{day_words(gap.last, at)}至{end}{gap.days}天"


def _clipped(spans: Iterable[tuple[date, date]], first: date, last: date) -> list[tuple[date, date]]:
    """Cut spans to the days shown and join those that touch, so that no day counts twice."""
    joined: list[tuple[date, date]] = []
    for start, end in sorted((max(a, first), min(b, last)) for a, b in spans):
        if start > end:
            continue
        if joined and start <= joined[-1][1] + timedelta(days=1):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _days_of(spans: Sequence[tuple[date, date]]) -> int:
    return sum((b - a).days + 1 for a, b in spans)


def year_strip(strip: Strip, *, height: int = 108) -> str:
    """Draw the year strip: silences, our blind days over them, ticks, checks, holidays, months.

    The present and the longest silence are always labelled; the others where there is room.
    """
    first, days = strip.first, strip.days

    def x(day: date) -> float:
        return min(max((day - first).days, 0), days) * 100 / days

    tall = _BASE - _TOP
    parts: list[str] = []
    for gap in strip.shown_gaps():
        begin, over, end = x(gap.last or first), x(gap.line or gap.until), x(gap.until + timedelta(days=int(gap.open)))
        parts.append(rect(begin, _TOP, over - begin, tall, css="gap") if over > begin else "")
        parts.append(rect(over, _TOP, end - over, tall, fill=_silence_fill(gap, strip)))
    for begin_day, end_day in _clipped(strip.blind, first, strip.at):
        left = x(begin_day)
        parts.append(rect(left, _TOP, x(end_day + timedelta(days=1)) - left, tall, fill="p-unk"))
    for begin_day, end_day, name in strip.holidays:
        if end_day >= first and begin_day <= strip.at:
            left = x(begin_day)
            parts.append(
                f"<g><title>{words(name)}</title>{rect(left, _BASE + 1, x(end_day + timedelta(days=1)) - left, 4, css='fest')}</g>"
            )
    posts = strip.shown_posts()
    high = "".join(f"M{(d - first).days}.5 6V{tall}" for d, n in posts.items() if n > 1)
    low = "".join(f"M{(d - first).days}.5 22V{tall}" for d, n in posts.items() if n == 1)
    parts.append(stretched(days, _TOP, tall, "t", low + high))
    for day in sorted({d for d in strip.checks if first <= d <= strip.at}):
        parts.append(f'<circle class="ck" cx="{percent(x(day) + 50 / days)}" cy="{_BASE + 4.5}" r="3"/>')
    parts.append(line(0, 100, _BASE + 0.5, _BASE + 0.5, "ax"))
    parts += _months(strip, x)
    parts += _gap_labels(strip, x)
    return picture(strip.title(), height, *parts)


def _silence_fill(gap: Gap, strip: Strip) -> str:
    """Ruled lines for an account that never posted, hatching for one that stopped."""
    return "p-never" if gap.open and gap.last is None and not strip.posts else "p-over"


def _months(strip: Strip, x: Callable[[date], float]) -> list[str]:
    """Write the months: every third also on a phone; the first and the last where they have room."""
    parts: list[str] = []
    day = strip.first
    starts = [day]
    while True:
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        if day > strip.at:
            break
        starts.append(day)
    for nth, start in enumerate(starts):
        left = x(start)
        if nth:
            parts.append(line(left, left, _BASE, _BASE + 6, "ax"))
        following = x(starts[nth + 1]) if nth + 1 < len(starts) else 100.0
        if nth == 0 and following - left < 3.2:  # too little of the first month to be named
            continue
        is_last = nth == len(starts) - 1
        if is_last and following - left < 4:
            parts.append(label(100, 99, f"{start.month}月", anchor="end"))
            continue
        text = f"{start.year}年{start.month}月" if start.month == 1 and following - left > 8 else f"{start.month}月"
        parts.append(label(left, 99, text, css="" if nth % 3 == 0 and not (is_last and left > 90) else "odd"))
    return parts


def _gap_labels(strip: Strip, x: Callable[[date], float]) -> list[str]:
    over = list(strip.shown_gaps())
    if not over:
        return []
    known = [g for g in over if g.days is not None]
    longest = max(known, key=lambda g: g.days or 0, default=None)
    order = sorted(over, key=lambda g: (not g.open, g is not longest, -(g.days or 10_000)))
    taken: list[tuple[float, bool]] = []  # where labels stand, and whether a phone shows them
    parts: list[str] = []
    for gap in order:
        begin, end = x(gap.last or strip.first), x(gap.until + timedelta(days=int(gap.open)))
        middle = (begin + end) / 2
        anchor = "start" if middle < 8 else "end" if middle > 92 else "middle"
        at = begin if anchor == "start" else end if anchor == "end" else middle
        centre = at + (3.5 if anchor == "start" else -3.5 if anchor == "end" else 0)
        if any(abs(centre - other) < _ROOM_WIDE for other, _ in taken):
            continue
        on_phone = (gap.open or gap is longest) and all(abs(centre - other) >= _ROOM_NARROW for other, shown in taken if shown)
        taken.append((centre, on_phone))
        text = f"静默{gap.days}天" if gap.days is not None else "一直没有"
        parts.append(label(at, 16, text, css="bad" if on_phone else "bad odd", anchor="" if anchor == "start" else anchor))
    return parts


def mini_strip(strip: Strip, *, weeks: int = 52, height: int = 22, name: str = "") -> str:
    """Draw 52 bars, one a week, with silences hatched and our blind weeks dotted: fits a table cell."""
    first = strip.at - timedelta(days=weeks * 7 - 1)
    span = weeks * 7

    def x(day: date) -> float:
        return min(max((day - first).days, 0), span) * 100 / span

    base = height - 2
    parts: list[str] = []
    for gap in strip.gaps:
        if gap.is_over and gap.line is not None and gap.until >= first:
            left = x(gap.line)
            right = x(gap.until + timedelta(days=int(gap.open)))
            left = min(left, 98.0) if right >= 100 else left  # the present silence is never too thin to be seen
            parts.append(rect(left, 4, max(right - left, 1.5), base - 4, fill=_silence_fill(gap, strip)))
    for begin, end in _clipped(strip.blind, first, strip.at):
        left = x(begin)
        parts.append(rect(left, 4, x(end + timedelta(days=1)) - left, base - 4, fill="p-unk"))
    sums = [0] * weeks
    for day, count in strip.posts.items():
        nth = (day - first).days
        if 0 <= nth < span:
            sums[nth // 7] += count
    bars = "".join(f"M{n}.1 {base - _week_height(c, base)}h.7V{base}h-.7z" for n, c in enumerate(sums) if c)
    parts.append(stretched(weeks, 0, height, "bar", bars))
    parts.append(line(0, 100, base + 0.5, base + 0.5, "ax"))
    return picture((f"{name}，" if name else "") + f"近一年{strip.summary()}", height, *parts)


def _week_height(count: int, most: int) -> int:
    """1 post 7 px, then 3 px each, at most the whole height: a rhythm, not a score."""
    return min(4 + 3 * count, most - 2)


def _posts_word(posts: int, unseen: int, days: int) -> str:
    """Say no number where nobody looked: none seen is not none there."""
    return "没看清" if not posts and unseen == days else str(posts)


def year_table(strip: Strip) -> str:
    """Write the strip as a table: posts and our blind days month by month, then each silence over the line."""
    months: dict[tuple[int, int], list[int]] = {}  # posts, days that nobody saw, days
    day = strip.first
    unseen = _clipped(strip.blind, strip.first, strip.at)
    posts = strip.shown_posts()
    while day <= strip.at:
        row = months.setdefault((day.year, day.month), [0, 0, 0])
        row[0] += posts.get(day, 0)
        row[1] += any(a <= day <= b for a, b in unseen)
        row[2] += 1
        day += timedelta(days=1)
    heads = "".join(
        f'<th scope="col" class="r">{f"{y}年" if (y, m) == next(iter(months)) or m == 1 else ""}{m}月</th>' for y, m in months
    )
    rows = f'<tr><th scope="row">篇数</th>{"".join(f"<td class=r>{_posts_word(*m)}</td>" for m in months.values())}</tr>'
    if unseen:
        rows += f'<tr><th scope="row">没看清的天数</th>{"".join(f"<td class=r>{b}</td>" for _, b, _ in months.values())}</tr>'
    table = (
        '<div class="scroll" tabindex="0" role="region" aria-label="近一年每月篇数"><table class="tbl"><caption>每月篇数</caption>'
        f'<thead><tr><th scope="col">月份</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
    over = strip.shown_gaps()
    if over:
        items = "".join(f"<li>{words(_gap_words(g, strip.at))}</li>" for g in reversed(over))
        table += f'<p class="meta">超过{words(strip.limit)}的静默，近的在前：</p><ul class="meta">{items}</ul>'
    return table
