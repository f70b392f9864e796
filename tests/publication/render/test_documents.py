"""The library of documents: all thirteen from values, replaceable, and what a hostile template gets."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import docx
import pytest

from qiguan.core.errors import UnusableInput
from qiguan.publication.render.documents import template as module
from qiguan.publication.render.documents.form import List, MissingFields
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.publication.render.documents.template import UnknownPlaceholder, fill_template
from qiguan.publication.render.documents.writing import PLACEHOLDER, blank_template, write_document

DAY = date(2026, 7, 10)
LISTS = {block.field for kind in DOCUMENTS.values() for block in kind.blocks if isinstance(block, List)}


def values_of(kind):
    return {name: [["甲", "乙"], ["丙", "丁"]] if name in LISTS else f"值{n}号" for n, name in enumerate(kind.fields)}


def text_of(made):
    document = docx.Document(io.BytesIO(made))
    cells = [c.text for t in document.tables for r in t.rows for c in r.cells]
    edges = [p.text for s in document.sections for p in s.footer.paragraphs + s.header.paragraphs]
    return "\n".join([*(p.text for p in document.paragraphs), *cells, *edges])


def template_of(*paragraphs):
    document, out = docx.Document(), io.BytesIO()
    for words in paragraphs:
        document.add_paragraph(words)
    document.save(out)
    return out.getvalue()


def repacked(source, changes):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changes.pop(name, None) or old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


def test_the_library_has_its_thirteen_documents_each_with_a_reader():
    assert len(DOCUMENTS) == 13
    assert all(kind.used_by and kind.title and kind.code == code for code, kind in DOCUMENTS.items())


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=lambda k: k.code)
def test_a_document_prints_every_value_and_leaves_no_placeholder(kind):
    values = values_of(kind)
    text = text_of(write_document(kind, values, day=DAY))
    assert kind.title in text.replace("\n", "")
    assert "{{" not in text
    used = (
        {m for block in kind.blocks for m in PLACEHOLDER.findall(repr(block))}
        | LISTS
        | ({"发文单位", "日期"} if kind.signed else set())
    )
    assert set(kind.fields) <= used, "a field that no place of the document prints"
    for name, value in values.items():
        assert (value if isinstance(value, str) else value[1][0]) in text, name


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=lambda k: k.code)
def test_a_blank_template_goes_out_and_comes_back_filled(kind):
    blank = blank_template(kind, day=DAY)
    made = write_document(kind, values_of(kind), day=DAY, template=blank)
    assert "{{" not in text_of(made)


@pytest.mark.parametrize("kind", DOCUMENTS.values(), ids=lambda k: k.code)
def test_a_missing_value_is_told_by_name(kind):
    needed = next(name for name in kind.fields if name not in kind.optional)
    with pytest.raises(MissingFields, match=needed):
        write_document(kind, {k: v for k, v in values_of(kind).items() if k != needed}, day=DAY)
    write_document(kind, {k: v for k, v in values_of(kind).items() if k not in kind.optional}, day=DAY)


def test_a_closing_notice_has_its_elements():
    kind = DOCUMENTS["closing_notice"]
    values = values_of(kind) | {"账号清单": [["微信公众号", "示例体育"]], "替代账号": "“示例发布”"}
    text = text_of(write_document(kind, values, day=DAY))
    assert "今后有关信息请关注“示例发布”" in text
    assert "示例体育" in text
    assert {"依据", "账号清单", "停更日期", "注销日期", "替代账号"} <= set(kind.fields)


def test_no_document_asks_for_a_persons_name_or_number():
    asked = {name for kind in DOCUMENTS.values() for name in kind.fields}
    assert not {name for name in asked if any(word in name for word in ("姓名", "手机", "身份证", "签名"))}


def test_an_offices_template_keeps_its_look_and_runs_cut_by_word_are_read():
    document, out = docx.Document(), io.BytesIO()
    paragraph = document.add_paragraph()
    for piece in ("致{", "{主办", "单位 }", "}，请阅"):
        paragraph.add_run(piece).bold = True
    document.sections[0].header.paragraphs[0].text = "{{日期}}"
    row = document.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "{{清单}}", ""
    document.save(out)
    made = fill_template(
        out.getvalue(),
        {"主办单位": "示例市\n教育局{{日期}}", "日期": "7月10日", "清单": [["甲", "{{日期}}"], ["丙", "丁"]]},
        title="试",
    )
    back = docx.Document(io.BytesIO(made))
    assert back.paragraphs[0].text == "致示例市\n教育局{{日期}}，请阅"
    assert all(run.bold for run in back.paragraphs[0].runs)
    assert back.sections[0].header.paragraphs[0].text == "7月10日"
    assert [[c.text for c in r.cells] for r in back.tables[0].rows] == [["甲", "｛｛日期}}"], ["丙", "丁"]]


def test_an_unknown_placeholder_is_told_by_name_with_those_there_are():
    with pytest.raises(UnknownPlaceholder) as told:
        fill_template(template_of("{{主板单位}}与{{日期}}和{{谁}}"), {"主办单位": "", "日期": ""}, title="试")
    assert "{{主板单位}}、{{谁}}不是《试》的字段" in told.value.message
    assert "主办单位、日期" in told.value.remedy


GOOD = template_of("{{日期}}")
RELS = b"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='r1' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate' Target='http://x.invalid/t.dotm' TargetMode='External'/></Relationships>"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: b"not a zip", "不是docx"),
        (lambda: GOOD[: len(GOOD) // 2], "不是docx"),
        (lambda: repacked(GOOD, {"word/vbaProject.bin": b"x"}), "宏"),
        (
            lambda: repacked(
                GOOD,
                {
                    "[Content_Types].xml": zipfile.ZipFile(io.BytesIO(GOOD))
                    .read("[Content_Types].xml")
                    .replace(b"wordprocessingml.document.main", b"x.macroEnabled.main")
                },
            ),
            "宏",
        ),
        (lambda: repacked(GOOD, {"word/media/a.bin": bytes(80 * 1024 * 1024)}), "解压后太大"),
        (lambda: repacked(GOOD, {"word/document.xml": b"<w>" + b" " * 25 * 1024 * 1024 + b"</w>"}), "解压后太大"),
        (lambda: repacked(GOOD, {"word/_rels/settings.xml.rels": RELS}), "从别处取文件"),
        (lambda: repacked(GOOD, {"word/document.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "实体"),
        (lambda: repacked(GOOD, {"word/document.xml": "<!DOCTYPE a []><a/>".encode("utf-16")}), "实体"),
        (lambda: repacked(GOOD, {"word/document.xml": b"<a"}), "打不开"),
        (lambda: repacked(GOOD, {f"word/{n}.xml": b"<a/>" for n in range(2100)}), "部件太多"),
        (lambda: b"PK" + bytes(11 * 1024 * 1024), "超过10MB"),
        (lambda: template_of("没有占位"), "没有占位"),
    ],
)
def test_a_hostile_or_broken_template_is_refused_in_words(make, told):
    with pytest.raises(UnusableInput) as refused:
        fill_template(make(), {"日期": "7月10日"}, title="试")
    assert told in refused.value.message
    assert refused.value.remedy


def test_a_spreadsheet_is_no_template():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    with pytest.raises(UnusableInput, match="不是Word文档"):
        fill_template(out.getvalue(), {"日期": ""}, title="试")


def test_a_lie_about_the_unpacked_size_does_not_help(monkeypatch):
    monkeypatch.setattr(module, "MOST_UNPACKED", 10_000)
    with pytest.raises(UnusableInput, match="解压后太大"):
        fill_template(GOOD, {"日期": ""}, title="试")


def test_the_signature_takes_two_paragraphs_along_to_a_new_page():
    kind = DOCUMENTS["rectification_notice"]
    body = _body(write_document(kind, dict.fromkeys(kind.fields, "某"), day=date(2026, 9, 16)))
    kept = [p for p in body.split("</w:p>") if "<w:keepNext/>" in p and "<w:t" in p]
    assert [any(words in p for p in kept) for words in ("请于", "认为结论有误", "经检查")] == [True, True, False]


def _body(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return file.read("word/document.xml").decode()
