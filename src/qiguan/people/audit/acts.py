"""What is done with the chain from the shell, the schedule and the page: verify and keep the result as an entry of its own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from qiguan.people.actions import record_audit
from qiguan.people.audit.verifying import Verification, verify_chain
from qiguan.people.models import AuditEntry, AuditSeal, User

log = logging.getLogger(__name__)
VERIFIED = "verify_audit"
INTACT = "intact"


@dataclass(frozen=True, slots=True)
class ChainState:
    """What stands on top of the auditor's page."""

    last: AuditSeal | None
    unsealed: int
    verified_at: datetime | None
    verified: int  # entries that the last verification saw
    broken: str  # "" where it was whole; else where it broke, in words


def record_verification(*, result: Verification, by: User | None, at: datetime) -> AuditEntry:
    """Keep that the chain was verified, how far, and where it broke: the log is the place for what was done."""
    said = f"broken:seal:{result.broken.seal}:entry:{result.broken.entry}" if result.broken else INTACT
    return record_audit(action=VERIFIED, by=by, at=at, fields=[said], count=max(result.entries, 1))


def verify_and_record(*, at: datetime) -> Verification:
    """Verify by the schedule; a broken chain is also cried into the machine's log."""
    result = verify_chain()
    record_verification(result=result, by=None, at=at)
    if result.broken is not None:
        log.error(
            "the audit chain is broken: seal %s, entry %s, %s", result.broken.seal, result.broken.entry, result.broken.what.name
        )
    return result


def chain_state() -> ChainState:
    """Return the last seal, what waits for one, and when the chain was last verified."""
    last = AuditSeal.objects.defer("leaves").order_by("-number").first()
    unsealed = AuditEntry.objects.filter(seal=None).count()
    check = AuditEntry.objects.filter(action=VERIFIED).order_by("-pk").first()
    said = str(check.fields[0]).split(":") if check and check.fields else []
    broken = f"第{said[2]}号封条、第{said[4]}号条目" if len(said) == 5 else ""
    return ChainState(last, unsealed, check.at if check else None, check.count if check else 0, broken)
