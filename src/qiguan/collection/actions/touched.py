"""Mark accounts that have new facts; inspection pulls the marks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from qiguan.collection.models import Touched


def touch_accounts(account_ids: Iterable[int], at: datetime) -> None:
    """Mark accounts; one already marked gets the newer time, so that a judge at work does not drop it."""
    rows = [Touched(account_id=pk, at=at) for pk in sorted(set(account_ids))]
    Touched.objects.bulk_create(rows, update_conflicts=True, unique_fields=["account"], update_fields=["at"], batch_size=500)
