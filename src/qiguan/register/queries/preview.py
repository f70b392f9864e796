"""What the preview page shows of a plan, as plain values that can be kept: no contact is among them."""

from __future__ import annotations

from typing import Any

from qiguan.core.columns import BY_CODE, FIELDS
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.register_rows import said
from qiguan.core.sheet import as_text
from qiguan.register.models import SheetFile, SheetRow
from qiguan.register.queries.planning import CONTACT, Plan, Planned

SHOWN = 30
_MOST = 200
_WORDS = dict(SheetRow.Fate.choices)
_SHOWN_FIELDS = [
    f.code for f in FIELDS if not f.private and f.code not in {"name", "platform", "platform_id", "owner", "last_update"}
]


def preview_of(plan: Plan, file: SheetFile) -> dict[str, Any]:
    """Return columns, samples, problems, questions and counts of a plan, with organs it would found."""
    waiting = [p for p in plan.rows if p.fate in {SheetRow.Fate.ASK, SheetRow.Fate.CLAIM}]
    changing = [p for p in plan.rows if p.fate == SheetRow.Fate.CHANGED]
    sample = [*changing[:SHOWN], *[p for p in plan.rows if p.fate not in {SheetRow.Fate.CHANGED}]][:SHOWN]
    return {
        "columns": _columns(plan),
        "unsure": len(plan.columns.unsure),
        "rows": [_row(p, file) for p in sorted(sample, key=lambda p: p.row.number)],
        "total": len(plan.rows),
        "counts": plan.counts,
        "problems": [{"text": str(p), "fatal": p.fatal} for p in plan.problems[:_MOST]],
        "problem_count": len(plan.problems),
        "waiting": [_row(p, file) for p in waiting[:50]],
        "waiting_count": len(waiting),
        "founds": [{"name": name, "parent": parent.name} for name, parent in list(plan.founds.items())[:_MOST]],
        "founds_count": len(plan.founds),
        "sheet": plan.sheet.name,
    }


def _row(planned: Planned, file: SheetFile) -> dict[str, Any]:
    row, values = planned.row, planned.row.values
    return {
        "number": row.number, "name": str(values["name"]), "platform": PLATFORM_NAMES[str(values["platform"])], "id": str(values.get("platform_id", "")),
        "owner": str(values.get("owner") or file.organ.name), "fate": str(planned.fate), "word": _WORDS[planned.fate], "why": planned.why,
        "notes": [*row.notes, *_ended(planned)],
        "read": [[BY_CODE[c].word, said(c, values[c])] for c in _SHOWN_FIELDS if c in values],
        "changes": [changed_words(f, a, b) for f, (a, b) in planned.changes.items()],
        "alike": [f"{a.name}（{a.owner.name} {a.platform_id}）" for a in planned.alike],
    }  # fmt: skip


def changed_words(field: str, before: str, after: str) -> list[str]:
    """A change in words: field, what stood, what would stand."""
    if field == CONTACT:
        return ["联系方式", "不显示", "不显示（加密保存）"]
    return [BY_CODE[field].word, said(field, before), said(field, after)]


def _ended(planned: Planned) -> list[str]:
    owner = planned.account.owner if planned.account is not None else None
    return ["主办单位已撤并"] if owner is not None and owner.ended_on is not None else []


def _columns(plan: Plan) -> list[dict[str, Any]]:
    """Each column with its header, what it is read as and why, and two samples (contacts are not shown)."""
    private = {f.code for f in FIELDS if f.private}
    columns, found = plan.columns, []
    for column, header in enumerate(columns.headers):
        if not header:
            continue
        code = columns.mapping.get(column, "")
        cells = [r[column] for r in plan.sheet.rows[columns.first_row : columns.first_row + 40] if column < len(r)]
        samples = [as_text(c) for c in cells if c not in (None, "")][:2]
        found.append(
            {
                "header": header,
                "code": code,
                "why": columns.why.get(column, ""),
                "unsure": column in columns.unsure,
                "samples": "不显示（联系方式加密保存）" if code in private else "、".join(samples)[:60],
            }
        )
    return found
