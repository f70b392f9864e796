"""Outcomes are a closed set; only what was really heard counts as read."""

from __future__ import annotations

from qiguan.core.source import Outcome


def test_a_page_in_place_of_a_feed_is_not_read():
    assert {o for o in Outcome if o.is_read} == {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.EMPTY, Outcome.RENAMED, Outcome.MOVED}
