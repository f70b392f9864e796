"""Cases that a document is filled from: a ticket, a return, a drawn round, a human round, a closing; cut to what the user sees.

Each kind of document names one source of cases; each case gives the organ that signs and the values of the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet, Sum

from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.collection.queries.checks import rounds_seen_by as check_rounds_seen_by
from qiguan.core.check_rows import SAID_WORDS
from qiguan.core.days import say, say_at, say_day
from qiguan.core.errors import QiguanError
from qiguan.core.facts import Said
from qiguan.core.rule import all_rules
from qiguan.core.sampling import RULE, fingerprint, ticket
from qiguan.core.ticket import Cause, What
from qiguan.core.written_dates import parse_day
from qiguan.inspection.models import Round, RoundAccount
from qiguan.inspection.queries.rounds import lots_of, rounds_seen_by
from qiguan.people.models import AuditEntry, Organ, User, any_within
from qiguan.people.queries import paths_seen_by
from qiguan.publication.render.documents.form import Rows
from qiguan.rectification.models import Appeal, Extension, Ticket
from qiguan.register.models import Filing, ReturnShare, ReturnTask

Who = User | AnonymousUser
MOST_ROWS: Final = 3000
OFFERED: Final = 20
_WORKS: Final = {True: "能用", False: "不能用", None: "没试"}


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its id and words for a list, the organ that signs, and what it says of the fields."""

    public_id: str
    words: str
    organ: Organ
    values: Mapping[str, str | Rows] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseSource:
    """Where cases of one kind come from. `seen` is cut to the user; `label` names a row; `values` fills the fields."""

    word: str
    seen: Callable[[Who], QuerySet[Any]]
    label: Callable[[Any], str]
    organ: Callable[[Any], Organ]
    values: Callable[[Any, Who, datetime], dict[str, str | Rows]]

    def offered(self, user: Who) -> list[Case]:
        """Return the newest cases, without their values."""
        return [Case(row.public_id, self.label(row), self.organ(row)) for row in self.seen(user)[:OFFERED]]

    def case(self, user: Who, public_id: str, at: datetime) -> Case | None:
        """Return one case with its values; None where the user sees no such case."""
        row = self.seen(user).filter(public_id=public_id).first()
        return None if row is None else Case(row.public_id, self.label(row), self.organ(row), self.values(row, user, at))


def _tickets(user: Who) -> QuerySet[Ticket]:
    return Ticket.objects.visible_to(user).select_related("office", "round", "account__owner").order_by("-opened_at", "-pk")


def _ticket_label(row: Ticket) -> str:
    return f"{row.name}（{row.platform_word}），{say(row.opened_at)}发出"


def _notice(row: Ticket, user: Who, at: datetime) -> dict[str, str | Rows]:
    items = [i.finding for i in row.items.filter(dropped_at=None).select_related("finding")]
    rules = all_rules()
    due = say_day(row.due_on) if row.due_on else ""
    seen = dict.fromkeys(f"{e['said']}" for f in items for e in f.evidence if e.get("said"))
    return {
        "账号名称": row.name, "平台": row.platform_word, "主办单位": row.owner_name, "编号": row.public_id, "监测时间点": say_at(row.round.at),
        "问题": "；".join(f"{f.title}（{f.because.rstrip('。')}）" if f.because else f.title for f in items),
        "依据": "；".join(dict.fromkeys(rules[f.rule].basis for f in items if f.rule in rules)), "证据": "；".join(seen),
        "整改期限": due, "期限说明": row.due_because.rstrip("。"), "申诉期限": due, "发文单位": row.office.name, "日期": say(row.opened_at),
    }  # fmt: skip


def _report(row: Ticket, user: Who, at: datetime) -> dict[str, str | Rows]:
    told = row.steps.filter(what=What.REPORT).prefetch_related("files").last()
    files = len(told.files.all()) if told else 0
    cause = row.cause if row.cause in {c.value for c in Cause} else ""
    return {
        "账号名称": row.name, "平台": row.platform_word, "收文单位": row.office.name, "通知书编号": row.public_id, "原因类别": cause,
        "整改措施": told.words.rstrip("。") if told else "", "完成日期": say_day(row.fixed_on) if row.fixed_on else say(told.at) if told else "",
        "证明材料": f"随报送附{files}份材料" if files else "", "发文单位": row.account.owner.name, "日期": say(told.at if told else at),
    }  # fmt: skip


