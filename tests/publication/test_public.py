"""Public pages: only from visible snapshots, organs only, hostile words harmless, and nothing of what is not published."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.publication.test_bulletins import AFTER, settled, shown  # noqa: F401

from qiguan.publication.actions.publishing import publish_bulletin
from qiguan.publication.models import Snapshot, SnapshotAccount

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ALLOWED = {
    "publication_snapshot", "publication_snapshotaccount", "publication_bulletin", "publication_bulletinversion", "publication_snapshotsums", "register_publicentry",
    "register_account", "people_organ", "inspection_round", "inspection_roundaccount",
}  # fmt: skip
# of these tables only what stands here may be named: a state judged meanwhile, a person or an unconfirmed finding never
COLUMNS = {
    "register_account": {"id", "public_id", "owner_id"},
    "inspection_round": {"id", "public_id", "organ_id", "organ_path", "title", "at", "sort", "wanted", "percent", "number_source", "seed", "list_hash", "stage", "before_id", "opened_at", "opened_by_id", "judged_at", "settled_at", "settled_by_id", "progress"},
    "inspection_roundaccount": {"id", "round_id", "why"},
}  # fmt: skip


@pytest.fixture
def published(settled):  # noqa: F811
    bulletin = shown(settled)
    settled.snapshot = publish_bulletin(bulletin=bulletin, by=settled.users["supervisor"], at=AFTER)
    settled.bulletin = bulletin
    return settled


def addresses(town) -> list[str]:
    b, dead = town.bulletin.public_id, town.dead.public_id
    return [
        reverse("public_bulletins"), reverse("public_bulletin", args=[b]), reverse("public_bulletin", args=[b]) + "?verdict=合格&page=9",
        reverse("public_method", args=[b]), reverse("public_account", args=[dead]), reverse("public_unit", args=[town.commerce.public_id]),
        reverse("public_place", args=[town.south.public_id]), reverse("public_place", args=[town.city.public_id]),
        reverse("public_card", args=[town.city.public_id]), reverse("public_badge", args=[dead]), reverse("public_feed"),
        reverse("public_account_feed", args=[dead]),
    ]  # fmt: skip


def test_every_public_page_answers_from_allowed_tables_alone(client, published):
    for url in addresses(published):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(url)
        assert answer.status_code == 200, url
        for query in queries:
            sql = query["sql"].replace("`", '"')
            tables = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', sql))
            assert tables <= ALLOWED, (url, tables - ALLOWED)
            for table, columns in COLUMNS.items():
                assert set(re.findall(rf'"{table}"\."(\w+)"', sql)) <= columns, (url, sql)


def test_no_person_stands_in_any_public_byte(client, published):
    for url in addresses(published):
        body = client.get(url).content.decode()
        for user in published.users.values():
            assert f">{user.shown_name}<" not in body
            assert f"（{user.shown_name}）" not in body


def test_what_is_not_published_is_not_there(client, settled):  # noqa: F811
    bulletin = shown(settled)
    settled.bulletin = bulletin
    for name, ref in (
        ("public_bulletin", bulletin),
        ("public_method", bulletin),
        ("public_unit", settled.commerce),
        ("public_place", settled.south),
        ("public_card", settled.city),
        ("public_badge", settled.dead),
    ):
        assert client.get(reverse(name, args=[ref.public_id])).status_code == 404, name
    page = client.get(reverse("public_account", args=[settled.dead.public_id])).content.decode()
    assert "还没有公布过检查结果" in page
    assert "不合格" not in page
    publish_bulletin(bulletin=bulletin, by=settled.users["supervisor"], at=AFTER)
    Snapshot.objects.update(visible=False)
    assert client.get(reverse("public_bulletin", args=[bulletin.public_id])).status_code == 404


def test_the_page_says_the_verdict_and_its_date(client, published):
    page = client.get(reverse("public_account", args=[published.dead.public_id])).content.decode()
    assert "不合格" in page
    assert "数据截至2026年9月15日" in page
    page = client.get(reverse("public_bulletin", args=[published.bulletin.public_id])).content.decode()
    assert "监测时间点前2周内无更新" in page
    assert "停更的" in page


def test_a_hostile_name_and_reply_stay_words(client, published):
    row = published.snapshot.accounts.get(account=published.dead)
    type(row).objects.filter(pk=row.pk).update(name="<script>alert(1)</script>\u202e", reply="<img src=x onerror=alert(1)>")
    for url in addresses(published):
        assert b"<script>alert" not in client.get(url).content
        assert b"<img src=x" not in client.get(url).content
    for name in ("public_badge", "public_account_feed"):
        ElementTree.fromstring(client.get(reverse(name, args=[published.dead.public_id])).content)


def test_feeds_and_badge_are_well_formed(client, published):
    feed = ElementTree.fromstring(client.get(reverse("public_feed")).content)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    badge = client.get(reverse("public_badge", args=[published.dead.public_id]))
    assert badge["Content-Type"] == "image/svg+xml"
    assert "不合格 2026-09-15" in badge.content.decode()


def test_a_correction_is_linked_both_ways(client, published):
    from qiguan.publication.actions.bulletins import approve_bulletin, draft_bulletin, show_to_units

    boss = published.users["supervisor"]
    other = draft_bulletin(round_=published.round, by=boss, at=AFTER, corrects=published.bulletin, correction="第1行日期有误")
    approve_bulletin(bulletin=other, by=published.users["second"], at=AFTER)
    show_to_units(bulletin=other, by=boss, at=AFTER)
    publish_bulletin(bulletin=other, by=boss, at=AFTER + timedelta(days=9))
    old = client.get(reverse("public_bulletin", args=[published.bulletin.public_id])).content.decode()
    new = client.get(reverse("public_bulletin", args=[other.public_id])).content.decode()
    assert "第1行日期有误" in old
    assert reverse("public_bulletin", args=[other.public_id]) in old
    assert reverse("public_bulletin", args=[published.bulletin.public_id]) in new


def test_text_files_and_tables_are_there_and_agree(client, published):
    page = client.get(reverse("public_bulletin", args=[published.bulletin.public_id])).content.decode()
    assert "本次共检查账号2个" in page
    version = published.bulletin.versions.get()
    assert {"通报.docx", "附件.xlsx"} <= set(version.files)
    for name in version.files:
        answer = client.get(reverse("public_file", args=[published.bulletin.public_id, name]))
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment;")
    assert client.get(reverse("public_file", args=[published.bulletin.public_id, "..x"])).status_code == 404


def test_a_check_point_at_midnight_is_the_end_of_its_own_day_on_every_page(client, published):
    point = datetime(2026, 9, 16, 16, 0, tzinfo=UTC)  # 2026-09-16 24:00 in Shanghai
    type(published.snapshot).objects.filter(pk=published.snapshot.pk).update(at=point)
    SnapshotAccount.objects.filter(public_id=published.dead.public_id).update(last_post_at=point - timedelta(days=30))
    pages = {url: client.get(url).content.decode() for url in addresses(published)}
    assert "监测时间点2026年9月16日24:00" in pages[reverse("public_method", args=[published.bulletin.public_id])]
    front = pages[reverse("public_account", args=[published.dead.public_id])]
    assert "最近一篇2026年8月17日" in front
    assert "数据截至2026年9月16日" in front
    assert "2026-09-16" in pages[reverse("public_badge", args=[published.dead.public_id])]
    assert not [url for url, page in pages.items() if "2026年9月17日的数据" in page or "数据截至2026年9月17日" in page]
