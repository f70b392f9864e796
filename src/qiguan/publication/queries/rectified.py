"""What has been put right since a round: a rectified finding shows first, as 已整改."""

from __future__ import annotations

from qiguan.rectification.queries.rectified import rectified_words

__all__ = ["rectified_words"]
