"""Fills an office's own Word template. A template is a file from outside: looked into before it is opened, never run.

Placeholders are {{field}}, plain names without logic: a template language that can call things would run what the file says.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from docx import Document
from docx.oxml.ns import qn

from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.sheet_zip import open_whole
from qiguan.publication.render.official_page import to_bytes
from qiguan.publication.render.word_xml import safe_text

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_UNPACKED: Final = 60 * 1024 * 1024
MOST_MEMBERS: Final = 2000
MOST_PART: Final = 20 * 1024 * 1024  # one XML part: Word reads no letter of that size
MOST_PLACEHOLDERS: Final = 500
MOST_RUNS: Final = 5000  # of one paragraph with a placeholder
_PLACEHOLDER: Final = re.compile(r"\{\{([^{}]*)\}\}")  # one way to match: a long row of spaces must cost nothing
_RUNS: Final = ("vbaProject", "vbaData", "activeX", "embeddings/oleObject", "attachedToolbars")
_MACRO_TYPES: Final = (b"macroEnabled", b"vbaProject", b"ms-office.activeX")
_OUTWARD: Final = re.compile(rb"<[^>]*Relationship\s[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
_HYPERLINK: Final = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.IGNORECASE)
Rows = Sequence[Sequence[str]]


class UnknownPlaceholder(QiguanError):
    """A template asks for fields that this document does not have."""


def fill_template(template: bytes, values: Mapping[str, str | Rows], *, title: str) -> bytes:
    """Return the template with its placeholders filled in: text, tables, headers and footers; formatting stays the office's.

    A row of a table with a placeholder whose value is a list of rows is repeated: the cells are filled in order. Raises UnusableInput for a file
    that is no plain Word document, UnknownPlaceholder with every name that is not among `values`.
    """
    inspect_template(template, title=title)
    try:
        document = Document(io.BytesIO(template))
        parts = [document.element.body, *_edges(document)]
    except (KeyError, ValueError, AttributeError, OSError, SyntaxError, zipfile.BadZipFile) as error:
        raise UnusableInput("模板打不开，不是完整的Word文档", place=title, remedy="请在Word中打开，另存为docx后再传") from error
    names = _names(parts, title)
    unknown = sorted(names - set(values))
    if unknown:
        raise UnknownPlaceholder(
            f"模板里的{'、'.join(f'{{{{{name}}}}}' for name in unknown)}不是《{title}》的字段",
            place=title,
            remedy="可以用的字段：" + "、".join(values),
        )
    if not names:
        raise UnusableInput(
            "模板里没有占位", place=title, remedy="请在要填写的地方写上字段，例如{{" + next(iter(values), "日期") + "}}"
        )
    for part in parts:
        for row in list(part.iter(qn("w:tr"))):
            _repeat(row, values)
        for p in list(part.iter(qn("w:p"))):
            _fill(p, values)
    return to_bytes(document)


def _names(parts: Sequence[Any], title: str) -> set[str]:
    """Return the placeholders' names. Raises UnusableInput where filling them would take longer than any letter does."""
    found = []
    for part in parts:
        for p in part.iter(qn("w:p")):
            here = [_name(m) for m in _PLACEHOLDER.finditer(_text(p))]
            found += here
            if len(found) > MOST_PLACEHOLDERS or (here and sum(1 for _ in p.iter(qn("w:t"))) > MOST_RUNS):
                raise UnusableInput("模板里的占位太多或太碎", place=title, remedy="请删去多余的占位，另存为新的docx后再传")
    return set(found)


def _name(match: re.Match[str]) -> str:
    return match[1].strip()


def inspect_template(template: bytes, *, title: str) -> None:
    """Refuse what is too large, what would unpack beyond the limits, macros, embedded programs, and files fetched from elsewhere."""
    if len(template) > MOST_BYTES:
        raise UnusableInput(f"模板超过{MOST_BYTES // 1024 // 1024}MB", place=title, remedy="请删去图片后再传")
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as archive:
            _inspect(archive, title)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnusableInput("模板不是docx文档，或已损坏", place=title, remedy="请在Word中另存为docx后再传") from error


