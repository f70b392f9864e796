"""The bulletin as a Word document by GB/T 9704-2012: 版头, 主体 (title to 附件), 版记. Takes values, no models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from qiguan.core.bulletin import Bulletin
from qiguan.core.bulletin_check import written
from qiguan.core.bulletin_tables import Cell, Table, tables
from qiguan.core.bulletin_text import Part, Passage, attachments
from qiguan.core.days import say_day
from qiguan.publication.render.official_page import (
    BOTTOM,
    CHARACTER,
    PAGE,
    RED,
    WIDTH,
    XIAOBIAOSONG,
    fonts,
    new_document,
    to_bytes,
)
from qiguan.publication.render.word_xml import PADDING, paragraph, run, safe_text, table

_STYLE: Final = {Part.HEADING: "GWHeading", Part.SUBHEADING: "GWSubheading", Part.BODY: "GWBody"}
_TITLE_LINE: Final = 19  # characters of 22 pt in a line of 442 pt, one to spare
_BLANK: Final = paragraph("GWPlain")
_BREAKS: Final = re.compile(r"(?=关于|政务新媒体|检查情况|整改|的通报|的通知)")
_THICK: Final = "w:val='single' w:sz='8' w:space='0' w:color='000000'"  # 0.35 mm
_THIN: Final = "w:val='single' w:sz='6' w:space='0' w:color='000000'"  # 0.25 mm


def bulletin_docx(bulletin: Bulletin, passages: Sequence[Passage] | None = None) -> bytes:
    """Return the Word file. `passages`: the text as the office edited it; figures are filled in from the rows."""
    document = new_document(title=bulletin.title, day=bulletin.issued_on)
    body = [*head(f"{bulletin.issuer}文件", bulletin.number), *title(bulletin.title)]
    if bulletin.addressees:
        body += [_BLANK, paragraph("GWPlain", f"{bulletin.addressees.rstrip('：:')}：")]
    else:
        body.append(_BLANK)
    body += [paragraph(_STYLE[Part(part)], words) for part, words in written(bulletin, passages)]
    body += _attachment_note(attachments(bulletin))
    body = [*in_company(body), *signature(bulletin.issuer, say_day(bulletin.issued_on))]
    for nth, annex in enumerate((t for t in tables(bulletin) if t.in_word), start=1):
        body += _annex(nth, annex)
    body += _colophon(bulletin)
    return to_bytes(document, "".join(body))


def head(mark: str, number: str) -> list[str]:
    """版头: 发文机关标志 35 mm under the top of the 版心, 发文字号 two lines below, a red line 4 mm under it."""
    size = min(104, int(WIDTH / 10 / max(1, len(mark)) * 0.96))  # half points: as large as fits one line, at most 52 pt
    red = f"{fonts(XIAOBIAOSONG)}<w:color w:val='{RED}'/><w:sz w:val='{size}'/><w:szCs w:val='{size}'/>"
    tall = "<w:snapToGrid w:val='0'/><w:spacing w:before='1984' w:line='1100' w:lineRule='exact'/><w:ind w:firstLine='0'/><w:jc w:val='center'/>"
    line = f"<w:pBdr><w:bottom w:val='single' w:sz='12' w:space='11' w:color='{RED}'/></w:pBdr>"
    return [
        paragraph("GWPlain", mark, properties=tall, run_properties=red),
        _BLANK,
        _BLANK,
        paragraph("GWNumber", number, properties=line),
        _BLANK,
        _BLANK,
    ]


def title(words: str) -> list[str]:
    """Write the title in lines that end where the words do."""
    return [paragraph("GWTitle", line) for line in title_lines(words)]


def title_lines(words: str) -> list[str]:
    """Break a title before 关于 and other joints, each line at most 19 characters (two digits count as one)."""
    lines = [""]
    for piece in filter(None, _BREAKS.split(safe_text(words).replace("\n", ""))):
        fresh = piece.startswith("关于") and lines[-1]
        if fresh or (lines[-1] and _width(lines[-1] + piece) > _TITLE_LINE):
            lines.append("")
        lines[-1] += piece
        while _width(lines[-1]) > _TITLE_LINE:  # a joint is nowhere near: cut where the line is full
            cut = next(n for n in range(len(lines[-1]), 0, -1) if _width(lines[-1][:n]) <= _TITLE_LINE)
            lines[-1:] = [lines[-1][:cut], lines[-1][cut:]]
    return lines


def _width(text: str) -> int:
    return (sum(1 if char.isascii() else 2 for char in text) + 1) // 2


def _attachment_note(titles: Sequence[str]) -> list[str]:
    """附件说明: one line below the text, two characters in; numbered where there are several, their titles aligned."""
    if not titles:
        return []
    if len(titles) == 1:
        return [_BLANK, paragraph("GWBody", f"附件：{titles[0]}")]
    hanging = f"<w:ind w:leftChars='600' w:left='{6 * CHARACTER}' w:hangingChars='400' w:hanging='{4 * CHARACTER}' />"
    follows = f"<w:ind w:leftChars='600' w:left='{6 * CHARACTER}' w:hangingChars='100' w:hanging='{CHARACTER}'/>"
    lines = [
        paragraph("GWPlain", f"{'附件：' if nth == 1 else ''}{nth}. {words}", properties=hanging if nth == 1 else follows)
        for nth, words in enumerate(titles, start=1)
    ]
    return [_BLANK, *lines]


def in_company(body: Sequence[str]) -> list[str]:
    """Keep the last paragraphs with what follows, so that 署名 and 成文日期 never stand alone on a page: two lines of text at least.

    The last two paragraphs with words are kept with the next, and the blank lines between; a table at the end keeps its rows.
    """
    kept, words = list(body), 0
    for n in range(len(kept) - 1, -1, -1):
        if words == 2:
            break
        words += "<w:t" in kept[n]
        kept[n] = _PROPERTIES.sub(rf"\1{_KEEP}", kept[n].replace(_KEEP, ""))
        if kept[n].startswith("<w:tbl>"):
            break  # its rows stay together: a form is at most half a page
    return kept


def signature(issuer: str, day: str) -> list[str]:
    """署名 centred over 成文日期, the day four characters from the right edge; kept together, room for the seal."""
    shift = (_width(day) - _width(issuer)) / 2
    from_right = max(4.0, 1.0 - shift) if _width(issuer) > _width(day) else 4.0
    lines = []
    for words, indent in ((issuer, from_right + shift), (day, from_right)):
        right = f"<w:ind w:right='{max(0, round(indent * CHARACTER))}'/><w:jc w:val='right'/>"
        lines.append(paragraph("GWPlain", words, properties=f"<w:keepNext/>{right}" if words == issuer else right))
    keep = paragraph("GWPlain", properties="<w:keepNext/>")
    return [keep, keep, *lines]


def _annex(nth: int, annex: Table) -> list[str]:
    """An annex begins a page: 附件1 in 黑体, its title on the third line, what must be known, the table."""
    note = [paragraph("GWCell", annex.note, properties="<w:spacing w:after='80' w:line='260' w:lineRule='exact'/>")]
    return [
        paragraph("GWAnnex", f"附件{nth}", properties="<w:pageBreakBefore/>"),
        _BLANK,
        *title(annex.title),
        *(note if annex.note else [_BLANK]),
        table(*on_paper(annex), width=WIDTH),
    ]


def on_paper(annex: Table) -> tuple[list[str], list[int], list[list[Cell]]]:
    """Leave out the columns that are for the spreadsheet only."""
    kept = [nth for nth, word in enumerate(annex.header) if word not in annex.off_paper]
    return [annex.header[n] for n in kept], [annex.widths[n] for n in kept], [[row[n] for n in kept] for row in annex.rows]


def _colophon(bulletin: Bulletin) -> list[str]:
    """版记 at the foot of the last page: 抄送, 印发机关 and 印发日期 between two thick rules; one character in on either side.

    It floats at a height reckoned here (24 pt a line), which every program follows; 'at the bottom' only some do.
    """
    printed_by, day = bulletin.printed_by or bulletin.issuer, f"{say_day(bulletin.issued_on)}印发"
    lines = []
    if bulletin.copies_to:
        lines.append(run(f"抄送：{bulletin.copies_to.rstrip('。')}。"))
    lines.append(f"{run(printed_by)}<w:r><w:tab/></w:r>{run(day)}")
    beside = f"<w:tabs><w:tab w:val='right' w:pos='{WIDTH - 280}'/></w:tabs><w:ind w:left='280' w:right='280'/>"
    rows = "".join(
        f"<w:tr><w:tc><w:tcPr><w:tcW w:w='{WIDTH}' w:type='dxa'/></w:tcPr>{paragraph('GWColophon', properties=beside, raw=line)}</w:tc></w:tr>"
        for line in lines
    )
    copied = -(-_width(bulletin.copies_to + "抄送：") // _COLOPHON_LINE) if bulletin.copies_to else 0
    top = PAGE[1] - BOTTOM - 480 * (copied + 1)
    place = f"<w:tblpPr w:leftFromText='0' w:rightFromText='0' w:vertAnchor='page' w:horzAnchor='margin' w:tblpX='0' w:tblpY='{top}'/>"
    borders = f"<w:tblBorders><w:top {_THICK}/><w:bottom {_THICK}/><w:insideH {_THIN}/></w:tblBorders>"
    properties = f"<w:tblPr>{place}<w:tblW w:w='{WIDTH}' w:type='dxa'/>{borders}<w:tblLayout w:type='fixed'/>{PADDING}</w:tblPr>"
    return [_ANCHOR, f"<w:tbl>{properties}<w:tblGrid><w:gridCol w:w='{WIDTH}'/></w:tblGrid>{rows}</w:tbl>", _ANCHOR]


_COLOPHON_LINE: Final = 29  # characters of 14 pt between the indents
_KEEP: Final = "<w:keepNext/><w:widowControl/>"
_PROPERTIES: Final = re.compile(r"(<w:p><w:pPr><w:pStyle w:val='\w+'/>)")
_ANCHOR: Final = paragraph("GWPage")  # a floating table belongs to the paragraph after it
