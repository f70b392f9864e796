"""A citizen's sighting: proves life, never silence, stored once, and nobody's name in it. Links are hostile."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from qiguan.collection.actions import sightings
from qiguan.collection.actions.sightings import link_of, record_sighting
from qiguan.collection.models import Sighting, Touched
from qiguan.core.errors import QiguanError
from qiguan.core.facts import State
from qiguan.inspection.actions.standing import judge_all
from qiguan.inspection.models import Standing
from qiguan.intake.actions.allow import Rate
from qiguan.intake.models import FormKey, RateLimit
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from tests.factories import AT, make_account

pytestmark = pytest.mark.django_db
LINK = "https://mp.weixin.qq.com/s/abc"


@pytest.fixture
def account(town, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    return make_account(town.commerce, platform_id="gh_commerce")


@pytest.fixture
def send(client, account):
    def post(*, key: str | None = None, **said):
        if key is None:
            page = client.get(f"/seen/?account={account.public_id}").content.decode()
            key = re.search(r'name="key" value="([^"]+)"', page)[1]
        form = {"account": account.public_id, "key": key, "link": LINK, "day": "2026-09-15", "time": "", **said}
        post.key = key
        return client.post("/seen/", form)

    return post


def test_a_sighting_proves_life_and_keeps_nothing_of_the_citizen(account):
    seen = record_sighting(account=account, url=LINK, posted_at=AT - timedelta(days=1), at=AT)
    assert Sighting.objects.get() == seen
    assert Touched.objects.filter(account=account).exists()
    assert not AuditEntry.objects.filter(action__contains="sighting").exclude(by=None).exists()


@pytest.mark.parametrize(("url", "ahead"), [("javascript:alert(1)", -1), (LINK, 1), (LINK + "a" * 1000, -1)])
def test_a_sighting_of_nonsense_is_refused(account, url, ahead):
    with pytest.raises(QiguanError):
        record_sighting(account=account, url=url, posted_at=AT + timedelta(hours=ahead), at=AT)
    assert not Sighting.objects.exists()


def test_from_the_look_up_to_thanks_and_the_account_lives(client, account, send):
    assert f'/seen/?account={account.public_id}"' in client.get("/?q=gh_commerce").content.decode()
    answer = send(time="09:30")
    assert (answer.status_code, answer["Location"]) == (302, "/seen/thanks/")
    assert "停更" in client.get("/seen/thanks/").content.decode()
    row = Sighting.objects.get()
    assert (row.posted_at, row.precision, row.url) == (datetime(2026, 9, 15, 1, 30, tzinfo=UTC), "minute", LINK)
    judge_all(at=AT)
    assert Standing.objects.get().state == State.ACTIVE


def test_an_old_sighting_never_says_silent(account, send):
    assert send(day="2026-03-01").status_code == 302
    judge_all(at=AT)
    assert Standing.objects.get().state == State.UNKNOWN


def test_a_day_alone_is_kept_as_a_day_and_never_runs_past_the_moment_it_was_told(account, send):
    send()
    assert (Sighting.objects.get().posted_at, Sighting.objects.get().precision) == (datetime(2026, 9, 15, 16, tzinfo=UTC), "day")
    send(day="2026年9月16日", link=LINK + "2")
    assert Sighting.objects.latest("pk").posted_at == AT


def test_the_same_form_again_stores_once_and_thanks_again(account, send):
    assert send().status_code == send(key=send.key).status_code == 302
    assert send(key=send.key, link=LINK + "2").status_code == 302, "a spent key stores nothing"
    assert Sighting.objects.count() == FormKey.objects.count() == 1
    send()
    assert Sighting.objects.count() == 1, "another citizen's same word adds nothing"
    send(day="2026-09-14")
    assert Sighting.objects.count() == 2, "another date is another word: a wrong one first swallows no right one"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"link": "javascript:alert(1)"}, "没有看到链接"),
        ({"link": "https://evil.example.invalid/s/abc"}, "这不是微信公众号的链接"),
        ({"link": "https://mp.weixin.qq.com.evil.example.invalid/s"}, "这不是微信公众号的链接"),
        ({"link": "https://mp.weixin.qq.com@evil.example.invalid/"}, "没有看到链接"),
        ({"link": "http://169.254.169.254/latest"}, "没有看到链接"),
        ({"link": ""}, "没有看到链接"),
        ({"day": ""}, "没有写日期"),
        ({"day": "2026-02-31"}, "二月没有31日"),
        ({"day": "2026-09-17"}, "日期在将来"),
        ({"day": "2026-09-16", "time": "23:59"}, "时间在将来"),
        ({"time": "9点多"}, "时间读不出来"),
        ({"key": "made-up"}, "重新打开"),
        ({"homepage": "http://spam.example.invalid"}, "请不要填这一栏"),
    ],
)
def test_what_cannot_be_used_is_told_and_nothing_is_lost(account, send, said, words):
    answer = send(**said)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert "made-up" not in page, "a fresh key for the next try"
    if "link" not in said:
        assert LINK in page, "what was written stays in the form"
    assert not Sighting.objects.exists()


def test_what_is_written_comes_back_escaped(account, send):
    assert '"><script>' not in send(link='"><script>alert(1)</script>').content.decode()


def test_a_link_may_have_words_round_it_and_a_clock_may_run_ahead_a_little(account, send):
    send(link=f"南例商务发了新文章，快看 {LINK}，点开", day="2026-09-16", time="10:05")
    assert (Sighting.objects.get().url, Sighting.objects.get().posted_at) == (LINK, AT)


def test_a_link_that_names_another_registered_account_is_refused(town):
    mine = make_account(town.commerce, "甲", platform="weibo", platform_id="1111")
    make_account(town.audit, "乙", platform="weibo", platform_id="2222")
    assert link_of("https://weibo.com/1111/PcD", account=mine)
    assert link_of("https://weibo.com/3333/PcD", account=mine), "an id that nobody registered may be his second one"
    with pytest.raises(QiguanError, match="另一个账号"):
        link_of("https://weibo.com/2222/PcD", account=mine)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "http://[::1]/x", "http://intranet/x", "http://2130706433/", "http://0x7f.1/"]
)
def test_where_the_platform_is_not_known_a_link_still_needs_a_public_name(town, url):
    other = make_account(town.commerce, "丙", platform="other")
    assert link_of("https://post.example.invalid/1", account=other)
    with pytest.raises(QiguanError):
        link_of(url, account=other)


def test_a_visitor_that_comes_too_densely_is_told_when_to_come_again_and_stands_nowhere(account, send, monkeypatch):
    monkeypatch.setattr(sightings, "OF_VISITOR", Rate(2, timedelta(minutes=4)))
    assert [send().status_code, send(day="2026-09-14").status_code] == [302, 302]
    refused = send(day="2026-09-13")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 120
    assert "后再试" in refused.content.decode()
    assert Sighting.objects.count() == 2
    assert "127.0.0.1" not in str([*RateLimit.objects.values(), *Sighting.objects.values(), *FormKey.objects.values()])


def test_one_account_takes_only_so_many_an_hour(account, send, monkeypatch):
    monkeypatch.setattr(sightings, "OF_ACCOUNT", Rate(1, timedelta(hours=1)))
    assert [send().status_code, send(day="2026-09-14").status_code] == [302, 429]


def test_an_account_that_is_not_in_the_public_register_has_no_form(client, account):
    for name in ("", "nobody", "a\x00b"):
        assert client.get("/seen/", {"account": name}).status_code == 404
    account.public_entry.delete()
    assert client.get("/seen/", {"account": account.public_id}).status_code == 404


def test_the_page_is_not_kept_by_caches_and_shows_public_columns_only(client, account, django_assert_max_num_queries):
    with django_assert_max_num_queries(1) as said:
        answer = client.get("/seen/", {"account": account.public_id})
    assert "supervisor" not in said.captured_queries[0]["sql"], "no column of the register that is not public"
    assert "no-store" in answer["Cache-Control"]
    assert not RateLimit.objects.exists(), "looking costs nothing"


def test_officials_see_the_link_as_what_a_citizen_wrote(client, town, account):
    record_sighting(account=account, url=LINK, posted_at=AT - timedelta(hours=30), at=AT)
    client.force_login(town.users["supervisor"])
    page = client.get(f"/office/accounts/{account.public_id}/").content.decode()
    assert f'<a href="{LINK}" rel="noreferrer">' in page
    assert "说是2026年9月15日04:00发布" in page


def test_the_accounts_public_page_leads_to_the_form_while_it_is_in_the_register(client, account):
    page = client.get(f"/accounts/{account.public_id}/").content.decode()
    assert f'/seen/?account={account.public_id}"' in page
