"""The tables of a bulletin as rows of cells: one source for Word, Excel, PDF and the page, so that they cannot differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from qiguan.core.bulletin import Bulletin, BulletinRow
from qiguan.core.bulletin_figures import UNSTATED, by_level, by_platform, by_state
from qiguan.core.rate import percent
from qiguan.core.verdict import Word

Cell = str | int | date | None

FAILED: Final = "不合格账号清单"
NOTED: Final = "合格但存在问题的账号清单"
UNTOLD: Final = "未能判定账号清单"
SCOPE: Final = "检查范围"
MOVED: Final = "检查范围变动"
RECHECKED: Final = "上期不合格账号整改复查情况"
STATISTICS: Final = "分平台分级统计"
CROSSED: Final = "分级分平台交叉统计"
RECTIFIED: Final = "已整改"
OPEN: Final = "整改中"


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table. `widths` in Chinese characters of the body size; `in_word` False: Excel only, too long for paper."""

    title: str
    header: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[Cell]]
    in_word: bool = True
    note: str = ""
    off_paper: Sequence[str] = ()  # columns for the spreadsheet only: paper has 156 mm


def tables(bulletin: Bulletin) -> list[Table]:
    """Return the annexes that have something to say, in the order of their numbers."""
    made = [
        _failed(FAILED, bulletin.of(Word.FAIL), "只列单位，不列个人。已整改的在前；单位说明由单位自己写，一字未改。"),
        _failed(NOTED, [row for row in bulletin.of(Word.PASS) if row.problems], "这些账号的结论是合格。"),
        _untold(bulletin),
        _rechecks(bulletin),
        _moves(bulletin),
        _statistics(bulletin),
        _crossed(bulletin),
        _scope(bulletin),
    ]
    return [table for table in made if table.rows]


def _numbered(rows: Iterable[Sequence[Cell]]) -> list[tuple[Cell, ...]]:
    return [(nth, *row) for nth, row in enumerate(rows, start=1)]


def _failed(title: str, rows: Sequence[BulletinRow], note: str) -> Table:
    header = ("序号", "账号名称", "平台", "主办单位", "存在问题", "最近更新", "静默天数", "结论", "现状", "单位说明")
    return Table(
        title,
        header,
        (3, 7, 7, 7, 9, 7, 4, 4, 6, 9),
        _numbered(
            (
                r.account, r.platform, r.owner, said(r), r.last_update, r.days_silent, r.label or r.verdict.value, standing(r), r.reply,
            )
            for r in rows
        ),
        note=note,
        off_paper=("静默天数",),
    )  # fmt: skip


def said(row: BulletinRow) -> str:
    """Write a row's problems: the words of each, else its title; labels that must be seen after them."""
    words = dict.fromkeys(p.words or p.title for p in row.problems)
    return "；".join([*filter(None, words), *([f"（{row.note}）"] if row.note else [])])


def standing(row: BulletinRow) -> str:
    """Say what has been done: 已整改 with day and deed; 整改中 for an open failure; nothing for a row that passes."""
    if row.rectified is None:
        return OPEN if row.verdict is Word.FAIL else ""
    on = row.rectified.on
    day = f"{on.month}月{on.day}日" if on else ""
    return f"{RECTIFIED}：{day}{row.rectified.how}"


def _untold(bulletin: Bulletin) -> Table:
    header = ("序号", "账号名称", "平台", "主办单位", "未能判定的原因", "最近所见更新", "单位说明")
    rows = bulletin.of(Word.UNTOLD)
    return Table(
        UNTOLD,
        header,
        (3, 9, 7, 10, 14, 7, 10),
        _numbered((r.account, r.platform, r.owner, r.untold_because or UNSTATED, r.last_update, r.reply) for r in rows),
        note="未能判定不是合格，也不是不合格，不计入合格率。",
    )


