"""Where each value of an account came from: file, sheet, cell, and the words as they stood there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qiguan.core.columns import BY_CODE
from qiguan.register.models import Account, SheetFile, SheetRow

_MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class Origin:
    """One value's place: `text` as it stood in `cell` of `sheet` of `file`."""

    field: str
    word: str
    text: str
    file: SheetFile
    sheet: str
    cell: str
    at: datetime | None


def cell_of(file: SheetFile, row: SheetRow, field: str) -> str:
    """Return E12 for a field of a row; the row alone where the value was not read from a cell."""
    letters = file.columns.get(field, "")
    return f"{letters}{row.number}" if letters else f"第{row.number}行"


def origins_of(account: Account) -> list[Origin]:
    """Return the last file that stated each value of the account, by field."""
    rows = (
        SheetRow.objects.filter(account_id=account.pk, file__state=SheetFile.State.APPLIED)
        .exclude(fate__in=[SheetRow.Fate.ASK, SheetRow.Fate.CLAIM])
        .select_related("file")
        .order_by("-file__applied_at", "-pk")[:_MOST_FILES]
    )
    found: dict[str, Origin] = {}
    for row in rows:
        for field, text in row.values.items():
            if field not in found and field in BY_CODE and row.answered != "keep":
                word, file = BY_CODE[field].word, row.file
                found[field] = Origin(field, word, text, file, file.sheet, cell_of(file, row, field), file.applied_at)
    return list(found.values())
