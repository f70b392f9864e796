"""Sheets and cells as plain values: what every reader of spreadsheets returns, and the addresses and words for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

Cell = str | float | int | bool | datetime | date | None
EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number; what follows them is lost


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold at most. `cells` is height times width of one sheet: readers keep it in memory as a whole."""

    file_bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 1024 * 1024 * 1024
    rows: int = 300_000
    columns: int = 200
    cells: int = 15_000_000
    sheets: int = 60
    cell_chars: int = 4000
    text_bytes: int = 2 * 1024 * 1024 * 1024  # all cells' text, each time it is referred to


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows of values from row 1, column A on; merged cells hold their value everywhere.

    `date1904`: bare numbers of this workbook count days from 1904, as old Macintosh files do.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    date1904: bool = False

    def text(self, row: int, column: int) -> str:
        """Return a cell as text, stripped; row and column count from 0."""
        return as_text(self.rows[row][column]) if column < len(self.rows[row]) else ""


def column_letters(column: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Return A1 for (0, 0)."""
    return f"{column_letters(column)}{row + 1}"


def as_text(value: Cell) -> str:
    """Return a cell's text as a person reads it: 43591.0 is 43591, a midnight is a day."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d") if value.time() == time(0) else value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def spread(rows: list[list[Cell]], regions: Sequence[tuple[tuple[int, int], tuple[int, int]]], *, most: int) -> None:
    """Write each merged region's value into all its cells; regions: (top, left), (bottom, right), counted from 0.

    Once `most` cells are written the rest stays as it is: a hostile file may merge everything a million times.
    """
    width = max(map(len, rows), default=0)
    for (top, left), (bottom, right) in regions:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        bottom, right = min(bottom, len(rows) - 1), min(right, width - 1)
        most -= (bottom - top + 1) * (right - left + 1)
        if most < 0:
            return
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            row.extend([None] * (right + 1 - len(row)))
            row[left : right + 1] = [value] * (right + 1 - left)
