"""Rows of a register as typed values, each with its cell; problems by row and cell; good rows are kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from qiguan.core.cells import EXACT, Cell, Sheet, as_text, column_letters
from qiguan.core.columns import BY_CODE, FIELDS, Columns
from qiguan.core.platforms import PLATFORM_NAMES, canonical, id_from_link, name_key
from qiguan.core.written_dates import Unreadable, parse_day

Value = str | date | bool | int

DAYS: Final = ("opened_on", "closed_on", "closing_filed_on", "closing_notice_on", "closes_on", "owner_ended_on")
KINDS: Final = {"发布类": "publishing", "信息发布": "publishing", "信息发布类": "publishing", "发布": "publishing", "服务类": "service", "办事服务": "service", "服务": "service", "兼有": "both", "综合类": "both", "综合": "both", "发布服务类": "both", "发布类服务类": "both", "发布类和服务类": "both", "未注明": "unstated"}  # fmt: skip
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
    "√": True,
    "否": False,
    "不完整": False,
    "n": False,
    "no": False,
    "false": False,
    "0": False,
    "×": False,
}
_CHOICES: Final[dict[str, Mapping[str, Value]]] = {
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
_BREAK = re.compile(r"\s*[\n\r\u2028\u2029]\s*")
_LOST_DIGITS = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{2}$")
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_BARE_LINK = re.compile(r"(?:[a-z0-9-]+\.)+(?:com|cn|net|org)(?:/|$)", re.IGNORECASE)
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")
_ORDINAL = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[）)、．.]")
_BELOW = (
    "合计",
    "总计",
    "小计",
    "填表人",
    "填报人",
    "审核人",
    "制表",
    "备注：",
    "备注:",
    "注：",
    "注:",
    "说明：",
    "说明:",
    "填表说明",
)
_FILLERS = frozenset({"platform", "kind", "scope", "level", "status", "staffing", "source_complete"})  # drop-down columns
_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")


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
    """One account as read: typed values by field, and the raw text each came from (never of private fields)."""

    number: int
    values: Mapping[str, Value]
    letters: Mapping[str, str]  # field → column, one mapping for the whole sheet
    raw: Mapping[str, str]
    private: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def cells(self) -> dict[str, str]:
        """Field → the cell its value came from."""
        return {code: f"{self.letters[code]}{self.number}" for code in self.raw}

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
        identity = row.identity
        if identity in seen:
            message = f"和第{seen[identity]}行是同一个账号"
            place = f"第{row.number}行"
            reading.problems.append(RowProblem(row.number, place, "name", message, "请删去一行，或核对账号ID", fatal=True))
            continue
        seen[identity] = row.number
        reading.rows.append(row)
    reading.problems += _of_one_name(reading.rows)
    return reading


def _of_one_name(rows: Sequence[RegisterRow]) -> Iterator[RowProblem]:
    """Ask about rows without an id that share platform and name with another row: nobody can tell them apart."""
    named: dict[tuple[str, str], list[RegisterRow]] = {}
    for row in rows:
        named.setdefault((str(row.values["platform"]), name_key(str(row.values["name"]))), []).append(row)
    for alike in named.values():
        if len(alike) < 2:
            continue
        known = next((r for r in alike if r.values.get("platform_id")), alike[0])
        for row in alike:
            if row is not known and not row.values.get("platform_id"):
                message = f"和第{known.number}行同名，又没有账号ID，分不清是不是同一个账号"
                yield RowProblem(row.number, f"第{row.number}行", "platform_id", message, "请补上账号ID")


def iter_rows(sheet: Sheet, columns: Columns) -> Iterator[tuple[RegisterRow | None, list[RowProblem]]]:
    """Yield each row that is not empty, with its problems; None where a row cannot be kept."""
    where = {code: column for column, code in columns.mapping.items()}
    letters = {code: column_letters(column) for code, column in where.items()}
    headers = {code: columns.headers[column] for code, column in where.items()}
    for index in range(columns.first_row, len(sheet.rows)):
        cells = sheet.rows[index]
        texts = {}
        width = len(cells)
        for code, column in where.items():
            cell = cells[column] if column < width else None
            if cell is not None and cell != "":
                text = cell.strip() if type(cell) is str else as_text(cell)
                texts[code] = text if text.isprintable() and text[:1] != "'" else _cleaned(text)
        if not _is_no_account(cells, texts, headers):
            yield _RowReader(sheet, index, where, letters, texts).read()


def _is_no_account(cells: Sequence[Cell], texts: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """An empty line, or one between or below the accounts: a group's title, the header again, a sum, a signature, a note."""
    name = texts.get("name", "")
    if not name:
        filled = {code for code, text in texts.items() if text}
        return filled <= _FILLERS or any(as_text(c).startswith(_BELOW) for c in cells)
    if name == headers["name"]:
        return all(text == headers[code] for code, text in texts.items() if text)
    for code, text in texts.items():
        if text != name and text and code != "name":
            return False  # it says something else too: an account
    if name.startswith(_BELOW) or _ORDINAL.match(name) is not None:
        return True
    others = {text for code, text in texts.items() if text and code != "name"}
    return others == {name} and len(texts) > 2 and len({as_text(c) for c in cells if c not in (None, "")}) == 1


