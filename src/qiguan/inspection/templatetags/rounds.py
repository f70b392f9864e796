"""What the pages of a round say in one way: a check point, a row of counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template

from qiguan.core.days import say_at
from qiguan.inspection.queries.rounds import Words

register = template.Library()


@register.filter
def point(moment: datetime) -> str:
    """2026年9月15日24:00: midnight is the end of the day before."""
    return say_at(moment)


@register.inclusion_tag("inspection/count_row.html")
def count_row(label: str, words: Words) -> dict[str, Any]:
    """One row of a table of counts."""
    return {"label": label, "words": words}
