"""Two clocks: business time, which a demonstration may drive, and machine time, which nobody drives.

Business time is what the law and the users mean by "now" (`at`). Machine time is for sessions, leases and
proof of work. Nothing else in the product reads a clock.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta


def machine_now() -> datetime:
    """Return the machine's time, aware, UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds on a clock that never goes back."""
    return time.monotonic()


def now() -> datetime:
    """Return business time, aware, UTC: the machine's, moved by QIGUAN_CLOCK_OFFSET seconds where a demonstration sets it."""
    offset = os.environ.get("QIGUAN_CLOCK_OFFSET", "")
    return machine_now() + timedelta(seconds=float(offset)) if offset else machine_now()
