"""Polling over HTTP from loopback: every outcome, 304, slow hosts, real feeds at three moments, a poller killed in the middle."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tarfile
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from qiguan.archive.actions import read_blob
from qiguan.collection.actions import polls
from qiguan.collection.actions.lease import Held
from qiguan.collection.actions.polls import poll_due, waits
from qiguan.collection.actions.sources import add_source
from qiguan.collection.models import CoverageSpan, Poll, Post, Source
from qiguan.connectors import rss as rss_connector
from qiguan.core.source import Item, Outcome, Reading
from qiguan.core.written_dates import PostedAt
from qiguan.jobs import clock
from qiguan.net.door import Limits
from qiguan.register.models import Account
from tests.collection.feed_server import FeedServer, rss
from tests.factories import AT, make_account, make_town

DAY = timedelta(days=1)
FAST = Limits(total=5, connect=2, per_host=20)


@pytest.fixture
def server():
    with FeedServer() as running:
        yield running


def make_sources(server, pages, *, complete=True):
    owner = make_town().commerce
    found = {}
    for path, page in pages.items():
        server.pages[path] = page
        account = make_account(owner, f"账号{path}", platform_id=f"id{path}")
        found[path] = add_source(account=account, connector_code="rss", url=server.base + path, complete=complete, by=None, at=AT)
    return found


def due():
    Source.objects.update(next_at=clock.machine_now())


@pytest.mark.django_db
def test_every_source_ends_in_its_own_outcome_and_no_failure_stops_another(server):
    good = rss("示例", [("甲", AT - DAY), ("乙", AT - 2 * DAY)])
    expected = {
        "/good": (good, "ok"),
        "/gone": (410, "gone"),
        "/absent": (404, "gone"),
        "/forbidden": (403, "forbidden"),
        "/busy": (503, "server_error"),
        "/slow": ((429, {"Retry-After": "7200"}, b""), "rate_limited"),
        "/login": ("<html><body>请登录<input type='password'></body></html>".encode(), "login_page"),
        "/page": (b"<html><body>hello</body></html>", "not_a_feed"),
        "/cut": (good[: len(good) // 2], "truncated"),
        "/empty": (rss("示例", []), "empty"),
        "/moved": ((301, {"Location": "/good"}, b""), "moved"),
        "/loop": ((302, {"Location": "/loop"}, b""), "redirect_loop"),
    }
    sources = make_sources(server, {path: page for path, (page, _) in expected.items()})
    Source.objects.filter(pk=sources["/empty"].pk).update(complete=False)
    totals = poll_due(at=AT, limits=FAST)
    found = {path: Source.objects.get(pk=s.pk) for path, s in sources.items()}
    assert {path: s.outcome for path, s in found.items()} == {path: outcome for path, (_, outcome) in expected.items()}
    assert sum(n for name, n in totals.items() if name != "new") == len(expected)
    assert found["/moved"].moved_to == server.base + "/good"
    assert found["/slow"].next_at - clock.machine_now() > timedelta(minutes=110)
    assert all(s.owner == "" and s.next_at > clock.machine_now() + timedelta(minutes=20) for s in found.values())
    assert set(CoverageSpan.objects.values_list("source__url", flat=True)) == {server.base + "/good", server.base + "/moved"}


@pytest.mark.django_db
def test_an_unchanged_feed_is_answered_304_and_extends_one_poll_row(server):
    source = make_sources(server, {"/a": rss("示例", [("甲", AT - DAY)])})["/a"]
    for n in range(4):
        due()
        poll_due(at=AT + n * timedelta(hours=1), limits=FAST)
    assert server.answered == {200: 1, 304: 3}
    assert list(Poll.objects.order_by("id").values_list("outcome", "times")) == [("ok", 1), ("not_modified", 3)]
    assert CoverageSpan.objects.get(source=source).until == AT + timedelta(hours=3)


@pytest.mark.django_db
def test_the_same_body_without_an_etag_is_not_parsed_again(server, monkeypatch):
    body = rss("示例", [("甲", AT - DAY)])
    make_sources(server, {"/a": (200, {"ETag": '""'}, body)})
    poll_due(at=AT, limits=FAST)
    due()
    monkeypatch.setattr(rss_connector, "read_bytes", lambda *a, **k: pytest.fail("parsed again"))
    Source.objects.update(etag="")
    assert poll_due(at=AT, limits=FAST) == {"new": 0, "not_modified": 1}


@pytest.mark.django_db
def test_a_slow_host_holds_up_nobody_else(server):
    sources = make_sources(server, {f"/{n}": rss("示例", [(f"甲{n}", AT - DAY)]) for n in range(6)})
    server.delay["/0"] = threading.Event()
    seen = []

    def moved(done):
        seen.append(done)
        if done == 5:
            assert Source.objects.filter(outcome="ok").count() == 5  # stored while /0 still waits
            server.delay["/0"].set()

    poll_due(at=AT, limits=Limits(total=15, per_host=6), moved=moved)
    assert seen[-1] == 6
    assert 5 in seen
    assert Source.objects.get(pk=sources["/0"].pk).outcome == "ok"


@pytest.mark.django_db
def test_an_answer_that_comes_while_a_turn_ends_is_not_left_behind(server, monkeypatch):
    make_sources(server, {f"/{n}": rss("示例", [(f"甲{n}", AT - DAY)]) for n in range(4)})
    real = polls._turn

    async def late(now, sources):
        """What the loop may do: the last readings end after the turn has taken what was finished."""
        finished = await real(now, sources)
        while now.reading:
            await asyncio.sleep(0.01)
        return finished

    monkeypatch.setattr(polls, "_turn", late)
    monkeypatch.setattr(polls, "BATCH", 2)
    assert poll_due(at=AT, limits=FAST) == {"new": 4, "ok": 4}


@pytest.mark.django_db
def test_a_bug_in_reading_one_source_is_its_own_outcome(server, monkeypatch):
    sources = make_sources(server, {"/a": rss("示例", [("甲", AT)]), "/b": rss("示例", [("乙", AT)])})
    real = polls._read

    async def broken(now, source):
        if source.pk == sources["/a"].pk:
            raise RuntimeError("a bug")
        return await real(now, source)

    monkeypatch.setattr(polls, "_read", broken)
    assert poll_due(at=AT, limits=FAST) == {"new": 1, "ok": 1, "internal": 1}


@pytest.mark.django_db
def test_waiting_for_a_hosts_turn_is_no_timeout(server):
    make_sources(server, {f"/{n}": rss("示例", [(f"甲{n}", AT - DAY)]) for n in range(12)})
    totals = poll_due(
        at=AT, limits=Limits(total=1, per_host=1, pause=0.15)
    )  # 12 × 0.15 s is more than the second allowed to each
    assert totals == {"new": 12, "ok": 12}


@pytest.mark.django_db
def test_a_private_address_is_refused_and_named(server, settings):
    make_sources(server, {"/a": rss("示例", [])})
    settings.NET_ALLOW_LOOPBACK = False
    assert poll_due(at=AT, limits=FAST) == {"new": 0, "private_address": 1}


@pytest.mark.django_db
def test_an_unknown_connector_is_that_sources_own_failure(server):
    sources = make_sources(server, {"/a": rss("示例", [("甲", AT)]), "/b": rss("示例", [("乙", AT)])})
    Source.objects.filter(pk=sources["/a"].pk).update(connector="nothing")
    assert poll_due(at=AT, limits=FAST) == {"new": 1, "ok": 1, "internal": 1}


@pytest.mark.django_db
def test_evidence_of_blindness_is_kept_and_of_complete_sources_where_asked_for(server, settings):
    page = "<html>请登录</html>".encode()
    make_sources(server, {"/a": page})
    poll_due(at=AT, limits=FAST)
    assert read_blob(Poll.objects.get().blob) == page
    due()
    poll_due(at=AT, limits=FAST)
    assert Poll.objects.get().times == 2
    settings.KEEP_BODIES = "all"
    server.pages["/a"] = body = rss("示例", [("甲", AT - DAY)])
    due()
    poll_due(at=AT, limits=FAST)
    assert read_blob(Poll.objects.latest("id").blob) == body
    settings.KEEP_BODIES = "failures"
    server.pages["/a"] = rss("示例", [("甲", AT - DAY), ("乙", AT)])
    due()
    poll_due(at=AT, limits=FAST)
    assert read_blob(Poll.objects.latest("id").blob) == body


def held(**more):
    return Held(1, 1, "abc", "rss", **more)


def test_a_busy_account_is_looked_at_more_often_than_a_quiet_one():
    def reading(every):
        return Reading(Outcome.OK, tuple(Item(str(n), "x", posted=PostedAt(AT - n * every)) for n in range(1, 8)))

    assert waits(held(), reading(timedelta(hours=4)), at=AT)[0] < waits(held(), reading(DAY * 2), at=AT)[0]


def test_a_failure_backs_off_and_leaves_the_sources_own_pause_alone():
    one = waits(held(interval=5000), Reading(Outcome.TIMEOUT), at=AT)
    many = waits(held(interval=5000, failures=4), Reading(Outcome.TIMEOUT), at=AT)
    assert one[1] == many[1] == 5000
    assert one[0] < many[0] <= 86400
    assert waits(held(), Reading(Outcome.RATE_LIMITED, retry_after=50_000), at=AT)[0] >= 50_000


def test_an_unchanged_answer_stretches_the_pause_to_a_day_at_most():
    assert waits(held(interval=10_000), Reading(Outcome.NOT_MODIFIED), at=AT) == (12_000, 12_000)
    assert waits(held(interval=80_000), Reading(Outcome.NOT_MODIFIED), at=AT) == (86_400, 86_400)


MOMENTS = {
    "2021-06-16T17-14": datetime(2021, 6, 16, 9, 14, tzinfo=UTC),
    "2021-06-17T07-14": datetime(2021, 6, 16, 23, 14, tzinfo=UTC),
    "2021-06-17T15-18": datetime(2021, 6, 17, 7, 18, tzinfo=UTC),
}


@pytest.mark.django_db
def test_three_real_moments_give_the_union_of_their_posts_none_twice_and_304_where_nothing_changed(real_data, server):
    saved = {moment: {} for moment in MOMENTS}
    with tarfile.open(real_data / "wechat-feeds.tar.xz", "r|xz") as archive:
        for member in archive:
            moment = next((m for m in MOMENTS if m in member.name), "")
            if moment and member.name.endswith(".xml"):
                saved[moment][member.name.rsplit("/", 1)[1]] = archive.extractfile(member).read()
    names = sorted(set().union(*saved.values()))
    owner = make_town().commerce
    accounts = Account.objects.bulk_create(
        Account(
            platform="wechat_mp",
            platform_id=n,
            name=n,
            name_key=n,
            owner=owner,
            owner_path=owner.path,
            registered_at=AT,
            changed_at=AT,
        )
        for n in names
    )
    Source.objects.bulk_create(
        Source(account=a, connector="rss", url=f"{server.base}/{a.platform_id}", next_at=AT, added_at=AT, complete=True)
        for a in accounts
    )
    before = {}
    for moment, at in MOMENTS.items():
        server.pages = {f"/{name}": body for name, body in saved[moment].items()}
        server.answered.clear()
        Source.objects.update(next_at=clock.machine_now())
        poll_due(at=at, limits=FAST)
        same = sum(before.get(name) == body for name, body in saved[moment].items())
        if before:
            assert server.answered[304] == sum(
                before.get(n) == b and rss_connector.read_bytes(b, at=at).outcome is Outcome.OK for n, b in saved[moment].items()
            )
            assert same > 100
        before |= saved[moment]
    union = {
        (name, item.key)
        for moment, at in MOMENTS.items()
        for name, body in saved[moment].items()
        for item in rss_connector.read_bytes(body, at=at).items
    }
    stored = list(Post.objects.values_list("account__platform_id", "key"))
    assert len(stored) == len(set(stored)) > 20_000
    assert set(stored) == union


@pytest.mark.django_db(transaction=True)
def test_a_poller_killed_in_the_middle_leaves_nothing_missing_and_nothing_double(server, tmp_path):
    n = 2000
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qiguan.config.settings", "QIGUAN_DATA": str(tmp_path)}
    if connection.vendor == "postgresql":
        environment["TEST_DATABASE"] = str(connection.settings_dict["NAME"])

    def start(*words):
        line = [sys.executable, "-m", "tests.collection.killed_poller", *words]
        return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True)

    def counted():
        return [int(word) for word in start("count").communicate()[0].split()]

    assert start("found", str(n), server.base).wait() == 0
    server.pages = {f"/k{i}": rss(f"k{i}", [(f"{i}甲", AT - DAY), (f"{i}乙", AT - 2 * DAY)]) for i in range(n)}
    first = start("poll")
    while int(first.stdout.readline()) < n // 4:
        pass
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    read, leased, *_ = counted()
    assert 0 < read < n
    assert leased > 0
    pollers = [start("poll"), start("poll")]
    for poller in pollers:
        poller.communicate()
    assert [poller.returncode for poller in pollers] == [0, 0]
    assert counted() == [n, 0, 2 * n, n, n]


@pytest.mark.django_db
def test_the_networks_of_the_office_are_open_to_its_polls(settings, monkeypatch):
    from qiguan.collection.actions import polls

    made = []

    class Recorded(polls.Door):
        def __init__(self, **given):
            made.append([str(network) for network in given["allow"]])
            super().__init__(**given)

    monkeypatch.setattr(polls, "Door", Recorded)
    settings.NET_ALLOW_NETWORKS = "10.0.0.0/8,fd00:20::/32"
    polls.poll_due(at=AT)
    assert made == [["10.0.0.0/8", "fd00:20::/32"]]
