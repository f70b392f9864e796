"""Templates of replies: an organ's own and those of the organs above it."""

from __future__ import annotations

from qiguan.dialogue.models import ReplyTemplate, ways_up
from qiguan.people.models import Organ


def templates_for(organ: Organ) -> list[ReplyTemplate]:
    """Return the templates that the organ may use."""
    return list(ReplyTemplate.objects.filter(organ__path__in=ways_up([organ.path])).select_related("organ"))
