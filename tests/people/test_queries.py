"""Who has which role, and on which days."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account

from qiguan.jobs import clock
from qiguan.people.models import Membership, Role, User
from qiguan.people.queries import has_role, memberships_of, organs_seen_by, paths_seen_by
from qiguan.register.actions.custody import assign_staff
from qiguan.register.models import Account

pytestmark = pytest.mark.django_db
TODAY = AT.date()  # 10:00 in Shanghai
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


def again(user: User) -> User:
    """The user as the next request reads it."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [(None, None, True), (TODAY, None, True), (TODAY + DAY, None, False), (None, TODAY, False), (None, TODAY + DAY, True), (None, TODAY - DAY, False)],
)  # fmt: skip
def test_a_role_holds_from_its_first_day_and_ends_with_its_last(town, since, until, holds):
    account = make_account(town.commerce)
    Membership.objects.filter(user=town.users["supervisor"]).update(since=since, until=until)
    user = again(town.users["supervisor"])
    assert has_role(user, Role.SUPERVISOR) is holds
    assert bool(memberships_of(user)) is bool(paths_seen_by(user)) is organs_seen_by(user).exists() is holds
    assert Account.objects.visible_to(user).filter(pk=account.pk).exists() is holds


def test_a_role_that_ended_opens_no_page(client, town):
    make_account(town.commerce, "南例商务")
    Membership.objects.filter(user=town.users["supervisor"]).update(until=TODAY)
    client.force_login(town.users["supervisor"])
    assert "南例商务" not in client.get("/office/accounts/").content.decode()
    assert (
        client.get("/office/register/").status_code == 403 or "南例商务" not in client.get("/office/register/").content.decode()
    )


def test_the_day_turns_in_shanghai(town, monkeypatch):
    Membership.objects.filter(user=town.users["supervisor"]).update(until=TODAY + DAY)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=13, minutes=59))
    assert has_role(again(town.users["supervisor"]), Role.SUPERVISOR)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(hours=14))
    assert not has_role(again(town.users["supervisor"]), Role.SUPERVISOR)


def test_nobody_whose_role_ended_is_put_in_charge(client, town):
    from qiguan.core.errors import QiguanError

    account = make_account(town.commerce)
    client.force_login(town.users["unit"])
    assert ">operator</option>" in client.get(f"/office/register/accounts/{account.public_id}/").content.decode()
    Membership.objects.filter(user=town.users["operator"]).update(until=TODAY)
    assert ">operator</option>" not in client.get(f"/office/register/accounts/{account.public_id}/").content.decode()
    with pytest.raises(QiguanError):
        assign_staff(account=account, user=town.users["operator"], part="operator", by=town.users["unit"], at=AT)
