"""What the register says, gathered for the rules on filing, names and owners."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, Town, make_account

from qiguan.collection.models import Poll, Source
from qiguan.core.facts import RegisterFacts, Scope, Sibling
from qiguan.core.rule import Breach, Clear, NotLooked, Unknown
from qiguan.inspection.actions.standing import PackTable
from qiguan.inspection.queries.facts import facts_of, facts_of_rows, gather_facts
from qiguan.inspection.queries.registered import read_registered
from qiguan.inspection.queries.story import story_of
from qiguan.register.actions.filings import decide_filing, submit_filing
from qiguan.register.actions.imports import apply_file, receive_file
from qiguan.register.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.database]
OPENING = {
    "name": "南例新号", "platform": "weibo", "purpose": "公开", "why_not_existing": "没有", "runner": "办公室", "deputy": "宣传科", "cadence": "每周", "close_when": "撤并",
}  # fmt: skip


def facts(account: Account) -> RegisterFacts:
    found = gather_facts([account.pk], at=AT + timedelta(days=1))[account.pk].register
    assert found is not None
    return found


def outcome(account: Account, code: str):
    at = AT + timedelta(days=1)
    account = Account.objects.select_related("owner", "owner__successor").get(pk=account.pk)
    return story_of(account, pack=PackTable(at).of(account), at=at).outcomes[code]


def filed(town: Town, what: str, account: Account | None, said: dict[str, str], *, approve: bool = True):
    filing = submit_filing(what=what, organ=town.commerce, account=account, said=said, by=town.users["unit"], at=AT)
    if approve:
        decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)
    return filing


def test_siblings_are_the_owners_other_living_accounts_in_scope(town):
    mine = make_account(town.commerce, platform_id="gh_1")
    make_account(town.commerce, "南例商务微博", platform="weibo", platform_id="2")
    make_account(town.commerce, "停了的", platform_id="gh_3", status=Account.Status.CLOSED)
    make_account(town.commerce, "只登记的", platform_id="gh_4", scope=Scope.LISTED)
    make_account(town.audit, "别人的", platform_id="gh_5")
    assert facts(mine).siblings == (Sibling("南例商务微博", "weibo"),)
    assert isinstance(outcome(mine, "QG-R-DOUBLE"), Clear)
    make_account(town.commerce, "要停的", platform_id="gh_6", status=Account.Status.CLOSING)
    assert isinstance(outcome(mine, "QG-R-DOUBLE"), Clear)
    make_account(town.commerce, "第二个", platform_id="gh_7")
    assert isinstance(outcome(mine, "QG-R-DOUBLE"), Breach)


def test_an_approved_opening_is_a_filing_and_says_when(town):
    account = filed(town, "open", None, OPENING).account
    said = facts(account)
    assert said.filed_on == said.opening_approved_on == AT.date()
    assert isinstance(outcome(account, "QG-R-UNFILED"), Clear)
    assert isinstance(outcome(account, "QG-R-EARLY"), Unknown), "nobody watched the time before"


def test_a_waiting_change_names_the_new_name_and_an_approved_one_the_change_of_owner(town):
    account = make_account(town.commerce, platform_id="gh_1")
    filed(town, "change", account, {"name": "南例商务发布", "why": "更名"}, approve=False)
    assert facts(account).names_filed == ("南例商务发布",)
    other = make_account(town.commerce, "另一个", platform="weibo", platform_id="2")
    filed(town, "change", other, {"owner": "东例区审计局", "why": "移交"})
    assert facts(other).owner_changed_on == AT.date()
    assert facts(other).names_filed == ()
    assert "东例区审计局" in facts(other).owner_names
    assert isinstance(outcome(other, "QG-O-OWNER"), Unknown)


def test_an_imported_register_counts_as_a_filing_and_a_bare_row_does_not(town):
    bare = make_account(town.commerce, platform_id="gh_1")
    assert facts(bare).filed_on is None
    assert isinstance(outcome(bare, "QG-R-UNFILED"), Unknown)
    sheet = "账号名称,平台,账号ID,主办单位\n南例商务,微信公众号,gh_1,南例县商务局\n".encode()
    file = receive_file(organ=town.south, name="a.csv", data=sheet, by=None, at=AT)
    apply_file(file=file, by=None, at=AT)
    assert facts(bare).filed_on == AT.date()


def test_a_source_that_calls_itself_otherwise_is_asked_about_and_accuses_nobody(town):
    account = make_account(town.commerce, platform_id="gh_1")
    source = Source.objects.create(
        account=account, connector="rss", url="https://x.invalid/f", added_at=AT, outcome="renamed", outcome_since=AT
    )
    poll = Poll.objects.create(source=source, outcome="renamed", first_at=AT, last_at=AT, detail="现名“南例生活”")
    Source.objects.filter(pk=source.pk).update(poll_ref=poll.pk)
    assert [s.name for s in facts(account).source_names] == ["南例生活"]
    assert isinstance(outcome(account, "QG-R-NAME"), Unknown)


def test_the_nightly_pass_asks_the_register_nothing(town, django_assert_max_num_queries):
    account = make_account(town.commerce, platform_id="gh_1")
    with django_assert_max_num_queries(8):  # the accounts themselves among them
        found = facts_of_rows(read_registered([account.pk]), at=AT)[account.pk]
    assert found.register is None
    assert isinstance(outcome(account, "QG-R-CERT"), NotLooked)


def test_many_accounts_cost_as_many_statements_as_one(town, django_assert_max_num_queries):
    for n in range(12):
        make_account(town.commerce, f"号{n}", platform_id=f"gh_{n}")
    accounts = list(Account.objects.select_related("owner", "owner__successor"))
    with django_assert_max_num_queries(13):
        found = facts_of(accounts, at=AT)
    assert len(found) == 12
    assert all(f.register and len(f.register.siblings) == 11 for f in found.values())
