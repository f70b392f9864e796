"""Values the apps give for navigation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavItem:
    """One word of the row on top."""

    label: str
    url: str
    current: bool = False
    count: int | None = None
