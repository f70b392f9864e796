"""Numbers that need not be told: by their check digits."""

from __future__ import annotations

import pytest

from qiguan.core.private_numbers import mask, private_numbers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("身份证11010519491231002X", ["身份证号"]),
        ("１１０１０５１９４９１２３１００２X 全角", ["身份证号"]),
        ("订单110105194912310021", []),
        ("卡号4111 1111 1111 1111", ["银行卡号"]),
        ("卡号4111 1111 1111 1112", []),
        ("0000 0000 0000 0000", []),
        ("电话13800000000", []),
    ],
)
def test_only_numbers_that_check_are_found(text, found):
    assert [n.what for n in private_numbers(text)] == found


def test_the_line_is_named_and_phones_only_where_asked():
    text = "第一行\n身份证 11010519491231002X，手机138 0000 0000"
    assert [(n.what, n.line) for n in private_numbers(text, phones=True)] == [("身份证号", 2), ("手机号", 2)]
    assert mask(text) == "第一行\n身份证 ［身份证号］，手机［手机号］"
    assert mask("没有号码") == "没有号码"


def test_numbers_that_overlap_are_struck_out_once():
    assert mask("13800000000" * 2).count("［") <= 1
