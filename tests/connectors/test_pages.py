"""Pages in place of lists."""

from __future__ import annotations

import pytest

from qiguan.connectors.pages import decode_as, decoded, outcome_of_page, outcome_of_status
from qiguan.core.source import Outcome, Response


def test_text_is_decoded_by_its_declaration_then_by_trial():
    assert decoded("<meta charset=gbk>中文".encode("gbk")) == "<meta charset=gbk>中文"
    assert decoded("中文".encode("gb18030")) == "中文"
    assert decoded("<meta charset=nonsense>中文".encode()) == "<meta charset=nonsense>中文"
    assert decoded(b"\xff\xfe\xff") != ""
    assert decoded("中文".encode("utf-16")) == "中文"
    assert decoded("<meta charset=gbk>中文".encode()) == "<meta charset=gbk>中文"  # UTF-8 is never GBK by chance
    assert decoded("中文".encode()[:-1]) == "中"


def test_two_hundred_is_no_failure():
    assert outcome_of_status(Response(200)) is None
    assert outcome_of_status(Response(429, headers={"retry-after": "soon"})).retry_after is None


@pytest.mark.parametrize("name", ["zlib", "bz2", "base64", "rot13", "unicode_escape", "idna", "undefined", "nonsense", "utf-8x"])
def test_a_charset_that_is_no_text_encoding_is_not_used(name):
    assert decode_as(b"abc", name) is None


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        ("<title>登录 - 示例</title>", Outcome.LOGIN_PAGE),
        ("<title>安全验证</title>", Outcome.LOGIN_PAGE),
        ("请在微信客户端打开链接", Outcome.LOGIN_PAGE),
        ("<input name=p type=password>", Outcome.LOGIN_PAGE),
        ("<title>示例市新闻网</title><p>新闻</p>", Outcome.NOT_A_FEED),
    ],
)
def test_a_page_that_asks_to_log_in_is_told_from_another(page, outcome):
    assert outcome_of_page(page.encode()).outcome is outcome
