"""What was seen of the account: the register's row, the state and its statements, polls, looks, posts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from qiguan.collection.models import CoverageSpan, HumanCheck, HumanFinding, Poll, Post, Sighting, WindowLook
from qiguan.collection.queries.checks import words_of
from qiguan.collection.queries.words import source_words
from qiguan.core.activity import judge
from qiguan.core.evidence import weigh
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import Pack
from qiguan.core.remedies import REMEDIES
from qiguan.core.rule import Breach, Clear, NotLooked, Unknown, all_rules
from qiguan.core.source import Outcome
from qiguan.inspection.actions.judging import without_names
from qiguan.inspection.queries.facts import gather_facts
from qiguan.inspection.queries.story import present_moment
from qiguan.publication.queries.bundle.plain import Plain, day, moment
from qiguan.register.actions.filings import FORMS
from qiguan.register.models import Account, Filing

Row = dict[str, Any]
MOST: Final = 2000  # rows of one list; the newest stay, and the list says how many there are
_OUTCOMES: Final = {Clear: "未发现问题", Breach: "问题", Unknown: "未能判定", NotLooked: "未检查"}
_PEOPLE: Final = frozenset({"runner", "deputy"})  # answers of a filing that name people
_WORKS: Final = {True: "能用", False: "不能用", None: "没有试"}


def register_of(account: Account, plain: Plain) -> Row:
    """Return the register's row with its history; no staff, no custody, no contact."""
    filings = Filing.objects.filter(account=account).order_by("submitted_at", "pk")[:MOST]
    return {
        "账号名称": account.name, "平台": account.get_platform_display(), "账号ID": account.platform_id, "编号": account.public_id, "主办单位": account.owner.name,
        "主管单位": account.supervisor.name if account.supervisor else "", "级别": account.owner.get_level_display(),
        "口径": account.get_scope_display(), "类型": account.get_kind_display(), "登记状态": account.get_status_display(), "链接": account.link,
        "开通日期": day(account.opened_on), "认证主体": plain.text(account.certified_subject), "用途": plain.text(account.purpose), "人员配备": account.get_staffing_display(),
        "停更备案": day(account.closing_filed_on), "停更公告": day(account.closing_notice_on), "拟注销": day(account.closes_on), "关停": day(account.closed_on),
        "重新开通": day(account.reopened_on), "登记时间": moment(account.registered_at), "改动时间": moment(account.changed_at),
        "曾用名": [{"名称": n.name, "自": day(n.since), "至": day(n.until)} for n in account.names.order_by("pk")],
        "其他标识": [{"种类": a.sort, "标识": a.value} for a in account.aliases.order_by("pk")],
        "协办承办": [{"单位": c.organ.name, "关系": c.get_part_display()} for c in account.co_owners.select_related("organ").order_by("pk")],
        "备案": [
            {
                "事项": f.get_what_display(), "结果": f.get_state_display(), "提交": moment(f.submitted_at), "审批": moment(f.decided_at), "理由": plain.text(f.reason),
                "内容": {word: plain.text(str(f.said.get(key, ""))) for key, word in FORMS[f.what].items() if key not in _PEOPLE and f.said.get(key)},
            }
            for f in filings
        ],
    }  # fmt: skip


def state_of(account: Account, *, pack: Pack, at: datetime, plain: Plain) -> Row:
    """Return the state judged at `at`, who vouches for it, and what each rule says. Checkers are called by their order."""
    facts = without_names(gather_facts([account.pk], at=at)[account.pk])
    judged = judge(facts, pack, at, evidence=weigh(facts, at=at, counts=pack.counts))
    verdict, outcomes = inspect_account(facts, pack, at=present_moment(judged, pack), known_at=at)
    return {
        "判断时间": moment(at), "状态": judged.state.word, "凭什么": plain.text(judged.because), "数据截至": moment(judged.as_of),
        "最近更新": moment(judged.last_post_at), "静默天数": judged.days_silent, "规则包": pack.settings_zh,
        "各方证据": [plain.text(words) for words in judged.statements],
        "两周内有无更新": {"结论": str(verdict.word or "未能判定"), "凭什么": plain.text(verdict.because)},
        "按规则看": [
            {"规则": code, "名称": rule.title_zh, "依据": rule.basis, "结果": _OUTCOMES[type(outcomes[code])], "凭什么": plain.text(outcomes[code].because)}
            for code, rule in all_rules().items()
        ],
    }  # fmt: skip


