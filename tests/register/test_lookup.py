"""Is this account official? Never a bare no."""

from __future__ import annotations

from datetime import date

import pytest
from tests.factories import AT, make_account

from qiguan.people.actions import rename_organ
from qiguan.register.actions.accounts import publish_entries
from qiguan.register.models import AccountAlias
from qiguan.register.queries.lookup import accounts_meant, look_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def accounts(town):
    live = make_account(town.commerce, "南例商务", platform_id="gh_aaaaaaaaaaaa", link="https://weibo.com/nanli")
    closed = make_account(
        town.commerce,
        "南例旧号",
        platform="weibo",
        platform_id="42",
        status="closed",
        closed_on=date(2025, 1, 1),
        replaced_by=live,
    )
    publish_entries([closed], at=AT)
    AccountAlias.objects.create(account=live, platform="wechat_mp", sort="wxid", value="Nanli-fabu")
    return live, closed


@pytest.mark.parametrize(
    ("query", "answer", "words"),
    [
        ("南例商务", "listed", "在册，主办单位为南例县商务局"),
        (" 南例 商务 ", "listed", "在册"),
        ("gh_aaaaaaaaaaaa", "listed", "在册"),
        ("GH_Aaaaaaaaaaaa", "listed", "在册"),
        ("nanli-FABU", "listed", "在册"),
        ("https://weibo.com/nanli", "listed", "在册"),
        ("https://weibo.com/u/42", "closed", "请改用南例商务"),
        ("南例商务局", "alike", "请核对"),
        ("完全不相干", "not_listed", "不等于假冒；登记范围：示例市人民政府"),
        ("x" * 2000, "not_listed", "不等于假冒"),
        ("\x00", "not_listed", "不等于假冒"),
        ("' OR 1=1 --", "not_listed", "不等于假冒"),
    ],
)
def test_the_four_answers(accounts, query, answer, words):
    found = look_up(query)
    assert (found.answer, words in found.words) == (answer, True)


def test_the_page_works_without_scripts_and_shows_no_state_and_no_person(client, accounts):
    page = client.get("/", {"q": "南例商务"}).content.decode()
    assert "在册，主办单位为南例县商务局" in page
    assert "<script" not in page
    assert "正常" not in page
    assert client.get("/").status_code == 200


def test_the_api_has_one_shape_for_answers_and_errors(client, accounts):
    body = client.get("/api/v1/accounts/lookup", {"q": "南例商务"}).json()
    assert (body["answer"], body["accounts"][0]["owner"], body["accounts"][0]["account_id"]) == (
        "listed",
        "南例县商务局",
        "gh_aaaaaaaaaaaa",
    )
    for query, status in (({}, 422), ({"q": " "}, 400), ({"q": "x" * 600}, 422)):
        answer = client.get("/api/v1/accounts/lookup", query)
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"code", "message", "place", "remedy"}


def test_an_organ_is_found_by_its_former_name(town):
    from qiguan.core.platforms import name_key
    from qiguan.people.queries import organs_named

    rename_organ(organ=town.commerce, name="南例县商务和投资促进局", on=date(2026, 1, 1), by=None, at=AT)
    assert organs_named(name_key("南例县商务局")).get() == town.commerce


def test_of_two_ids_that_differ_in_case_the_one_written_is_meant(town):
    small = make_account(town.commerce, "甲", platform_id="MzA4MDM1Njg3NQ==")
    large = make_account(town.audit, "乙", platform_id="MzA4MDM1NJG3NQ==")
    assert [e.account for e in look_up("MzA4MDM1Njg3NQ==").entries] == [small]
    assert [e.account for e in look_up("MzA4MDM1NJG3NQ==").entries] == [large]
    assert len(look_up("mza4mdm1njg3nq==").entries) == 2
    for account, value in ((small, "Slsz_A"), (large, "slsz_a")):
        AccountAlias.objects.create(account=account, platform="wechat_mp", sort="wxid", value=value)
    assert [e.account for e in look_up("slsz_a").entries] == [large]
    assert accounts_meant("SLSZ_A").count() == 2
    assert not accounts_meant("\x00 ").exists()
