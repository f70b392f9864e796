"""Seal: link the audit rows that no seal holds yet to the chain, in batches.

An action writes its row unchained, so that no two actions wait for each other. The sealer claims by absence ("no seal
yet"), never by "id greater than the last": on PostgreSQL a row may commit after rows with higher ids, and would be lost.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import IntegrityError, transaction

from qiguan.core.audit_chain import NOTHING_BEFORE, make_seal
from qiguan.jobs.many import among
from qiguan.people.audit.rows import leaves_of, tombstones_of
from qiguan.people.models import AuditEntry, AuditSeal

log = logging.getLogger(__name__)
BATCH = 5000  # entries of one seal at most: 200 kB of leaves
MOST = 40  # seals of one run, so that a backlog does not hold the schedule up


def seal_entries(*, at: datetime) -> int:
    """Seal what is unsealed; return how many entries. `at` is machine time. Safe to run anywhere, any number at once."""
    done = 0
    for _ in range(MOST):
        try:
            sealed = _seal_batch(at)
        except IntegrityError:  # another sealer made this number first: its rows are sealed, ours wait for the next run
            log.info("another sealer was faster")
            break
        done += sealed
        if sealed < BATCH:
            break
    return done


def _seal_batch(at: datetime) -> int:
    """Make one seal: the number is the key, so that two sealers can never both follow the same seal."""
    with transaction.atomic():
        last = AuditSeal.objects.select_for_update().order_by("-number").only("number", "digest").first()
        waiting = list(AuditEntry.objects.filter(seal=None).order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not waiting:
            return 0
        rows = AuditEntry.objects.filter(pk__in=among(waiting)).order_by("pk")
        leaves = leaves_of(rows, tombstones_of(waiting))
        link = make_seal(
            number=last.number + 1 if last else 1, at=at, previous=last.digest if last else NOTHING_BEFORE, rows=leaves
        )
        made = AuditSeal.objects.create(
            number=link.number, at=link.at, first_id=link.first_id, last_id=link.last_id, count=link.count, previous=link.previous, digest=link.digest, leaves=link.leaves
        )  # fmt: skip
        taken = AuditEntry.objects.filter(pk__in=among([pk for pk, _ in leaves]), seal=None).update(seal=made)
        if taken != link.count:
            raise IntegrityError("rows were sealed in between")
    # The log of the machine is the first anchor outside the database.
    log.info("audit seal %s, %s entries, %s", link.number, link.count, link.digest)
    return link.count
