"""人工核查表 in: which columns hold what a person saw, as typed values with problems by cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from qiguan.core.cells import Cell, Sheet, as_text
from qiguan.core.columns import cell_place
from qiguan.core.errors import UnusableInput
from qiguan.core.facts import Said
from qiguan.core.life import USABILITY
from qiguan.core.platforms import canonical, name_key
from qiguan.core.register_rows import RowProblem, unsafe_cell
from qiguan.core.window import Part
from qiguan.core.written_dates import PostedAt, Unreadable, parse_day, parse_posted

_PARTS: Final = {  # of the front door, beside message box and menu: title first
    Part.SERVICE: ("服务链接", "办事链接", "service"),
    Part.MINI_PROGRAM: ("小程序", "mini_program"),
    Part.TELEPHONE: ("电话", "phone"),
    Part.AUTO_REPLY: ("自动回复", "auto_reply"),
}
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
    **{part.value: titles for part, titles in _PARTS.items()},
    "new_name": ("新名称", "改名为", "new_name"),
    "proof": ("截图", "证据", "proof"),
    "note": ("备注", "说明", "note"),
    "before": ("监测时间点以前最近一篇", "监测时间点前最近一篇", "newest_before"),
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
    *(titles[0] for titles in _PARTS.values()),
    "新名称",
    "截图",
    "备注",
)
WINDOW_TITLES: Final = frozenset({"留言功能", "菜单", *(titles[0] for titles in _PARTS.values())})
WORKS_WORDS: Final = ("能用", "不能用", "没试")
BEFORE_HEADER: Final = "监测时间点以前最近一篇"  # a further column where the round has a check point
_BEFORE: Final = {"没有": Said.NEVER, "无": Said.NEVER, "从未发布": Said.NEVER, "看不清": None, "": None}
SAID_WORDS: Final = {
    Said.NEWEST: "有发布", Said.NEVER: "从未发布", Said.NOT_FOUND: "找不到", Said.FROZEN: "已冻结", Said.CANCELLED: "已注销", Said.RENAMED: "已改名",
}  # fmt: skip
_SAID: Final = {
    **{name_key(w): s for s, w in SAID_WORDS.items()},
    **{s.value: s for s in Said},
    "正常": Said.NEWEST, "从未发布过": Said.NEVER, "无内容": Said.NEVER, "没有发布": Said.NEVER, "搜不到": Said.NOT_FOUND, "查无": Said.NOT_FOUND,
    "冻结": Said.FROZEN, "封号": Said.FROZEN, "注销": Said.CANCELLED, "改名": Said.RENAMED, "更名": Said.RENAMED, "已更名": Said.RENAMED, "封禁": Said.FROZEN, "已封号": Said.FROZEN, "notfound": Said.NOT_FOUND,
}  # fmt: skip
_WORKS: Final = {
    **dict.fromkeys(("能用", "可用", "正常", "是", "有", "好", "√", "✓"), True),
    **dict.fromkeys(("不能用", "不可用", "不正常", "否", "无", "没有", "坏", "×", "x"), False),
    **dict.fromkeys(("没试", "未试", "未测", "不清楚", ""), None),
}
_RENAMED: Final = re.compile(r"已?[改更]名[为：:]+\s*(.*)")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of a check sheet. `at` None: the sheet says no time; a day without an hour is its end, or now if that is earlier.

    `at_day_precise`: no hour is written, so that `at` is only the last moment at which it can have been.
    """

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
    at_day_precise: bool = False
    window: Mapping[str, bool] = field(default_factory=dict)  # other parts that were tried: core.window.Part → works
    before_said: Said | None = None  # NEWEST, NEVER: what was seen of the time up to the check point; None where nothing was said
    before: PostedAt | None = None


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


@dataclass(slots=True)
class _Problems:
    """Collects one line's problems. `bad` ones cost the line, `soft` ones only their cell."""

    sheet: Sheet
    index: int
    where: Mapping[str, int]
    found: list[RowProblem]

    def bad(self, code: str, message: str, remedy: str) -> None:
        self._add(code, message, remedy, fatal=True)

    def soft(self, code: str, message: str, remedy: str) -> None:
        self._add(code, message, remedy, fatal=False)

    def _add(self, code: str, message: str, remedy: str, *, fatal: bool) -> None:
        place = cell_place(self.sheet, self.index, self.where[code]) if code in self.where else f"第{self.index + 1}行"
        self.found.append(RowProblem(self.index + 1, place, code, message, remedy, fatal))


