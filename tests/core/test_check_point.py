"""A check point: a date means its 24:00, a time without zone is Shanghai's."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qiguan.core.check_point import parse_at
from qiguan.core.errors import UnusableInput
from qiguan.core.written_dates import SHANGHAI


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-02-28", datetime(2019, 3, 1, tzinfo=SHANGHAI)),
        (" 20190228 ", datetime(2019, 3, 1, tzinfo=SHANGHAI)),
        ("2021-06-19T15:15:03", datetime(2021, 6, 19, 15, 15, 3, tzinfo=SHANGHAI)),
        ("2021-06-19T07:15:03Z", datetime(2021, 6, 19, 15, 15, 3, tzinfo=SHANGHAI)),
        ("2021-06-19 15:15:03+08:00", datetime(2021, 6, 19, 7, 15, 3, tzinfo=UTC)),
    ],
)
def test_a_check_point_is_read_as_iso_with_a_date_as_its_end(text: str, expected: datetime):
    assert parse_at(text) == expected
    assert parse_at(text).tzinfo is not None


@pytest.mark.parametrize("text", ["", "明天", "2026-13-01", "2026-02-30", "9999-12-31", "0001-01-01T00:00", "16/9/2026"])
def test_what_is_no_time_is_refused_with_place_and_remedy(text: str):
    with pytest.raises(UnusableInput) as caught:
        parse_at(text, place="第3行")
    assert caught.value.place == "第3行"
    assert "2026-09-16" in caught.value.remedy
