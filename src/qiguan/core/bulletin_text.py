"""Writes a bulletin's text in the register of official 通报: 总体情况 · 存在问题 · 上期问题整改情况 · 有关要求.

A passage names its figures in braces, {不合格数}; an office may reword it and the numbers stay those of the tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from qiguan.core.bulletin import Bulletin, BulletinRow, Moved, Recheck
from qiguan.core.bulletin_figures import MOST_REASONS, UNSTATED, by_level, by_platform, by_problem, name_of, untold_reasons
from qiguan.core.bulletin_tables import FAILED, MOVED, NOTED, RECHECKED, STATISTICS, UNTOLD, tables
from qiguan.core.days import say_at, say_day
from qiguan.core.rate import ROUNDING
from qiguan.core.verdict import Word

NAMED: Final = 8  # accounts named in the text for one problem; all stand in the annex
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_CHINESE: Final = "一二三四五六七八九十"


class Part(StrEnum):
    """What a passage is, and so how it is set."""

    HEADING = "heading"  # 一、 黑体
    SUBHEADING = "subheading"  # （一） 楷体
    BODY = "body"  # 仿宋


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph before its figures are filled in."""

    part: Part
    template: str


def fill(template: str, figures: Mapping[str, str]) -> str:
    """Put the figures in. A placeholder nobody knows stays visible; `bulletin_check` names it."""
    return PLACEHOLDER.sub(lambda match: figures.get(match[1], match[0]), template)


def compose(bulletin: Bulletin) -> list[Passage]:
    """Return the passages of a bulletin, its opening first."""
    where = {title: f"附件{nth}" for nth, title in enumerate(attachments(bulletin), start=1)}
    sections = [
        ("总体情况", _overall(bulletin, where)),
        ("存在问题", _problems(bulletin, where)),
        ("上期问题整改情况", _last_time(bulletin, where)),
        ("有关要求", _demands(bulletin)),
    ]
    passages = [_body(text) for text in _opening(bulletin)]
    for nth, (title, section) in enumerate(sections):
        passages += [Passage(Part.HEADING, f"{_CHINESE[nth]}、{title}"), *section]
    return passages


def attachments(bulletin: Bulletin) -> list[str]:
    """Return the titles of 附件 in order: the tables that go into the document, then what the office adds."""
    return [*(table.title for table in tables(bulletin) if table.in_word), *bulletin.attachments]


def literal(text: str) -> str:
    """Return words that come from outside as part of a template: their braces name nothing."""
    return text.replace("{", "｛").replace("}", "｝")


def _body(text: str) -> Passage:
    return Passage(Part.BODY, text)


def _opening(bulletin: Bulletin) -> list[str]:
    corrects = bulletin.corrects
    paragraphs = []
    if corrects is not None:
        number = f"（{corrects.number}）" if corrects.number else ""
        paragraphs.append(
            literal(f"本通报更正《{corrects.title}》{number}：{corrects.because.rstrip('。')}。下列数字已随之更正。")
        )
    basis = f"根据{bulletin.basis}，" if bulletin.basis else ""
    paragraphs.append(
        literal(
            f"{basis}{bulletin.issuer}组织开展了{bulletin.period}{bulletin.area}政务新媒体检查，监测时间点为{say_at(bulletin.check_point)}。现将有关情况通报如下。"
        )
    )
    return paragraphs


def _overall(bulletin: Bulletin, where: Mapping[str, str]) -> list[Passage]:
    rows = bulletin.rows
    passages = ["本次共检查账号{检查数}个，有结论的{有结论数}个，其中合格{合格数}个，不合格{不合格数}个，合格率{合格率}。"]
    if bulletin.of(Word.UNTOLD):
        reasons = "、".join(f"{literal(why)}{{原因·{why}}}个" for why in list(untold_reasons(bulletin))[:MOST_REASONS])
        if len(untold_reasons(bulletin)) > MOST_REASONS:
            reasons += "、其余原因{其余原因数}个"
        passages.append(
            f"未能判定{{未能判定数}}个，占检查数的{{未能判定率}}，不计入合格，也不计入不合格。按原因分：{reasons}（见{where[UNTOLD]}）。"
        )
    for kind, groups in (("平台", by_platform(rows)), ("级别", by_level(rows))):
        if set(groups) - {UNSTATED}:
            parts = "；".join(_split(kind, key, members) for key, members in groups.items())
            passages.append(f"按{kind}分：{parts}（见{where[STATISTICS]}）。")
    passages += _denominators(bulletin, where)
    if bulletin.rules:
        passages.append(f"本次检查的规则为{_quoted(bulletin.rules)}。" + _not_looked(bulletin))
    settings = f"本次检查的判定口径为{literal(bulletin.settings)}" if bulletin.settings else ""
    notes = [settings, *bulletin.remarks, ROUNDING]
    passages.append("".join(f"{note.rstrip('。')}。" for note in notes if note))
    return [_body(text) for text in passages]


def _split(kind: str, key: str, rows: Sequence[BulletinRow]) -> str:
    head = f"{kind}·{key}·"
    parts = [f"{literal(key)}{{{head}检查数}}个"]
    for verdict, name in ((Word.FAIL, "不合格"), (Word.UNTOLD, "未能判定")):
        if any(row.verdict is verdict for row in rows):
            parts.append(f"{name}{{{head}{name}数}}个")
    return "，".join(parts)


