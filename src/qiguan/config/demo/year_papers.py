"""What the replayed year leaves: its figures in words, the published bulletins' files, the register, and every kind of paper.

The papers are filled from what the product holds, as a clerk would fill them; an opening did not happen in this year, its form
is filled with an invented request.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from qiguan.archive.actions import read_blob
from qiguan.collection.models import CheckRound, HumanCheck
from qiguan.config.demo.town import CITY
from qiguan.config.demo.year import Year
from qiguan.core.check_rows import SAID_WORDS
from qiguan.core.days import day_of, say, say_at, say_day, start_of
from qiguan.core.facts import Said
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.rule import all_rules
from qiguan.core.sampling import RULE, draw, fingerprint, share_of, ticket
from qiguan.people.outbox.models import Notice
from qiguan.publication.models import BulletinVersion
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.publication.render.documents.writing import write_document
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.outcomes import outcomes
from qiguan.register.models import Account
from qiguan.register.queries.export import register_xlsx

Rows = Sequence[Sequence[str]]
Paper = tuple[str, str, "Mapping[str, str | Rows]", datetime]  # kind, name beside it, values, its day
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')
_OFFICE = "示例市人民政府办公室"
_LINE = "0599-0000000（办公室值班）"


def outcome_words(year: Year) -> list[str]:
    """Return the year's figures, one line each."""
    begun = start_of(day_of(year.quarters[0].at) if year.quarters else day_of(year.now))
    found = outcomes(organ=year.town.city, since=begun - timedelta(days=370), until=year.now, at=year.now)
    days = "还没有" if found.days_to_end is None else f"{found.days_to_end}天"
    causes = "、".join(f"{word}{n}件" for word, n in found.causes.items())
    holiday = Notice.objects.filter(kind="warning", title__startswith="节前提示").count()
    return [
        f"到{say(year.now)}：账号{Account.objects.count()}个，内容{year.posts}篇，提醒{year.warned}人次（其中节前提示{holiday}人次）",
        f"整改单{found.tickets}件，已销号{found.closed}件（{causes}）",
        f"僵尸和从未发布的账号{found.zombies}个，了结{found.ended}个：恢复更新满90天{found.revived}个、合并{found.merged}个、关停且有替代账号{found.closed_with_successor}个",
        f"未计入了结：恢复未满90天{found.reviving}个、证据不足{found.not_proven}个、关停无替代{found.closed_without}个、误判{found.misjudged}个、还在办{found.still_open}个",
        f"从通知到了结的天数（中位数）：{days}",
        f"恢复更新满半年的{found.relapse_due}个：又停更{found.relapsed}个、没有停更{found.held}个、看不清{found.relapse_unknown}个",
    ]


def write_papers(year: Year, out: Path) -> int:
    """Write everything below `out`; return how many files."""
    out.mkdir(parents=True, exist_ok=True)
    written = 0
    published = BulletinVersion.objects.select_related("bulletin").order_by("at", "pk")
    for version in published:
        for name, digest in version.files.items():
            (out / f"{_name(f'{version.at:%Y%m%d}{version.bulletin.title}')}-{name}").write_bytes(read_blob(digest))
            written += 1
    (out / f"登记册{day_of(year.now):%Y%m%d}.xlsx").write_bytes(register_xlsx(Account.objects.all()))
    for make in (_of_returns, _of_checks, _of_tickets, _of_filings):
        for code, beside, values, day in make(year):
            kind = DOCUMENTS[code]
            name = _name(f"{kind.title}-{beside}" if beside else kind.title)
            (out / f"{name}.docx").write_bytes(write_document(kind, values, day=day_of(day)))
            written += 1
    return written + 1


def _name(text: str) -> str:
    return _UNSAFE.sub("_", text)[:90]


