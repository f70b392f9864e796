"""人工核查表 in: which columns hold what a person saw, as typed values with problems by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from qiguan.core.cells import Cell, Sheet, as_text
from qiguan.core.columns import cell_place
from qiguan.core.errors import UnusableInput
from qiguan.core.facts import Said
from qiguan.core.platforms import canonical, name_key
from qiguan.core.register_rows import RowProblem, unsafe_cell
from qiguan.core.written_dates import PostedAt, parse_day, parse_posted

HEADERS: Final = {
    "name": ("账号", "账号名称", "新媒体名称", "名称", "account", "name"),
    "platform": ("平台", "platform", "新媒体类型"),
    "platform_id": ("账号ID", "微信号", "bizid", "account_id", "id"),
    "said": ("结果", "核查结果", "看到什么", "said", "result"),
    "newest": ("最新发布日期", "最近更新", "最近更新时间", "最新一篇日期", "newest", "last_post_at"),
    "at": ("核查时间", "检查时间", "核查日期", "at", "checked_at"),
    "hand": ("核查人", "检查人", "by"),
    "message_box": ("留言功能", "留言", "message_box"),
    "menu": ("菜单", "功能", "能否使用", "menu"),
    "new_name": ("新名称", "改名为", "new_name"),
    "proof": ("截图", "证据", "proof"),
    "note": ("备注", "说明", "note"),
}
EXPORT_HEADER: Final = (
    "账号名称",
    "平台",
    "账号ID",
    "结果",
    "最新发布日期",
    "核查时间",
    "核查人",
    "留言功能",
    "菜单",
    "新名称",
    "截图",
    "备注",
)
SAID_WORDS: Final = {
    Said.NEWEST: "有发布", Said.NEVER: "从未发布", Said.NOT_FOUND: "找不到", Said.FROZEN: "已冻结", Said.CANCELLED: "已注销", Said.RENAMED: "已改名",
}  # fmt: skip
_SAID: Final = {
    **{name_key(w): s for s, w in SAID_WORDS.items()},
    **{s.value: s for s in Said},
    "正常": Said.NEWEST, "从未发布过": Said.NEVER, "无内容": Said.NEVER, "没有发布": Said.NEVER, "搜不到": Said.NOT_FOUND, "查无": Said.NOT_FOUND,
    "冻结": Said.FROZEN, "封号": Said.FROZEN, "注销": Said.CANCELLED, "改名": Said.RENAMED, "notfound": Said.NOT_FOUND,
}  # fmt: skip
_WORKS: Final = {
    **dict.fromkeys(("能用", "可用", "正常", "是", "有", "好", "√", "✓"), True),
    **dict.fromkeys(("不能用", "不可用", "不正常", "否", "无", "没有", "坏", "×", "x"), False),
    **dict.fromkeys(("没试", "未试", "未测", "不清楚", ""), None),
}
_FROZEN_WORDS: Final = ("封号", "封禁", "冻结", "停用")


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of a check sheet. `at` None: the sheet says no time."""

    number: int
    name: str
    platform: str
    platform_id: str
    said: Said
    newest: PostedAt | None
    at: datetime | None
    hand: str
    message_box: bool | None
    menu: bool | None
    new_name: str
    proof: bool
    note: str


@dataclass(slots=True)
class CheckReading:
    """All lines and problems."""

    rows: list[CheckRow]
    problems: list[RowProblem]


def read_checks(sheet: Sheet, *, at: datetime) -> CheckReading:
    """Read a check sheet; lines that nobody filled in are left out without a word. `at` settles relative words."""
    header, where = _find_header(sheet)
    reading = CheckReading([], [])
    for index in range(header + 1, len(sheet.rows)):
        cells = sheet.rows[index]
        texts = {code: unsafe_cell(as_text(cells[c])) if c < len(cells) else "" for code, c in where.items()}
        if not (texts.get("said") or texts.get("newest")) or not (texts.get("name") or texts.get("platform_id")):
            continue
        problems: list[RowProblem] = []
        row = _row(sheet, index, where, texts, at, problems)
        reading.problems += problems
        if row is not None:
            reading.rows.append(row)
    return reading


