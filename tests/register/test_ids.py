"""Accounts by their ids: any case, another of their ids, a long part."""

from __future__ import annotations

import random

import pytest
from tests.factories import AT, make_account

from qiguan.inspection.actions.standing import judge_all
from qiguan.inspection.queries import standings
from qiguan.inspection.queries.standings import ListFilter, list_page
from qiguan.register.models import Account, AccountAlias, AccountGram
from qiguan.register.queries.ids import LONG, id_key, pieces_of

LETTERS = "abcdef0123456789_-ABC南"


def test_every_long_part_of_an_id_shares_all_its_pieces_with_it():
    dice = random.Random(1)
    for _ in range(300):
        value = "".join(dice.choices(LETTERS, k=dice.randint(1, 40)))
        whole = set(pieces_of(value))
        assert bool(whole) is (len(value) >= LONG)
        for start in range(len(value) - LONG + 1):
            part = value[start : dice.randint(start + LONG, len(value))]
            assert pieces_of(part.upper())
            assert set(pieces_of(part.upper())) <= whole


def test_the_pieces_of_an_id_are_few():
    assert len(pieces_of("gh_0123456789ab")) <= 6


def test_an_id_is_compared_without_case_width_and_blanks():
    assert id_key(" ＧＨ_0Ａ ") == "gh_0a"


@pytest.fixture
def accounts(town):
    for n, (name, platform_id) in enumerate(
        [
            ("甲", "gh_3f9ac02d41be"),
            ("乙", "gh_3f9ac02d41bf"),
            ("丙", "ShilishiWJW-2024"),
            ("丁", "shilishigov"),
            ("戊", "7788990011223"),
            ("己", "slz1"),
        ]
    ):
        make_account(town.commerce if n % 2 else town.audit, name, platform_id=platform_id)
    AccountAlias.objects.create(account=Account.objects.get(name="戊"), platform="wechat_mp", sort="wxid", value="Nanli_Weixin")
    judge_all(at=AT)
    return town


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("gh_3f9ac02d41be", "甲"),
        ("GH_3F9AC02D41BE", "甲"),
        ("3f9ac02d41b", "甲乙"),
        ("ac02d41bf", "乙"),
        ("shilishiwjw-2024", "丙"),
        ("wjw-2024", "丙"),
        ("shilishi", "丙丁"),
        ("shilishigov", "丁"),
        ("78899001122", "戊"),
        ("nanli_weixin", "戊"),
        ("SLZ1", "己"),
        ("gh_3f", "甲乙"),
        ("gh_3f9ac02d41b0", ""),
        ("100%_", ""),
        ("%%%%%%%%%", ""),
    ],
)
def test_the_list_finds_an_account_by_its_id_or_a_long_part_of_it(accounts, words, names):
    page = list_page(user=accounts.users["supervisor"], wanted=ListFilter(words=words))
    assert sorted(r.name for r in page.rows) == sorted(names)
    assert page.total == len(names)


@pytest.mark.django_db
def test_what_a_user_may_not_see_is_not_found_by_its_id(accounts):
    page = list_page(user=accounts.users["east"], wanted=ListFilter(words="gh_3f9ac02d41bf"))
    assert page.total == 0


@pytest.mark.django_db
def test_a_latin_name_is_found_beside_ids(town):
    make_account(town.commerce, "Nanli Commerce", platform_id="1")
    make_account(town.commerce, "乙", platform_id="xx-nanlicommerce")
    judge_all(at=AT)
    assert list_page(user=town.users["supervisor"], wanted=ListFilter(words="nanlicommerce")).total == 2


@pytest.mark.django_db
def test_accounts_registered_before_get_their_pieces(town):
    from importlib import import_module

    from django.apps import apps

    account = make_account(town.commerce, "甲", platform_id="gh_3f9ac02d41be")
    make_account(town.commerce, "乙")
    AccountGram.objects.filter(gram__in=pieces_of(account.platform_id)).delete()
    import_module("qiguan.register.migrations.0004_ids_in_any_case").add_pieces(apps, None)
    assert set(
        AccountGram.objects.filter(account=account, gram__in=pieces_of(account.platform_id)).values_list("gram", flat=True)
    ) == set(pieces_of(account.platform_id))


@pytest.mark.django_db
def test_a_part_that_very_many_share_is_left_to_the_database(accounts, monkeypatch):
    monkeypatch.setattr(standings, "MANY", 0)
    user = accounts.users["supervisor"]
    for words, names in (("shilishi", "丙丁"), ("SHILISHIW", "丙"), ("3f9ac02d41b", "甲乙"), ("nosuchpart", "")):
        assert sorted(r.name for r in list_page(user=user, wanted=ListFilter(words=words)).rows) == sorted(names)
