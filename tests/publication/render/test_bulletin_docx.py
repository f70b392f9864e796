"""The Word bulletin in its produced XML: page, grid, fonts, order of the parts, hostile words."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from tests.core.bulletins import town

from qiguan.core.bulletin_tables import tables
from qiguan.publication.render.bulletin_docx import bulletin_docx, title_lines

MM = 56.6929


@pytest.fixture(scope="module")
def made():
    return bulletin_docx(town())


def part(made, name):
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return archive.read(name).decode()


def words(made):
    return [p.text for p in docx.Document(io.BytesIO(made)).paragraphs]


def attributes(xml, tag):
    found = re.search(rf"<w:{tag} ([^>]*)/>", xml)
    return dict(re.findall(r'w:(\w+)="([^"]*)"', found[1]))


def test_the_page_is_that_of_the_standard(made):
    xml = part(made, "word/document.xml")
    size, margins = attributes(xml, "pgSz"), {k: int(v) for k, v in attributes(xml, "pgMar").items()}
    assert (round(int(size["w"]) / MM), round(int(size["h"]) / MM)) == (210, 297)
    assert (round(margins["top"] / MM), round(margins["left"] / MM)) == (37, 28)
    assert round((int(size["w"]) - margins["left"] - margins["right"]) / MM) == 156
    assert round((int(size["h"]) - margins["top"] - margins["bottom"]) / MM) == 225


def test_a_page_holds_22_lines_of_28_characters(made):
    xml, styles = part(made, "word/document.xml"), part(made, "word/styles.xml")
    grid = attributes(xml, "docGrid")
    assert grid["type"] == "linesAndChars"
    height, width = 225 * MM, 156 * MM
    assert height // int(grid["linePitch"]) == 22
    assert int(width / 20 / (16 + int(grid["charSpace"]) / 4096)) == 28
    body = re.search(r'w:styleId="GWBody".*?</w:style>', styles, re.S)[0]
    assert 'w:line="579" w:lineRule="exact"' in body
    pitch = 16 + int(re.search(r'<w:rPr>.*?<w:spacing w:val="(-?\d+)"', body, re.S)[1]) / 20
    assert int(width / 20 / pitch) == 28


def test_fonts_are_named_for_east_asian_text_with_their_sizes(made):
    styles = part(made, "word/styles.xml")
    for code, font, half_points in (
        ("GWTitle", "方正小标宋简体", 44),
        ("GWBody", "仿宋_GB2312", 32),
        ("GWHeading", "黑体", 32),
        ("GWSubheading", "楷体_GB2312", 32),
        ("GWPage", "宋体", 28),
    ):
        style = re.search(rf'w:styleId="{code}".*?</w:style>', styles, re.S)[0]
        assert f'w:eastAsia="{font}"' in style
        assert f'<w:sz w:val="{half_points}"/>' in style
    fonts = part(made, "word/fontTable.xml")
    assert "FangSong" in fonts
    assert "华文中宋" in fonts


def test_page_numbers_stand_between_dashes_on_the_outer_side(made):
    assert "evenAndOddHeaders" in part(made, "word/settings.xml")
    document = docx.Document(io.BytesIO(made))
    section = document.sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        xml = footer._element.xml
        assert f'<w:jc w:val="{side}"/>' in xml
        assert re.sub(r"\s", "", "".join(t.text for t in footer._element.iter(qn("w:t")))) == "—1—"
        assert " PAGE " in xml


def test_the_parts_stand_in_the_order_of_the_standard(made):
    text = "\n".join(words(made))
    order = [
        "示例市人民政府办公室文件", "示府办函〔2026〕12号", "关于2026年第二季度全市政务新媒体", "各县（区）人民政府，市政府各部门：", "根据国务院办公厅",
        "一、总体情况", "（一）内容不更新", "四、有关要求", "附件：1. 不合格账号清单", "6. 分平台分级统计", "2026年7月10日", "附件1\n\n",
    ]  # fmt: skip
    places = [text.index(words_) for words_ in order]
    assert places == sorted(places)
    colophon = docx.Document(io.BytesIO(made)).tables[-1]
    assert [row.cells[0].text for row in colophon.rows] == [
        "抄送：市委办公室，市人大常委会办公室，市政协办公室。",
        "示例市人民政府办公室\t2026年7月10日印发",
    ]


def test_the_annexes_hold_the_cells_of_the_tables(made):
    printed = docx.Document(io.BytesIO(made)).tables
    annexes = [table for table in tables(town()) if table.in_word]
    assert len(printed) == len(annexes) + 1
    first = [[cell.text for cell in row.cells] for row in printed[0].rows]
    assert first[0] == ["序号", "账号名称", "平台", "主办单位", "存在问题", "最近更新", "结论", "现状", "单位说明"]
    assert first[3][1] == "东例科技"
    assert first[3][5] == "2026-06-01"
    assert first[3][8] == "密码丢失，平台找回要10个工作日。"
    header = printed[0].rows[0]._tr.xml
    assert "<w:tblHeader/>" in header


def test_hostile_words_stay_words():
    rows = [replace(town().rows[6], account="<w:p/>&\x00\x08\ud800", reply="</w:t>]]>\nzwei")]
    made = bulletin_docx(replace(town(), rows=rows, title="<script>" * 20))
    table = docx.Document(io.BytesIO(made)).tables[0]
    assert table.rows[1].cells[1].text == "<w:p/>&"
    assert table.rows[1].cells[8].text == "</w:t>]]>\nzwei"


def test_the_same_bulletin_gives_the_same_bytes_and_names_nobody(made):
    assert bulletin_docx(town()) == made
    properties = docx.Document(io.BytesIO(made)).core_properties
    assert (properties.author, properties.comments) == ("", "")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert not [n for n in archive.namelist() if "thumbnail" in n]


def test_a_draft_without_number_addressees_and_annexes_opens():
    bare = replace(
        town(), rows=[], number="", addressees="", rechecks=(), scope_changes=(), copies_to="", printed_by="", last=None
    )
    text = "\n".join(words(bulletin_docx(bare)))
    assert "附件" not in text
    one = "\n".join(words(bulletin_docx(replace(bare, attachments=("整改报告格式",)))))
    assert "附件：整改报告格式" in one


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("示例市人民政府办公室关于2026年第二季度全市政务新媒体检查情况的通报", ["示例市人民政府办公室", "关于2026年第二季度全市政务新媒体", "检查情况的通报"]),
        ("抽签记录", ["抽签记录"]),
        ("甲" * 45, ["甲" * 19, "甲" * 19, "甲" * 7]),
        ("", [""]),
    ],
)  # fmt: skip
def test_a_title_breaks_where_its_words_do(title, lines):
    assert title_lines(title) == lines
