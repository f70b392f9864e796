"""Posts handed over, row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.connectors.given import Problem, item_given, reading_of
from qiguan.core.source import Item, Outcome
from qiguan.core.written_dates import PostedAt

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def test_a_list_of_last_month_says_nothing_of_today():
    item = item_given(heading="甲", link="https://x.invalid/1", posted=PostedAt(AT - timedelta(days=30)), at=AT)
    assert isinstance(item, Item)
    assert reading_of([item, item], dropped=0).covers_until == AT - timedelta(days=30)
    assert len(reading_of([item, item], dropped=0).items) == 1
    assert reading_of([item], dropped=0, covers_until=AT).covers_until == AT
    assert reading_of([], dropped=0).covers_until is None
    assert reading_of([], dropped=1).outcome is Outcome.MALFORMED


def test_a_problem_reads_as_one_line():
    assert str(Problem(3, "C3", "没有写发布时间", "请补上")) == "C3：没有写发布时间。请补上"
