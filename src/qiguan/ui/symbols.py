"""Every symbol of the product: one for each state, the icons, and the fills of pictures. Shape first, colour last."""

from __future__ import annotations

from functools import cache
from typing import Final

from qiguan.core.facts import State

_LINE = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
_CUT = 'fill="none" stroke="var(--sheet,#fff)" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'

STATES: Final[dict[State, str]] = {
    State.ACTIVE: f'<circle cx="8" cy="8" r="7" fill="currentColor"/><path d="m4.8 8.3 2.2 2.2 4.2-4.6" {_CUT}/>',
    State.DUE: f'<circle cx="8" cy="8" r="6.2" stroke-width="1.6" {_LINE}/><path d="M8 8V1.8A6.2 6.2 0 1 1 1.8 8z" fill="currentColor"/>',
    State.OVERDUE: '<path d="M8 1.2 15.2 14a.6.6 0 0 1-.5.9H1.3a.6.6 0 0 1-.5-.9z" fill="currentColor"/>'
    f'<path d="M8 5.6v4.2M8 12.2v.3" {_CUT}/>',
    State.SLEEPING: '<path d="M13.9 10.2A6.6 6.6 0 0 1 5.8 2.1a6.6 6.6 0 1 0 8.1 8.1z" fill="currentColor"/>'
    f'<path d="M10 2.2h3.4L10 6.2h3.4" stroke-width="1.4" {_LINE}/>',
    State.ZOMBIE: '<rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor"/>'
    '<path d="M3.6 8h8.8" stroke="var(--zombie-k,var(--sheet,#fff))" stroke-width="2" stroke-linecap="round"/>',
    State.NEVER_POSTED: f'<circle cx="8" cy="8" r="6.2" stroke-width="1.6" stroke-dasharray="2.4 2.2" {_LINE}/>',
    State.UNKNOWN: f'<path d="M8 .8 15.2 8 8 15.2.8 8z" stroke-width="1.5" {_LINE}/>'
    f'<path d="M6.4 6.5a1.7 1.7 0 1 1 2.4 1.6c-.6.3-.8.6-.8 1.1M8 11.2v.2" stroke-width="1.5" {_LINE}/>',
    State.CLOSING: '<path d="M3.2 1.5h9.6M3.2 14.5h9.6M4.4 1.5c0 3.8 3 4.4 3.6 6.5.6-2.1 3.6-2.7 3.6-6.5'
    f'M4.4 14.5c0-3.8 3-4.4 3.6-6.5.6 2.1 3.6 2.7 3.6 6.5" stroke-width="1.5" {_LINE}/>'
    '<path d="M5.6 13.6c.4-1.8 1.6-2.2 2.4-3 .8.8 2 1.2 2.4 3z" fill="currentColor"/>',
    State.BLOCKED: f'<circle cx="8" cy="8" r="6.4" stroke-width="2" {_LINE}/><path d="m3.6 3.6 8.8 8.8" stroke-width="2" {_LINE}/>',
    State.CLOSED: '<rect x="2.2" y="7" width="11.6" height="8" rx="1.6" fill="currentColor"/>'
    f'<path d="M4.8 7V4.6a3.2 3.2 0 0 1 6.4 0V7" stroke-width="1.8" {_LINE}/>',
}

