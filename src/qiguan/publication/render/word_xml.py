"""WordprocessingML written directly: paragraphs and tables as strings. A table of 5,000 rows cell by cell takes minutes otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

NAMESPACE: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 cannot carry


def safe_text(text: str) -> str:
    """Return the text without what XML cannot carry: control characters, lone surrogates."""
    return _FORBIDDEN.sub("", text)


def run(text: str, properties: str = "") -> str:
    """Write a run; line breaks stay line breaks."""
    shown = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    lines = escape(safe_text(text)).splitlines() or [""]
    words = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)
    return f"<w:r>{shown}{words}</w:r>"


def paragraph(style: str, text: str = "", *, properties: str = "", run_properties: str = "", raw: str = "") -> str:
    """Write a paragraph of a style. `raw` replaces the text by runs already written."""
    content = raw or (run(text, run_properties) if text else "")
    return f"<w:p><w:pPr><w:pStyle w:val='{style}'/>{properties}</w:pPr>{content}</w:p>"


def cell_text(value: str | int | date | None) -> str:
    """Write a cell's value: a day as 2026-06-30, nothing for None."""
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def table(
    header: Sequence[str],
    widths: Sequence[int],
    rows: Iterable[Sequence[str | int | date | None]],
    *,
    width: int,
    style: str = "GWCell",
) -> str:
    """Write a ruled table: its header repeats on every page, no row breaks across pages. `width` in twips for all columns; `style`Head is the style of the header."""
    columns = shares(widths, width)
    grid = "".join(f"<w:gridCol w:w='{w}'/>" for w in columns)
    opens = [f"<w:tc><w:tcPr><w:tcW w:w='{w}' w:type='dxa'/><w:vAlign w:val='center'/></w:tcPr>" for w in columns]
    head = _row(opens, header, f"{style}Head", "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>")
    body = "".join(_row(opens, row, style, "<w:trPr><w:cantSplit/></w:trPr>") for row in rows)
    return f"<w:tbl><w:tblPr><w:tblW w:w='{sum(columns)}' w:type='dxa'/>{RULES}<w:tblLayout w:type='fixed'/>{PADDING}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"


PADDING: Final = "<w:tblCellMar><w:left w:w='30' w:type='dxa'/><w:right w:w='30' w:type='dxa'/></w:tblCellMar>"
RULES: Final = (
    "<w:tblBorders>"
    + "".join(f"<w:{side} w:val='single' w:sz='4' w:space='0' w:color='000000'/>" for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    + "</w:tblBorders>"
)  # fmt: skip


def shares(widths: Sequence[int], width: int) -> list[int]:
    """Divide a width in twips among columns in proportion; the shares add up to it."""
    total, taken, made = sum(widths), 0, []
    for nth in range(len(widths)):
        until = sum(widths[: nth + 1]) * width // total
        made.append(until - taken)
        taken = until
    return made


def _row(opens: Sequence[str], cells: Sequence[str | int | date | None], style: str, properties: str) -> str:
    written = "".join(
        f"{open_}{paragraph(style, cell_text(value), properties=_CENTRED if _is_short(value) else '')}</w:tc>"
        for open_, value in zip(opens, cells, strict=True)
    )
    return f"<w:tr>{properties}{written}</w:tr>"


_CENTRED: Final = "<w:jc w:val='center'/>"


def _is_short(value: str | int | date | None) -> bool:
    return not isinstance(value, str) or len(value) <= 6
