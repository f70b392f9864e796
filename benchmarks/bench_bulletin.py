"""A bulletin of 5,000 accounts, Word and Excel, beside python-docx's and openpyxl's own way of filling the same tables.

Worst case: every account fails, so all 5,000 stand in the Word annex and the PDF too. Goal: all formats together within 15 s.
Processor seconds are told beside the clock's: on a machine that is shared the clock says how busy it was.
The peers are timed over fewer rows, and what they would take is told in proportion (python-docx grows faster than that).
"""

from __future__ import annotations

import io
import sys
import time
from datetime import date
from random import Random

from qiguan.core.bulletin import Bulletin, BulletinRow, Demand, Problem, Rectified, title_for
from qiguan.core.bulletin_check import contradictions
from qiguan.core.bulletin_tables import tables
from qiguan.core.days import end_of
from qiguan.core.verdict import Word
from qiguan.publication.render.bulletin_docx import bulletin_docx
from qiguan.publication.render.bulletin_pdf import NoChineseFont, bulletin_pdf
from qiguan.publication.render.bulletin_xlsx import bulletin_xlsx

ACCOUNTS = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
PEER_ROWS = 250
GOAL = 15.0


def bulletin(verdicts: tuple[Word, ...]) -> Bulletin:
    dice = Random(3)
    rows = []
    for n in range(ACCOUNTS):
        verdict = dice.choice(verdicts)
        fails = verdict is Word.FAIL
        rows.append(
            BulletinRow(
                f"示例账号{n}号",
                dice.choice(("微信公众号", "新浪微博", "今日头条", "抖音", "移动客户端")),
                f"示例市第{n % 400}局",
                verdict,
                f"gh_{n:012x}",
                dice.choice(("省直", "市直", "县区")),
                "超期未更新" if fails else "正常",
                (Problem("内容不更新", "监测时间点前两周内无更新"),) if fails else (),
                date(2026, 6, 1) if fails else date(2026, 6, 28),
                29 if fails else 2,
                "没有完整来源" if verdict is Word.UNTOLD else "",
                Rectified("恢复更新", date(2026, 7, 2)) if fails and n % 3 == 0 else None,
                "原经办岗位调整，现定两人轮流。" if fails else "",
            )
        )
    issuer = "示例市人民政府办公室"
    return Bulletin(
        issuer, title_for(issuer, "2026年第二季度", "全市"), "2026年第二季度", end_of(date(2026, 6, 30)), date(2026, 7, 10), rows,
        demand=Demand(date(2026, 7, 24)),
    )  # fmt: skip


def python_docx(made: Bulletin) -> float:
    """Fill the list of failures as python-docx's documentation shows: add_row, then the cells."""
    from docx import Document

    listed = tables(made)[0]
    start = time.perf_counter()
    document = Document()
    table = document.add_table(rows=1, cols=len(listed.header))
    for row in listed.rows[:PEER_ROWS]:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value or "")
    document.save(io.BytesIO())
    return (time.perf_counter() - start) * ACCOUNTS / PEER_ROWS


def openpyxl_book(made: Bulletin) -> float:
    """Write every sheet with openpyxl in its faster, write-only mode."""
    from openpyxl import Workbook

    start = time.perf_counter()
    book = Workbook(write_only=True)
    for table in tables(made):
        sheet = book.create_sheet(table.title)
        for row in (table.header, *table.rows):
            sheet.append(list(row))
    book.save(io.BytesIO())
    return time.perf_counter() - start


def timed(what: str, make: object, made: Bulletin) -> float:
    start, worked = time.perf_counter(), time.process_time()
    size = len(make(made))  # type: ignore[operator]
    took, worked = time.perf_counter() - start, time.process_time() - worked
    print(f"  {what:<22} {took:6.2f} s   {worked:6.2f} s of the processor   {size / 1024:,.0f} KB")
    return worked


def main() -> None:
    print(f"A bulletin of {ACCOUNTS} accounts:")
    for name, verdicts in (("a tenth fail", (Word.PASS,) * 8 + (Word.FAIL, Word.UNTOLD)), ("all fail", (Word.FAIL,))):
        made = bulletin(verdicts)
        print(f" {name}")
        start = time.perf_counter()
        assert contradictions(made) == []
        print(f"  {'checked against itself':<22} {time.perf_counter() - start:6.2f} s")
        word, excel = timed("Word", bulletin_docx, made), timed("Excel", bulletin_xlsx, made)
        try:
            pdf = timed("PDF", bulletin_pdf, made)
        except NoChineseFont as told:
            print(f"  PDF: {told}")
            pdf = 0.0
        print(f"  {'all formats':<22} {word + excel + pdf:6.2f} s of the processor   (goal {GOAL:.0f} s)")
    slow, other = python_docx(made), openpyxl_book(made)
    print(f" peers, all fail: python-docx add_row {slow:.0f} s in proportion to {PEER_ROWS} rows ({slow / word:.0f}× ours);")
    print(f"  openpyxl write-only, without formats {other:.2f} s ({other / excel:.1f}× ours)")


if __name__ == "__main__":
    main()
