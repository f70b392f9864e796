"""The sums of a year, frozen when a bulletin is published: causes, zombies ended, and what the office itself did."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.factories import AT, make_account
from tests.publication.test_bulletins import AFTER, settled, shown  # noqa: F401

from qiguan.core.ticket import Cause
from qiguan.inspection.models import RoundAccount, Verdict
from qiguan.publication.actions.publishing import publish_bulletin
from qiguan.publication.site import write_site
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Appeal, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def year(settled):  # noqa: F811
    """One zombie of 南例县 closed with a successor after three days; published a week later."""
    RoundAccount.objects.filter(account=settled.dead).update(state="zombie")
    open_tickets(round_=settled.round, by=None, at=AT)
    settled.dead.replaced_by = settled.alive
    settled.dead.save()
    fixed = Ticket.objects.get(account=settled.dead)
    done = {"state": "closed", "outcome": "cancelled", "cause": Cause.NOT_NEEDED, "closed_at": AT + timedelta(days=4)}
    Ticket.objects.filter(pk=fixed.pk).update(fixed_on=fixed.counts_from + timedelta(days=3), **done)
    Appeal.objects.create(ticket=fixed, words="x", state=Appeal.State.UPHELD, asked_at=AT + timedelta(days=1))
    settled.ticket = fixed
    settled.bulletin = shown(settled)
    return settled


def publish(town):
    return publish_bulletin(bulletin=town.bulletin, by=town.users["supervisor"], at=AFTER)


def test_the_sums_are_frozen_for_the_office_and_each_place_with_a_row(year):
    snapshot = publish(year)
    sums = {s.organ_ref: s for s in snapshot.sums.all()}
    assert set(sums) == {year.city.public_id, year.south.public_id, year.east.public_id}
    for ref in (year.city.public_id, year.south.public_id):
        found = sums[ref].outcomes
        assert (found["zombies"], found["closed_with_successor"], found["days_to_end"]) == (1, 1, 3)
        assert found["causes"] == {Cause.NOT_NEEDED: 1}
    assert sums[year.east.public_id].outcomes["tickets"] == 0
    assert sums[year.south.public_id].office == {}
    office = sums[year.city.public_id].office
    wanted = {"rounds": 1, "notices": 1, "chases": 0, "running": 0, "late": 0, "appeals": 1, "upheld": 1, "part": 0, "waiting": 0}
    assert {k: v for k, v in office.items() if k != "reasons"} == wanted


def test_what_changes_afterwards_changes_no_page(client, year):
    publish(year)
    pages = [
        reverse("public_card", args=[year.city.public_id]), reverse("public_place", args=[year.city.public_id]), reverse("public_place", args=[year.south.public_id]),
    ]  # fmt: skip
    before = [client.get(page).content for page in pages]
    for body in before:
        assert "不需要此号" in body.decode()
        assert "1个，了结1个" in body.decode()
    Ticket.objects.update(cause=Cause.NO_ONE, state="fixing", due_on=AT.date())
    assert [client.get(page).content for page in pages] == before


def test_the_card_says_what_the_office_did_and_that_minutes_are_not_counted(client, year):
    year.blind = make_account(year.audit, "后来的", platform_id="gh_9")  # in no round: in no sum
    publish(year)
    card = client.get(reverse("public_card", args=[year.city.public_id])).content.decode()
    for words in (
        "一年定案的检查</dt><dd>1批",
        "1件，成立1件",
        "未统计",
        "没有计时，也没有问过单位",
        "过了期限的整改</dt><dd>0件",
    ):
        assert words in card


def test_a_late_ticket_and_the_reasons_stand_on_the_card(client, year):
    Ticket.objects.update(state="fixing", due_on=AT.date(), closed_at=None)
    line = RoundAccount.objects.get(account=year.alive)
    line.outcomes["GB19-M-V2a"] = ["Unknown", "没有完整来源，也没有人工核查", 1]
    line.save()
    Verdict.objects.filter(account=year.alive).update(word="未能判定")
    publish(year)
    card = client.get(reverse("public_card", args=[year.city.public_id])).content.decode()
    assert "过了期限的整改</dt><dd>1件" in card
    assert "没有完整来源，也没有人工核查：1个" in card


def test_publishing_that_was_killed_freezes_the_sums_once(year, monkeypatch):
    from qiguan.publication.actions import publishing

    def stop(*args, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "values_of", stop)
        with pytest.raises(KeyboardInterrupt):
            publish(year)
    assert publish(year).sums.count() == 3


def test_the_static_site_has_the_pages_of_the_places_with_their_sums(year, tmp_path):
    publish(year)
    assert write_site(tmp_path).missing == []
    page = (tmp_path / "places" / year.south.public_id / "index.html").read_text(encoding="utf-8")
    assert "不需要此号" in page
