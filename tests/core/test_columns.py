"""The header is found under titles, its words are guessed, a person's word wins."""

from __future__ import annotations

import json

import pytest

from qiguan.core.columns import BY_CODE, fingerprint, guess
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import Sheet


def sheet(*rows):
    return Sheet("表", rows)


def test_the_header_is_found_under_title_rows():
    columns = guess(
        sheet(
            ["示例市登记表", None, None],
            ["填报日期：2026年", None, None],
            ["序号", "新媒体名称", "责任单位"],
            [1, "南例商务", "南例县商务局"],
        )
    )
    assert (columns.header_row, columns.first_row) == (2, 3)
    assert columns.mapping == {1: "name", 2: "owner"}
    assert columns.column_of("owner") == 2
    assert columns.column_of("platform") is None


def test_a_merged_title_is_no_header():
    columns = guess(sheet(["账号名称", "账号名称", "账号名称"], ["账号名称", "平台", "账号ID"], ["甲", "微博", "1"]))
    assert columns.header_row == 1


def test_a_header_of_two_rows_is_read_as_one():
    columns = guess(sheet(["账号", "账号", "主办单位"], ["账号名称", "账号ID", "主办单位"], ["甲", "1", "乙局"]))
    assert set(columns.mapping.values()) >= {"name", "platform_id", "owner"}


def test_a_persons_word_wins_over_memory_and_guess():
    rows = sheet(["名字", "平台", "哪个单位"], ["甲", "微博", "乙局"])
    chosen = {"名字": "name", "哪个单位": "owner"}
    assert guess(rows, chosen=chosen).mapping == {0: "name", 1: "platform", 2: "owner"}
    assert guess(rows, remembered=chosen).why[0] == "上次就是这样读的"
    assert guess(rows, remembered=chosen, chosen={"平台": "", "名字": "name"}).mapping == {0: "name", 2: "owner"}
    assert fingerprint(["平 台"]) == fingerprint(["平台"])


@pytest.mark.parametrize("rows", [[["a", "b"], ["c", "d"]], [["平台", "主办单位"], ["微博", "乙局"]], []])
def test_without_a_name_it_says_what_is_missing(rows):
    with pytest.raises(UnusableInput) as caught:
        guess(Sheet("表", rows))
    assert "账号名称" in caught.value.message + caught.value.remedy


def test_the_real_headers_are_read(real_data):
    for header in json.loads((real_data / "platforms.json").read_text(encoding="utf-8"))["columns"]:
        columns = guess(Sheet("", [header, ["x"] * len(header)]))
        assert "name" in columns.mapping.values()
        assert set(columns.mapping.values()) <= set(BY_CODE)