def _inspect(archive: zipfile.ZipFile, title: str) -> None:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(infos) > MOST_MEMBERS or len(set(names)) < len(names):
        raise UnusableInput("模板里的部件太多或有重名", place=title, remedy="请在Word中另存为新的docx后再传")
    if "word/document.xml" not in names:
        raise UnusableInput("模板不是Word文档", place=title, remedy="请传docx文件")
    if any(mark.lower() in name.lower() for name in names for mark in _RUNS):
        raise UnusableInput("模板里有宏或嵌入的程序", place=title, remedy="请另存为不含宏的docx后再传")
    left = MOST_UNPACKED
    for info in infos:
        kept = bytearray()
        with open_whole(archive, info) as stream:
            while piece := stream.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise UnusableInput("模板解压后太大", place=title, remedy="请删去图片，另存为新的docx后再传")
                if info.filename.endswith((".xml", ".rels")):
                    kept += piece
        _inspect_part(info.filename, bytes(kept), title)


def _inspect_part(name: str, content: bytes, title: str) -> None:
    if len(content) > MOST_PART:
        raise UnusableInput("模板解压后太大", place=title, remedy="请删去多余内容，另存为新的docx后再传")
    plain = content.replace(b"\x00", b"")  # UTF-16 is read by the same words
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise UnusableInput("模板里有实体定义", place=title, remedy="请在Word中另存为新的docx后再传")
    if name == "[Content_Types].xml" and any(mark in plain for mark in _MACRO_TYPES):
        raise UnusableInput("模板里有宏", place=title, remedy="请另存为不含宏的docx后再传")
    if name.endswith(".rels") and any(not _HYPERLINK.search(found) for found in _OUTWARD.findall(plain)):
        raise UnusableInput("模板要从别处取文件", place=title, remedy="请把链接的图片、模板改为嵌入，再另存为docx")


def _edges(document: Any) -> Iterator[Any]:
    """Yield every header and footer that the document has of its own."""
    for section in document.sections:
        for name in ("header", "footer", "first_page_header", "first_page_footer", "even_page_header", "even_page_footer"):
            edge = getattr(section, name)
            if not edge.is_linked_to_previous:
                yield edge._element


def _text(p: Any) -> str:
    return "".join(t.text or "" for t in p.iter(qn("w:t")))


def _fill(p: Any, values: Mapping[str, str | Rows]) -> None:
    """Fill one paragraph. Word cuts {{field}} into several runs as it likes: the value goes into the first, the rest is emptied."""
    for match in reversed(list(_PLACEHOLDER.finditer(_text(p)))):
        value = values[_name(match)]
        words = value if isinstance(value, str) else "；".join("，".join(row) for row in value)
        _replace(p, match.start(), match.end(), safe_text(words))


def _replace(p: Any, start: int, end: int, words: str) -> None:
    where = 0
    for node in list(p.iter(qn("w:t"))):
        text = node.text or ""
        begin, where = where, where + len(text)
        if where <= start or begin >= end:
            continue
        before, after = text[: max(0, start - begin)], text[max(0, end - begin) :]
        node.text = before + (words if begin <= start else "") + after
        node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if begin <= start and "\n" in node.text:
            _break_lines(node)


def _break_lines(node: Any) -> None:
    """Turn line breaks of a value into Word's own."""
    first, *more = node.text.split("\n")
    node.text, last = first, node
    for line in more:
        br, fresh = node.makeelement(qn("w:br")), node.makeelement(qn("w:t"))
        fresh.text = line
        fresh.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        last.addnext(br)
        br.addnext(fresh)
        last = fresh


def _repeat(row: Any, values: Mapping[str, str | Rows]) -> None:
    """Repeat a table row whose first list placeholder has rows: cell by cell; without any the row goes."""
    from copy import deepcopy

    names = (_name(m) for p in row.iter(qn("w:p")) for m in _PLACEHOLDER.finditer(_text(p)))
    found = [name for name in names if not isinstance(values[name], str)]
    if not found:
        return
    for cells in values[found[0]]:
        fresh = deepcopy(row)
        for cell, words in zip(fresh.iterchildren(qn("w:tc")), cells, strict=False):
            _set_cell(cell, str(words))
        row.addprevious(fresh)
    row.getparent().remove(row)


def _set_cell(cell: Any, words: str) -> None:
    """Put words into a cell's first paragraph, in the look of its first run; other paragraphs are emptied."""
    nodes = list(cell.iter(qn("w:t")))
    if not nodes:
        p = next(cell.iter(qn("w:p")))
        r = p.makeelement(qn("w:r"))
        p.append(r)
        nodes = [r.makeelement(qn("w:t"))]
        r.append(nodes[0])
    for node in nodes:
        node.text = ""
    nodes[0].text = safe_text(words).replace("\n", " ").replace("{{", "｛｛")  # a value is never read as a placeholder
    nodes[0].set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