def _row(
    sheet: Sheet, index: int, where: Mapping[str, int], texts: Mapping[str, str], at: datetime, found: list[RowProblem]
) -> CheckRow | None:
    problems = _Problems(sheet, index, where, found)
    platform = _platform(texts.get("platform", ""), problems)
    seen = _seen(sheet.rows[index], where, texts, at, problems, used=platform in USABILITY)
    if seen is None:
        return None
    said, newest, new_name = seen
    looked = _moment(sheet.rows[index], where.get("at"), at)
    if texts.get("at") and looked is None:
        problems.bad("at", f"写的是“{texts['at'][:20]}”，读不出时间", "请写成2026年9月30日 15:20")
        return None
    when = looked.at if looked else None
    if when is not None and when > at + _DAY:
        problems.bad("at", "核查时间在将来", "请核对日期")
        return None
    if newest is not None and newest.at > (when or at) + _DAY:
        problems.bad("newest", "最新发布日期晚于核查时间", "请核对这两个日期")
        return None
    tried = {part.value: _works(part.value, texts, problems) for part in _PARTS}
    before_said, before = _before(sheet.rows[index], where, texts, at, problems)
    return CheckRow(
        number=index + 1,
        name=texts.get("name", ""),
        platform=platform,
        platform_id=texts.get("platform_id", ""),
        said=said,
        newest=newest,
        at=None if when is None else min(when, at),  # a look of today, without an hour, was before this moment
        hand=texts.get("hand", "")[:60],
        message_box=_works("message_box", texts, problems),
        menu=_works("menu", texts, problems),
        new_name=new_name[:120],
        proof=texts.get("proof", "") not in {"", "无", "否", "没有"},
        note=texts.get("note", "")[:400],
        at_day_precise=looked is not None and looked.precision == "day",
        window={part: works for part, works in tried.items() if works is not None},
        before_said=before_said,
        before=before,
    )


def _before(
    cells: Sequence[Cell], where: Mapping[str, int], texts: Mapping[str, str], at: datetime, problems: _Problems
) -> tuple[Said | None, PostedAt | None]:
    """Read the newest post up to the check point: a day, 没有, 看不清 or nothing. What cannot be read costs its cell."""
    text = texts.get("before", "")
    if text in _BEFORE:
        return _BEFORE[text], None
    found = _moment(cells, where["before"], at)
    if found is None:
        problems.soft("before", f"写的是“{text[:20]}”，读不出日期", "请写日期，或写：没有、看不清")
        return None, None
    return Said.NEWEST, found


def _seen(
    cells: Sequence[Cell], where: Mapping[str, int], texts: Mapping[str, str], at: datetime, problems: _Problems, *, used: bool
) -> tuple[Said, PostedAt | None, str] | None:
    """Read what was seen: the result, the newest post's time, the new name. `used`: an app, which is used, not read."""
    word, new_name = texts.get("said", ""), texts.get("new_name", "")
    newest = _moment(cells, where.get("newest"), at)
    if renamed := _RENAMED.match(word):
        said: Said | None = Said.RENAMED
        new_name = renamed[1].strip('“”"「」 ') or new_name
    else:
        said = _SAID.get(name_key(word)) if word else Said.NEWEST
    if said is None:  # the day of the newest post, written as the result
        written = _moment(cells, where.get("said"), at)
        if written is None:
            problems.bad("said", f"写的是“{word[:20]}”", "可以写：" + "、".join(SAID_WORDS.values()))
            return None
        said, newest = Said.NEWEST, newest or written
    if texts.get("newest") and newest is None:
        day = parse_day(cells[where["newest"]])
        words = day.message if isinstance(day, Unreadable) else f"写的是“{texts['newest'][:20]}”，读不出日期"
        problems.bad("newest", words, "请写成2026年9月30日这样的日期")
        return None
    if said is Said.NEWEST and newest is None and not used:
        problems.bad("newest", "有发布，但没有写最新发布日期", "请补上日期；从未发布过请在结果里写“从未发布”")
        return None
    if said is Said.NEVER and newest is not None:
        problems.bad("said", "结果是从未发布，却写了最新发布日期", "请核对，只留一样")
        return None
    return said, newest, new_name


def _platform(text: str, problems: _Problems) -> str:
    if not text:
        return ""
    found = canonical(text)
    if found.code == "other" and not found.sure:
        problems.soft("platform", found.note, "请写明平台；这一行按账号ID或名称对照")
        return ""
    return found.code


def _works(code: str, texts: Mapping[str, str], problems: _Problems) -> bool | None:
    text = texts.get(code, "").lower()
    if text not in _WORKS:
        problems.soft(code, f"写的是“{text[:20]}”", "可以写：" + "、".join(WORKS_WORDS))
    return _WORKS.get(text)


def _moment(cells: Sequence[Cell], column: int | None, at: datetime) -> PostedAt | None:
    """Read a cell as a moment: a date cell, a serial, or words. A bare number is a serial: 9.1 may be 9月1日 or 9月10日."""
    cell = cells[column] if column is not None and column < len(cells) else None
    if cell is None or cell == "":
        return None
    found = None if isinstance(cell, int | float) else parse_posted(as_text(cell), at=at)
    if found is not None:
        return found
    day = parse_day(cell)
    return None if day is None or isinstance(day, Unreadable) else parse_posted(day.isoformat(), at=at)
