"""A failure has a place, a sentence and a remedy."""

from __future__ import annotations

from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput


def test_an_error_reads_as_one_line():
    assert str(UnusableInput("没有31日", place="第3行E列", remedy="请改")) == "第3行E列：没有31日。请改"
    assert str(QiguanError("坏了")) == "坏了"
    assert NotPermitted("不行").code == "invalid"
