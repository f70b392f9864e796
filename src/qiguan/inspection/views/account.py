"""One account: 什么状态 · 凭什么 · 下一步谁做, the year as a picture, every piece of evidence, what would change it."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from qiguan.collection.models import Source
from qiguan.collection.queries.windows import window_of
from qiguan.core.activity import Standing
from qiguan.core.facts import State
from qiguan.core.rule import Breach, Clear, NotLooked, Unknown, all_rules
from qiguan.core.steps import FLAG_WORDS
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions.standing import PackTable
from qiguan.inspection.beside import links_beside
from qiguan.inspection.queries.rounds import verdict_history
from qiguan.inspection.queries.story import Story, coverage_of, evidence_of, posts_of, story_of, strip_of
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import has_role
from qiguan.register.models import Account
from qiguan.ui.dates import day_words as zh_day
from qiguan.ui.dates import moment_words as zh_moment
from qiguan.ui.values import Action, Answer, Fact

_OUTCOME_WORDS = {Clear: "未发现问题", Breach: "问题", Unknown: "未能判定", NotLooked: "未检查"}
_SHORT = {
    State.ACTIVE: "正常更新", State.DUE: "快到线了", State.OVERDUE: "超期未更新", State.SLEEPING: "睡眠", State.ZOMBIE: "僵尸", State.NEVER_POSTED: "从未发布",
    State.UNKNOWN: "还没看清", State.CLOSING: "停更待注销", State.BLOCKED: "平台受限", State.CLOSED: "已关停",
}  # fmt: skip
POSTS_A_PAGE = 20


@login_required
def account(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one account of the user's jurisdiction; 404 for any other."""
    at = clock.now()
    visible = Account.objects.visible_to(request.user).select_related("owner", "owner__successor", "supervisor")
    found = get_object_or_404(visible, public_id=public_id)
    story = story_of(found, pack=PackTable(at).of(found), at=at)
    page = request.GET.get("posts", "1")
    number = int(page) if page.isdecimal() and 0 < int(page[:6]) < 5000 else 1
    posts, total = posts_of(found, page=number, size=POSTS_A_PAGE)
    judged = story.judged
    may_act = has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN, Role.CHECKER, organ=found.owner)
    return render(
        request,
        "inspection/account.html",
        {
            "at": at,
            "account": found,
            "judged": judged,
            "may_manage": has_role(request.user, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=found.owner),
            "may_find": any(has_role(request.user, Role.SUPERVISOR, organ=o) for o in (found.owner, found.supervisor) if o),
            "story": story,
            "what": Answer(_what(judged.state, judged.days_silent), [judged.because, *_notes(story)]),
            "because": _because(story, at),
            "who": _who(story, found, may_act),
            "strip": strip_of(story),
            "facts": _facts(found, story, at),
            "beside": links_beside(found, request.user, at),
            "rules": [
                (rule, _OUTCOME_WORDS[type(story.outcomes[code])], story.outcomes[code].because)
                for code, rule in all_rules().items()
            ],
            "evidence": evidence_of(found, user=request.user),
            "lines": window_of(found, at=at),
            "verdicts": verdict_history(request.user, found),
            "spans": coverage_of(found),
            "sources": Source.objects.filter(account=found).order_by("pk"),
            "changes": _changes(story, at),
            "posts": posts,
            "posts_total": total,
            "posts_page": number,
            "posts_more": total > number * POSTS_A_PAGE,
            "ended": found.owner_has_ended(at.astimezone(SHANGHAI).date()),
        },
    )


def _what(state: State, days: int | None) -> str:
    if days and state.is_silence:
        return f"{days}天没有新内容"
    return _SHORT[state] if not days or state is not State.DUE else f"静默{days}天，快到线了"


def _notes(story: Story) -> list[str]:
    told = {"contradicted", "owner_ended", "reopened"}  # said by the contradictions, the banner and the state itself
    flags = [FLAG_WORDS[flag] for flag in story.judged.flags if flag not in told]
    return [*flags, *(f"几方说法不一：{c.said}" for c in story.judged.contradictions)]


def _because(story: Story, at: datetime) -> Answer:
    judged = story.judged
    hands = list(dict.fromkeys(hand.hand for hand in judged.hands))
    words = "完整来源或有人看过" if hands else "还没有谁能作证"
    notes = [story.pack.settings_zh]
    if hands:
        notes.insert(0, "、".join(hands[:3]))
    if judged.as_of:
        notes.insert(0, f"看清到{zh_moment(judged.as_of, at)}")
    if judged.state in {State.SLEEPING, State.ZOMBIE}:
        notes.append("这个叫法的天数没有全国标准：" + ("本系统设定" if story.pack.whose == "ours" else story.pack.whose))
    return Answer(words, notes, link=("看证据", "#evidence"))


def _who(story: Story, found: Account, may_act: bool) -> Answer:
    judged = story.judged
    if not judged.next_step:
        return Answer("不用做什么", ["有变化会再提醒"])
    actions = (
        [Action("人工核查", f"{reverse('check')}?account={found.public_id}", go=True)]
        if may_act and judged.state is State.UNKNOWN
        else []
    )
    return Answer(f"{judged.next_who}{judged.next_step}", [], actions)


def _facts(found: Account, story: Story, at: datetime) -> list[Fact]:
    rhythm, judged = story.judged.rhythm, story.judged
    today = at.astimezone(SHANGHAI).date()
    within = {"合格": "有", "不合格": "没有"}.get(str(story.verdict.word or ""), "未能判定")
    rows = [
        Fact("两周内有无更新", within, story.verdict.because),
        Fact("最近更新", _last(judged, at)),
        Fact("静默天数", "未知" if judged.days_silent is None else f"{judged.days_silent}天", "整24小时计"),
        Fact("近一年最长静默", "未知" if rhythm.longest_gap_days is None else f"{rhythm.longest_gap_days}天", "只算看得清的时段"),
        Fact("近一年超线天数", f"{rhythm.days_out}天"),
        Fact("近30天", f"{rhythm.posts_30}篇"),
        Fact("近一年", f"{rhythm.posts_365}篇", rhythm.trend),
    ]
    if found.owner_has_ended(today):
        rows.append(Fact("主办单位", "已撤并", f"职能承接：{found.owner.successor or '未登记'}"))
    return rows


def _last(judged: Standing, at: datetime) -> str:
    if judged.last_post_at is None:
        return "没有见到"
    return (zh_day if judged.last_post_day_precise else zh_moment)(judged.last_post_at, at)


def _changes(story: Story, at: datetime) -> list[str]:
    """What would change this state, in words."""
    judged = story.judged
    changes = []
    if judged.state.is_silence or judged.state is State.DUE:
        changes.append("看到一篇新内容，就回到“正常”。")
    if judged.next_line_at is not None:
        changes.append(f"没有新内容的话，{zh_moment(judged.next_line_at, at)}到下一条线。")
    if judged.state is State.UNKNOWN:
        changes.append("接上一个完整来源，或有人核查一次，就能说清。")
    elif judged.as_of is not None and judged.look_again_at is not None:
        changes.append(f"再没有谁来作证，{zh_moment(judged.look_again_at, at)}要重新判断。")
    return changes
