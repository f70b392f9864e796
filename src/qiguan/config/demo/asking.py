"""What the citizens of 示例市 ask their accounts, and what became of it. All of it is invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from qiguan.collection.models import Post
from qiguan.core.days import day_of
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.register.models import Account
from qiguan.topics.actions.asking import ASK, SECOND, ask_topic, second_topic
from qiguan.topics.actions.deciding import answer_topic, decline_topic, pledge_topic, release_topic
from qiguan.topics.actions.pool import ask_quickly, offer_text
from qiguan.topics.kits import load_kits
from qiguan.topics.models import TopicRequest
from qiguan.topics.queries.public import Quarter, topic_of_code

# account, words, may they be shown, how many more want it, what became of it
_ASKED = (
    ("示例交警", "学校门口早上堵，能不能讲讲几点绕行、走哪条路？", True, 23, "answered"),
    ("示例交警", "电动车上牌要带什么材料", True, 11, "pledged"),
    ("示例人社", "附近工厂招工的消息能不能每周发一次", True, 37, "answered"),
    ("示例人社", "每天发领导开会，不如发点用工信息", False, 4, "waiting"),
    ("示例医保", "异地看病怎么报销，一条一条讲", True, 15, "declined"),
    ("示例交通", "公交五路改到哪里了？", True, 9, "waiting"),
)


def ask_in_town(users: Mapping[str, User], at: datetime) -> None:
    """Let the citizens ask; the supervisor and the units answer some of it."""
    boss = users["jianguan"]
    for nth, (name, words, shown, more, became) in enumerate(_ASKED):
        account = Account.objects.filter(name=name).select_related("owner").order_by("pk").first()
        if account is None:
            continue
        when, now = at - timedelta(days=20 - 2 * nth), clock.machine_now()
        code = ask_topic(
            account=account, words=words, words_public=shown, channel="qr", form_key=make_form_key(what=ASK, now=now), visitor=f"demo {nth}",
            at=when, now=now,
        )  # fmt: skip
        asked = topic_of_code(code)
        if asked is None:
            continue
        release_topic(request=asked, by=boss, at=when + timedelta(days=1))
        for n in range(more):
            key = make_form_key(what=SECOND, now=now)
            second_topic(request=asked, form_key=key, visitor=f"demo {nth} {n}", at=when + timedelta(days=2), now=now)
        _settle(asked, became, boss, when + timedelta(days=3))
    _offer(boss, at)


def _settle(asked: TopicRequest, became: str, by: User, at: datetime) -> None:
    if became == "answered":
        post = Post.objects.filter(account=asked.account, published_at__lte=at).order_by("-published_at").first()
        answer_topic(request=asked, post=post, words="以后每周一篇", by=by, at=at)
    elif became == "pledged":
        pledge_topic(request=asked, due_on=day_of(at) + timedelta(days=30), by=by, at=at)
    elif became == "declined":
        decline_topic(request=asked, why="政策正在调整，下月新办法出来再讲，先看窗口的明白纸", by=by, at=at)


def _offer(by: User, at: datetime) -> None:
    """One text in the pool, one small question."""
    kit = load_kits()["yonggong"]
    city = by.memberships.select_related("organ").order_by("pk")[0].organ
    until = day_of(at) + timedelta(days=kit.days_valid)
    offer_text(organ=city, title="用工信息：示例县星火食品厂", text=kit.example, expires_on=until, kit=kit.code, by=by, at=at)
    account = Account.objects.filter(name="示例交警").order_by("pk").first()
    if account is not None:
        options = ["路况绕行", "办牌办证", "事故处理", "都不想看"]
        ask_quickly(account=account, quarter=Quarter.of(at).code, words="您最想看什么？", options=options, by=by, at=at)
