"""Rows of a register as typed values, each with its cell; problems by row and cell; good rows are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from qiguan.core.columns import BY_CODE, FIELDS, Columns, cell_place
from qiguan.core.platforms import PLATFORM_NAMES, canonical, id_from_link, name_key
from qiguan.core.sheet import Sheet, address, as_text
from qiguan.core.written_dates import Unreadable, parse_day

DAYS: Final = ("opened_on", "closed_on", "closing_filed_on", "closing_notice_on", "closes_on", "owner_ended_on")
KINDS: Final = {"发布类": "publishing", "信息发布": "publishing", "信息发布类": "publishing", "服务类": "service", "办事服务": "service", "兼有": "both", "综合类": "both", "发布服务类": "both", "未注明": "unstated"}  # fmt: skip
SCOPES: Final = {
    "国办口径": "national",
    "国办": "national",
    "地方扩围": "local",
    "地方": "local",
    "只登记": "listed",
    "仅登记": "listed",
}
STATUSES: Final = {"在用": "open", "正常": "open", "运行": "open", "正常运行": "open", "是": "open", "开通": "open", "停更待注销": "closing", "停更": "closing", "拟关停": "closing", "关停": "closed", "已关停": "closed", "注销": "closed", "已注销": "closed", "关闭": "closed", "否": "closed", "停用": "closed"}  # fmt: skip
STAFFING: Final = {
    "专职": "full",
    "兼职": "part",
    "代运营": "contract",
    "外包": "contract",
    "第三方": "contract",
    "无人": "none",
    "未注明": "unstated",
}
LEVELS: Final = {"省级": "province", "省直": "province", "市级": "city", "市直": "city", "县级": "county", "区县": "county", "县区": "county", "区级": "county", "县直": "county", "乡镇": "town", "乡级": "town", "乡镇街道": "town", "街道": "town"}  # fmt: skip
YES: Final = {
    "是": True,
    "完整": True,
    "y": True,
    "yes": True,
    "true": True,
    "1": True,
    "否": False,
    "不完整": False,
    "n": False,
    "no": False,
    "false": False,
    "0": False,
}
_CHOICES: Final[dict[str, Mapping[str, object]]] = {
    "kind": KINDS,
    "scope": SCOPES,
    "status": STATUSES,
    "staffing": STAFFING,
    "level": LEVELS,
    "source_complete": YES,
}
_LENGTHS: Final = {
    "name": 120,
    "owner": 120,
    "supervisor": 120,
    "platform_id": 120,
    "certified_subject": 120,
    "purpose": 400,
    "link": 500,
    "source_link": 1000,
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

Value = str | date | bool | int


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one row or cell. `fatal` rows are not imported; the others are, with this value left out."""

    row: int  # as the user counts, from 1
    cell: str
    field: str
    message: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        """As a line: 第12行E列：写的是“9月31日”，九月没有31日。请写成…"""
        return f"{self.cell or f'第{self.row}行'}：{self.message}。{self.remedy}"


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One account as read: typed values by field, and the cell and raw text each came from (never of private fields)."""

    number: int
    values: Mapping[str, Value]
    cells: Mapping[str, str]
    raw: Mapping[str, str]
    private: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def identity(self) -> tuple[str, str]:
        """Platform and id; where there is no id, platform with name and owner: two offices may use one name."""
        named = f"{name_key(str(self.values['name']))} {name_key(str(self.values.get('owner') or ''))}"
        return str(self.values["platform"]), str(self.values.get("platform_id") or named)


@dataclass(slots=True)
class Reading:
    """All rows and problems of a sheet."""

    rows: list[RegisterRow]
    problems: list[RowProblem]


def read_register(sheet: Sheet, columns: Columns) -> Reading:
    """Read every row under the header."""
    reading = Reading([], [])
    seen: dict[tuple[str, str], int] = {}
    for row, problems in iter_rows(sheet, columns):
        reading.problems += problems
        if row is None:
            continue
        if row.identity in seen:
            reading.problems.append(
                RowProblem(
                    row.number,
                    f"第{row.number}行",
                    "name",
                    f"和第{seen[row.identity]}行是同一个账号",
                    "请删去一行，或核对账号ID",
                    fatal=True,
                )
            )
            continue
        seen[row.identity] = row.number
        reading.rows.append(row)
    return reading


def iter_rows(sheet: Sheet, columns: Columns) -> Iterator[tuple[RegisterRow | None, list[RowProblem]]]:
    """Yield each row that is not empty, with its problems; None where a row cannot be kept."""
    for index in range(columns.first_row, len(sheet.rows)):
        cells = sheet.rows[index]
        if not any(c not in (None, "") for c in cells):
            continue
        texts = {code: _cleaned(as_text(cells[c])) for c, code in columns.mapping.items() if c < len(cells)}
        if not texts.get("name") and _is_footer(cells):
            continue
        yield _read_row(sheet, index, columns, texts)


def _is_footer(cells: Sequence[object]) -> bool:
    """A line below the table: a sum, a signature, a note."""
    texts = [str(c).strip() for c in cells if c not in (None, "")]
    return len(set(texts)) <= 2 or any(
        t.startswith(("合计", "总计", "填表人", "审核人", "备注", "注：", "注:", "说明")) for t in texts
    )


def _cleaned(text: str) -> str:
    return unsafe_cell(_INVISIBLE.sub("", text).strip())


def _read_row(sheet: Sheet, index: int, columns: Columns, texts: dict[str, str]) -> tuple[RegisterRow | None, list[RowProblem]]:
    problems: list[RowProblem] = []
    values: dict[str, Value] = {}
    private: dict[str, str] = {}
    notes: list[str] = []
    where = {code: column for column, code in columns.mapping.items()}

    def problem(code: str, message: str, remedy: str, *, fatal: bool = False) -> None:
        place = cell_place(sheet, index, where[code]) if code in where else f"第{index + 1}行"
        problems.append(RowProblem(index + 1, place, code, message, remedy, fatal))

    for code, text in texts.items():
        if _CONTROL.search(text):
            problem(code, "有看不见的控制字符", "请删去后重新输入", fatal=code == "name")
            continue
        if not text:
            continue
        if BY_CODE[code].private:
            private[code] = text
        elif code in DAYS:
            found = parse_day(sheet.rows[index][where[code]])
            if isinstance(found, Unreadable):
                problem(code, found.message, found.remedy)
            elif found is not None:
                values[code] = found
        elif code in _CHOICES:
            choice = _CHOICES[code].get(unicodedata.normalize("NFKC", text).replace("(", "").replace(")", "").lower().strip())
            if choice is None:
                problem(code, f"写的是“{text[:20]}”", "可以写：" + "、".join(list(_CHOICES[code])[:6]))
            else:
                values[code] = choice  # type: ignore[assignment]
        elif code == "staff_people":
            digits = unicodedata.normalize("NFKC", text).rstrip("人名")
            if digits.isdecimal() and int(digits) < 1000:
                values[code] = int(digits)
            else:
                problem(code, f"写的是“{text[:20]}”，不是人数", "请写数字")
        elif code not in {"platform", "last_update"}:
            values[code] = _bounded(code, text, problem)
    _name_and_place(texts, values, notes, problem)
    if any(p.fatal for p in problems):
        return None, problems
    cells = {code: address(index, where[code]) for code in values if code in where}
    return RegisterRow(index + 1, values, cells, {c: texts[c] for c in cells}, private, notes), problems


def _bounded(code: str, text: str, problem: object) -> str:
    plain = unicodedata.normalize("NFKC", text) if code in {"platform_id", "link", "source_link"} else text
    limit = _LENGTHS.get(code, 200)
    if len(plain) > limit:
        problem(code, f"有{len(plain)}个字，超过{limit}个", "已截短，请核对")  # type: ignore[operator]
    if code in {"link", "source_link"} and not re.match(r"https?://[^\s<>\"]+$", plain):
        problem(code, f"“{plain[:30]}”不是http或https链接", "请写完整网址")  # type: ignore[operator]
        return ""
    return plain[:limit]


def _name_and_place(texts: Mapping[str, str], values: dict[str, Value], notes: list[str], problem: object) -> None:
    """The name must stand; the platform may come from its column, the link or the kind of id."""
    if not values.get("name") and not _CONTROL.search(texts.get("name", "")):
        problem("name", "没有账号名称", "请补上名称", fatal=True)  # type: ignore[operator]
    link = id_from_link(str(values.get("link", "")))
    text = texts.get("platform", "")
    if text:
        found = canonical(text)
        values["platform"] = found.code
        if not found.sure:
            notes.append(found.note)
            if found.code == "other":
                problem("platform", found.note, "请写明平台，例如微信公众号、新浪微博")  # type: ignore[operator]
    elif link is not None:
        values["platform"] = link[0]
    else:
        values["platform"] = "wechat_mp"
        notes.append("没有写平台，按微信公众号读")
    if link is not None and link[0] == values["platform"] and not values.get("platform_id"):
        values["platform_id"] = link[1]
        notes.append("账号ID取自链接")


def safe_cell(text: str) -> str:
    """Return text that a spreadsheet will not run as a formula (=, +, -, @, tab first)."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def unsafe_cell(text: str) -> str:
    """Undo `safe_cell` when a file of ours comes back."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@", "\t", "\r"} else text


EXPORT_FIELDS: Final = tuple(f.code for f in FIELDS if not f.private and f.code not in {"last_update", "level"})
_BACK: Final = {code: {v: k for k, v in reversed(list(choices.items()))} for code, choices in _CHOICES.items()}


def export_header() -> list[str]:
    """Return the header of an export: it is read back by the same words."""
    return [BY_CODE[code].word for code in EXPORT_FIELDS]


def export_row(values: Mapping[str, object], fields: Sequence[str] = EXPORT_FIELDS) -> list[str]:
    """Return one account's cells in the order of `fields`, which is that of `export_header`."""
    return [safe_cell(_export_value(code, values.get(code))) for code in fields]


def said(code: str, value: object) -> str:
    """Return a field's value in official words: 微信公众号 for wechat_mp; a day stays ISO."""
    return _export_value(code, value)


def _export_value(code: str, value: object) -> str:
    if value is None or value == "":
        return ""
    if code == "platform":
        return PLATFORM_NAMES.get(str(value), str(value))
    if code in _BACK:
        return _BACK[code].get(value, str(value))
    return value.isoformat() if isinstance(value, date) else str(value)
