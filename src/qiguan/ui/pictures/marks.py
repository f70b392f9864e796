"""The few marks that pictures are made of."""

from __future__ import annotations

from html import escape


def number(value: float) -> str:
    """Write a coordinate with at most two decimals."""
    said = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if said in {"", "-0"} else said


def percent(value: float) -> str:
    """Write a share of the picture's width, 0 to 100."""
    return f"{number(value)}%"


def words(value: object) -> str:
    """Escape text for markup."""
    return escape(str(value), quote=True)


def rect(x: float, y: float, width: float, height: float, *, css: str = "", state: str = "", fill: str = "") -> str:
    """Draw a bar: x and width in per cent, y and height in pixels; `fill` names a pattern of the sprite."""
    look = f' fill="url(#{fill})"' if fill else ""
    look += f' class="{css}"' if css else ""
    look += f' data-s="{words(state)}"' if state else ""
    return f'<rect{look} x="{percent(x)}" y="{number(y)}" width="{percent(max(width, 0))}" height="{number(height)}"/>'


def line(x1: float, x2: float, y1: float, y2: float, css: str) -> str:
    """Draw a line, x in per cent."""
    return f'<line class="{css}" x1="{percent(x1)}" x2="{percent(x2)}" y1="{number(y1)}" y2="{number(y2)}"/>'


def label(x: float, y: float, text: object, *, css: str = "", anchor: str = "") -> str:
    """Write words at x per cent."""
    look = (f' class="{css}"' if css else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text{look} x="{percent(x)}" y="{number(y)}">{words(text)}</text>'


def stretched(width: int, y: float, height: float, css: str, path: str) -> str:
    """Put many equal shapes into one path in a stretched window: a tenth of the bytes of one element each."""
    if not path:
        return ""
    return (
        f'<svg x="0" y="{number(y)}" width="100%" height="{number(height)}" viewBox="0 0 {width} {number(height)}" '
        f'preserveAspectRatio="none"><path class="{css}" d="{path}"/></svg>'
    )


def picture(title: str, height: int, *inside: str, css: str = "pic") -> str:
    """Close a picture: its title says the finding in numbers, for those who do not see it."""
    return f'<svg class="{css}" height="{height}" role="img" aria-label="{words(title)}"><title>{words(title)}</title>{"".join(inside)}</svg>'
