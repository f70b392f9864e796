"""The account page and the list: flags in words, and a screenshot for those who may open it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account
from tests.inspection.test_standings import give_posts

from qiguan.archive.actions import store_blob
from qiguan.collection.models import HumanCheck
from qiguan.core.days import day_of, end_of
from qiguan.core.facts import Said
from qiguan.inspection.actions.standing import judge_all
from qiguan.jobs import clock
from qiguan.register.models import AccountStaff

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(town, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    return make_account(town.commerce, "南例商务", platform_id="gh_1")


def check(account, **more) -> HumanCheck:
    given = {"said": Said.NEWEST, "newest_at": AT - timedelta(days=3), "at": AT - timedelta(days=1), "stored_at": AT}
    return HumanCheck.objects.create(
        account=account, client_key=f"k{HumanCheck.objects.count()}", hand="核查员", **{**given, **more}
    )


def test_a_screenshot_is_linked_for_those_who_may_open_it(client, town, account):
    shot = store_blob(data=b"\xff\xd8picture", media_type="image/jpeg", at=AT).digest
    with_shot, without = check(account, screenshot=shot), check(account)
    address = f"/office/check/shot/{with_shot.public_id}/"
    AccountStaff.objects.create(account=account, user=town.users["operator"])
    for name, shown in (("supervisor", True), ("unit", True), ("operator", False)):
        client.force_login(town.users[name])
        page = client.get(f"/office/accounts/{account.public_id}/").content.decode()
        assert (f'href="{address}"' in page) is shown, name
        assert without.public_id not in page
        assert (client.get(address).status_code == 200) is shown, "the link leads somewhere exactly for whom it is shown"


def test_flags_are_said_in_words_on_the_account_and_in_the_list(client, town, account):
    give_posts(account, 3)
    check(account, said=Said.RENAMED, new_name="南例文旅")
    account.closing_filed_on = AT.date()
    account.save()
    judge_all(at=AT)
    client.force_login(town.users["supervisor"])
    for address in (f"/office/accounts/{account.public_id}/", "/office/accounts/"):
        page = client.get(address).content.decode()
        assert "账号已改名，请办变更备案" in page, address
        assert "停更已备案，还没有公告" in page, address


def test_the_picture_counts_the_post_that_only_a_checker_saw_and_names_its_own_day(client, town, account):
    check(account, newest_at=end_of(day_of(AT) - timedelta(days=3)))  # known to the day: stored as the end of it
    client.force_login(town.users["supervisor"])
    page = client.get(f"/office/accounts/{account.public_id}/").content.decode()
    day = day_of(AT) - timedelta(days=3)
    assert page.count("1篇，") >= 1
    assert f"{day.month}月{day.day}日" in page
    assert f"{day.month}月{day.day}日 24:00" not in page, "no hour is known"
    assert "00:00" not in page
    assert "我们没看清" in page, "the months before the look were watched by nobody"