# Drawn with the stroke of class `i`.
ICONS: Final[dict[str, str]] = {
    "search": '<circle cx="7" cy="7" r="4.6"/><path d="m10.6 10.6 3.6 3.6"/>',
    "down": '<path d="m4 6 4 4 4-4"/>',
    "up": '<path d="m4 10 4-4 4 4"/>',
    "left": '<path d="M13 8H3M7 4 3 8l4 4"/>',
    "right": '<path d="M3 8h10M9 4l4 4-4 4"/>',
    "check": '<path d="m3 8.5 3.2 3.2L13 4.6"/>',
    "x": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "plus": '<path d="M8 3v10M3 8h10"/>',
    "clock": '<circle cx="8" cy="8" r="6"/><path d="M8 4.6V8l2.4 1.6"/>',
    "info": '<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.4M8 5.1v.1"/>',
    "doc": '<path d="M4 1.8h5.4L13 5.4v8.8H4zM9.2 2v3.6h3.6"/>',
    "eye": '<path d="M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.9"/>',
    "bell": '<path d="M3.5 11.5h9c-1-1-1.2-2.2-1.2-4.3a3.3 3.3 0 0 0-6.6 0c0 2.1-.2 3.3-1.2 4.3zM6.6 13.8h2.8"/>',
    "seal": '<path d="M8 1.5 13.5 3.6v4c0 3.3-2.3 5.7-5.5 6.9-3.2-1.2-5.5-3.6-5.5-6.9v-4z"/><path d="m5.6 7.9 1.8 1.8 3.2-3.5"/>',
    "pen": '<path d="M2.5 13.5 3.2 10.5 10.8 2.9l2.3 2.3-7.6 7.6z"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.2"/><path d="M10.5 5.5v-3h-8v8h3"/>',
    "camera": '<path d="M2 5h2.6L6 3h4l1.4 2H14v8H2z"/><circle cx="8" cy="8.8" r="2.3"/>',
    "heart": '<path d="M8 13.6S2 10 2 5.9A3 3 0 0 1 8 4.7a3 3 0 0 1 6 1.2C14 10 8 13.6 8 13.6z"/>',
    "user": '<circle cx="8" cy="5.4" r="2.9"/><path d="M2.6 14c.5-3 2.6-4.5 5.4-4.5s4.9 1.5 5.4 4.5"/>',
    "import": '<path d="M8 2v7.5M5 6.8l3 3 3-3M2.5 10.5v3h11v-3"/>',
    "export": '<path d="M8 9.8V2.2M5 5l3-3 3 3M2.5 10.5v3h11v-3"/>',
    "feed": '<circle cx="3.6" cy="12.4" r=".8"/><path d="M2.8 7.6a5.6 5.6 0 0 1 5.6 5.6M2.8 2.9a10.3 10.3 0 0 1 10.3 10.3"/>',
    "key": '<circle cx="5" cy="10.8" r="2.9"/><path d="m7.2 8.7 6-6M10.6 5.3l2 2"/>',
    "list": '<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>',
    "undo": '<path d="M5.5 2.5 2.5 5.5l3 3M2.5 5.5h7a3.8 3.8 0 0 1 0 7.6H6"/>',
    "link": '<path d="M6.6 9.4a2.7 2.7 0 0 0 3.8 0l2.3-2.3a2.7 2.7 0 0 0-3.8-3.8L8 4.2M9.4 6.6a2.7 2.7 0 0 0-3.8 0L3.3 8.9a2.7 2.7 0 0 0 3.8 3.8l.9-.9"/>',
}

_PATTERNS = (
    '<pattern id="p-over" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="h-b" width="7" height="7"/><path class="h-l" d="M1 0v7"/></pattern>'
    '<pattern id="p-unk" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect class="d-b" width="6" height="6"/><circle class="d-p" cx="3" cy="3" r="1.1"/></pattern>'
    '<pattern id="p-never" width="6" height="6" patternUnits="userSpaceOnUse"><path class="n-l" d="M0 3h6"/></pattern>'
)


@cache
def sprite() -> str:
    """Return the hidden SVG with all symbols and fills: once a page, right after `<body>`."""
    drawn = [f'<symbol id="s-{state.value}" viewBox="0 0 16 16">{shape}</symbol>' for state, shape in STATES.items()]
    drawn += [f'<symbol id="i-{name}" viewBox="0 0 16 16">{shape}</symbol>' for name, shape in ICONS.items()]
    return (
        '<svg class="vh" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
        + "".join(drawn)
        + _PATTERNS
        + "</defs></svg>"
    )


def state_use(state: State, *, css: str = "i") -> str:
    """Return the small SVG of a state; its word must stand beside it."""
    return f'<svg class="{css}" data-s="{state.value}" aria-hidden="true"><use href="#s-{state.value}"/></svg>'


def icon_use(name: str) -> str:
    """Return the small SVG of an icon; KeyError for a name that nobody drew."""
    if name not in ICONS:
        raise KeyError(name)
    return f'<svg class="i" aria-hidden="true"><use href="#i-{name}"/></svg>'


def chip(state: State) -> str:
    """Return symbol and official word of a state. Never shortened, never recoloured, never a button."""
    return f'<span class="chip" data-s="{state.value}"><svg aria-hidden="true"><use href="#s-{state.value}"/></svg>{state.word}</span>'