def _extension(row: Ticket, user: Who, at: datetime) -> dict[str, str | Rows]:
    asked = row.extensions.last()
    return {
        "账号名称": row.name, "平台": row.platform_word, "收文单位": row.office.name, "通知书编号": row.public_id,
        "原期限": say_day(row.due_on) if row.due_on and asked and asked.state != Extension.State.GRANTED else "",
        "申请延至": f"原期限后{asked.days}个工作日" if asked else "", "理由": asked.reason.rstrip("。") if asked else "",
        "发文单位": row.account.owner.name, "日期": say(asked.asked_at if asked else at),
    }  # fmt: skip


def _appeal(row: Ticket, user: Who, at: datetime) -> dict[str, str | Rows]:
    asked = Appeal.objects.filter(ticket=row).first()
    verdict = row.line.verdicts.order_by("pk").first()
    said = row.steps.filter(what=What.APPEAL).prefetch_related("files").last()
    files = len(said.files.all()) if said else 0
    return {
        "账号名称": row.name, "平台": row.platform_word, "主办单位": row.owner_name, "收文单位": row.office.name,
        "原结论": f"{verdict.word}：{verdict.because}" if verdict else "", "申诉理由": asked.words if asked else "",
        "证明材料": f"随申诉附{files}份材料" if files else "", "申诉日期": say(asked.asked_at) if asked else "",
        "答复": asked.get_state_display() if asked and asked.answer else "", "答复理由": asked.answer if asked else "",
        "答复日期": say(asked.decided_at) if asked and asked.decided_at else "",
        "发文单位": row.account.owner.name, "日期": say(asked.asked_at if asked else at),
    }  # fmt: skip


def _shares(user: Who) -> QuerySet[ReturnShare]:
    paths = paths_seen_by(user)
    return ReturnShare.objects.all() if paths is None else ReturnShare.objects.filter(any_within(["organ_path"], paths))


def _returns(user: Who) -> QuerySet[ReturnTask]:
    return ReturnTask.objects.filter(pk__in=_shares(user).values("task")).select_related("organ").order_by("-opened_at", "-pk")


def _return_notice(row: ReturnTask, user: Who, at: datetime) -> dict[str, str | Rows]:
    mine = _shares(user).filter(task=row).select_related("organ")
    one = mine[0].organ.name if mine.count() == 1 else "各有关单位"
    return {
        "收文单位": one, "截止日期": say_day(row.due_on), "报送方式": "齐管系统“报送”页", "随附账号数": str(mine.aggregate(n=Sum("expected"))["n"] or 0),
        "发文单位": row.organ.name, "日期": say(row.opened_at),
    }  # fmt: skip


def _draws(user: Who) -> QuerySet[Round]:
    return (
        rounds_seen_by(user).filter(sort=Round.Sort.DRAWN).exclude(seed="").select_related("organ").order_by("-opened_at", "-pk")
    )


def _draw(row: Round, user: Who, at: datetime) -> dict[str, str | Rows]:
    lots = lots_of(row)
    drawn = list(lots.filter(why=RoundAccount.Why.DRAWN).values_list("public_id", "name")[: MOST_ROWS + 1])
    if len(drawn) > MOST_ROWS:
        raise QiguanError(f"抽中的超过{MOST_ROWS}个，Word里排不下", place=row.title, remedy="请用抽签页的CSV")
    ranked = sorted((ticket(row.seed, number), number, name) for number, name in drawn)
    entry = AuditEntry.objects.filter(action="draw_round", object_id=row.public_id).order_by("pk").first()
    return {
        "抽签事项": row.title, "编号总数": str(lots.count()), "抽取数": str(len(drawn)), "名单指纹": row.list_hash, "种子来源": row.number_source, "种子": row.seed,
        "种子指纹": "sha256:" + fingerprint(row.seed), "规则": RULE, "抽签时间": say_at(entry.at if entry else row.opened_at),
        "结果": [[str(n), number, name, lot[:16]] for n, (lot, number, name) in enumerate(ranked, 1)], "发文单位": row.organ.name, "日期": say(at),
    }  # fmt: skip