def _find_header(sheet: Sheet) -> tuple[int, Mapping[str, int]]:
    keys = {name_key(h): code for code, headers in HEADERS.items() for h in headers}
    for index in range(min(20, len(sheet.rows))):
        where: dict[str, int] = {}
        for column, cell in enumerate(sheet.rows[index]):
            code = keys.get(name_key(as_text(cell)))
            if code is not None:
                where.setdefault(code, column)
        if ("name" in where or "platform_id" in where) and ("newest" in where or "said" in where):
            return index, where
    raise UnusableInput(
        "没有找到核查表的表头", place=sheet.name or "核查表", remedy="表头要有“账号名称”或“账号ID”，以及“结果”或“最新发布日期”"
    )


def _row(
    sheet: Sheet, index: int, where: Mapping[str, int], texts: Mapping[str, str], at: datetime, problems: list[RowProblem]
) -> CheckRow | None:
    def bad(code: str, message: str, remedy: str) -> None:
        place = cell_place(sheet, index, where[code]) if code in where else f"第{index + 1}行"
        problems.append(RowProblem(index + 1, place, code, message, remedy, fatal=True))

    word = texts.get("said", "")
    renamed = word.startswith(("改名为", "已改名为"))
    said = Said.RENAMED if renamed else _SAID.get(name_key(word)) if word else Said.NEWEST
    newest = _moment(sheet.rows[index], where.get("newest"), at)
    if said is None:
        found = _moment(sheet.rows[index], where.get("said"), at)
        if found is None:
            bad("said", f"写的是“{word[:20]}”", "可以写：" + "、".join(SAID_WORDS.values()))
            return None
        said, newest = Said.NEWEST, newest or found
    if texts.get("newest") and newest is None:
        day = parse_day(sheet.rows[index][where["newest"]])
        bad("newest", getattr(day, "message", f"写的是“{texts['newest'][:20]}”，读不出日期"), "请写成2026年9月30日这样的日期")
        return None
    if said is Said.NEWEST and newest is None:
        bad("newest", "有发布，但没有写最新发布日期", "请补上日期；从未发布过请在结果里写“从未发布”")
        return None
    looked = _moment(sheet.rows[index], where.get("at"), at)
    if texts.get("at") and looked is None:
        bad("at", f"写的是“{texts['at'][:20]}”，读不出时间", "请写成2026年9月30日 15:20")
        return None
    when = looked.at if looked else None
    if newest is not None and when is not None and newest.at > when + timedelta(days=1):
        bad("newest", "最新发布日期晚于核查时间", "请核对这两个日期")
        return None
    return CheckRow(
        index + 1, texts.get("name", ""), canonical(texts["platform"]).code if texts.get("platform") else "", texts.get("platform_id", ""), said, newest,
        when, texts.get("hand", "")[:60], _WORKS.get(texts.get("message_box", "")), _WORKS.get(texts.get("menu", "")),
        (word.removeprefix("已").removeprefix("改名为") if renamed else texts.get("new_name", ""))[:120], texts.get("proof", "") not in {"", "无", "否"}, texts.get("note", "")[:400],
    )  # fmt: skip


def _moment(cells: Sequence[Cell], column: int | None, at: datetime) -> PostedAt | None:
    """Read a cell as a moment: a date cell, a serial, or words."""
    if column is None or column >= len(cells) or cells[column] in (None, ""):
        return None
    found = parse_posted(as_text(cells[column]), at=at)
    if found is not None:
        return found
    day = parse_day(cells[column])
    return parse_posted(day.isoformat(), at=at) if day is not None and not hasattr(day, "message") else None
