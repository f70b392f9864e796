"""Pages in place of lists."""

from __future__ import annotations

from qiguan.connectors.pages import decoded, outcome_of_status
from qiguan.core.source import Response


def test_text_is_decoded_by_its_declaration_then_by_trial():
    assert decoded("<meta charset=gbk>中文".encode("gbk")) == "<meta charset=gbk>中文"
    assert decoded("中文".encode("gb18030")) == "中文"
    assert decoded("<meta charset=nonsense>中文".encode()) == "<meta charset=nonsense>中文"
    assert decoded(b"\xff\xfe\xff") != ""


def test_two_hundred_is_no_failure():
    assert outcome_of_status(Response(200)) is None
    assert outcome_of_status(Response(429, headers={"retry-after": "soon"})).retry_after is None
