"""From files to results: the register's rows, what a collector saved, what people saw → one CheckLine an account."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from qiguan.connectors.saved import SUFFIXES, read_saved
from qiguan.core.activity import Standing, judge
from qiguan.core.check_rows import CheckRow, read_checks
from qiguan.core.columns import guess
from qiguan.core.errors import UnusableInput
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, Blindness, CheckFact, Kind, PostFact, Scope, Span
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import Pack
from qiguan.core.platforms import name_key
from qiguan.core.register_rows import RegisterRow, read_register
from qiguan.core.rule import all_rules
from qiguan.core.sheet import read_workbook
from qiguan.core.source import Outcome, Reading
from qiguan.core.verdict import Verdict
from qiguan.core.year import Year, year_of
from qiguan.publication.render.check_report import CheckLine, CheckRun

MOST_FEED_BYTES = 20 * 1024 * 1024
_UNSAFE_NAME = re.compile(r"[/\\\x00]|^\.")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The command's inputs, already checked for presence."""

    register: Path
    feeds: Path | None
    checks: Path | None
    at: datetime
    observed_at: datetime
    assume_complete: bool
    pack: Pack


def check_register(inputs: Inputs, *, moved: Callable[[int, int], None]) -> tuple[list[CheckLine], CheckRun]:
    """Judge every account of the register; `moved(done, total)` is told how far it has come."""
    rows, problems = _rows(inputs.register)
    if not rows:
        raise UnusableInput(
            "登记表里没有能用的行", place=inputs.register.name, remedy=problems[0] if problems else "请核对表头下面有没有内容"
        )
    checks, more = _checks(inputs, rows)
    problems += more
    files, more = _saved_files(inputs.feeds, {str(row.values.get("platform_id") or "") for row in rows})
    problems += more
    lines = []
    not_looked: Counter[str] = Counter()
    why: dict[str, str] = {}
    for nth, row in enumerate(rows, start=1):
        facts, hand = _facts(row, inputs, files, checks.get(nth - 1, ()))
        evidence = weigh(facts, at=inputs.at, counts=inputs.pack.counts, known_at=inputs.observed_at)
        verdict, _ = inspect_account(facts, inputs.pack, at=inputs.at, known_at=inputs.observed_at, evidence=evidence)
        standing = judge(facts, inputs.pack, inputs.at, known_at=inputs.observed_at, evidence=evidence)
        not_looked.update(verdict.not_looked.keys())
        why.update(verdict.not_looked)
        year = year_of(facts, evidence, standing, inputs.pack)
        lines.append(_line(row, facts, standing, verdict, hand, year))
        if nth % 500 == 0 or nth == len(rows):
            moved(nth, len(rows))
    rules = all_rules()
    nobody = {f"{code} {rules[code].title_zh}": why[code] for code, n in not_looked.items() if n == len(rows)}
    run = CheckRun(
        inputs.at,
        inputs.observed_at,
        inputs.pack.id,
        inputs.pack.settings_zh,
        _whose(inputs.pack),
        inputs.assume_complete,
        inputs.register.name,
        problems,
        nobody,
    )
    return lines, run


def _whose(pack: Pack) -> str:
    words = "本系统的设定" if pack.whose == "ours" else pack.whose
    return f"睡眠超过{pack.sleeping_days}天、僵尸超过{pack.zombie_months}个月是{words}，后者参照{pack.zombie_after}"


def _rows(path: Path) -> tuple[list[RegisterRow], list[str]]:
    """Read every sheet that has a header; a sheet without one is named and passed over."""
    rows: list[RegisterRow] = []
    problems: list[str] = []
    refused: UnusableInput | None = None
    book = read_workbook(path.name, _bytes(path, "REGISTER"))
    problems += book.notes
    for sheet in book:
        try:
            columns = guess(sheet)
        except UnusableInput as error:
            refused = error
            problems.append(str(error))
            continue
        reading = read_register(sheet, columns)
        label = f"{sheet.name} " if sheet.name else ""
        rows += reading.rows
        problems += [f"{label}{p}" for p in reading.problems]
    if not rows and refused is not None:
        raise refused
    return rows, problems


def _checks(inputs: Inputs, rows: Sequence[RegisterRow]) -> tuple[dict[int, list[CheckRow]], list[str]]:
    """Match each human check to a row: by id, else by name and platform where that is one row only."""
    found: dict[int, list[CheckRow]] = defaultdict(list)
    if inputs.checks is None:
        return found, []
    problems: list[str] = []
    by_id: dict[str, int] = {}
    by_name: dict[str, list[int]] = defaultdict(list)
    for nth, row in enumerate(rows):
        if row.values.get("platform_id"):
            by_id.setdefault(str(row.values["platform_id"]), nth)
        by_name[name_key(str(row.values["name"]))].append(nth)
    book = read_workbook(inputs.checks.name, _bytes(inputs.checks, "--checks"))
    problems += [f"{inputs.checks.name} {note}" for note in book.notes]
    for sheet in book:
        reading = read_checks(sheet, at=inputs.observed_at)
        problems += [f"{inputs.checks.name} {p}" for p in reading.problems]
        for check in reading.rows:
            names = [
                n
                for n in by_name.get(name_key(check.name), [])
                if not check.platform or rows[n].values["platform"] == check.platform
            ]
            nth_row = by_id.get(check.platform_id) if check.platform_id else names[0] if len(names) == 1 else None
            if nth_row is None:
                what = "登记表里有几个同名账号" if len(names) > 1 else "登记表里没有这个账号"
                problems.append(
                    f"{inputs.checks.name} 第{check.number}行：“{check.name or check.platform_id}”，{what}。请写账号ID"
                )
                continue
            found[nth_row].append(check)
    return found, problems


