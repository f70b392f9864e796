"""Writes a document of the library: by our own layout, or into the office's template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from qiguan.publication.render.bulletin_docx import in_company, signature, title
from qiguan.publication.render.documents.form import DocumentKind, Form, List, Text, Values
from qiguan.publication.render.documents.template import fill_template
from qiguan.publication.render.official_page import WIDTH, new_document, to_bytes
from qiguan.publication.render.word_xml import PADDING, RULES, paragraph, shares, table

PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
BLANK: Final = "＿＿＿＿"


def write_document(kind: DocumentKind, values: Values, *, day: date, template: bytes | None = None) -> bytes:
    """Return the Word file. Raises MissingFields, and for a template UnusableInput or UnknownPlaceholder.

    `template`: the office's own docx with {{field}} where a value goes; None takes our layout. `day`: the file's date.
    """
    kind.check(values)
    if template is not None:
        return fill_template(template, {name: values.get(name, "") for name in kind.fields}, title=kind.title)
    return _ours(kind, values, day)


def blank_template(kind: DocumentKind, *, day: date) -> bytes:
    """Return our layout with its placeholders left in: the file an office starts from."""
    return _ours(kind, {name: f"{{{{{name}}}}}" for name in kind.fields}, day)


def _ours(kind: DocumentKind, values: Values, day: date) -> bytes:
    document = new_document(title=kind.title, day=day)
    body = [*title(kind.title), paragraph("GWPlain")]
    for block in kind.blocks:
        if isinstance(block, Text):
            body.append(paragraph(block.style, _filled(block.words, values)))
        elif isinstance(block, Form):
            body += [_form(block, values), paragraph("GWForm")]
        else:
            body += [_list(block, values), paragraph("GWForm")]
    if kind.signed:
        if not isinstance(kind.blocks[-1], List):  # a long list may end where it will
            body = in_company(body)
        body += signature(_word(values, "发文单位"), _word(values, "日期"))
    return to_bytes(document, "".join(body))


def _word(values: Values, name: str) -> str:
    value = values.get(name) or BLANK
    return value if isinstance(value, str) else "；".join("，".join(row) for row in value)


def _filled(words: str, values: Values) -> str:
    """Put the values in; a full stop that the value brought along is not doubled."""
    return PLACEHOLDER.sub(lambda m: _word(values, m[1]), words).replace("。。", "。").replace("；。", "。")


def _form(form: Form, values: Values) -> str:
    """A label column and a value column, twice where the line has two pairs; a single pair spans the line."""
    columns = shares((5, 9, 5, 9), WIDTH)
    grid = "".join(f"<w:gridCol w:w='{w}'/>" for w in columns)
    rows = []
    for line in form.lines:
        widths: Sequence[int] = columns if len(line) == 4 else (columns[0], sum(columns[1:]))
        cells = []
        for nth, (words, width) in enumerate(zip(line, widths, strict=True)):
            span = "<w:gridSpan w:val='3'/>" if len(line) == 2 and nth == 1 else ""
            value = "".join(paragraph("GWForm", p) for p in (_value(words, values).splitlines() or [""]))
            cells.append(
                f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/>{span}<w:vAlign w:val='center'/></w:tcPr>{value}</w:tc>"
            )
        height = "<w:trPr><w:cantSplit/><w:trHeight w:val='560' w:hRule='atLeast'/></w:trPr>"
        rows.append(f"<w:tr>{height}{''.join(cells)}</w:tr>")
    properties = f"<w:tblPr><w:tblW w:w='{WIDTH}' w:type='dxa'/>{RULES}<w:tblLayout w:type='fixed'/>{PADDING}</w:tblPr>"
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _value(words: str, values: Values) -> str:
    """Fill a form's cell; what is not given stays empty, to be written by hand."""
    return PLACEHOLDER.sub(lambda m: _word(values, m[1]) if values.get(m[1]) else "", words)


def _list(block: List, values: Values) -> str:
    given = values.get(block.field) or ()
    rows: Sequence[Sequence[str]] = [[given]] if isinstance(given, str) else given
    wide = len(block.header)
    padded = [[*row, *[""] * (wide - len(row))][:wide] for row in rows] or [[""] * wide] * block.blank_rows
    return table(block.header, block.widths, padded, width=WIDTH, style="GWList")