def _of_returns(year: Year) -> Iterator[Paper]:
    at = year.now
    account = Account.objects.select_related("owner").order_by("pk").first()
    if account is None:
        return
    signed = {"发文单位": _OFFICE, "日期": say(at)}
    yield "return_notice", "", {
        "收文单位": "市政府各部门", "截止日期": say(at + timedelta(days=14)), "报送方式": "报送页面", "随附账号数": str(Account.objects.count()), "联系方式": _LINE, **signed,
    }, at  # fmt: skip
    yield "authorisation_guide", "", {
        "收文单位": "各主办单位", "授权用途": "读取发布时间和标题", "撤销方式": "在公众平台“授权管理”中取消", "截止日期": say(at + timedelta(days=14)), **signed,
    }, at  # fmt: skip
    newest = account.posts.order_by("-published_at").values_list("published_at", flat=True).first()
    yield "self_check", account.name, {
        **_account(account), "账号ID": account.platform_id, "季度": year.quarters[-1].title if year.quarters else "本季度",
        "最近更新": say(newest) if newest else "", "自查日期": say(at),
    }, at  # fmt: skip
    yield "opening_request", "", {
        "账号名称": "示例市政务服务", "平台": "微信视频号", "主办单位": account.owner.name, "收文单位": CITY, "开设目的": "用短视频讲清办事步骤",
        "现有账号为何不能用": "“示例教育”等账号面向家长，不发办事视频", "服务对象": "办事群众", "更新频次": "每周两条", "人员安排": "专职1人",
        "接替安排": "兼职1人", "管理制度": "先审后发", "何时关停": "连续两个季度没有更新，或者职能调整", "发文单位": account.owner.name, "日期": say(at),
    }, at  # fmt: skip


def _of_checks(year: Year) -> Iterator[Paper]:
    for round_ in CheckRound.objects.order_by("pk"):
        checks = HumanCheck.objects.filter(task__round=round_).select_related("account").order_by("at", "pk")
        rows = [
            (
                c.account.name, PLATFORM_NAMES[c.account.platform], c.account.platform_id, SAID_WORDS.get(Said(c.said), c.said),
                say(c.newest_at) if c.newest_at else "", {True: "能用", False: "不能用", None: "没试"}[c.message_box],
                {True: "能用", False: "不能用", None: "没试"}[c.menu], say_at(c.at), c.note,
            )
            for c in checks
        ]  # fmt: skip
        yield (
            "check_record",
            round_.title,
            {"核查批次": round_.title, "监测时间点": say(round_.opened_at), "记录": rows},
            round_.opened_at,
        )
        names = dict(
            Account.objects.filter(pk__in=round_.tasks.filter(turn=1).values("account")).values_list("public_id", "name")
        )
        count = share_of(len(names), percent=5)
        chosen = draw(names, seed=round_.seed, count=count)
        result = [(str(n), key, names[key], ticket(round_.seed, key)[:16]) for n, key in enumerate(chosen, 1)]
        yield "draw_record", round_.title, {
            "抽签事项": f"{round_.title}：抽取复核账号", "编号总数": str(len(names)), "抽取数": str(count), "名单指纹": fingerprint("\n".join(sorted(names))),
            "种子来源": "公开开奖号码", "种子": round_.seed, "种子指纹": fingerprint(round_.seed), "规则": RULE, "结果": result,
            "抽签时间": say_at(round_.opened_at), "发文单位": _OFFICE, "日期": say(round_.opened_at),
        }, round_.opened_at  # fmt: skip


