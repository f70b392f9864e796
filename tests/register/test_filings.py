"""Filings are approved by another person; approval changes the account."""

from __future__ import annotations

from datetime import date

import pytest
from tests.factories import AT, make_account

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.register.actions.filings import OPENING, decide_filing, submit_filing
from qiguan.register.models import Account, PublicEntry
from qiguan.register.queries.nearest import nearest_accounts

pytestmark = pytest.mark.django_db
SAID = dict.fromkeys(OPENING, "x") | {"name": "南例文旅", "platform": "weibo"}


def test_an_opening_is_approved_by_another_person_and_looked_at_after_ninety_days(town):
    filing = submit_filing(what="open", organ=town.commerce, account=None, said=SAID, by=town.users["unit"], at=AT)
    decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)
    account = Account.objects.get(name="南例文旅")
    assert filing.look_again_on == date(2026, 12, 15)
    assert PublicEntry.objects.get(account=account).owner_name == "南例县商务局"
    with pytest.raises(QiguanError, match="审批过"):
        decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)


def test_nobody_approves_their_own_filing_and_a_return_needs_a_reason(town):
    filing = submit_filing(what="open", organ=town.commerce, account=None, said=SAID, by=town.users["supervisor"], at=AT)
    with pytest.raises(NotPermitted):
        decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)
    with pytest.raises(QiguanError, match="理由"):
        decide_filing(filing=filing, approve=False, reason=" ", by=town.users["second"], at=AT)
    with pytest.raises(NotPermitted):
        decide_filing(filing=filing, approve=True, reason="", by=town.users["east"], at=AT)
    assert decide_filing(filing=filing, approve=False, reason="已有同类账号", by=town.users["second"], at=AT).state == "returned"


def test_an_opening_without_its_reasons_is_refused_with_the_missing_words(town):
    with pytest.raises(QiguanError, match="现有账号为什么不行"):
        submit_filing(
            what="open", organ=town.commerce, account=None, said={**SAID, "why_not_existing": ""}, by=town.users["unit"], at=AT
        )


def test_a_successor_named_by_name_is_written_out_and_two_alike_are_asked_about(town):
    account = make_account(town.commerce, platform_id="gh_1")
    make_account(town.commerce, "南例发布", platform_id="gh_2")
    make_account(town.audit, "南例发布", platform_id="gh_3")
    closing = {"notice_on": "2026-09-10", "closes_on": "2026年10月1日", "instead": "南例发布", "instead_id": "forged"}
    filing = submit_filing(what="stop", organ=town.commerce, account=account, said=closing, by=town.users["unit"], at=AT)
    assert filing.said["instead"] == "南例发布（微信公众号，gh_2，南例县商务局）"
    decide_filing(filing=filing, approve=False, reason="再核对", by=town.users["supervisor"], at=AT)
    make_account(town.commerce, "南例发布", platform_id="gh_4")
    with pytest.raises(QiguanError, match="不止一个：南例发布（微信公众号，gh_2，南例县商务局）") as told:
        submit_filing(what="stop", organ=town.commerce, account=account, said=closing, by=town.users["unit"], at=AT)
    assert "账号ID" in told.value.remedy
    exact = closing | {"instead": "gh_4"}
    filing = submit_filing(what="stop", organ=town.commerce, account=account, said=exact, by=town.users["unit"], at=AT)
    decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)
    account.refresh_from_db()
    assert account.replaced_by.platform_id == "gh_4"


def test_a_stop_makes_the_account_closing_with_notice_and_date(town):
    account = make_account(town.commerce, platform_id="gh_1")
    make_account(town.commerce, "南例发布", platform_id="gh_2")
    filing = submit_filing(
        what="stop",
        organ=town.commerce,
        account=account,
        said={"notice_on": "2026-09-10", "closes_on": "2026年10月1日", "instead": "南例发布"},
        by=town.users["unit"],
        at=AT,
    )
    decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)
    account.refresh_from_db()
    assert (account.status, account.closes_on, account.replaced_by.name) == ("closing", date(2026, 10, 1), "南例发布")
    with pytest.raises(QiguanError, match="九月没有31日"):
        submit_filing(
            what="stop",
            organ=town.commerce,
            account=account,
            said={"notice_on": "2026-09-31", "closes_on": "2026-10-01", "instead": "x"},
            by=town.users["unit"],
            at=AT,
        )


def test_a_change_renames_or_hands_over(town):
    account = make_account(town.commerce, platform_id="gh_1")
    filing = submit_filing(
        what="change",
        organ=town.commerce,
        account=account,
        said={"name": "南例商务发布", "owner": "东例区审计局"},
        by=town.users["unit"],
        at=AT,
    )
    decide_filing(filing=filing, approve=True, reason="", by=town.users["supervisor"], at=AT)
    account.refresh_from_db()
    assert (account.name, account.owner, account.names.get().name) == ("南例商务发布", town.audit, "南例商务")


def test_the_three_nearest_accounts_are_the_owners_own_and_the_alike(town):
    own = make_account(town.commerce, "南例商务", platform_id="gh_1")
    alike = make_account(town.south, "南例文旅之声", platform="weibo", platform_id="3")
    make_account(town.audit, "无关", platform="weibo", platform_id="4")
    assert nearest_accounts("南例文旅", town.commerce) == [own, alike]
