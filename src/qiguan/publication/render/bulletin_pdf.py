"""The bulletin as PDF by typst: the same values, a fixed template; words from outside are data to it, never markup."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Final

from qiguan.core.bulletin import Bulletin
from qiguan.core.bulletin_check import written
from qiguan.core.bulletin_tables import tables
from qiguan.core.bulletin_text import Passage, attachments
from qiguan.core.days import say_day
from qiguan.core.errors import QiguanError
from qiguan.publication.render.bulletin_docx import on_paper, title_lines
from qiguan.publication.render.word_xml import cell_text, safe_text

# For each face of the document the families it may be set in, the best first; the last ones are free and common on servers.
FACES: Final = {
    "song": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "STZhongsong", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun"),
    "fang": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun"),
    "hei": ("SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei"),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "STKaiti", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun"),
}
ANY_CHINESE: Final = (
    "Noto Sans CJK SC",
    "Droid Sans Fallback",
    "WenQuanYi Micro Hei",
    "AR PL UMing CN",
    "Microsoft YaHei",
    "PingFang SC",
)


# Tags for screen readers, up to so many rows: of 5,000 they are nine tenths of the file (10 MB of 0.8) and a sixth of the work.
# The rows of a longer list are read out from the public page and the Excel annex.
TAGGED: Final = 1000


class NoChineseFont(QiguanError):
    """No font of this machine can write Chinese: the PDF would be a page of boxes. The Word file needs none."""


def bulletin_pdf(
    bulletin: Bulletin, passages: Sequence[Passage] | None = None, *, families: Sequence[str] | None = None
) -> bytes:
    """Return the PDF. Raises NoChineseFont where no font can write it. `families`: fonts to choose from (default: the system's)."""
    import typst

    faces = chosen_faces(_installed() if families is None else families)
    numbered = list(enumerate((t for t in tables(bulletin) if t.in_word), start=1))
    annexes = []
    for nth, table in numbered:
        header, widths, rows = on_paper(table)
        cells = [safe_text(cell_text(cell)) for row in rows for cell in row]
        annexes.append({"nth": nth, "title": table.title, "note": table.note, "header": header, "widths": widths, "cells": cells})
    data = {
        "faces": faces,
        "mark": f"{bulletin.issuer}文件",
        "number": bulletin.number,
        "title": title_lines(bulletin.title),
        "addressees": bulletin.addressees.rstrip("：:"),
        "passages": [list(pair) for pair in written(bulletin, passages)],
        "attachments": attachments(bulletin),
        "issuer": bulletin.issuer,
        "day": say_day(bulletin.issued_on),
        "annexes": annexes,
        "copies_to": bulletin.copies_to.rstrip("。"),
        "printed_by": bulletin.printed_by or bulletin.issuer,
    }
    source = files("qiguan.publication.render").joinpath("bulletin.typ").read_bytes()
    text = safe_text(json.dumps(data, ensure_ascii=False))
    tagged = sum(len(table.rows) for _, table in numbered) <= TAGGED
    made: bytes = typst.compile(source, format="pdf", sys_inputs={"data": text}, timestamp=0, pdf_tags=tagged)
    return made


def chosen_faces(families: Sequence[str]) -> dict[str, list[str]]:
    """Choose for each face what is there. Raises NoChineseFont where nothing is."""
    there = {family.casefold(): family for family in families}
    chosen = {
        face: [there[f.casefold()] for f in (*wanted, *ANY_CHINESE) if f.casefold() in there] for face, wanted in FACES.items()
    }
    if not all(chosen.values()):
        raise NoChineseFont(
            "这台机器上没有中文字体，不能生成PDF",
            place="PDF",
            remedy="请安装中文字体（例如Debian的fonts-noto-cjk），或用Word版另存为PDF；Word版和附件表格已照常生成",
        )
    return chosen


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    import typst

    return tuple(typst.Fonts().families())
