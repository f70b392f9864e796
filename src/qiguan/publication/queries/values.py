"""A bulletin's rows in the database → the values that text, tables and files are made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from qiguan.core.bulletin import (
    Bulletin as Values,
)
from qiguan.core.bulletin import (
    BulletinRow,
    Correction,
    Demand,
    LastRound,
    Moved,
    Problem,
    Recheck,
    RecheckRow,
    Rectified,
    ScopeChange,
)
from qiguan.core.days import day_of
from qiguan.core.facts import State
from qiguan.core.rule import Weight, all_rules
from qiguan.core.verdict import Word
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict
from qiguan.inspection.queries.causes import moved
from qiguan.jobs.many import among
from qiguan.people.models import Organ
from qiguan.publication.models import Bulletin, Snapshot, SnapshotAccount, UnitReply
from qiguan.publication.queries.rectified import rectified_words
from qiguan.register.models import Account

LEVELS = {value: str(label) for value, label in Organ.Level.choices}


def rows_of_lines(bulletin: Bulletin, ids: Sequence[int], *, snapshot: Snapshot | None, at: datetime) -> list[SnapshotAccount]:
    """Return the lines of a round as a snapshot would keep them at `at`; nothing is saved."""
    lines = list(RoundAccount.objects.filter(pk__in=ids).select_related("account", "account__owner").order_by("pk"))
    verdicts = {v.line_id: v for v in Verdict.objects.filter(line__in=ids, replaced_by=None)}
    problems: dict[int, list[list[str]]] = {}
    for f in Finding.objects.filter(line__in=ids, state=Finding.State.CONFIRMED).order_by("-veto", "rule"):
        problems.setdefault(f.line_id, []).append([f.rule, f.title, f.because])
    replies = {r.line_id: r.words for r in UnitReply.objects.filter(bulletin=bulletin, line__in=ids).order_by("at", "id")}
    done = rectified_words([line.pk for line in lines], at=at)
    return [
        SnapshotAccount(
            snapshot=snapshot, account_id=line.account_id, public_id=line.public_id, name=line.name, platform=line.platform,
            platform_id=line.platform_id, owner_name=line.owner_name, owner_ref=line.account.owner.public_id, owner_path=line.owner_path,
            level=line.level, state=line.state, word=verdicts[line.pk].word, problems=_standing(problems.get(line.pk, []), verdicts[line.pk]),
            because=verdicts[line.pk].because, last_post_at=line.last_post_at, days_silent=line.days_silent,
            weeks=line.weeks, posts_year=line.posts_year, longest_gap_days=line.longest_gap_days,
            pack_words=verdicts[line.pk].pack_words, own=line.own, rectified=done.get(line.pk, ""), reply=replies.get(line.pk, ""),
        )
        for line in lines
    ]  # fmt: skip


def _standing(problems: list[list[str]], verdict: Verdict) -> list[list[str]]:
    """Return the problems that still stand: a corrected verdict that passes has no veto left."""
    deciding = {code for code, *_ in verdict.rules}
    return problems if verdict.replaces_id is None or verdict.word == Word.FAIL else [p for p in problems if p[0] in deciding]


def draft_rows(bulletin: Bulletin, *, at: datetime) -> list[SnapshotAccount]:
    """Return every row of a bulletin that is not published yet, as it would be printed now."""
    ids = list(judged_lines(bulletin.round))
    rows: list[SnapshotAccount] = []
    for start in range(0, len(ids), 400):
        rows += rows_of_lines(bulletin, ids[start : start + 400], snapshot=None, at=at)
    return rows


def judged_lines(round_: Round) -> Sequence[int]:
    """Return the lines of a round that were inspected, in order."""
    return list(round_.accounts.exclude(why=RoundAccount.Why.FRAME).order_by("owner_path", "pk").values_list("pk", flat=True))


def values_of(bulletin: Bulletin, rows: Sequence[SnapshotAccount], *, at: datetime) -> Values:
    """Return the bulletin as values: `rows` of its snapshot, or of its draft; `at` is the day it is (or would be) issued."""
    round_, before = bulletin.round, bulletin.round.before
    last = set(before.accounts.exclude(why=RoundAccount.Why.FRAME).values_list("account_id", flat=True)) if before else set()
    rules = all_rules()
    vetoes = [r for r in rules.values() if r.weight is Weight.VETO]
    looked = _looked(round_, {r.code for r in vetoes})
    corrects = bulletin.corrects
    return Values(
        issuer=bulletin.organ.name,
        title=bulletin.title,
        period=round_.title.removesuffix("检查"),
        check_point=round_.at,
        issued_on=day_of(at),
        rows=[_row(row, row.account_id in last if before else True) for row in rows],
        number=bulletin.number,
        addressees=bulletin.addressees,
        rules=[r.title_zh for r in vetoes if r.code in looked],
        not_looked=[(r.title_zh, "本次没有检查") for r in vetoes if r.code not in looked],
        settings="；".join(dict.fromkeys(row.pack_words for row in rows if row.pack_words)),
        scope_changes=_changes(rows, round_, before, last) if before else (),
        last=_last(before) if before else None,
        rechecks=_rechecks(before, rows) if before else (),
        demand=Demand(bulletin.rectify_by, more=_paragraphs(bulletin.closing)) if bulletin.rectify_by else None,
        corrects=Correction(corrects.title, corrects.number, bulletin.correction) if corrects else None,
        remarks=_paragraphs(bulletin.opening),
    )


def _looked(round_: Round, vetoes: set[str]) -> set[str]:
    """Return the vetoes that were asked of any account at all."""
    found: set[str] = set()
    for outcomes in (
        round_.accounts.exclude(judged_at=None).order_by("pk").values_list("outcomes", flat=True).iterator(chunk_size=500)
    ):
        found |= {code for code in vetoes - found if outcomes.get(code, ["NotLooked"])[0] != "NotLooked"}
        if found == vetoes:
            break
    return found


def _row(row: SnapshotAccount, in_last: bool) -> BulletinRow:
    word = Word(row.word)
    return BulletinRow(
        account=row.name,
        platform=row.platform_word,
        owner=row.owner_name,
        verdict=word,
        account_id=row.platform_id,
        level=LEVELS.get(row.level, ""),
        state=State(row.state).word if row.state in set(State) else "",
        problems=tuple(Problem(title, f"{title}（{fact_of(because)}）") for _, title, because in row.problems)
        if word is Word.FAIL
        else (),
        last_update=day_of(row.last_post_at) if row.last_post_at else None,
        days_silent=row.days_silent,
        untold_because=untold_words(row.because) if word is Word.UNTOLD else "",
        rectified=Rectified(row.rectified) if row.rectified and word is Word.FAIL else None,
        reply=row.reply,
        in_last_scope=in_last,
        note="检查单位自己的账号，由上一级机关确认" if row.own else "",
    )


_HAND = re.compile(r"^(?:[^：；（]*（[^）]*）|[^：；（]*人工核查\d*)(?:、(?:[^：；（]*（[^）]*）|人工核查\d*))*：")


def fact_of(because: str) -> str:
    """Return what a rule found without the hand that saw it, which belongs to the evidence: RSS（…）：最近更新… → 最近更新…"""
    return _HAND.sub("", because)


# what rules say of an account that could not be told → the words under which a bulletin counts it, dates left out
_UNTOLD = (
    ("没有完整来源", "没有完整来源，也没有人工核查"),
    ("没有到监测时间点", "没有看清到监测时间点"),
    ("才开始看清", "开始看清还不满期限"),
    ("说法不一", "几方说法不一"),
    ("冻结", "平台冻结或受限"),
    ("平台受限", "平台冻结或受限"),
    ("找不到", "核查时找不到账号"),
    ("已经注销", "核查时已经注销，没有备案"),
    ("没有人核查过", "还没有人核查过"),
    ("上次核查", "上次核查已经过期"),
)


def untold_words(because: str) -> str:
    """Return the reason under which a bulletin counts an account that could not be told: a kind, without this account's dates."""
    found = next((words for mark, words in _UNTOLD if mark in because), "")
    return (
        found
        or re.sub(r"\d{4}(?:年|-)\d{1,2}(?:月|-)\d{1,2}日?(?:\d{1,2}:\d{2})?", "", because.split("；", maxsplit=1)[0])
        or "没有说明"
    )


