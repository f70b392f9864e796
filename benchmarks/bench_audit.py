"""A million audit rows: sealed in batches and one by one, verified, and beside it one plain SHA-256 over the same texts.

The peer is the least that any verification must do: read every row and hash it once.
"""

from __future__ import annotations

import logging
import os
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

os.environ.setdefault("QIGUAN_DATA", tempfile.mkdtemp(prefix="qiguan-bench-"))
os.environ["DJANGO_SETTINGS_MODULE"] = "qiguan.config.settings"
AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
ROWS = int(os.environ.get("AUDIT_ROWS", "1000000"))
SMALL = 1_000  # seals of two entries, as an office's day makes them; the rest in full batches


def main() -> None:
    """Write, seal, verify; say rows a second and the ratio."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    logging.disable(logging.INFO)

    call_command("migrate", verbosity=0)
    from qiguan.people.actions import add_user
    from qiguan.people.audit import sealing
    from qiguan.people.audit.rows import _COLUMNS, tombstones_of
    from qiguan.people.audit.verifying import verify_chain
    from qiguan.people.models import AuditEntry

    user = add_user(username="bench", shown_name="bench", password="bench-bench", roles=[], by=None, at=AT)

    def write(first: int, last: int) -> None:
        for start in range(first, last, 5000):
            AuditEntry.objects.bulk_create(
                AuditEntry(
                    at=AT + timedelta(seconds=n), by=user, action="record_check", model="collection.humancheck", object_id=f"a{n:011}", organ_path="/1/12/345/",
                    fields=["newest_at", "said"], by_salt=f"{n:032x}",
                )
                for n in range(start, min(start + 5000, last))
            )  # fmt: skip

    write(0, 2 * SMALL)
    sealing.BATCH, sealing.MOST = 2, 10**9
    seal = _took("seal by twos", 2 * SMALL, lambda: sealing.seal_entries(at=AT))
    write(2 * SMALL, ROWS)
    sealing.BATCH = 5000
    seal = _took("seal in batches", ROWS - 2 * SMALL, lambda: sealing.seal_entries(at=AT))
    result = []
    took = _took("verify", ROWS, lambda: result.append(verify_chain()))
    assert result[0].broken is None
    assert result[0].entries == ROWS + 1, result[0]
    assert not tombstones_of()

    def plain() -> None:
        for row in AuditEntry.objects.order_by("pk").values_list(*_COLUMNS).iterator(chunk_size=20_000):
            sha256(repr(row).encode()).digest()

    peer = _took("read and hash once", ROWS, plain)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{connection.vendor}: verify / plain = {took / peer:.2f}, {result[0].seals} seals, {memory:.0f} MB at most; seal {seal:.1f} s"
    )


def _took(word: str, rows: int, work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    took = time.perf_counter() - began
    print(f"{word}: {took:.1f} s, {rows / took:,.0f} rows/s", file=sys.stderr)
    return took


if __name__ == "__main__":
    main()