def _of_tickets(year: Year) -> Iterator[Paper]:
    rules = all_rules()
    for nth, t in enumerate(Ticket.objects.select_related("account__owner", "round").order_by("pk"), 1):
        items = [item.finding for item in t.items.select_related("finding").order_by("pk")]
        number, named = f"示整改〔{t.opened_at:%Y}〕{nth}号", {"账号名称": t.name, "平台": PLATFORM_NAMES[t.platform]}
        until = say_day(t.due_on) if t.due_on else "待日历公布"
        signed = {"发文单位": _OFFICE, "日期": say(t.opened_at)}
        yield "rectification_notice", f"{nth}{t.name}", {
            **named, "主办单位": t.owner_name, "编号": number, "监测时间点": say_at(t.round.at), "问题": "；".join(f"{f.title}（{f.because}）" for f in items),
            "依据": "；".join(dict.fromkeys(rules[f.rule].basis for f in items if f.rule in rules)), "证据": _evidence(items), "整改期限": until,
            "期限说明": t.due_because, "申诉期限": until, **signed,
        }, t.opened_at  # fmt: skip
        told = {step.what: step for step in t.steps.order_by("pk")}
        unit = {"发文单位": t.owner_name, "收文单位": _OFFICE}
        if report := told.get("report"):
            fixed = say_day(t.fixed_on) if t.fixed_on else say(report.at)
            yield "rectification_report", f"{nth}{t.name}", {
                **named, **unit, "通知书编号": number, "原因类别": t.cause or "无内容", "整改措施": report.words, "完成日期": fixed, "证明材料": "整改截图",
                "长效措施": "运营人员和替班人员轮值", "日期": say(report.at),
            }, report.at  # fmt: skip
        for asked in t.extensions.order_by("pk"):
            yield "extension_request", f"{nth}{t.name}", {
                **named, **unit, "通知书编号": number, "原期限": until, "申请延至": f"再延{asked.days}个工作日", "理由": asked.reason, "已做工作": "已提交管理员变更材料",
                "日期": say(asked.asked_at),
            }, asked.asked_at  # fmt: skip
        appeal = getattr(t, "appeal", None)
        if appeal is not None:
            yield "appeal", f"{nth}{t.name}", {
                **named, **unit, "主办单位": t.owner_name, "原结论": "不合格", "申诉理由": appeal.words, "证明材料": "发布记录", "申诉日期": say(appeal.asked_at),
                "答复": f"申诉{appeal.get_state_display()}", "答复理由": appeal.answer, "答复日期": say(appeal.decided_at) if appeal.decided_at else "",
                "日期": say(appeal.asked_at),
            }, appeal.asked_at  # fmt: skip


def _evidence(items: Sequence[object]) -> str:
    said = [str(e["said"]) for item in items[:1] for e in getattr(item, "evidence", [])[:3]]
    return "；".join(said) or "见附件"


def _of_filings(year: Year) -> Iterator[Paper]:
    ended = Ticket.objects.exclude(ending="").select_related("account__owner").order_by("pk")
    for t in ended:
        account, said, day = t.account, t.ending_said, t.moved_at
        named = {"账号名称": t.name, "平台": PLATFORM_NAMES[t.platform], "主办单位": t.owner_name}
        what = {"hand": "变更", "merge": "注销", "cancel": "注销"}[t.ending]
        yield "filing_form", t.name, {
            **named, "账号ID": account.platform_id, "备案事项": what, "主管单位": CITY, "开设日期": say_day(account.opened_on) if account.opened_on else "",
            "变更内容": said.get("owner", "") or f"今后关注{said.get('instead', '')}", "填表日期": say(day),
        }, day  # fmt: skip
        if t.ending == "hand":
            items = [("管理员账号", "已移交", "当面更改"), ("登记手机", "已移交", ""), ("认证材料", "已移交", "复印件一套")]
            yield "handover", t.name, {
                **named, "主办单位": "西例区商务局", "账号ID": account.platform_id, "移交单位": "西例区商务局", "接收单位": said["owner"], "交接事由": said["basis"], "交接日期": say(day), "清单": items,
            }, day  # fmt: skip
        else:
            yield "closing_notice", t.name, {
                "依据": said["basis"], "账号清单": [(PLATFORM_NAMES[t.platform], t.name)], "停更日期": _iso(said["notice_on"]), "注销日期": _iso(said["closes_on"]),
                "替代账号": f"“{said['instead']}”", "咨询电话": _LINE, "发文单位": t.owner_name, "日期": _iso(said["notice_on"]),
            }, day  # fmt: skip


def _iso(text: str) -> str:
    return say(start_of(datetime.fromisoformat(text).date()) + timedelta(hours=1))


def _account(account: Account) -> dict[str, str]:
    return {"账号名称": account.name, "平台": PLATFORM_NAMES[account.platform], "主办单位": account.owner.name}