def _cleaned(text: str) -> str:
    """Take out what nobody sees; control characters stay, to be complained about."""
    return unsafe_cell(_INVISIBLE.sub("", text).strip()).strip()


@dataclass(slots=True)
class _RowReader:
    """Reads one row. `where`, `letters`: field → column, as number and as letters; `texts`: field → cleaned text."""

    sheet: Sheet
    index: int
    where: Mapping[str, int]
    letters: Mapping[str, str]
    texts: Mapping[str, str]
    problems: list[RowProblem] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def read(self) -> tuple[RegisterRow | None, list[RowProblem]]:
        for code, text in self.texts.items():
            if text:
                self._read_cell(code, text)
        if not self.values.get("name") and not any(p.fatal for p in self.problems):
            self._bad("name", "没有账号名称", "请补上名称", fatal=True)
        self._place()
        if any(p.fatal for p in self.problems):
            return None, self.problems
        raw = {code: self.texts[code] for code in self.values if code in self.texts}
        return RegisterRow(self.index + 1, self.values, self.letters, raw, self.private, self.notes), self.problems

    def _bad(self, code: str, message: str, remedy: str, *, fatal: bool = False) -> None:
        number = self.index + 1
        place = f"第{number}行{self.letters[code]}列" if code in self.letters else f"第{number}行"
        self.problems.append(RowProblem(number, place, code, message, remedy, fatal))

    def _read_cell(self, code: str, text: str) -> None:
        if not text.isprintable() and _CONTROL.search(text):
            self._bad(code, "有看不见的控制字符", "请删去后重新输入", fatal=code == "name")
        else:
            _READERS.get(code, _RowReader._text)(self, code, text)

    def _day(self, code: str, text: str) -> None:
        found = parse_day(self.sheet.rows[self.index][self.where[code]], date1904=self.sheet.date1904)
        if isinstance(found, Unreadable):
            self._bad(code, found.message, found.remedy)
        elif found is not None:
            self.values[code] = found

    def _choice(self, code: str, text: str) -> None:
        choice = _CHOICES[code].get(name_key(text))
        if choice is None:
            self._bad(code, f"写的是“{text[:20]}”", "可以写：" + "、".join(list(_CHOICES[code])[:6]))
        else:
            self.values[code] = choice

    def _people(self, code: str, text: str) -> None:
        digits = unicodedata.normalize("NFKC", text).rstrip("人名")
        if digits.isdecimal() and len(digits) < 4:
            self.values[code] = int(digits)
        else:
            self._bad(code, f"写的是“{text[:20]}”，不是人数", "请写数字")

    def _pass(self, code: str, text: str) -> None:
        """Read elsewhere (`_place`), or not kept."""

    def _text(self, code: str, text: str) -> None:
        if code != "purpose" and not text.isprintable():
            text = _BREAK.sub("", text)
        limit = _LENGTHS.get(code, 200)
        if len(text) > limit:
            self._bad(code, f"有{len(text)}个字，超过{limit}个", "已截短，请核对")
        self.values[code] = text[:limit].strip()

    def _contact(self, code: str, text: str) -> None:
        """A cell for name and telephone at once is taken apart. No problem here ever repeats what it says."""
        text = unicodedata.normalize("NFKC", text)
        match = _PHONE.search(text) if code == "contact_name" and not self.texts.get("contact_phone") else None
        if match:
            self.private["contact_phone"] = match[0]
            text = text.replace(match[0], "").strip(" ,，、/:：;；()（）")
        if text:
            self.private[code] = text

    def _platform_id(self, code: str, text: str) -> None:
        cell = self.sheet.rows[self.index][self.where["platform_id"]]
        if _LOST_DIGITS.match(text) or (isinstance(cell, int | float) and abs(cell) >= EXACT):
            said = f"“{text[:24]}”超过15位，已被表格软件改成近似数，末尾几位丢了"
            self._bad("platform_id", said, "请把这一列设为文本格式，再填完整的账号ID")
        else:
            self._text(code, "".join(unicodedata.normalize("NFKC", text).replace("%3D", "=").split()))

    def _link(self, code: str, text: str) -> None:
        text = unicodedata.normalize("NFKC", text)
        if code == "link" and _BARE_LINK.match(text):
            text = "https://" + text
        if _LINK.fullmatch(text) is None:
            self._bad(code, f"“{text[:30]}”不是http或https链接", "请写完整网址")
        elif len(text) > _LENGTHS[code]:
            self._bad(
                code, f"链接有{len(text)}个字，超过{_LENGTHS[code]}个", "请换成短一些的链接"
            )  # cut short it leads elsewhere
        else:
            self.values[code] = text

    def _place(self) -> None:
        """The platform may come from its column, the link or, failing both, from custom."""
        values = self.values
        link = id_from_link(str(values.get("link", "")))
        text = self.texts.get("platform", "")
        if text:
            found = canonical(text)
            values["platform"] = found.code
            if not found.sure:
                self.notes.append(found.note)
                if found.code == "other":
                    self._bad("platform", found.note, "请写明平台，例如微信公众号、新浪微博")
        elif link is not None:
            values["platform"] = link[0]
        else:
            values["platform"] = "wechat_mp"
            self.notes.append("没有写平台，按微信公众号读")
        if link is not None and link[0] == values["platform"] and not values.get("platform_id"):
            values["platform_id"] = link[1]
            self.notes.append("账号ID取自链接")


_READERS: Final[dict[str, Callable[[_RowReader, str, str], None]]] = {
    **dict.fromkeys((f.code for f in FIELDS if f.private), _RowReader._contact),
    **dict.fromkeys(DAYS, _RowReader._day),
    **dict.fromkeys(_CHOICES, _RowReader._choice),
    **dict.fromkeys(("link", "source_link"), _RowReader._link),
    **dict.fromkeys(("platform", "last_update"), _RowReader._pass),
    "staff_people": _RowReader._people,
    "platform_id": _RowReader._platform_id,
}


def safe_cell(text: str) -> str:
    """Return text that a spreadsheet will not run as a formula (=, +, -, @, tab, line break first)."""
    return "'" + text if _RISKY.match(text) else text


def unsafe_cell(text: str) -> str:
    """Undo `safe_cell` when a file of ours comes back."""
    return text[1:] if text[:1] == "'" and _RISKY.match(text) else text


EXPORT_FIELDS: Final = tuple(f.code for f in FIELDS if not f.private and f.code not in {"last_update", "level"})
_BACK: Final[dict[str, dict[object, str]]] = {
    code: {v: k for k, v in reversed(list(choices.items()))} for code, choices in _CHOICES.items()
}


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
