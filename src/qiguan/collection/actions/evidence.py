"""Keep the bodies that sources sent, as evidence: 90 days, compressed, once per change.

Always kept: what was not plainly read, once per change of outcome (it shows why we are blind, or what a person is asked about).
With `QIGUAN_KEEP_BODIES=all` also each changed body of a complete source, on whose word an account may be called silent: half a
millisecond and some five kilobytes a change. Without it that word is kept as posts, revisions, deletions and coverage alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from qiguan.archive.actions import store_blobs
from qiguan.collection.actions.lease import Held
from qiguan.core.source import Outcome
from qiguan.net.carry import Carried

KEEP_BODIES = timedelta(days=90)


def keep_bodies(carried: Sequence[tuple[Held, Carried]], *, at: datetime) -> list[str]:
    """Put away what must be kept; return each answer's digest, "" where nothing was kept."""
    everything = settings.KEEP_BODIES == "all"
    wanted = [i for i, (held, answer) in enumerate(carried) if _is_evidence(held, answer, everything=everything)]
    digests = [""] * len(carried)
    stored = store_blobs(
        bodies=[carried[i][1].body for i in wanted], media_type="application/octet-stream", at=at, keep_until=at + KEEP_BODIES
    )
    for i, digest in zip(wanted, stored, strict=True):
        digests[i] = digest
    return digests


def _is_evidence(held: Held, answer: Carried, *, everything: bool) -> bool:
    outcome = answer.reading.outcome
    if not answer.body or outcome is Outcome.NOT_MODIFIED:
        return False
    if outcome is Outcome.OK:
        return held.complete and everything
    return outcome != held.outcome
