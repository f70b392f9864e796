"""What has been put right since a round: a rectified finding shows first, as 已整改."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def rectified_words(line_ids: Sequence[int], *, at: datetime) -> dict[int, str]:
    """Return by line what was done by `at`, in words such as 7月2日恢复更新."""
    return {}
