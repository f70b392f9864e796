"""The window check: a machine tries links, people try the rest, one table says both."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from qiguan.archive.actions import read_blob
from qiguan.collection.actions.checks import Seen, hold_next, open_round, record_check
from qiguan.collection.actions.windows import MOST_ITEMS, add_window_item, check_windows, remove_window_item
from qiguan.collection.models import HumanCheck, WindowItem, WindowLook
from qiguan.collection.queries.windows import window_of
from qiguan.core.errors import NotPermitted, UnusableInput
from qiguan.core.facts import Said
from qiguan.core.window import Part, Works
from qiguan.jobs import clock
from qiguan.register.models import Account
from tests.collection.feed_server import FeedServer
from tests.factories import AT, Town, make_account

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def server():
    with FeedServer() as running:
        yield running


@pytest.fixture
def account(town: Town) -> Account:
    return make_account(town.commerce, platform_id="gh_1")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    """Both clocks, moved by the test."""
    moment = {"at": AT}
    monkeypatch.setattr(clock, "machine_now", lambda: moment["at"])
    monkeypatch.setattr(clock, "now", lambda: moment["at"])
    return moment


def add(account: Account, link: str, label: str = "办事大厅", part: str = "service", by: Any = None) -> WindowItem:
    return add_window_item(account=account, part=part, label=label, link=link, by=by, at=AT)


def lines(account: Account, at: datetime = AT) -> dict[tuple[Part, str], Works]:
    return {(line.part, line.label): line.works for line in window_of(account, at=at)}


def test_a_link_that_opens_works_and_one_that_is_gone_does_not_with_the_page_as_proof(server, account, machine):
    server.pages |= {"/hall": b"<title>hall</title>", "/gone": (404, {}, b"nothing here")}
    add(account, server.base + "/hall")
    add(account, server.base + "/gone", "旧大厅")
    assert check_windows(at=AT) == 2
    assert check_windows(at=AT) == 0, "not due again"
    assert lines(account)[Part.SERVICE, "办事大厅"] is Works.YES
    assert lines(account)[Part.SERVICE, "旧大厅"] is Works.NO
    assert read_blob(WindowLook.objects.get(works=False).blob) == b"nothing here"
    assert lines(account)[Part.TELEPHONE, ""] is Works.NOT_TRIED


def test_one_stumble_is_none_and_a_second_is(server, account, machine):
    server.pages["/hall"] = 503
    item = add(account, server.base + "/hall")
    check_windows(at=AT)
    assert lines(account)[Part.SERVICE, "办事大厅"] is Works.NOT_TRIED
    item.refresh_from_db()
    assert item.next_at == AT + timedelta(hours=6)
    machine["at"] = AT + timedelta(hours=7)
    assert check_windows(at=machine["at"]) == 1
    assert lines(account, machine["at"])[Part.SERVICE, "办事大厅"] is Works.NO
    server.pages["/hall"] = b"back"
    machine["at"] += timedelta(days=4)
    check_windows(at=machine["at"])
    assert lines(account, machine["at"])[Part.SERVICE, "办事大厅"] is Works.YES


def test_a_door_closed_to_machines_accuses_nobody(server, account, machine):
    server.pages["/hall"] = 403
    add(account, server.base + "/hall")
    for day in range(0, 21, 7):
        machine["at"] = AT + timedelta(days=day)
        check_windows(at=machine["at"])
    assert lines(account, machine["at"])[Part.SERVICE, "办事大厅"] is Works.NOT_TRIED
    assert WindowLook.objects.get().times == 3, "equal answers extend one row"


def test_an_address_of_this_network_is_never_asked(server, account, machine, settings):
    settings.NET_ALLOW_LOOPBACK = False
    add(account, server.base + "/hall")
    check_windows(at=AT)
    assert not server.answered
    assert WindowLook.objects.get().outcome == "private_address"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"part": "phone"}, "哪一项"),
        ({"label": " "}, "名称"),
        ({"label": "长" * 61}, "名称"),
        ({"link": "javascript:alert(1)"}, "链接"),
        ({"label": "办事大厅"}, "名称"),
    ],
)
def test_wrong_input_is_told_by_field(account, change, place):
    add(account, "https://x.invalid/a")
    with pytest.raises(UnusableInput) as caught:
        add(account, **{"link": "https://x.invalid/b", "label": "别的", "part": "service"} | change)
    assert caught.value.place == place


def test_an_account_has_so_many_links_and_no_more_and_one_removed_makes_room(account):
    for n in range(MOST_ITEMS):
        item = add(account, "https://x.invalid/a", f"项{n}")
    with pytest.raises(UnusableInput):
        add(account, "https://x.invalid/a", "再一项")
    remove_window_item(item=item, by=None, at=AT)
    add(account, "https://x.invalid/a", item.label)


@pytest.mark.parametrize("name", ["east", "operator", "checker", "auditor"])
def test_strangers_and_narrow_roles_change_nothing(town, account, name):
    with pytest.raises(NotPermitted):
        add(account, "https://x.invalid/a", by=town.users[name])
    item = add(account, "https://x.invalid/a")
    with pytest.raises(NotPermitted):
        remove_window_item(item=item, by=town.users[name], at=AT)


def test_what_people_tried_stands_in_the_table(account):
    record_check(
        account=account,
        seen=Seen(Said.NEWEST, AT - timedelta(days=1), menu=False, message_box=True, window={"phone": True, "auto": False}),
        client_key="k1", looked_at=AT, by=None, at=AT,
    )  # fmt: skip
    found = lines(account)
    assert (found[Part.MENU, ""], found[Part.MESSAGE_BOX, ""]) == (Works.NO, Works.YES)
    assert (found[Part.TELEPHONE, ""], found[Part.AUTO_REPLY, ""]) == (Works.YES, Works.NO)
    assert found[Part.SERVICE, ""] is Works.NOT_TRIED


def test_the_check_screen_keeps_the_optional_taps_and_asks_for_none(town, account, machine):
    round_ = open_round(organ=town.city, title="核查", accounts=[account], seed="1", by=None, at=AT)
    client = Client()
    client.force_login(town.users["checker"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("check_work", args=[round_.public_id])
    assert 'name="w_phone"' in client.get(address).content.decode()
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    said = {
        "task": task.pk,
        "key": "k1",
        "last": "2026-09-14",
        "box": "",
        "menu": "",
        "w_phone": "no",
        "w_mini": "",
        "w_auto": "x",
    }
    assert client.post(address, said).status_code == 302
    assert HumanCheck.objects.get().window == {"phone": False}


def test_the_page_shows_the_table_adds_and_removes(town, account, machine):
    client = Client()
    client.force_login(town.users["supervisor"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("account_window", args=[account.public_id])
    assert "窗口体检" in client.get(reverse("account", args=[account.public_id])).content.decode()
    bad = client.post(address, {"part": "service", "label": "大厅", "link": "x"})
    assert bad.status_code == 400
    assert 'value="大厅"' in bad.content.decode()
    assert client.post(address, {"part": "service", "label": "大厅", "link": "https://x.invalid/"}).status_code == 302
    item = WindowItem.objects.get()
    assert client.post(address, {"remove": item.public_id}).status_code == 302
    assert not WindowItem.objects.filter(removed_at=None).exists()
    client.force_login(town.users["east"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 404