def _changes(rows: Sequence[SnapshotAccount], round_: Round, before: Round, last: set[int]) -> list[ScopeChange]:
    """Who entered or left since, of those inspected: why and by which organ; the persons behind it stay inside the office."""
    now = {row.account_id for row in rows}
    came = round_.accounts.filter(account__in=among(sorted(now - last))).order_by("owner_path", "pk")
    gone = before.accounts.filter(account__in=among(sorted(last - now))).order_by("owner_path", "pk")
    changes = []
    for way, lines in ((Moved.IN, list(came)), (Moved.OUT, list(gone))):
        for start in range(0, len(lines), 400):
            for one in moved(lines[start : start + 400], round_=round_, before=before, came=way is Moved.IN):
                line, cause = one.line, one.causes[0]
                on = day_of(cause.at) if cause.at is not None else None
                changes.append(ScopeChange(line.name, line.platform_word, line.owner_name, way, cause.what, cause.organ, on))
    return changes


def _last(before: Round) -> LastRound:
    words = _words(before)
    return LastRound(
        before.title.removesuffix("检查"),
        *(sum(1 for w in words.values() if w == word) for word in (Word.PASS, Word.FAIL, Word.UNTOLD)),
    )


def _words(round_: Round) -> Mapping[int, str]:
    """Return each account's verdict in force of a settled round."""
    return dict(Verdict.objects.filter(line__round=round_, replaced_by=None).values_list("account_id", "word"))


def _rechecks(before: Round, rows: Sequence[SnapshotAccount]) -> list[RecheckRow]:
    failed = Verdict.objects.filter(line__round=before, replaced_by=None, word=Word.FAIL).select_related("line", "account")
    now = {row.account_id: row for row in rows}
    found = []
    for verdict in failed.order_by("line__owner_path", "pk"):
        line, row = verdict.line, now.get(verdict.account_id)
        closed = _closed_on(verdict.account)
        if row is not None and row.state == State.CLOSED:
            outcome = Recheck.CLOSED
        elif row is not None:
            outcome = {Word.PASS: Recheck.RESUMED, Word.FAIL: Recheck.NOT_YET, Word.UNTOLD: Recheck.UNTOLD}[Word(row.word)]
        else:
            outcome = Recheck.CLOSED if closed else Recheck.UNTOLD
        title = "、".join(str(rule[2]) for rule in verdict.rules)
        found.append(RecheckRow(line.name, line.platform_word, line.owner_name, title, outcome))
    return found


def _closed_on(account: Account) -> date | None:
    return account.closed_on


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
