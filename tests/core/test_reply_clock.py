"""The reply clock: working days by kind and pack, with the reason for the date."""

from __future__ import annotations

from datetime import date

import pytest

from qiguan.core.calendar import WorkCalendar, seed
from qiguan.core.reply_clock import Kind, limit_of, reply_by

CALENDAR = WorkCalendar(seed([2026]))


def test_the_date_names_its_reason_and_whose_number_it_is():
    found = reply_by(Kind.ENQUIRY, pack="national", received=date(2026, 9, 16), calendar=CALENDAR)
    assert found.day == date(2026, 9, 22)
    for words in ("咨询5个工作日", "本系统设定", "2026年9月16日收到", "周日9月20日调休上班，计入", "转给别的单位不重新算"):
        assert words in found.because


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_limit_and_a_word(kind):
    assert limit_of(kind, "national").days > 0
    assert "本系统设定" in limit_of(kind, "national").whose
    assert limit_of(kind, "guizhou") == limit_of(kind, "national")
    assert limit_of(kind, "none such") == limit_of(kind, "national")
    assert kind.word


def test_a_year_that_is_not_published_is_said_not_guessed():
    found = reply_by(Kind.HELP, pack="national", received=date(2026, 12, 30), calendar=CALENDAR)
    assert found.day is None
    assert "等工作日历公布后算出" in found.because
