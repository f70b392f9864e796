"""Moderation in numbers, public. Complaints are in none of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from qiguan.core.holding import HOLD_RULES
from qiguan.dialogue.models import Message
from qiguan.intake.models import Hold


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """Of one rule: how often it held a text, was appealed, was corrected."""

    title: str
    held: int
    appealed: int
    released: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All messages that are no complaint, and the rules."""

    received: int
    deleted: int
    rules: list[RuleFigures]


def moderation_figures() -> Figures:
    """Count over the whole installation. Complaints are in no number: a difference would show how many there are."""
    plain = Message.objects.filter(against=None).exclude(kind="complaint")
    holds = Hold.objects.filter(message__in=plain)
    counted = holds.values_list("rule").annotate(
        held=Count("pk"),
        appealed=Count("pk", filter=Q(appealed_at__isnull=False)),
        released=Count("pk", filter=Q(state=Hold.State.RELEASED)),
    )
    rows = {rule: (held, appealed, released) for rule, held, appealed, released in counted}
    found = [RuleFigures(r.title, *rows.get(r.code, (0, 0, 0))) for r in HOLD_RULES]
    return Figures(plain.count(), plain.filter(deleted_at__isnull=False).count(), found)
