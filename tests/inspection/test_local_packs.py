"""A clerk adds a local pack: in a form, by version, with its source; it binds beside the national one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import AT, Town, make_account
from tests.inspection.test_standings import give_posts

from qiguan.core.days import start_of
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.rule import Breach, Clear, NotLooked
from qiguan.inspection.actions.packs import BadFields, add_local_pack, use_pack
from qiguan.inspection.actions.standing import PackTable, judge_accounts, judge_due
from qiguan.inspection.models import LocalPack, Standing
from qiguan.inspection.queries.packs import PackBook, local_packs_seen_by
from qiguan.inspection.queries.story import story_of
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from qiguan.register.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.database]
SAID = {
    "title": "南例县2026", "jurisdiction": "南例县", "source": "南例县政务新媒体管理细则", "source_date": "2026-01-05", "since": "2026-02-01", "days": "7",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def add(town: Town, *, by: Any = None, key: str = "", at=AT, **more: str) -> LocalPack:
    return add_local_pack(organ=town.south, said={**SAID, **more}, key=key, by=by, at=at)


def as_(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def outcome(account: Account, code: str):
    account = Account.objects.select_related("owner", "owner__successor").get(pk=account.pk)
    return story_of(account, pack=PackTable(AT).of(account), at=AT).outcomes[code]


def test_a_local_pack_binds_the_subtree_that_uses_it_and_leaves_the_veto_alone(town):
    mine, other = make_account(town.commerce, platform_id="gh_1"), make_account(town.audit, "审计", platform_id="gh_2")
    for account in (mine, other):
        give_posts(account, 8)
    kept = add(town, by=town.users["supervisor"])
    assert isinstance(outcome(mine, "LOC-DAYS"), NotLooked), "nobody uses it yet"
    use_pack(organ=town.south, pack=kept.key, since=date(2026, 2, 1), by=None, at=AT)
    assert isinstance(outcome(mine, "LOC-DAYS"), Breach)
    assert isinstance(outcome(other, "LOC-DAYS"), NotLooked)
    judge_accounts([mine.pk], at=AT)
    standing = Standing.objects.get(pk=mine.pk)
    assert (standing.verdict, standing.pack, standing.state) == ("合格", kept.key, "active")
    assert AuditEntry.objects.filter(action="add_local_pack").count() == 1


def test_the_version_in_force_is_the_newest_that_has_begun(town):
    first = add(town)
    key = first.key
    add(town, key=key, since="2026-09-01", days="5")
    add(town, key=key, since="2027-01-01", days="3")

    def days(at) -> int | None:
        pack = PackBook(at).get(key)
        return pack.local[0].days if pack else None

    assert [days(AT - timedelta(days=n)) for n in (400, 60, 0, -200)] == [None, 7, 5, 3]
    add(town, key=key, since="2026-09-01", days="6", at=AT + timedelta(hours=1))
    assert days(AT) == 6, "of two that begin on one day the one added later"
    assert LocalPack.objects.filter(key=key).count() == 4, "none is edited"


def test_a_pack_that_is_over_gives_way_to_the_national_one(town):
    account = make_account(town.commerce, platform_id="gh_1")
    kept = add(town, until="2026-09-01")
    use_pack(organ=town.south, pack=kept.key, since=date(2026, 2, 1), by=None, at=AT)
    assert PackTable(AT).of(account).id == "national"


def test_a_row_that_is_no_pack_does_not_stop_the_night(town):
    account = make_account(town.commerce, platform_id="gh_1")
    kept = add(town)
    use_pack(organ=town.south, pack=kept.key, since=date(2026, 2, 1), by=None, at=AT)
    LocalPack.objects.filter(pk=kept.pk).update(tables={"since": "x"})
    assert as_(town, "supervisor").get(reverse("rules")).status_code == 200
    assert PackTable(AT).of(account).id == "national"


def test_a_newer_version_judges_again_the_accounts_that_it_binds(town):
    account = make_account(town.commerce, platform_id="gh_1")
    give_posts(account, 8)
    kept = add(town)
    use_pack(organ=town.south, pack=kept.key, since=date(2026, 2, 1), by=None, at=AT)
    add(town, key=kept.key, since="2026-03-01", days="9")
    assert isinstance(outcome(account, "LOC-DAYS"), Clear)


def test_wrong_input_and_wrong_people_are_refused(town):
    with pytest.raises(BadFields) as caught:
        add(town, days="14", since="")
    assert set(caught.value.wrong) == {"days", "since"}
    for name in ("unit", "operator", "east", "auditor", "checker"):
        with pytest.raises(NotPermitted):
            add(town, by=town.users[name])
    with pytest.raises(QiguanError, match="没有要改的"):
        add(town, key="national")
    with pytest.raises(QiguanError, match="起施行"):
        use_pack(organ=town.south, pack=add(town).key, since=date(2026, 1, 1), by=None, at=AT)


def test_the_form_tells_mistakes_by_field_keeps_what_was_typed_and_stores_the_document(town):
    client = as_(town, "supervisor")
    address = reverse("local_pack_new")
    assert address in client.get(reverse("rules")).content.decode()
    said = {**SAID, "organ": town.south.public_id}
    bad = client.post(address, said | {"days": "20"})
    assert bad.status_code == 400
    page = bad.content.decode()
    assert "不能比全国的14天宽" in page
    assert 'aria-describedby="days-err"' in page
    assert "南例县政务新媒体管理细则" in page
    done = client.post(address, said | {"document": SimpleUploadedFile("细则.pdf", b"%PDF-1.4", "application/pdf")})
    assert done.status_code == 302
    kept = LocalPack.objects.get()
    page = client.get(reverse("rules")).content.decode()
    assert "每7天内更新（全部账号；群发和发布都算）" in page
    assert "细则.pdf" in page
    assert "施行中" in page
    document = client.get(reverse("pack_document", args=[kept.public_id]))
    assert document.content == b"%PDF-1.4"
    assert document["Content-Disposition"].startswith("attachment")
    newer = client.get(f"{address}?of={kept.public_id}").content.decode()
    assert 'value="南例县2026"' in newer
    assert client.post(address, {**SAID, "of": kept.public_id, "since": "2026-09-01"}).status_code == 302
    assert LocalPack.objects.filter(key=kept.key).count() == 2
    assert "已被新版代替" in client.get(reverse("rules")).content.decode()


def test_who_is_bound_by_a_pack_sees_it_and_strangers_do_not(town):
    kept = add(town)
    for name, sees in (("supervisor", True), ("unit", True), ("east", False)):
        assert local_packs_seen_by(town.users[name]).filter(pk=kept.pk).exists() is sees
    assert as_(town, "east").get(reverse("pack_document", args=[kept.public_id])).status_code == 404
    assert as_(town, "unit").get(reverse("local_pack_new")).status_code == 403


def test_a_version_that_begins_later_is_judged_by_itself_on_that_day(town: Town):
    """Ten days of silence are in order under the national pack; from 20 September on the county wants seven."""
    account = make_account(town.commerce, "十天没发", platform_id="gh_1")
    other = make_account(town.audit, "邻区的", platform_id="gh_2")
    for mine in (account, other):
        give_posts(mine, 10)
    first = add(town)
    use_pack(organ=town.south, pack=first.key, since=date(2026, 9, 20), by=None, at=AT)
    add(town, key=first.key, since="2026-10-08", days="5")
    begins = start_of(date(2026, 9, 20)) + timedelta(microseconds=1)
    judge_accounts([account.pk, other.pk], at=AT)
    Standing.objects.filter(look_again_at=None).update(look_again_at=AT)
    assert Standing.objects.get(account=account).look_again_at <= begins
    judge_due(at=begins)
    assert Standing.objects.get(account=account).pack == first.key
    assert Standing.objects.get(account=other).pack == "national"
    table = PackTable(begins)
    assert table.changes_at(account) == start_of(date(2026, 10, 8)) + timedelta(microseconds=1)
    assert table.changes_at(other) is None
    assert PackTable(begins + timedelta(days=30)).changes_at(account) is None