def _rechecks(bulletin: Bulletin) -> Table:
    header = ("序号", "账号名称", "平台", "主办单位", "上期问题", "复查结果", "说明")
    rows = _numbered((r.account, r.platform, r.owner, r.problem, r.outcome.value, r.note) for r in bulletin.rechecks)
    return Table(RECHECKED, header, (3, 9, 7, 10, 11, 7, 12), rows, note="不再需要的账号依规注销，与恢复更新同样算完成整改。")


def _moves(bulletin: Bulletin) -> Table:
    header = ("序号", "账号名称", "平台", "主办单位", "变动", "原因", "办理单位", "日期", "按原口径的结论")
    rows = _numbered(
        (c.account, c.platform, c.owner, c.moved.value, c.because, c.by_organ, c.on, c.verdict.value if c.verdict else "")
        for c in bulletin.scope_changes
    )
    return Table(MOVED, header, (3, 8, 7, 8, 4, 10, 8, 7, 5), rows)


def _scope(bulletin: Bulletin) -> Table:
    header = ("序号", "账号名称", "平台", "账号ID", "主办单位", "级别", "状态", "最近更新", "静默天数", "结论", "上期在检查范围")
    rows = _numbered(
        (
            r.account, r.platform, r.account_id, r.owner, r.level, r.state, r.last_update, r.days_silent, r.verdict.value,
            "是" if r.in_last_scope else "否",
        )
        for r in bulletin.rows
    )  # fmt: skip
    return Table(SCOPE, header, (3, 10, 6, 9, 10, 6, 6, 7, 5, 5, 6), rows, in_word=False)


STATISTIC_HEADER: Final = ("口径", "类别", "检查数", "合格", "不合格", "其中已整改", "未能判定", "合格率")
_KINDS: Final[Mapping[str, Callable[[Iterable[BulletinRow]], Mapping[str, list[BulletinRow]]]]] = {
    "平台": by_platform,
    "级别": by_level,
    "状态": by_state,
}
TOTAL: Final = "合计"


def _statistics(bulletin: Bulletin) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for kind, group in _KINDS.items():
        groups = group(bulletin.rows)
        if set(groups) != {UNSTATED}:
            rows += [(kind, key, *_sizes(members)) for key, members in groups.items()]
    total = [(TOTAL, "", *_sizes(bulletin.rows))] if bulletin.rows else []
    return Table(STATISTICS, STATISTIC_HEADER, (5, 14, 6, 6, 6, 7, 7, 7), [*rows, *total], note="合格率=合格÷（合格＋不合格）。")


def _sizes(rows: Sequence[BulletinRow]) -> tuple[int, int, int, int, int, str]:
    passed = sum(r.verdict is Word.PASS for r in rows)
    failed = [r for r in rows if r.verdict is Word.FAIL]
    done = sum(r.rectified is not None for r in failed)
    return len(rows), passed, len(failed), done, len(rows) - passed - len(failed), percent(passed, passed + len(failed))


def _crossed(bulletin: Bulletin) -> Table:
    """By level down and by platform across, each cell checked/failed, as the national form splits them."""
    platforms, levels = by_platform(bulletin.rows), by_level(bulletin.rows)
    rows: list[tuple[Cell, ...]] = []
    if len(platforms) > 1 and set(levels) != {UNSTATED}:
        for level, members in levels.items():
            across = by_platform(members)
            rows.append((level, *(_pair(across.get(p, [])) for p in platforms), _pair(members)))
        rows.append((TOTAL, *(_pair(group) for group in platforms.values()), _pair(bulletin.rows)))
    header = ("级别", *platforms, TOTAL)
    return Table(CROSSED, header, (8, *(6 for _ in platforms), 6), rows, in_word=False, note="每格为“检查数/不合格数”。")


def _pair(rows: Sequence[BulletinRow]) -> str:
    return f"{len(rows)}/{sum(r.verdict is Word.FAIL for r in rows)}" if rows else ""
