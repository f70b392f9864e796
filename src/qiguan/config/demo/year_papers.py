"""What the replayed year leaves on paper."""

from __future__ import annotations

from pathlib import Path

from qiguan.config.demo.year import Year


def outcome_words(year: Year) -> list[str]:
    return []


def write_papers(year: Year, out: Path) -> int:
    return 0
