"""Words of complaint about officials."""

from __future__ import annotations

import pytest

from qiguan.core.grievance import complaint_spans


@pytest.mark.parametrize("text", ["窗口态度恶劣", "商务局推诿三个月", "公众号删评论", "我要投诉你们单位"])
def test_a_complaint_is_heard(text):
    assert complaint_spans(text)


def test_a_question_is_none():
    assert complaint_spans("消费券过期了还能补领吗") == []


def test_spans_do_not_overlap_and_stand_in_order():
    text = "工作人员态度差，又推诿，又是推诿"
    spans = complaint_spans(text)
    assert [text[s:e] for s, e in spans] == ["工作人员态度", "推诿", "推诿"]
