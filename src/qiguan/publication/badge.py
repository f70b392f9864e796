"""The badge: an account's state in the newest bulletin and the day it was true. A small picture that scales."""

from __future__ import annotations

from html import escape

from qiguan.core.days import day_of
from qiguan.core.facts import State
from qiguan.publication.models import SnapshotAccount

_COLOURS = {"合格": "#1f6b57", "不合格": "#a3321f", "未能判定": "#4a5d73"}
_WIDE, _HALF = 13.0, 7.2  # pixels of a Chinese and a Latin character at 13 px


def badge_svg(row: SnapshotAccount) -> str:
    """Return the SVG, its words as title and description for those who do not see it."""
    day = day_of(row.snapshot.at)
    left = f"{row.name[:16]} {State(row.state).word if row.state else ''}".strip()
    right = f"{row.word} {day:%Y-%m-%d}"
    one, two = _width(left) + 20, _width(right) + 20
    colour = _COLOURS.get(row.word, "#4a5d73")
    said = escape(f"{row.name}：{left.rpartition(' ')[2]}，检查结论{row.word}，数据截至{day:%Y年%-m月%-d日}")
    font = "font-family='Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif' font-size='13'"
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{one + two:.0f}' height='24' role='img' aria-label='{said}'><title>{said}</title>"
        f"<rect width='{one:.0f}' height='24' fill='#20302c'/><rect x='{one:.0f}' width='{two:.0f}' height='24' fill='{colour}'/>"
        f"<g fill='#fff' {font}><text x='10' y='17'>{escape(left)}</text><text x='{one + 10:.0f}' y='17'>{escape(right)}</text></g></svg>"
    )


def _width(text: str) -> float:
    return sum(_HALF if ch.isascii() else _WIDE for ch in text)
