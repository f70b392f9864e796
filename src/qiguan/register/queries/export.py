"""The register as a file: in our own columns, which read back to the same values, or in those of any template."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from qiguan.core.columns import BY_CODE, Columns, guess
from qiguan.core.errors import UnusableInput
from qiguan.core.register_rows import EXPORT_FIELDS, export_header, export_row
from qiguan.core.sheet import Sheet, read_workbook
from qiguan.register.models import Account

_NUMBERS: Final = {"序号", "编号"}


def _values(account: Account) -> dict[str, object]:
    owner = account.owner
    return {
        **{field: getattr(account, field, "") for field in EXPORT_FIELDS},
        "owner": owner.name,
        "supervisor": account.supervisor.name if account.supervisor else "",
        "owner_ended_on": owner.ended_on,
        "successor": owner.successor.name if owner.successor else "",
        "source_link": account.feed_link,
        "source_complete": account.feed_complete,
        "status": account.status,
        "level": owner.level,
    }


def _all_values(accounts: QuerySet[Account]) -> Iterator[dict[str, object]]:
    ordered = accounts.select_related("owner", "owner__successor", "supervisor").order_by("owner_path", "pk")
    for account in ordered.iterator(chunk_size=2000):
        yield _values(account)


def _rows(accounts: QuerySet[Account]) -> Iterator[list[str]]:
    return (export_row(values) for values in _all_values(accounts))


def register_csv(accounts: QuerySet[Account]) -> bytes:
    """Return the register as csv, utf-8 with BOM."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(export_header())
    writer.writerows(_rows(accounts))
    return out.getvalue().encode("utf-8-sig")


def register_xlsx(accounts: QuerySet[Account]) -> bytes:
    """Return the register as xlsx; text stays text."""
    return _xlsx(export_header(), _rows(accounts))


def _xlsx(header: Sequence[str], rows: Iterator[list[str]], *, above: Sequence[Sequence[str]] = ()) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}) as book:
        sheet = book.add_worksheet("登记表")
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(header), 18)
        for nth, line in enumerate(above):
            _write(sheet, nth, line)
        _write(sheet, len(above), header, bold)
        for nth, row in enumerate(rows, start=len(above) + 1):
            _write(sheet, nth, row)
        sheet.freeze_panes(len(above) + 1, 1)
    return out.getvalue()


def _write(sheet: Any, nth: int, row: Sequence[str], style: Any = None) -> None:
    """Write texts as texts: an id of digits stays as it is."""
    for column, text in enumerate(row):
        if text:
            sheet.write_string(nth, column, text, style)


@dataclass(frozen=True, slots=True)
class Difference:
    """A template against our columns: what both have (its word, ours), what only it has, what only we have."""

    same: Sequence[tuple[str, str]]
    lacking: Sequence[str]
    unused: Sequence[str]


def _read_template(name: str, template: bytes) -> tuple[Sheet, Columns]:
    """Take the template's sheet that reads most like a register. Raises UnusableInput."""
    best: tuple[Sheet, Columns] | None = None
    refused: UnusableInput | None = None
    for sheet in read_workbook(name, template):
        try:
            columns = guess(sheet)
        except UnusableInput as error:
            refused = refused or error
            continue
        if best is None or len(columns.mapping) > len(best[1].mapping):
            best = sheet, columns
    if best is None:
        raise refused or UnusableInput("模板里没有表头", place=name, remedy="请核对后再传")
    return best


def compare_template(name: str, template: bytes) -> Difference:
    """Say which of the template's columns the register can fill."""
    return _difference(_read_template(name, template)[1])


def _difference(columns: Columns) -> Difference:
    codes = [columns.mapping.get(c, "") for c in range(len(columns.headers))]
    pairs = list(zip(columns.headers, codes, strict=True))
    return Difference(
        [(h, BY_CODE[code].word) for h, code in pairs if code in EXPORT_FIELDS or code == "level"],
        [h for h, code in pairs if h and h not in _NUMBERS and code not in EXPORT_FIELDS and code != "level"],
        [BY_CODE[code].word for code in EXPORT_FIELDS if code not in codes],
    )


def fill_template(name: str, template: bytes, accounts: QuerySet[Account]) -> tuple[bytes, list[str]]:
    """Return the accounts under the template's own title and columns, and in words what differs."""
    sheet, columns = _read_template(name, template)
    order = [columns.mapping.get(c, "") for c in range(len(columns.headers))]

    def rows() -> Iterator[list[str]]:
        for nth, values in enumerate(_all_values(accounts), start=1):
            filled = export_row(values, [*EXPORT_FIELDS, "level"])
            by_code = dict(zip([*EXPORT_FIELDS, "level"], filled, strict=True))
            yield [by_code.get(code, str(nth) if columns.headers[c] in _NUMBERS else "") for c, code in enumerate(order)]

    above = [[sheet.text(r, c) for c in range(len(sheet.rows[r]))] for r in range(columns.header_row)]
    titles = [[t if c == 0 or t != line[c - 1] else "" for c, t in enumerate(line)] for line in above]  # a merged title once
    difference = _difference(columns)
    words = [f"模板的“{h}”一列，登记册里没有" for h in difference.lacking]
    words += [f"登记册的“{w}”，模板里没有这一列" for w in difference.unused]
    return _xlsx(columns.headers, rows(), above=titles), words
