"""Drop what no longer says anything: spent limits and used keys whose forms have expired."""

from __future__ import annotations

from datetime import datetime

from qiguan.intake.actions.form_keys import LASTS
from qiguan.intake.models import FormKey, RateLimit


def drop_spent(*, now: datetime, limit: int = 5000) -> int:
    """Delete up to `limit` rows of each kind that no answer depends on any more; return how many. Machine time."""
    gone = 0
    for rows in (RateLimit.objects.filter(spent_until__lt=now), FormKey.objects.filter(used_at__lt=now - LASTS)):
        picked = list(rows.values_list("pk", flat=True)[:limit])
        gone += rows.filter(pk__in=picked).delete()[0]  # the condition again: a comer may have come back meanwhile
    return gone
