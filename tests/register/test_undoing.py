"""A whole file is undone: what stood before comes back, what people built on stays, and that is said in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.factories import AT, make_account

from qiguan.collection.actions.checks import Seen, record_check
from qiguan.core.facts import Said
from qiguan.people.models import Organ
from qiguan.people.secrets import decrypt
from qiguan.register.actions import undoing
from qiguan.register.actions.filings import decide_filing, submit_filing
from qiguan.register.actions.imports import apply_file, receive_file, undo_file
from qiguan.register.models import Account, AccountAlias, Custody, PublicEntry

pytestmark = pytest.mark.django_db
HEADER = "账号名称,平台,账号ID,主办单位,联系人,联系电话\n"


def import_text(organ, text, at=AT):
    file = receive_file(organ=organ, name="登记表.csv", data=text.encode(), by=None, at=at)
    return apply_file(file=file, by=None, at=at)


def contact_of(account):
    return [decrypt(bytes(c)) for c in Custody.objects.filter(account=account, until=None).values_list("contact", flat=True)]


def test_accounts_and_organs_that_a_file_made_are_gone(town):
    before = Organ.objects.count()
    file = import_text(town.city, HEADER + "甲,微博,1,南例县水务局,张某,13800000000\n乙,微博,2,南例县林业局,,\n")
    assert (Account.objects.count(), Organ.objects.count()) == (2, before + 2)
    undo_file(file=file, by=town.users["supervisor"], at=AT)
    assert (Account.objects.count(), Organ.objects.count(), PublicEntry.objects.count(), Custody.objects.count()) == (
        0,
        before,
        0,
        0,
    )
    assert (file.state, file.notes) == ("undone", [])


def test_an_account_with_a_human_check_stays_and_the_reason_is_said(town):
    file = import_text(town.city, HEADER + "甲,微博,1,南例县水务局,,\n乙,微博,2,南例县林业局,,\n")
    account = Account.objects.get(name="甲")
    seen = Seen(Said.NEWEST, AT - timedelta(days=1), "day", "", None, None)
    record_check(account=account, seen=seen, client_key="k", looked_at=AT, by=town.users["checker"], at=AT)
    undo_file(file=file, by=None, at=AT)
    assert list(Account.objects.values_list("name", flat=True)) == ["甲"]
    assert file.notes == [
        "1个账号留着，因为上面已有人工核查记录",
        "1个新建的单位留着（南例县水务局），因为名下还有账号、人员或别的记录",
    ]


def test_what_a_filing_changed_since_is_left_as_it_is(town):
    account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    file = import_text(town.city, HEADER + "南例商务发布,公众号,gh_1,东例区审计局,,\n")
    filing = submit_filing(
        what="change", organ=town.audit, account=account, said={"name": "东例商务"}, by=town.users["supervisor"], at=AT
    )
    decide_filing(filing=filing, approve=True, reason="", by=town.users["second"], at=AT)
    undo_file(file=file, by=None, at=AT)
    account.refresh_from_db()
    assert (account.name, account.owner, account.owner_path) == ("东例商务", town.commerce, town.commerce.path)
    assert file.notes == ["1个账号留着，因为后来又改过"]


def test_ids_names_days_and_ends_come_back(town):
    account = make_account(town.commerce, "南例商务", platform="weibo", opened=900, staff_people=2)
    opened = account.opened_on
    text = (
        "账号名称,平台,账号ID,主办单位,开设时间,运营人数,主办单位撤并时间\n南例商务,微博,,南例县商务局,2001-02-03,5,2020-01-01\n"
    )
    file = import_text(town.city, text)
    account.refresh_from_db(), town.commerce.refresh_from_db()
    assert (account.opened_on, account.staff_people, town.commerce.ended_on) == (date(2001, 2, 3), 5, date(2020, 1, 1))
    undo_file(file=file, by=None, at=AT)
    account.refresh_from_db(), town.commerce.refresh_from_db()
    assert (account.opened_on, account.staff_people, town.commerce.ended_on) == (opened, 2, None)
    assert not town.commerce.events.exists()


def test_a_contact_that_changes_is_noticed_kept_once_and_put_back(town):
    row = "甲,微博,1,南例县商务局,张某,{}\n"
    import_text(town.city, HEADER + row.format("13800000000"))
    account = Account.objects.get()
    assert import_text(town.city, HEADER + row.format("13800000000")).counts == {"same": 1}
    file = import_text(town.city, HEADER + row.format("13900000000"), at=AT + timedelta(hours=1))
    assert file.counts == {"changed": 1}
    assert contact_of(account) == ["张某\n13900000000"]
    assert Custody.objects.filter(account=account).count() == 2
    undo_file(file=file, by=None, at=AT)
    assert contact_of(account) == ["张某\n13800000000"]


def test_undoing_goes_on_where_it_was_killed(town, monkeypatch):
    file = import_text(town.city, HEADER + "甲,微博,1,南例县商务局,,\n乙,微博,2,南例县商务局,,\n")
    monkeypatch.setattr(undoing, "CHUNK", 1)

    def killed(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undo_file(file=file, by=None, at=AT, moved=killed)
    assert Account.objects.count() == 1
    file.refresh_from_db()
    assert file.state == "undoing"
    undo_file(file=file, by=None, at=AT)
    assert (Account.objects.count(), file.state) == (0, "undone")


def test_after_undoing_the_same_file_imports_anew(town):
    text = HEADER + "甲,微博,1,南例县水务局,张某,1\n"
    undo_file(file=import_text(town.city, text), by=None, at=AT)
    assert import_text(town.city, text, at=AT + timedelta(hours=1)).counts == {"created": 1}
    assert AccountAlias.objects.filter(value="1").count() == 1