def polls_of(account: Account, plain: Plain) -> Row:
    """Return what the sources answered, and the times that complete ones vouch for. A source by kind and host, never its address."""
    polls = Poll.objects.filter(source__account=account)
    spans = CoverageSpan.objects.filter(account=account).select_related("source").order_by("-until", "-pk")
    looks = WindowLook.objects.filter(item__account=account).select_related("item").order_by("-last_at", "-pk")
    return {
        "采集共有": polls.count(),
        "采集": [
            {
                "来源": source_words(p.source.connector, p.source.url), "完整来源": p.source.complete, "结果": _polled(p.outcome), "首次": moment(p.first_at),
                "末次": moment(p.last_at), "次数": p.times, "条目": p.items, "新增": p.new, "说明": plain.text(p.detail), "存件": p.blob,
            }
            for p in polls.select_related("source").order_by("-last_at", "-pk")[:MOST]
        ],
        "看清的时段": [
            {"来源": source_words(s.source.connector, s.source.url), "自": moment(s.start) or "开通起", "至": moment(s.until)} for s in spans[:MOST]
        ],
        "窗口": [
            {"名称": plain.text(w.item.label), "结果": _WORKS[w.works], "说明": plain.text(w.because), "首次": moment(w.first_at), "末次": moment(w.last_at), "次数": w.times, "存件": w.blob}
            for w in looks[:MOST]
        ],
    }  # fmt: skip


def _polled(outcome: str) -> str:
    return REMEDIES[Outcome(outcome)].title if outcome in set(Outcome) else outcome


def looks_of(account: Account, plain: Plain) -> Row:
    """Return what people saw: checks and findings with their screenshots' digests, citizens' sightings. Nobody is named."""
    checks = HumanCheck.objects.filter(account=account).order_by("-at", "-pk")
    found = HumanFinding.objects.filter(account=account).order_by("-at", "-pk")
    rules = all_rules()
    return {
        "人工核查共有": checks.count(),
        "人工核查": [
            {
                "编号": c.public_id, "时间": moment(c.at), "只知道日": c.at_precision == "day", "看到": plain.text(words_of(c)), "最新一篇": moment(c.newest_at), "现名": c.new_name,
                "留言": _WORKS[c.message_box], "菜单": _WORKS[c.menu], "窗口": c.window, "备注": plain.text(c.note), "截图": c.screenshot, "存入": moment(c.stored_at),
            }
            for c in checks[:MOST]
        ],
        "人工发现": [
            {
                "编号": f.public_id, "时间": moment(f.at), "规则": f.rule, "名称": rules[f.rule].title_zh if f.rule in rules else f.rule, "有问题": f.found, "看到": plain.text(f.words),
                "链接": f.link, "截图": f.proof, "存入": moment(f.stored_at),
            }
            for f in found[:MOST]
        ],
        "市民看到更新": [
            {"收到": moment(s.at), "所说发布时间": moment(s.posted_at), "链接": s.url} for s in Sighting.objects.filter(account=account).order_by("-at", "-pk")[:MOST]
        ],
    }  # fmt: skip


def posts_of(account: Account) -> Row:
    """Return the newest posts as they were seen."""
    posts = Post.objects.filter(account=account)
    return {
        "共有": posts.count(),
        "内容": [
            {
                "标题": p.title, "链接": p.url, "发布": moment(p.published_at), "精度": p.precision, "来源写的日期": p.raw_date, "首次看到": moment(p.first_seen_at),
                "看到已删除": moment(p.deleted_seen_at),
            }
            for p in posts.order_by("-published_at", "-pk")[:MOST]
        ],
    }  # fmt: skip
