"""Pages of sources: scoped, in plain words, and nothing done by who may not."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest

from qiguan.collection.actions.credentials import issue_push_key
from qiguan.collection.actions.sources import add_source, connect_registered
from qiguan.collection.models import Credential, Post, Source
from qiguan.core.remedies import REMEDIES
from qiguan.core.source import Outcome
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from qiguan.register.models import AccountStaff
from tests.collection.feed_server import FeedServer, rss
from tests.factories import AT, make_account, make_town

pytestmark = pytest.mark.django_db
FEED = "https://news.example.invalid/feed.xml"


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def account(town):
    return make_account(town.commerce)


@pytest.fixture
def source(account):
    return add_source(account=account, connector_code="rss", url=FEED, complete=False, by=None, at=AT)


@pytest.fixture
def as_user(town, client):
    def log_in(name):
        client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def test_the_list_says_what_happened_what_to_do_and_who_must_act(as_user, source):
    Source.objects.update(outcome="login_page", outcome_since=AT, failures=3)
    page = as_user("supervisor").get("/office/sources/").content.decode()
    remedy = REMEDIES[Outcome.LOGIN_PAGE]
    assert all(words in page for words in (remedy.title, remedy.remedy, remedy.who, "连续3次"))
    assert "没有" not in as_user("supervisor").get("/office/sources/?outcome=gone").content.decode().split("<tbody", 1)[-1]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_page(as_user, source, outcome):
    Source.objects.update(outcome=outcome.value, outcome_since=AT)
    page = as_user("supervisor").get(f"/office/sources/{source.public_id}/").content.decode()
    assert REMEDIES[outcome].title in page


def test_a_foreign_organ_finds_nothing(as_user, town, account, source):
    key = issue_push_key(organ=town.commerce, title="南例专用", by=None, at=AT)[0]
    client = as_user("east")
    assert FEED not in client.get("/office/sources/").content.decode()
    assert client.get(f"/office/sources/{source.public_id}/").status_code == 404
    assert client.post(f"/office/sources/{source.public_id}/", {"do": "off"}).status_code == 404
    assert client.get(f"/office/sources/new/?account={account.public_id}").status_code == 404
    assert client.post("/office/sources/upload/", {"account": account.public_id}).status_code == 404
    assert "南例专用" not in client.get("/office/sources/keys/").content.decode()
    assert client.post("/office/sources/keys/", {"do": "revoke", "credential": key.public_id}).status_code == 404
    source.refresh_from_db()
    assert source.enabled


def test_who_only_looks_changes_nothing(as_user, source):
    client = as_user("auditor")
    assert client.get(f"/office/sources/{source.public_id}/").status_code == 200
    for do in ("off", "complete", "test", "address"):
        assert client.post(f"/office/sources/{source.public_id}/", {"do": do, "url": FEED + "2"}).status_code == 403
    source.refresh_from_db()
    assert (source.enabled, source.complete, source.url) == (True, False, FEED)


def test_completeness_is_a_persons_word_with_their_name(as_user, account, source):
    client = as_user("unit")
    client.post(f"/office/sources/{source.public_id}/", {"do": "complete"})
    source.refresh_from_db()
    assert source.complete
    assert "unit" in source.complete_said_by
    assert "unit" in client.get(f"/office/sources/{source.public_id}/").content.decode()
    assert "可能判为停更" in client.get(f"/office/sources/new/?account={account.public_id}").content.decode()


def test_another_address_is_another_word(as_user, source):
    client = as_user("unit")
    client.post(f"/office/sources/{source.public_id}/", {"do": "complete"})
    client.post(f"/office/sources/{source.public_id}/", {"do": "address", "url": "https://new.example.invalid/x"})
    source.refresh_from_db()
    assert (source.url, source.complete, source.span_ref) == ("https://new.example.invalid/x", False, None)
    answer = client.post(f"/office/sources/{source.public_id}/", {"do": "address", "url": "ftp://x"}, follow=True)
    assert "不是http或https地址" in answer.content.decode()


def test_an_address_that_belongs_to_the_account_already_is_told_and_not_half_changed(as_user, account, source):
    other = add_source(account=account, connector_code="rss", url=FEED + "2", by=None, at=AT)
    answer = as_user("unit").post(f"/office/sources/{other.public_id}/", {"do": "address", "url": FEED}, follow=True)
    assert "已经是这个账号的采集地址" in answer.content.decode()
    other.refresh_from_db()
    assert other.url == FEED + "2"


def test_test_now_reads_at_once_and_shows_the_poll(as_user, account):
    with FeedServer() as server:
        server.pages["/a"] = rss("示例", [("甲", AT - timedelta(days=1))])
        client = as_user("unit")
        answer = client.post(
            "/office/sources/new/", {"account": account.public_id, "connector": "rss", "url": server.base + "/a"}, follow=True
        )
        made = Source.objects.get()
        assert made.public_id in answer.redirect_chain[0][0]
        page = client.post(f"/office/sources/{made.public_id}/", {"do": "test"}, follow=True).content.decode()
    assert "新增1篇" in page


def test_switched_off_and_on_again(as_user, source):
    client = as_user("supervisor")
    client.post(f"/office/sources/{source.public_id}/", {"do": "off"})
    assert not Source.objects.get().enabled
    client.post(f"/office/sources/{source.public_id}/", {"do": "on"})
    assert Source.objects.get().enabled
    assert AuditEntry.objects.filter(action="change_source", fields=["enabled"]).count() == 2


def test_a_key_is_shown_once_and_revoked_in_one_click(as_user, town):
    client = as_user("supervisor")
    answer = client.post("/office/sources/keys/", {"do": "issue", "organ": town.commerce.public_id, "title": "商务局程序"})
    page = answer.content.decode()
    assert "qgp_" in page
    assert answer["Cache-Control"] == "no-store"
    again = client.get("/office/sources/keys/").content.decode()
    assert "商务局程序" in again
    assert "qgp_" not in again
    client.post("/office/sources/keys/", {"do": "revoke", "credential": Credential.objects.get().public_id})
    assert Credential.objects.get().revoked_at is not None
    assert "没有写用途" in client.post("/office/sources/keys/", {"organ": town.commerce.public_id, "title": " "}).content.decode()


def sheet(text, name="导出.csv"):
    file = BytesIO(text.encode())
    file.name = name
    return file


GOOD = "标题,链接,发布时间\n甲,https://mp.weixin.qq.com/s/a,2026-09-01 09:00\n乙,https://mp.weixin.qq.com/s/b,不知道\n"


@pytest.mark.parametrize("who", ["operator", "unit", "supervisor"])
def test_an_export_is_taken_row_by_row_and_twice_changes_nothing(as_user, town, account, who):
    AccountStaff.objects.create(account=account, user=town.users["operator"])
    client = as_user(who)
    page = client.post("/office/sources/upload/", {"account": account.public_id, "file": sheet(GOOD)}).content.decode()
    assert "收下1篇，其中新的1篇；1行没有收下" in page
    assert "C3" in page
    page = client.post("/office/sources/upload/", {"account": account.public_id, "file": sheet(GOOD)}).content.decode()
    assert "其中新的0篇" in page
    assert Post.objects.count() == 1
    source = Source.objects.get()
    assert (source.connector, source.complete, source.next_at) == ("csv_export", False, None)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (sheet("a,b\n1,2\n"), "没有找到表头"),
        (sheet("标题,链接,发布时间"), "一篇也没有"),
        (sheet("\n"), "没有内容"),
        (None, "没有选文件"),
        (sheet("%PDF-1.4", "x.pdf"), "PDF"),
    ],
)
def test_an_export_that_cannot_be_used_is_told_with_the_remedy(as_user, account, file, said):
    answer = as_user("unit").post("/office/sources/upload/", {"account": account.public_id, **({"file": file} if file else {})})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Source.objects.exists()


def test_the_auditor_uploads_nothing(as_user, account):
    answer = as_user("auditor").post("/office/sources/upload/", {"account": account.public_id, "file": sheet(GOOD)})
    assert answer.status_code == 403
    assert not Post.objects.exists()


def test_a_declared_export_time_covers_up_to_then_and_no_further(as_user, account):
    client = as_user("unit")
    client.post("/office/sources/upload/", {"account": account.public_id, "file": sheet(GOOD)})
    client.post(f"/office/sources/{Source.objects.get().public_id}/", {"do": "complete"})
    client.post("/office/sources/upload/", {"account": account.public_id, "file": sheet(GOOD), "exported_at": "2026-09-05T10:00"})
    span = Source.objects.get().spans.get()
    assert span.until.isoformat() == "2026-09-05T02:00:00+00:00"


def test_registered_addresses_become_sources_once(town):
    make_account(town.commerce, "一", feed_link=FEED, feed_complete=True)
    make_account(town.commerce, "二", feed_link="https://two.example.invalid/x")
    make_account(town.commerce, "三", feed_link="ftp://three.example.invalid/x")
    assert connect_registered(at=AT) == 2
    assert connect_registered(at=AT) == 0
    assert set(Source.objects.values_list("complete", "complete_said_by")) == {(True, "登记表"), (False, "")}


def test_sources_are_listed_by_pages(as_user, town, account):
    Source.objects.bulk_create(
        Source(account=account, connector="rss", url=f"https://n{n}.example.invalid/", added_at=AT, next_at=clock.machine_now())
        for n in range(120)
    )
    client = as_user("supervisor")
    assert client.get("/office/sources/").content.decode().count("<tr role") == 51
    assert client.get("/office/sources/?page=3").content.decode().count("<tr role") == 21
    assert client.get("/office/sources/?page=x&outcome=nonsense").status_code == 200