def _not_looked(bulletin: Bulletin) -> str:
    if not bulletin.not_looked:
        return ""
    return f"{_quoted(title for title, _ in bulletin.not_looked)}未检查，不在结论之内。"


def _quoted(titles: Iterable[str]) -> str:
    return "、".join(f"“{literal(title)}”" for title in titles)


def _denominators(bulletin: Bulletin, where: Mapping[str, str]) -> list[str]:
    last, changes = bulletin.last, bulletin.scope_changes
    paragraphs = []
    if last is not None:
        paragraphs.append(
            f"上期（{literal(last.period)}）检查账号{{上期检查数}}个，合格{{上期合格数}}个，不合格{{上期不合格数}}个，未能判定{{上期未能判定数}}个，合格率{{上期合格率}}。"
        )
    if not changes:
        return [*paragraphs, "本期检查范围与上期相同。"] if last is not None else paragraphs
    words = f"本期新纳入检查范围的{{纳入数}}个，移出的{{移出数}}个（见{where[MOVED]}）。"
    words += "按上期检查范围计算，有结论的{原口径有结论数}个，合格{原口径合格数}个，合格率{原口径合格率}。"
    if any(change.moved is Moved.OUT and change.verdict is None for change in changes):
        words += "移出后不再检查的{移出无结论数}个不在其中。"
    return [*paragraphs, words]


def _problems(bulletin: Bulletin, where: Mapping[str, str]) -> list[Passage]:
    failed = bulletin.of(Word.FAIL)
    if not failed:
        passages = [_body("有结论的账号中没有发现不合格的。" if bulletin.of(Word.PASS) else "本次检查的账号均未能得出结论。")]
    else:
        passages = [_body(f"不合格账号{{不合格数}}个（见{where[FAILED]}）。{_twice(failed)}")]
        for nth, (title, rows) in enumerate(by_problem(failed).items()):
            passages.append(Passage(Part.SUBHEADING, f"（{_numeral(nth + 1)}）{literal(title)}"))
            passages.append(_body(f"涉及{{问题·{title}}}个账号：{_names(rows)}。"))
        if any(row.rectified for row in failed):
            deeds = dict.fromkeys(name_of(r.rectified.how) for r in failed if r.rectified)
            how = "，".join(f"{deed}{{整改·{deed}}}个" for deed in deeds)
            passages.append(_body(f"不合格账号中，印发前已整改{{已整改数}}个（{how}），尚未整改{{未整改数}}个。"))
    if NOTED in where:
        passages.append(_body(f"另有{{合格但有问题数}}个账号合格但存在问题（见{where[NOTED]}）。"))
    return passages


def _twice(failed: Sequence[BulletinRow]) -> str:
    several = any(len({p.title for p in row.problems}) > 1 for row in failed)
    return "一个账号有几类问题的，每类都计，各类之和大于账号数。" if several else ""


def _names(rows: Sequence[BulletinRow]) -> str:
    named = "、".join(
        f"“{literal(row.account)}”（{literal('，'.join(filter(None, (row.platform, row.owner))) or UNSTATED)}）"
        for row in rows[:NAMED]
    )
    return named + ("等" if len(rows) > NAMED else "")


def _numeral(number: int) -> str:
    """Write 1 to 99 in Chinese: 十二."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_CHINESE[tens - 1]}十"
    return head + (_CHINESE[ones - 1] if ones else "")


def _last_time(bulletin: Bulletin, where: Mapping[str, str]) -> list[Passage]:
    if not bulletin.rechecks:
        nothing = "上期没有不合格账号，无需复查。" if bulletin.last is not None else "没有需要复查的上期不合格账号。"
        return [_body(nothing)]
    seen = dict.fromkeys(sorted((row.outcome for row in bulletin.rechecks), key=list(Recheck).index))
    parts = "，".join(f"{outcome.value}{{复查·{outcome.value}}}个" for outcome in seen)
    words = f"对上期不合格的{{复查数}}个账号进行了复查：{parts}；整改到位的共{{复查已整改数}}个（见{where[RECHECKED]}）。"
    still = [row for row in bulletin.rechecks if row.outcome is Recheck.NOT_YET]
    if still:
        named = "、".join(f"“{literal(row.account)}”" for row in still[:NAMED]) + ("等" if len(still) > NAMED else "")
        words += f"{named}未整改到位，按规定列为不合格。"
    return [_body(words)]


def _demands(bulletin: Bulletin) -> list[Passage]:
    demand = bulletin.demand
    passages = []
    if demand is not None and any(row.rectified is None for row in bulletin.of(Word.FAIL)):
        reported = f"，并将整改情况书面报送{literal(demand.report_to)}" if demand.report_to else ""
        why = f"（{literal(demand.because)}）" if demand.because else ""
        passages.append(f"尚未整改的{{未整改数}}个账号，由主办单位于{say_day(demand.deadline)}前完成整改{why}{reported}。")
    passages.append("不再需要的账号，应当依规办理备案注销并向社会公告，不得简单弃管；依规注销与恢复更新同样算完成整改。")
    if bulletin.of(Word.UNTOLD):
        passages.append("未能判定的账号，由主办单位配合核实，检查单位应当安排人工核查，不得据此认定停更。")
    passages += demand.more if demand else ()
    return [_body(text) for text in passages]
