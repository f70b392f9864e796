"""Keep the bodies that sources sent, as evidence: 90 days, compressed, once per change.

Kept are: every body that could not be read (it shows why we are blind), once per change of outcome; and each changed body of a
complete source, on whose word an account may be called silent. What a partial source showed well is kept as posts alone.
`QIGUAN_KEEP_BODIES=failures` drops the second kind.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from qiguan.archive.actions import store_blobs
from qiguan.collection.actions.lease import Held
from qiguan.core.source import Outcome
from qiguan.net.carry import Carried

KEEP_BODIES = timedelta(days=90)


def keep_bodies(carried: Sequence[tuple[Held, Carried]], *, at: datetime) -> list[str]:
    """Put away what must be kept; return each answer's digest, "" where nothing was kept."""
    failures_only = os.environ.get("QIGUAN_KEEP_BODIES", "") == "failures"
    wanted = [i for i, (held, answer) in enumerate(carried) if _is_evidence(held, answer, failures_only)]
    digests = [""] * len(carried)
    stored = store_blobs(
        bodies=[carried[i][1].body for i in wanted], media_type="application/octet-stream", at=at, keep_until=at + KEEP_BODIES
    )
    for i, digest in zip(wanted, stored, strict=True):
        digests[i] = digest
    return digests


def _is_evidence(held: Held, answer: Carried, failures_only: bool) -> bool:
    outcome = answer.reading.outcome
    if not answer.body or outcome is Outcome.NOT_MODIFIED:
        return False
    if not outcome.is_read:
        return outcome != held.outcome
    return held.complete and not failures_only
