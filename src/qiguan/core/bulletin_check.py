"""Finds where a bulletin contradicts itself: its text against its tables, its rows against each other, and what others state.

The tables are counted again here, cell by cell, not by the code that wrote the figures. Real bulletins fail this: 29 不合格
in the text, 18 in the list.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from qiguan.core.bulletin import Bulletin, Moved, Recheck
from qiguan.core.bulletin_figures import figures, name_of
from qiguan.core.bulletin_tables import (
    FAILED,
    MOVED,
    NOTED,
    RECHECKED,
    RECTIFIED,
    SCOPE,
    STATISTICS,
    TOTAL,
    UNTOLD,
    Cell,
    Table,
    tables,
)
from qiguan.core.bulletin_text import PLACEHOLDER, Passage, compose, fill
from qiguan.core.days import day_of
from qiguan.core.rate import ROUNDING, percent
from qiguan.core.verdict import Word

_COUNTED: Final = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(?:(?:个|家|批)(?!工作日|月|小时|星期|自然日)|[%％])")
_LABELLED: Final = re.compile(r"(检查|不合格|合格率?|未能判定|已整改|尚未整改)(?:账号|数|的|共|为|占)*\s*$")
_LABELS: Final = {"检查": "检查数", "合格": "合格数", "不合格": "不合格数", "未能判定": "未能判定数", "合格率": "合格率"} | {
    "已整改": "已整改数",
    "尚未整改": "未整改数",
}
_SHORT_BY: Final = 4  # two days of grace, one for whole periods, one for a post known to the day
_GAP: Final = "\ufffc"  # where a figure or a name stood: what is left on both sides is not one number
_PRIVATE: Final = (
    ("手机号", re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")),
    ("身份证号", re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")),
    ("电子邮箱", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One contradiction: where it stands, what is wrong, what to do."""

    place: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Read as one line."""
        return f"{self.place}：{self.message}。{self.remedy}"


def contradictions(
    bulletin: Bulletin,
    passages: Sequence[Passage] | None = None,
    *,
    printed: Sequence[Table] | None = None,
    stated: Mapping[str, str] | None = None,
) -> list[Contradiction]:
    """Return every contradiction; empty means that text and tables agree.

    `passages`, `printed`: text and tables as an office edited them or a snapshot keeps them (default: as composed).
    `stated`: figures that somebody wrote elsewhere, by name.
    """
    found = figures(bulletin)
    return [
        *_figures_against_tables(found, tables(bulletin) if printed is None else printed),
        *_text_against_figures(bulletin, compose(bulletin) if passages is None else passages, found),
        *_stated_against_figures(stated or {}, found),
        *_rows_against_each_other(bulletin),
        *_rounds_against_each_other(bulletin),
        *_persons(bulletin),
    ]


def recount(printed: Iterable[Table]) -> list[tuple[str, str, str]]:
    """Count the tables' own cells again: (table, figure's name, value) for every figure that a table shows."""
    by_title = {table.title: table for table in printed}
    verdicts = Counter(_column(by_title, SCOPE, "结论"))
    passed, failed, untold = (verdicts[word.value] for word in (Word.PASS, Word.FAIL, Word.UNTOLD))
    listed = len(_column(by_title, FAILED, "序号"))
    done = sum(str(cell).startswith(RECTIFIED) for cell in _column(by_title, FAILED, "现状"))
    moves = Counter(_column(by_title, MOVED, "变动"))
    counted = [
        (SCOPE, "检查数", str(sum(verdicts.values()))),
        (SCOPE, "有结论数", str(passed + failed)),
        (SCOPE, "合格数", str(passed)),
        (SCOPE, "不合格数", str(failed)),
        (SCOPE, "未能判定数", str(untold)),
        (SCOPE, "合格率", percent(passed, passed + failed)),
        (SCOPE, "未能判定率", percent(untold, passed + failed + untold)),
        (FAILED, "不合格数", str(listed)),
        (FAILED, "已整改数", str(done)),
        (FAILED, "未整改数", str(listed - done)),
        (NOTED, "合格但有问题数", str(len(_column(by_title, NOTED, "序号")))),
        (UNTOLD, "未能判定数", str(len(_column(by_title, UNTOLD, "序号")))),
        (MOVED, "纳入数", str(moves[Moved.IN.value])),
        (MOVED, "移出数", str(moves[Moved.OUT.value])),
        (RECHECKED, "复查数", str(len(_column(by_title, RECHECKED, "序号")))),
    ]
    for outcome, count in Counter(_column(by_title, RECHECKED, "复查结果")).items():
        counted.append((RECHECKED, f"复查·{outcome}", str(count)))
    for why, count in Counter(name_of(str(cell)) for cell in _column(by_title, UNTOLD, "未能判定的原因")).items():
        counted.append((UNTOLD, f"原因·{why}", str(count)))
    return counted + _statistics(by_title.get(STATISTICS))


def _column(printed: Mapping[str, Table], title: str, word: str) -> list[Cell]:
    if title not in printed:
        return []
    place = list(printed[title].header).index(word)
    return [row[place] for row in printed[title].rows]


def _statistics(table: Table | None) -> list[tuple[str, str, str]]:
    counted = []
    for kind, key, checked, passed, failed, _done, untold, rate in table.rows if table else ():
        head = "" if kind == TOTAL else f"{kind}·{key}·"
        shown = {"检查数": checked, "合格数": passed, "不合格数": failed, "未能判定数": untold, "合格率": rate}
        counted += [(STATISTICS, head + name, str(value)) for name, value in shown.items()]
    return counted


def _figures_against_tables(found: Mapping[str, str], printed: Iterable[Table]) -> Iterator[Contradiction]:
    for table, name, value in recount(printed):
        if found.get(name) != value:
            yield Contradiction(
                table, f"正文的{name}是{found.get(name, '空白')}，表里数出来是{value}", "请从同一份数据重新生成通报"
            )


def _text_against_figures(bulletin: Bulletin, passages: Sequence[Passage], found: Mapping[str, str]) -> Iterator[Contradiction]:
    """Every counted number of the text must come from a figure, or say the same beside the same word."""
    own_words = _words_with_numbers(bulletin)
    for nth, passage in enumerate(passages, start=1):
        place = f"正文第{nth}段"
        for name in PLACEHOLDER.findall(passage.template):
            if name not in found:
                yield Contradiction(place, f"没有名为“{name}”的数", "请改用通报已有的数，或删去这个占位")
        by_hand = PLACEHOLDER.sub(_GAP, passage.template)
        for word in own_words:
            by_hand = by_hand.replace(word, _GAP)
        for match in _COUNTED.finditer(by_hand):
            number = match[1].replace(",", "").replace("，", "")
            label = _LABELLED.search(by_hand[: match.start()])
            if label is None:
                yield Contradiction(place, f"“{match[0]}”是手写的数，没有出处", "请改成占位，例如{不合格数}，数由表算出")
            elif number != found[name := _LABELS[label[1]]].rstrip("%"):
                yield Contradiction(
                    place, f"写的是“{by_hand[label.start() : match.end()]}”，表里是{found[name]}", f"请改成{{{name}}}"
                )


def _words_with_numbers(bulletin: Bulletin) -> list[str]:
    """Names and titles that hold a counted number themselves, as a street of 12个… would; the longest first."""
    words: set[str] = {
        bulletin.issuer,
        bulletin.title,
        bulletin.period,
        bulletin.area,
        bulletin.basis,
        bulletin.settings,
        ROUNDING,
    }
    words |= {*bulletin.rules, *(title for title, _ in bulletin.not_looked)}
    for row in bulletin.rows:
        words |= {row.account, row.owner, row.platform, row.level, row.state, row.untold_because}
        words |= {problem.title for problem in row.problems}
        words |= {row.rectified.how} if row.rectified else set()
    words |= {row.account for row in bulletin.rechecks}
    if bulletin.last is not None:
        words.add(bulletin.last.period)
    if bulletin.demand is not None:
        words |= {bulletin.demand.because, bulletin.demand.report_to}
    return sorted((word for word in words if _COUNTED.search(word)), key=lambda word: -len(word))


def _stated_against_figures(stated: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Contradiction]:
    for name, value in stated.items():
        if name not in found:
            yield Contradiction(f"{{{name}}}", f"没有名为“{name}”的数", "请核对名称")
        elif found[name] != value:
            yield Contradiction(
                f"{{{name}}}", f"另处写的是{value}，表里数出来是{found[name]}", "请核对清单是否列全，或更正所写的数"
            )


def _rows_against_each_other(bulletin: Bulletin) -> Iterator[Contradiction]:
    seen: set[tuple[str, str, str, str]] = set()
    last_day = day_of(bulletin.check_point)
    for nth, row in enumerate(bulletin.rows, start=1):
        place = f"第{nth}行“{row.account}”"
        key = (row.account, row.platform, row.owner, row.account_id)
        if key in seen:
            yield Contradiction(place, "同一账号列了两次", "请删去一行")
        seen.add(key)
        if row.last_update is not None and row.last_update > last_day:
            yield Contradiction(place, "最近更新晚于监测时间点", "请核对日期；监测时间点以后的更新写进现状")
        if row.last_update is not None and row.days_silent is not None:
            days = (last_day - row.last_update).days
            # whole 24-hour periods, up to the last moment that somebody vouched for: the grace of two days before the check point
            if days >= 0 and not days - _SHORT_BY <= row.days_silent <= days:
                yield Contradiction(place, f"静默{row.days_silent}天与最近更新{row.last_update}对不上", "请核对这两格")
        if row.untold_because and row.verdict is not Word.UNTOLD:
            yield Contradiction(place, f"结论是{row.verdict}，又写了未能判定的原因", "请只留一样")


def _rounds_against_each_other(bulletin: Bulletin) -> Iterator[Contradiction]:
    last, found = bulletin.last, Counter(change.moved for change in bulletin.scope_changes)
    if last is not None:
        expected = last.checked + found[Moved.IN] - found[Moved.OUT]
        if expected != len(bulletin.rows):
            yield Contradiction(
                "两期检查范围",
                f"上期{last.checked}个，纳入{found[Moved.IN]}个，移出{found[Moved.OUT]}个，应为{expected}个，本期检查了{len(bulletin.rows)}个",
                "请补上范围变动的账号和原因",
            )
        if last.failed != len(bulletin.rechecks):
            yield Contradiction(
                "上期整改复查", f"上期不合格{last.failed}个，复查了{len(bulletin.rechecks)}个", "上期不合格的账号要逐个复查"
            )
        if sum(not row.in_last_scope for row in bulletin.rows) != found[Moved.IN]:
            yield Contradiction("两期检查范围", "新纳入的账号与范围变动表对不上", "请核对“上期在检查范围”一列")
    passed = {(row.account, row.platform, row.owner) for row in bulletin.of(Word.PASS)}
    for recheck in bulletin.rechecks:
        if recheck.outcome is Recheck.NOT_YET and (recheck.account, recheck.platform, recheck.owner) in passed:
            yield Contradiction(f"上期“{recheck.account}”", "复查未整改到位，本期结论却是合格", "请核对复查结果")
    if bulletin.demand is not None and bulletin.demand.deadline <= bulletin.issued_on:
        yield Contradiction("有关要求", f"整改期限{bulletin.demand.deadline}不晚于印发日期{bulletin.issued_on}", "请改期限或日期")


def _persons(bulletin: Bulletin) -> Iterator[Contradiction]:
    """Organs only: what looks like a person's number is told; nothing is altered, the words are the unit's."""
    texts = [(f"“{r.account}”", f"{r.reply} {' '.join(p.words for p in r.problems)}") for r in bulletin.rows]
    texts += [(f"上期“{r.account}”", f"{r.problem} {r.note}") for r in bulletin.rechecks]
    for place, text in texts:
        for what, pattern in _PRIVATE:
            if pattern.search(text):
                yield Contradiction(place, f"文字里有{what}", "通报只列单位，不列个人：请与填报单位商量改写")


def written(bulletin: Bulletin, passages: Sequence[Passage] | None = None) -> list[tuple[str, str]]:
    """Return the text as it is printed: (part, words) for each passage."""
    found = figures(bulletin)
    return [(p.part.value, fill(p.template, found)) for p in (compose(bulletin) if passages is None else passages)]
