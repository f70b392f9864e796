"""What values say of themselves."""

from __future__ import annotations

from qiguan.core.facts import State
from qiguan.ui.values import PlaceRow


def test_a_place_counts_what_must_be_done_and_what_was_not_seen_apart():
    row = PlaceRow("南例县", "#", dict.fromkeys(State, 2), (6, 8, 9))
    assert row.total == 18  # the closed are out of the count
    assert row.to_do == 10
    assert row.unseen == 2
    assert row.change == "多了3个"


def test_a_change_is_said_only_where_there_is_a_history():
    assert PlaceRow("a", "#", {}, (5,)).change == ""
    assert PlaceRow("a", "#", {}, (5, 2)).change == "少了3个"
    assert PlaceRow("a", "#", {}, (5, 9, 5)).change == "没有变化"
