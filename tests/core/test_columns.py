"""The header is found under titles, its words are guessed, a person's word wins."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.columns import BY_CODE, FIELDS, cell_place, fingerprint, guess
from qiguan.core.errors import UnusableInput
from qiguan.core.platforms import name_key
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


def read(header, *rows):
    columns = guess(sheet(header, *rows))
    return {header[c]: code for c, code in columns.mapping.items()}, columns


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ({"账号名称*": "name", "开设平台（微信/微博）": "platform", "【必填】主办单位": "owner"}, True),
        ({"名称": "name", "账号": "platform_id"}, True),
        ({"账号": "name", "微信号": "platform_id"}, True),
        ({"账号名称": "name", "单位": "owner", "部门": ""}, True),
        ({"account": "name", "account_id": "platform_id", "opened_on": "opened_on"}, True),
        ({"新媒体账号名称": "name", "新媒体开设时间": "opened_on", "主办单位联系电话": "contact_phone", "栏目名称": ""}, False),
        ({"账号名称": "name", "备注": "", "粉丝数": ""}, True),
    ],
)
def test_header_words_are_read_by_themselves_or_by_their_ending(header, fields):
    found, columns = read(list(header), ["甲"] * len(header))
    assert found == {h: code for h, code in header.items() if code}
    assert (not columns.unsure) is fields


@pytest.mark.parametrize(
    ("header", "values", "code"),
    [
        ("账号类型", ["微信公众号", "微博"], "platform"),
        ("账号类型", ["发布类", "服务类"], "kind"),
        ("类型", ["发布类", "综合"], "kind"),
        ("类型", ["抖音", "客户端"], "platform"),
        ("类型", ["甲", "乙"], "platform"),
        ("账号类型", [], "kind"),
    ],
)
def test_a_word_with_two_meanings_is_read_by_what_stands_below(header, values, code):
    assert read(["账号名称", header], *[["甲", v] for v in values])[0][header] == code


def test_two_columns_of_types_are_a_platform_and_a_kind():
    found, columns = read(["账号名称", "类型", "账号类型"], ["甲", "微博", "抖音"])
    assert found == {"账号名称": "name", "类型": "platform", "账号类型": "kind"}
    assert columns.unsure == {2}
    third, columns = read(["账号名称", "平台", "功能类型", "类型"], ["甲", "微博", "发布", "发布类"])
    assert "类型" not in third
    assert not columns.unsure


def test_ids_are_known_by_their_look_where_no_header_names_them():
    found, columns = read(["账号名称", "代码", "说明"], ["甲", "gh_0123456789ab", ""], ["乙", "MzA4MDM1Njg3NQ==", ""])
    assert found == {"账号名称": "name", "代码": "platform_id"}
    assert columns.unsure == {1}


def test_a_two_row_header_of_csv_has_empty_cells_where_it_was_merged():
    rows = sheet(
        ["序号", "账号名称", "主办单位", "", "联系人", "", ""],
        ["", "", "名称", "级别", "姓名", "电话", "备注"],
        [1, "甲", "乙局", "市级", "某人", "1", ""],
    )
    columns = guess(rows)
    assert columns.first_row == 2
    assert list(columns.headers) == ["序号", "账号名称", "主办单位名称", "级别", "联系人姓名", "电话", "备注"]
    assert columns.mapping == {1: "name", 2: "owner", 3: "level", 4: "contact_name", 5: "contact_phone"}


def test_a_name_under_an_organ_is_the_organs():
    columns = guess(sheet(["新媒体名称", "主管部门", "主管部门", "其他情况"], ["新媒体名称", "名称", "层级", "说明甲"]))
    assert columns.mapping == {0: "name", 1: "supervisor", 2: "level"}
    assert columns.headers[3] == "其他情况说明甲"


def test_a_first_row_that_lacks_its_name_is_no_header():
    assert guess(sheet(["账号名称", "平台", "账号ID"], ["", "微博", "1"])).first_row == 1
    assert guess(sheet(["平台", "主办单位"], ["", "名称"]), chosen={"平台": "name"}).first_row == 1


def test_a_table_with_a_column_for_each_platform_is_told_so():
    with pytest.raises(UnusableInput) as caught:
        guess(sheet(["单位", "微信公众号", "新浪微博", "联系电话"], ["乙局", "甲", "甲", "1"]))
    assert "一个平台一列" in caught.value.message


def test_private_fields_are_marked():
    assert {f.code for f in FIELDS if f.private} == {"contact_name", "contact_phone"}


def test_no_word_names_two_fields():
    words = [name_key(h) for f in FIELDS for h in f.headers]
    assert len(words) == len(set(words))


@given(
    st.lists(
        st.lists(st.sampled_from(["", "账号名称", "名称", "平台", "类型", "账号", "甲", "gh_0123456789ab"]), max_size=5),
        max_size=5,
    )
)
def test_whatever_the_rows_each_field_has_one_column(rows):
    try:
        columns = guess(Sheet("", rows))
    except UnusableInput:
        return
    assert len(set(columns.mapping.values())) == len(columns.mapping)
    assert set(columns.mapping) <= set(columns.why)
    assert columns.unsure <= set(columns.mapping)


def test_a_place_is_told_as_people_count():
    assert cell_place(sheet(), 11, 4) == "第12行E列"


def test_the_real_headers_are_read(real_data):
    for header in json.loads((real_data / "platforms.json").read_text(encoding="utf-8"))["columns"]:
        columns = guess(Sheet("", [header, ["x"] * len(header)]))
        assert "name" in columns.mapping.values()
        assert set(columns.mapping.values()) <= set(BY_CODE)