def _check_rounds(user: Who) -> QuerySet[CheckRound]:
    return check_rounds_seen_by(user).order_by("-opened_at", "-pk")


def _record(row: CheckRound, user: Who, at: datetime) -> dict[str, str | Rows]:
    tasks = CheckTask.objects.filter(round=row, turn=1).select_related("account").order_by("position", "pk")[: MOST_ROWS + 1]
    if len(tasks) > MOST_ROWS:
        raise QiguanError(f"超过{MOST_ROWS}个账号，Word里排不下", place=row.title, remedy="请用核查页的表格")
    checks = {
        c.task_id: c for c in HumanCheck.objects.filter(task__in=CheckTask.objects.filter(round=row, turn=1)).order_by("at", "pk")
    }
    lines = [[*_named(t), *(_looked(checks[t.pk]) if t.pk in checks else [""] * 6)] for t in tasks]
    return {"核查批次": row.title, "监测时间点": say_at(row.opened_at), "记录": lines}


def _named(task: CheckTask) -> list[str]:
    return [task.account.name, task.account.get_platform_display(), task.account.platform_id]


def _looked(check: HumanCheck) -> list[str]:
    newest = say_at(check.newest_at, day_precise=True) if check.newest_at else ""
    said = SAID_WORDS.get(Said(check.said), check.said) if check.said in set(Said) else check.said
    when = say_at(check.at, day_precise=check.at_precision == "day")
    return [said, newest, _WORKS[check.message_box], _WORKS[check.menu], when, check.note]


def _closings(user: Who) -> QuerySet[Filing]:
    paths = paths_seen_by(user)
    found = Filing.objects.filter(what__in=[Filing.What.STOP, Filing.What.CANCEL], account__isnull=False)
    found = found if paths is None else found.filter(any_within(["organ_path"], paths))
    return (
        found.exclude(state=Filing.State.RETURNED)
        .select_related("organ", "account__owner", "account__replaced_by")
        .order_by("-submitted_at", "-pk")
    )


def _closing(row: Filing, user: Who, at: datetime) -> dict[str, str | Rows]:
    account = row.account
    assert account is not None
    stop, closes = _day(row.said.get("notice_on")), _day(row.said.get("closes_on"))
    known = account.closing_notice_on, account.closes_on or account.closed_on
    instead = str(row.said.get("instead", "")).strip() or (account.replaced_by.name if account.replaced_by else "")
    return {
        "账号清单": [[account.get_platform_display(), account.name]], "停更日期": stop or (say_day(known[0]) if known[0] else ""),
        "注销日期": closes or (say_day(known[1]) if known[1] else ""), "替代账号": "本单位网站" if instead == "无" else instead,
        "发文单位": account.owner.name, "日期": stop or say(at),
    }  # fmt: skip


def _day(text: Any) -> str:
    found = parse_day(str(text or ""))
    return say_day(found) if isinstance(found, date) else ""


CASES: Final[dict[str, CaseSource]] = {
    "rectification_notice": CaseSource("整改单", _tickets, _ticket_label, lambda t: t.office, _notice),
    "rectification_report": CaseSource("整改单", _tickets, _ticket_label, lambda t: t.account.owner, _report),
    "extension_request": CaseSource("整改单", _tickets, _ticket_label, lambda t: t.account.owner, _extension),
    "appeal": CaseSource("整改单", _tickets, _ticket_label, lambda t: t.account.owner, _appeal),
    "return_notice": CaseSource(
        "报送任务", _returns, lambda t: f"{t.title}，{say_day(t.due_on)}前", lambda t: t.organ, _return_notice
    ),
    "draw_record": CaseSource("抽过签的检查批次", _draws, lambda r: r.title, lambda r: r.organ, _draw),
    "check_record": CaseSource("人工核查批次", _check_rounds, lambda r: r.title, lambda r: r.organ, _record),
    "closing_notice": CaseSource(
        "关停、注销备案",
        _closings,
        lambda f: f"{f.account.name}，{say(f.submitted_at)}{f.get_what_display()}备案",
        lambda f: f.account.owner,
        _closing,
    ),
}
