"""Bars: how accounts are made up, how complete our sight is, how many months of silence, and a line of twelve weeks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qiguan.core.facts import State
from qiguan.ui.pictures.marks import label, line, number, percent, picture, rect, words

# Order of the bar; 已关停 is out of the count and is not drawn.
ORDER = (
    State.ACTIVE,
    State.DUE,
    State.OVERDUE,
    State.SLEEPING,
    State.ZOMBIE,
    State.NEVER_POSTED,
    State.BLOCKED,
    State.UNKNOWN,
    State.CLOSING,
)
_FILLS = {State.OVERDUE: "p-over", State.NEVER_POSTED: "p-never", State.UNKNOWN: "p-unk"}
_SPACE = 0.25  # per cent between two parts
_LEAST = 0.6  # per cent: nothing that exists is drawn away


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar: `css`, `state` or `fill` (a pattern of the sprite) give its look."""

    label: str
    count: int
    css: str = ""
    state: str = ""
    fill: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: its name below, its number above. `near` draws it amber, `over` hatched, `odd` hides the name on a phone."""

    label: str
    count: int
    near: bool = False
    over: bool = False
    odd: bool = False


def _split(parts: Sequence[Part], height: int) -> list[str]:
    alive = [p for p in parts if p.count > 0]
    total = sum(p.count for p in alive)
    if not total:
        return [rect(0, 0, 100, height, css="gap")]
    wide = [max(p.count * 100 / total, _LEAST) for p in alive]
    scale = 100 / sum(wide)
    drawn, left = [], 0.0
    for part, width in zip(alive, wide, strict=True):
        drawn.append(rect(left, 0, width * scale - _SPACE, height, css=part.css, state=part.state, fill=part.fill))
        left += width * scale
    return drawn


def _listed(parts: Sequence[Part]) -> str:
    return "、".join(f"{p.label}{p.count}" for p in parts if p.count > 0)


def mix_bar(counts: Mapping[State, int], *, height: int = 32, what: str = "在册账号按状态的构成") -> str:
    """Draw how accounts are made up by state; the title holds every figure."""
    by_state = {State(s): n for s, n in counts.items()}
    parts = [
        Part(
            s.word,
            by_state.get(s, 0),
            css="" if s in _FILLS else "f",
            state="" if s in _FILLS else s.value,
            fill=_FILLS.get(s, ""),
        )
        for s in ORDER
    ]
    said = _listed(parts)
    return picture(f"{what}：{said}" if said else f"{what}：还没有在册账号", height, *_split(parts, height))


def coverage_bar(*, complete: int, checked: int, partial: int, blind: int, height: int = 16) -> str:
    """Draw how we see the accounts: a complete source, a person's check, a partial source, nothing. Ours is dotted."""
    parts = [
        Part("有完整来源", complete, css="bar"),
        Part("有人工核查", checked, css="iv2"),
        Part("来源不完整", partial, fill="p-unk"),
        Part("没有来源", blind, css="gap"),
    ]
    total = complete + checked + partial + blind
    said = f"{total}个账号：{_listed(parts)}" if total else "还没有在册账号"
    return picture(said, height, *_split(parts, height))


def columns(
    bars: Sequence[Bar],
    *,
    title: str,
    height: int = 132,
    bands: Sequence[tuple[int, int, str]] = (),
    limits: Sequence[tuple[float, str]] = (),
) -> str:
    """Draw columns with their numbers. `bands` shade columns i to j under a name; `limits` are dashed lines between columns."""
    if not bars:
        return picture(title, height, label(50, height / 2, "没有数", anchor="middle"))
    floor = height - 22
    step = 100 / len(bars)
    most = max(*(b.count for b in bars), 1)
    tall = floor - 42  # room above for numbers and the names of bands
    parts = []
    for first, last, name in bands:
        parts.append(rect(first * step, 0, (last - first + 1) * step, floor, css="hol"))
        parts.append(label((first + last + 1) * step / 2, 14, name, anchor="middle"))
    for nth, bar in enumerate(bars):
        middle, high = (nth + 0.5) * step, max(bar.count * tall / most, 2 if bar.count else 0)
        css = "near" if bar.near else "" if bar.over else "bar"
        if bar.count:
            parts.append(rect(middle - step * 0.32, floor - high, step * 0.64, high, css=css, fill="p-over" if bar.over else ""))
            parts.append(label(middle, floor - high - 5, bar.count, css="k" if bar.near or bar.over else "", anchor="middle"))
        if bar.label:
            # the outermost names stay inside the picture, however large the letters
            where, anchor = (
                (middle, "middle")
                if 0 < nth < len(bars) - 1
                else (middle - step * 0.32, "")
                if nth == 0
                else (middle + step * 0.32, "end")
            )
            parts.append(label(where, height - 4, bar.label, css="odd" if bar.odd else "", anchor=anchor))
    for where, name in limits:
        x = where * step
        end = x > 60
        parts.append(line(x, x, 4, floor, "lim"))
        side = ' text-anchor="end" dx="-5"' if end else ' dx="5"'
        parts.append(f'<text class="bad"{side} x="{percent(x)}" y="14">{words(name)}</text>')
    parts.append(line(0, 100, floor + 0.5, floor + 0.5, "ax"))
    return picture(title, height, *parts)


def months_of_silence(months: Sequence[float], *, limits: Sequence[tuple[float, str]] = (), most: int = 12) -> str:
    """Draw how many accounts have been silent for how many months; `limits` as (months, word), e.g. (6, '睡眠').

    The last column gathers everything from `most` months on.
    """
    counts = [0] * (most + 1)
    for m in months:
        counts[min(int(max(m, 0)), most)] += 1
    first_limit = min((m for m, _ in limits), default=most + 1)
    bars = [
        Bar(f"{n}个月" if n == 0 else f"{n}" if n < most else f"{most}以上", c, over=n >= first_limit, odd=n % 3 != 0)
        for n, c in enumerate(counts)
    ]
    bars[0] = Bar("不足1", counts[0], over=first_limit <= 0)
    said = "、".join(
        f"{'不足1个月' if n == 0 else f'{n}个月' if n < most else f'{most}个月以上'}{c}个" for n, c in enumerate(counts) if c
    )
    return columns(bars, title=f"静默月数：{said}" if said else "没有静默的账号", limits=limits)


def spark(
    values: Sequence[int], *, height: int = 24, what: str = "要处理的账号", unit: str = "周", span: int | None = None
) -> str:
    """Draw a small line with its present point. `span` is the range that fills the height: rows side by side share one."""
    if not values:
        return picture(f"{what}：还没有往期", height)
    top, base = 4, height - 4
    low, high = min(values), max(values)
    reach = max(span or 0, high - low) or 1
    foot = height / 2 + (high - low) * (base - top) / reach / 2  # each row stands in the middle of its own height
    step = 88 / max(len(values) - 1, 1)
    at = [(3 + n * step, foot - (v - low) * (base - top) / reach) for n, v in enumerate(values)]
    drawn = [
        f'<line class="sp" x1="{percent(a)}" x2="{percent(c)}" y1="{number(b)}" y2="{number(d)}"/>'
        for (a, b), (c, d) in itertools.pairwise(at)
    ]
    drawn.append(f'<circle class="pt" cx="{percent(at[-1][0])}" cy="{number(at[-1][1])}" r="3"/>')
    return picture(f"{what}，{len(values)}{unit}由{values[0]}到{values[-1]}", height, *drawn)
