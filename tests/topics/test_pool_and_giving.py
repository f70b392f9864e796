"""The pool is voluntary and names its source; what citizens give is consented to and credited; one small question a quarter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.topics.actions.giving import GIVE, decline_contribution, give_contribution, use_contribution
from qiguan.topics.actions.pool import QUICK, answer_quickly, ask_quickly, offer_text, take_from_pool
from qiguan.topics.kits import load_kits
from qiguan.topics.models import Contribution, PoolUse, QuickAnswer
from qiguan.topics.queries.listing import interval, supply_and_demand
from qiguan.topics.queries.public import contribution_of_code, quick_counts, thanks_of
from tests.factories import AT
from tests.topics.conftest import asks
from tests.topics.test_deciding import post_of

DAY = AT.date() + timedelta(days=7)


def test_a_text_is_offered_once_and_taken_with_its_source(town, account):
    boss, unit = town.users["supervisor"], town.users["unit"]
    item = offer_text(organ=town.city, title="用工信息", text="【用工】二十人", expires_on=DAY, kit="yonggong", by=boss, at=AT)
    texts = {take_from_pool(item=item, account=account, by=unit, at=AT) for _ in range(2)}
    assert texts == {"用工信息\n\n【用工】二十人\n\n来源：示例市人民政府"}
    assert PoolUse.objects.count() == 1
    with pytest.raises(NotPermitted):
        take_from_pool(item=item, account=account, by=town.users["east"], at=AT)
    with pytest.raises(QiguanError, match="已过有效期"):
        take_from_pool(item=item, account=account, by=unit, at=AT + timedelta(days=9))
    with pytest.raises(NotPermitted):
        offer_text(organ=town.city, title="x", text="y", expires_on=DAY, by=unit, at=AT)
    for title, day, told in (("", DAY, "都要写"), ("x", AT.date() - timedelta(days=1), "有效期已过")):
        with pytest.raises(QiguanError, match=told):
            offer_text(organ=town.city, title=title, text="y", expires_on=day, by=boss, at=AT)


def test_a_kit_fills_its_template_and_names_what_is_missing():
    kits = load_kits()
    assert {kit.title for kit in kits.values()} == {"用工信息", "道路交通", "电商助农"}
    for kit in kits.values():
        assert "〔" not in kit.example
        assert all(f"〔{field.label}〕" in kit.fill({}) for field in kit.fields)
        assert kit.sources
        assert kit.cautions
        assert 0 < kit.days_valid < 60


def give(account, key: str = "", **more) -> str:
    now = clock.machine_now()
    said = {"sort": "correction", "text": "站名写错了", "about": "《五路改线》", "credit": "老王", "consents": True} | more
    key = key or make_form_key(what=GIVE, now=now)
    return give_contribution(account=account, form_key=key, visitor="v", at=AT, now=now, **said)


def test_what_is_given_is_stored_once_and_credited_when_used(account, town):
    key = make_form_key(what=GIVE, now=clock.machine_now())
    codes = {give(account, key) for _ in range(2)}
    found = contribution_of_code(codes.pop())
    assert Contribution.objects.count() == 1
    assert not thanks_of(account)
    use_contribution(contribution=found, url="https://e.invalid/2", by=town.users["unit"], at=AT)
    assert [t.credit for t in thanks_of(account)] == ["老王"]
    decline_contribution(contribution=found, why="已经更正过了", by=town.users["unit"], at=AT)
    assert not thanks_of(account)
    with pytest.raises(NotPermitted):
        use_contribution(contribution=found, by=town.users["east"], at=AT)
    for act in (
        lambda: use_contribution(contribution=found, url="ftp://x", by=town.users["unit"], at=AT),
        lambda: decline_contribution(contribution=found, why="", by=town.users["unit"], at=AT),
    ):
        with pytest.raises(QiguanError):
            act()


@pytest.mark.parametrize(
    ("more", "told"),
    [({"sort": "x"}, "没有选"), ({"text": " "}, "还没有写"), ({"consents": False}, "没有同意"), ({"about": ""}, "没有写哪一篇")],
)
def test_nothing_is_taken_without_consent_or_without_what_it_is_about(account, more, told):
    with pytest.raises(QiguanError, match=told):
        give(account, **more)
    assert not Contribution.objects.exists()


def test_one_small_question_a_quarter_each_press_counted_once(account, town):
    unit, now = town.users["unit"], clock.machine_now()
    question = ask_quickly(
        account=account, quarter="2026Q3", words="最想看什么", options=["招工", " 路况 ", "", "招工"], by=unit, at=AT
    )
    assert question.options == ["招工", "路况"]
    with pytest.raises(QiguanError, match="已经问过"):
        ask_quickly(account=account, quarter="2026Q3", words="再问", options=["a", "b"], by=unit, at=AT)
    with pytest.raises(QiguanError, match="两到六个"):
        ask_quickly(account=account, quarter="2026Q4", words="问", options=["a"], by=unit, at=AT)
    key = make_form_key(what=QUICK, now=now)
    for _ in range(2):
        answer_quickly(question=question, option=1, form_key=key, visitor="v", at=AT, now=now)
    with pytest.raises(QiguanError, match="没有选"):
        answer_quickly(question=question, option=2, form_key="", visitor="v", at=AT, now=now)
    assert list(quick_counts(question)) == [("招工", 0), ("路况", 1)]
    assert QuickAnswer.objects.count() == 1


def test_supply_stands_beside_demand_with_its_sample(account, town):
    for n in range(6):
        post_of(account, f"县长主持召开第{n}次常务会议")
    for title in ("本周招聘信息", "……"):
        post_of(account, title)
    asks(account, "哪里招工")
    found = supply_and_demand(town.users["unit"], at=AT)
    assert (found.posts, found.unclear_posts, found.requests) == (8, 1, 1)
    assert {line.subject: (line.posts, line.requests) for line in found.lines} == {"就业用工": (1, 1), "领导活动": (6, 0)}
    assert found.leaders == interval(6, 7)
    assert supply_and_demand(town.users["east"], at=AT).leaders is None


def test_an_interval_is_wide_where_the_sample_is_small():
    assert interval(5, 10) == (50, 24, 76)
    assert interval(0, 3)[:2] == (0, 0)
    assert interval(3, 3)[2] == 100
