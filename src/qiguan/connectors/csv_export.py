"""A list that an operator exported from a platform's own back end: any spreadsheet with titles, links and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from qiguan.connectors.given import Given, Problem, item_given, reading_of
from qiguan.core.errors import UnusableInput
from qiguan.core.platforms import name_key
from qiguan.core.sheet import Cell, Sheet, address, as_text
from qiguan.core.source import Conversation, Item, SourceSpec
from qiguan.core.written_dates import PostedAt, parse_day, parse_posted

code = "csv_export"
title = "后台导出表"
official = False

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("标题", "内容标题", "文章标题", "图文标题", "作品名称", "作品标题", "视频描述", "视频标题", "微博内容", "内容", "博文内容", "title"),
    "link": ("链接", "内容url", "内容链接", "文章链接", "作品链接", "微博链接", "微博地址", "网址", "url", "link"),
    "time": ("发布时间", "发表时间", "群发时间", "推送时间", "发布日期", "发表日期", "时间", "日期", "time", "date", "published"),
    "id": ("id", "编号", "文章id", "作品id", "内容id", "微博id", "msgid"),
    "pushed": ("发表类型", "发布类型", "发布方式", "是否群发", "是否推送", "通知方式"),
    "deleted": ("是否删除", "状态"),
}  # fmt: skip
_PUSHED = {
    "群发": True,
    "已通知": True,
    "推送": True,
    "是": True,
    "发布": False,
    "未通知": False,
    "未开启通知": False,
    "否": False,
}
_HEADER_ROWS = 30


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Nothing is fetched: a person uploads. A source of it has no next look."""
    raise UnusableInput("这种来源由人上传，不用去取", place="采集方式", remedy="请上传新导出的表")
    yield  # a conversation all the same


def read_export(sheets: Iterable[Sheet], *, at: datetime, exported_at: datetime | None = None) -> Given:
    """Read every sheet that has a header with a time and a title or link; others are passed over.

    `exported_at`: the moment a person says the list was made; without it the list covers nothing after its newest post.
    Raises UnusableInput where no sheet has such a header.
    """
    items: list[Item] = []
    problems: list[Problem] = []
    known = 0
    for sheet in sheets:
        found = _header(sheet)
        if found is None:
            continue
        known += 1
        for index in range(found[0] + 1, len(sheet.rows)):
            _row(sheet, index, found[1], at, items, problems)
    if not known:
        raise UnusableInput("没有找到表头", place="导出表", remedy="表头要有“发布时间”，以及“标题”或“链接”")
    until = min(exported_at, at) if exported_at is not None else None
    return Given(reading_of(items, dropped=len(problems), covers_until=until), tuple(problems))


def _header(sheet: Sheet) -> tuple[int, Mapping[str, int]] | None:
    keys = {name_key(h): field for field, headers in HEADERS.items() for h in headers}
    for index in range(min(_HEADER_ROWS, len(sheet.rows))):
        where: dict[str, int] = {}
        for column, cell in enumerate(sheet.rows[index]):
            field = keys.get(name_key(as_text(cell)))
            if field is not None:
                where.setdefault(field, column)
        if "time" in where and ("title" in where or "link" in where):
            return index, where
    return None


def _row(sheet: Sheet, index: int, where: Mapping[str, int], at: datetime, items: list[Item], problems: list[Problem]) -> None:
    words = {field: sheet.text(index, column) for field, column in where.items()}
    if not any(words.get(f) for f in ("title", "link", "time")):
        return  # a blank line, or a sum under the table
    found = item_given(
        heading=words.get("title", ""),
        link=words.get("link", ""),
        posted=_moment(sheet.rows[index], where["time"], at),
        ident=words.get("id", ""),
        pushed=_PUSHED.get(words.get("pushed", "")),
        deleted="删除" in words.get("deleted", "") or words.get("deleted") == "是",
        at=at,
    )
    if isinstance(found, Item):
        items.append(found)
    else:
        place = f"{sheet.name} " if sheet.name else ""
        written = f"（写的是“{words['time'][:20]}”）" if words.get("time") and "时间" in found else ""
        cell = address(index, where["time"]) if "时间" in found else f"第{index + 1}行"
        problems.append(Problem(index + 1, f"{place}{cell}", f"{found}{written}", "请改好这一行再上传，其他行已收下"))


def _moment(cells: Sequence[Cell], column: int, at: datetime) -> PostedAt | None:
    """Read a cell as a moment: words, a date cell, or a spreadsheet's serial number of a day."""
    if column >= len(cells):
        return None
    found = parse_posted(as_text(cells[column]), at=at)
    if found is not None:
        return found
    day = parse_day(cells[column])
    return parse_posted(day.isoformat(), at=at) if day is not None and not hasattr(day, "message") else None
