"""The register as a file: in our own columns, which read back to the same values, or in those of any template."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from qiguan.core.columns import BY_CODE, guess
from qiguan.core.register_rows import EXPORT_FIELDS, export_header, export_row
from qiguan.core.sheet import read_workbook
from qiguan.register.models import Account


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
    }


def _rows(accounts: QuerySet[Account]) -> Iterator[list[str]]:
    ordered = accounts.select_related("owner", "owner__successor", "supervisor").order_by("owner_path", "pk")
    for account in ordered.iterator(chunk_size=2000):
        yield export_row(_values(account))


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


def _xlsx(header: Sequence[str], rows: Iterator[list[str]]) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}) as book:
        sheet = book.add_worksheet("登记表")
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(header), 18)
        sheet.write_row(0, 0, header, bold)
        for nth, row in enumerate(rows, start=1):
            sheet.write_row(nth, 0, row)
        sheet.freeze_panes(1, 1)
    return out.getvalue()


def fill_template(name: str, template: bytes, accounts: QuerySet[Account]) -> tuple[bytes, list[str]]:
    """Return the accounts in a template's own columns, and what differs: its columns that we lack, ours that it lacks."""
    columns = guess(read_workbook(name, template)[0])
    order = [columns.mapping.get(c, "") for c in range(len(columns.headers))]
    place = {code: nth for nth, code in enumerate(EXPORT_FIELDS)}

    def rows() -> Iterator[list[str]]:
        for nth, row in enumerate(_rows(accounts), start=1):
            yield [
                row[place[code]] if code in place else str(nth) if columns.headers[c] in {"序号", "编号"} else ""
                for c, code in enumerate(order)
            ]

    lacking = [
        f"模板的“{h}”一列，登记册里没有"
        for h, code in zip(columns.headers, order, strict=True)
        if h and not code and h not in {"序号", "编号"}
    ]
    unused = [f"登记册的“{BY_CODE[code].word}”，模板里没有这一列" for code in EXPORT_FIELDS if code not in order]
    return _xlsx(columns.headers, rows()), lacking + unused