def _bytes(path: Path, place: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"读不了{path}", place=place, remedy="请核对文件的权限") from error


def _saved_files(folder: Path | None, ids: Set[str]) -> tuple[dict[str, Path], list[str]]:
    """List the folder once: account id → file, and what no account of the register has (`ids`): it is read by nobody."""
    files: dict[str, Path] = {}
    odd: list[str] = []
    try:
        saved = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")) if folder else []
    except OSError as error:
        raise UnusableInput(f"打不开{folder}", place="--feeds", remedy="请核对文件夹的权限") from error
    for path in saved:
        account = path.name.removesuffix(path.suffix)
        if path.suffix.lower() not in SUFFIXES or account not in ids:
            odd.append(path.name)
        elif account in files:
            odd.append(f"{path.name}（已读{files[account].name}）")
        else:
            files[account] = path
    if not odd:
        return files, []
    named = "、".join(odd[:10]) + (f"等{len(odd)}个" if len(odd) > 10 else "")
    return files, [f"--feeds：{named}没有用上。文件名要是“账号ID.xml”、.json或.html，账号ID和登记表里的一样，一个账号一个文件"]


def _facts(row: RegisterRow, inputs: Inputs, files: Mapping[str, Path], checks: Sequence[CheckRow]) -> tuple[AccountFacts, str]:
    """Return the account's facts, and words for the saved source."""
    values = row.values
    reading, name = _saved(str(values.get("platform_id") or ""), files, inputs.observed_at)
    posts: list[PostFact] = []
    spans: list[Span] = []
    blind: list[Blindness] = []
    declared = values.get("source_complete")
    complete = declared is True or (inputs.assume_complete and declared is not False)
    assumed = complete and declared is not True
    hand = ""
    if reading is not None:
        posts = sorted(
            PostFact(i.posted.at, inputs.observed_at, i.pushed, i.deleted, i.posted.precision == "day")
            for i in reading.items
            if i.posted
        )
        hand = f"{name}（{'假定完整' if assumed else '完整' if complete else '不完整'}，{len(reading.items)}篇）"
        if reading.outcome.is_read and complete:
            start = posts[0].at if posts else None
            spans.append(Span(start, inputs.observed_at, hand, inputs.observed_at, assumed))
        elif not reading.outcome.is_read:
            blind.append(Blindness(name, reading.outcome, inputs.observed_at, inputs.observed_at))
    facts = AccountFacts(
        platform=str(values["platform"]),
        kind=Kind(str(values.get("kind", "unstated"))),
        scope=Scope(str(values.get("scope", "national"))),
        opened_on=_day(values.get("opened_on")),
        owner=str(values.get("owner", "")),
        owner_ended_on=_day(values.get("owner_ended_on")),
        successor=str(values.get("successor", "")),
        closing_filed_on=_day(values.get("closing_filed_on")),
        closing_notice_on=_day(values.get("closing_notice_on")),
        closes_on=_day(values.get("closes_on")),
        closed_on=_day(values.get("closed_on")) or (date.min if values.get("status") == "closed" else None),
        posts=posts,
        spans=spans,
        checks=sorted((_check_fact(c, inputs) for c in checks), key=lambda c: c.at),
        blind=blind,
        has_partial_source=reading is not None and not complete,
    )
    return facts, hand


def _saved(account_id: str, files: Mapping[str, Path], at: datetime) -> tuple[Reading | None, str]:
    if not account_id or _UNSAFE_NAME.search(account_id) or account_id not in files:
        return None, ""
    path = files[account_id]
    if path.stat().st_size > MOST_FEED_BYTES:
        return Reading(Outcome.TOO_LARGE), path.name
    try:
        body = path.read_bytes()
    except OSError:  # one file costs its account only
        return Reading(Outcome.INTERNAL), path.name
    return read_saved(body, path.suffix.lower(), at=at), path.name


def _check_fact(check: CheckRow, inputs: Inputs) -> CheckFact:
    return CheckFact(
        at=check.at or inputs.observed_at,
        said=check.said,
        hand="人工核查" + (f"（{check.hand}）" if check.hand else ""),
        newest_at=check.newest.at if check.newest else None,
        newest_day_precise=check.newest is not None and check.newest.precision == "day",
        proof=check.proof,
        message_box=check.message_box,
        menu=check.menu,
        new_name=check.new_name,
        day_precise=check.at is None or check.at_day_precise,  # no time written says no more than a day
        point=inputs.at,
        before_said=check.before_said,
        before_at=check.before.at if check.before else None,
    )


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _line(row: RegisterRow, facts: AccountFacts, standing: Standing, verdict: Verdict, hand: str, year: Year) -> CheckLine:
    hands = list(dict.fromkeys(h.hand + ("，完整性是假定的" if h.assumed else "") for h in standing.hands)) or (
        [hand] if hand else []
    )
    hands += [c.said for c in standing.contradictions]
    reasons = [verdict.because, standing.because] if verdict.word else [standing.because, verdict.because]
    if "owner_ended" in standing.flags:
        reasons.append(f"主办单位{facts.owner_ended_on}已撤并" + (f"，由{facts.successor}承接" if facts.successor else ""))
    return CheckLine(
        account=str(row.values["name"]),
        platform=facts.platform,
        account_id=str(row.values.get("platform_id") or ""),
        owner=facts.owner,
        state=standing.state,
        last_post_at=standing.last_post_at,
        days_silent=standing.days_silent,
        longest_gap_days=standing.rhythm.longest_gap_days,
        verdict=str(verdict.word or ""),
        rule="、".join(verdict.rules),
        evidence="；".join(hands) or "没有来源，没有人工核查",
        reason="；".join(dict.fromkeys(filter(None, reasons))),
        flags=standing.flags,
        year=year,
    )
