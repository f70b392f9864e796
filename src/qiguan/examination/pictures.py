"""Pictures of results: the five grades with their intervals, and one share of all candidates on one scale. Words are ours or escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qiguan.core.marking import GRADES, say

_LEFT = 30  # percent of the width that the words take
_SPAN = 56


def grades_picture(parts: Sequence[Sequence[int]], *, intervals: bool = True) -> str:
    """Draw shares (share, low, high in 1/10,000) of the five grades; the line is the interval, the point the share."""
    most = max(2000, -(-max(p[2] if intervals else p[0] for p in parts) // 2000) * 2000)

    def x(units: int) -> str:
        return f"{_LEFT + _SPAN * units / most:.2f}%"

    title = "、".join(f"{word}{say(p[0])}" for word, p in zip(GRADES, parts, strict=True))
    drawn = [f'<svg class="pic" height="200" role="img"><title>{escape(title)}</title>']
    for step in range(0, most + 1, most // 2):
        drawn.append(f'<line class="ax" x1="{x(step)}" x2="{x(step)}" y1="2" y2="170"/>')
        drawn.append(f'<text x="{x(step)}" y="190" text-anchor="middle">{step // 100}%</text>')
    for row, (word, (share, low, high)) in enumerate(zip(GRADES, parts, strict=True)):
        y = 18 + 34 * row
        drawn.append(f'<text x="0" y="{y + 5}">{word}</text>')
        if intervals:
            drawn.append(f'<line class="iv" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>')
        drawn.append(f'<circle class="pt" cx="{x(share)}" cy="{y}" r="4.5"/>')
        drawn.append(f'<text class="k" x="100%" y="{y + 5}" text-anchor="end">{say(share)}</text>')
    return "".join([*drawn, "</svg>"])


def compared_picture(rows: Sequence[tuple[str, Sequence[int]]], *, limit: int) -> str:
    """Draw 不满意 of several candidates on one scale, with the season's line."""
    most = max(4000, -(-max([limit, *(p[2] for _, p in rows)]) // 2000) * 2000)
    foot = 46 * len(rows)

    def x(units: int) -> str:
        return f"{92 * units / most:.2f}%"

    title = f"不满意的比例和区间，本季的线是{say(limit)}：" + "、".join(f"{name}{say(p[0])}" for name, p in rows)
    drawn = [f'<svg class="pic" height="{foot + 26}" role="img"><title>{escape(title)}</title>']
    for step in range(0, most + 1, most // 2):
        drawn.append(f'<line class="ax" x1="{x(step)}" x2="{x(step)}" y1="0" y2="{foot}"/>')
        drawn.append(
            f'<text x="{x(step)}" y="{foot + 18}" text-anchor="{"start" if not step else "middle"}">{step // 100}%</text>'
        )
    drawn.append(f'<line class="lim" x1="{x(limit)}" x2="{x(limit)}" y1="0" y2="{foot}"/>')
    for n, (name, (share, low, high)) in enumerate(rows):
        y = 46 * n
        drawn.append(f'<text x="0" y="{y + 16}">{escape(name)} <tspan class="k">{say(share)}</tspan></text>')
        drawn.append(f'<line class="iv" x1="{x(low)}" x2="{x(high)}" y1="{y + 30}" y2="{y + 30}"/>')
        drawn.append(f'<circle class="pt" cx="{x(share)}" cy="{y + 30}" r="4.5"/>')
    return "".join([*drawn, "</svg>"])
