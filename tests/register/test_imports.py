"""A register goes in: previewed, applied once, undone as a whole; every value knows its cell."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import DataError, connection, transaction
from tests.factories import AT, make_account

from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.people.models import AuditEntry, Organ
from qiguan.register.actions.answers import answer_row
from qiguan.register.actions.bulk import insert_rows
from qiguan.register.actions.imports import apply_file, choose_columns, plan_file, receive_file, undo_file
from qiguan.register.actions.returns import explain_missing, open_return, send_share, share_file
from qiguan.register.models import Account, AccountGram, Custody, PublicEntry, SheetFile, SheetRow
from qiguan.register.queries.export import fill_template, register_csv, register_xlsx

pytestmark = pytest.mark.django_db
HEADER = "新媒体名称,新媒体类型,账号ID,责任单位,开设时间,联系电话\n"
ROWS = "南例商务,公众号,gh_aaaaaaaaaaaa,南例县商务局,2019.5.6,13800000000\n东例审计,微博,55,东例区审计局,2019年5月6日,\n新号,抖音,dy1,南例县水务局,20190506,\n"


def import_text(organ, text, name="登记表.csv", by=None):
    file = receive_file(organ=organ, name=name, data=text.encode(), by=by, at=AT)
    return apply_file(file=file, by=by, at=AT)


def test_a_register_becomes_accounts_with_owners_found_or_founded(town):
    file = import_text(town.city, HEADER + ROWS, by=town.users["supervisor"])
    assert file.counts == {"created": 3}
    account = Account.objects.get(platform_id="gh_aaaaaaaaaaaa")
    assert (account.owner, account.opened_on, account.owner_path) == (town.commerce, date(2019, 5, 6), town.commerce.path)
    founded = Organ.objects.get(name="南例县水务局")
    assert (founded.parent, founded.level) == (town.south, "county")
    row = SheetRow.objects.get(account_id=account.pk)
    assert (row.number, row.values["opened_on"]) == (2, "2019.5.6")
    assert PublicEntry.objects.get(account=account).place == "南例县人民政府"
    assert AccountGram.objects.filter(gram="商务").exists()


def test_contacts_are_kept_encrypted_and_nowhere_else(town):
    file = import_text(town.city, HEADER + ROWS)
    custody = Custody.objects.get(account__platform_id="gh_aaaaaaaaaaaa")
    assert b"13800000000" not in bytes(custody.contact)
    everything = (
        repr(list(SheetRow.objects.values()))
        + repr(list(SheetFile.objects.values()))
        + repr(list(Account.objects.values()))
        + repr(list(AuditEntry.objects.values()))
    )
    assert "13800000000" not in everything
    assert file.counts["created"] == 3


@pytest.mark.parametrize("whole", [0, 5000])
def test_a_large_file_and_a_small_one_are_matched_alike(town, monkeypatch, whole):
    import_text(town.city, HEADER + ROWS + "无号账号,微博,,南例县商务局,,\n")
    monkeypatch.setattr("qiguan.register.queries.matching._WHOLE", whole)
    other_id = "南例商务,公众号,MzA4MDM1Njg3NQ==,南例县商务局,,\n"
    file = receive_file(organ=town.city, name="b.csv", data=(HEADER + ROWS + other_id).encode(), by=None, at=AT)
    plan = plan_file(file)
    assert [(p.fate, p.account.platform_id if p.account else "") for p in plan.rows[:3]] == [
        ("same", "gh_aaaaaaaaaaaa"),
        ("same", "55"),
        ("same", "dy1"),
    ]
    assert plan.rows[3].fate == "ask"
    again = HEADER + "无号账号,微博,,南例县商务局,2020.1.2,\n"
    assert import_text(town.city, again).counts == {"changed": 1}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite holds a text of any length")
def test_a_text_too_long_for_its_column_is_refused_and_not_cut(town):
    account = make_account(town.commerce, platform_id="gh_1")
    with pytest.raises(DataError), transaction.atomic():
        insert_rows(AccountGram, ("gram", "account"), [("五个字的词", account.pk)])
    assert not AccountGram.objects.filter(account=account, gram__startswith="五").exists()


def test_the_same_file_again_changes_nothing(town):
    import_text(town.city, HEADER + ROWS)
    before = list(Account.objects.order_by("pk").values())
    assert import_text(town.city, HEADER + ROWS).counts == {"same": 3}
    assert list(Account.objects.order_by("pk").values()) == before


def test_a_changed_value_is_changed_and_the_whole_file_can_be_undone(town):
    import_text(town.city, HEADER + ROWS)
    changed = (
        HEADER
        + ROWS.replace("南例商务,", "南例商务发布,").replace("2019年5月6日", "2020-01-01")
        + "又一个,微博,77,南例县商务局,,\n"
    )
    file = import_text(town.city, changed, name="改.csv")
    assert file.counts == {"changed": 2, "same": 1, "created": 1}
    renamed = Account.objects.get(platform_id="gh_aaaaaaaaaaaa")
    assert renamed.names.get().name == "南例商务"
    undo_file(file=file, by=None, at=AT)
    renamed.refresh_from_db()
    assert renamed.name == "南例商务"
    assert Account.objects.get(platform_id="55").opened_on == date(2019, 5, 6)
    assert not Account.objects.filter(platform_id="77").exists()
    with pytest.raises(QiguanError, match="不能再做"):
        undo_file(file=file, by=None, at=AT)


def test_a_file_is_not_undone_under_a_later_one(town):
    first = import_text(town.city, HEADER + ROWS)
    later = receive_file(
        organ=town.city, name="后.csv", data=(HEADER + ROWS.replace("2019.5.6", "2018.1.1")).encode(), by=None, at=AT
    )
    apply_file(file=later, by=None, at=AT + timedelta(hours=1))
    with pytest.raises(QiguanError, match="后来的文件"):
        undo_file(file=first, by=None, at=AT)


def test_a_match_by_name_alone_always_asks(town):
    known = make_account(town.commerce, "南例商务", platform_id="gh_bbbbbbbbbbbb")
    file = import_text(town.city, HEADER + "南例商务,公众号,,南例县商务局,2019.5.6,\n")
    assert file.counts == {"ask": 1}
    known.refresh_from_db()
    assert known.opened_on != date(2019, 5, 6)
    answer_row(file=file, number=2, answer="same", by=town.users["supervisor"], at=AT)
    known.refresh_from_db()
    assert known.opened_on == date(2019, 5, 6)
    assert Account.objects.count() == 1
    with pytest.raises(QiguanError, match="已经确认"):
        answer_row(file=file, number=2, answer="other", by=town.users["supervisor"], at=AT)


def test_the_answer_may_be_that_it_is_another_account(town):
    make_account(town.commerce, "南例商务", platform_id="gh_bbbbbbbbbbbb")
    file = import_text(town.city, HEADER + "南例商务,公众号,gh_cccccccccccc,南例县商务局,,\n")
    answer_row(file=file, number=2, answer="other", by=None, at=AT)
    assert Account.objects.filter(name="南例商务").count() == 2


def test_another_of_wechats_ids_finds_the_same_account(town):
    from qiguan.register.models import AccountAlias

    known = make_account(town.commerce, "南例商务", platform_id="gh_bbbbbbbbbbbb")
    AccountAlias.objects.create(account=known, platform="wechat_mp", sort="biz", value="MzA4MDM1Njg3NQ==")
    file = import_text(town.city, HEADER + "南例商务,公众号,MzA4MDM1Njg3NQ==,南例县商务局,2019.5.6,\n")
    assert file.counts == {"changed": 1}
    known.refresh_from_db()
    assert known.platform_id == "gh_bbbbbbbbbbbb"


def test_bad_rows_are_named_and_good_ones_kept(town):
    file = import_text(town.city, HEADER + "甲,微博,1,乙局,2026年9月31日,\n,微博,2,乙局,,\n丙,微博,3,乙局,,\n")
    assert file.counts == {"created": 2, "bad": 1}
    words = " ".join(SheetRow.objects.get(file=file, number=3).problems)
    assert "没有账号名称" in words


def test_columns_can_be_corrected_and_are_remembered_for_the_sender(town):
    text = "名字,平台,哪个单位,编号码\n甲,微博,乙局,9\n"
    file = receive_file(organ=town.city, name="a.csv", data=text.replace("名字", "名称").encode(), by=None, at=AT)
    choose_columns(file=file, chosen={"哪个单位": "owner", "编号码": "platform_id"}, by=None, at=AT)
    apply_file(file=file, by=None, at=AT)
    assert Account.objects.get().owner.name == "乙局"
    again = receive_file(
        organ=town.city,
        name="b.csv",
        data=text.replace("名字", "名称").replace("甲", "甲二").replace(",9", ",10").encode(),
        by=None,
        at=AT,
    )
    columns = plan_file(again).columns
    assert columns.mapping[2] == "owner"
    assert columns.why[2] == "上次就是这样读的"


def test_an_import_goes_on_where_it_was_killed(town):
    file = receive_file(organ=town.city, name="a.csv", data=(HEADER + ROWS).encode(), by=None, at=AT)
    import qiguan.register.actions.applying as module

    whole, module.CHUNK = module.CHUNK, 1
    done = 0

    def killed(n, total):
        nonlocal done
        done = n
        if n == 2:
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            apply_file(file=file, by=None, at=AT, moved=killed)
    finally:
        module.CHUNK = whole
    assert Account.objects.count() == done == 2
    assert not AccountGram.objects.exists()  # killed before any search could find them
    file.refresh_from_db()
    assert apply_file(file=file, by=None, at=AT).counts == {"created": 3}
    assert set(AccountGram.objects.values_list("account__platform_id", flat=True)) == {"gh_aaaaaaaaaaaa", "55", "dy1"}
    assert Account.objects.count() == 3


def test_an_unusable_file_stores_nothing(town):
    with pytest.raises(UnusableInput):
        receive_file(organ=town.city, name="x.pdf", data=b"%PDF-1.7", by=None, at=AT)
    assert not SheetFile.objects.exists()


def test_only_those_who_manage_import(town):
    for name in ("operator", "checker", "auditor", "contractor", "east"):
        with pytest.raises(NotPermitted):
            receive_file(organ=town.commerce, name="a.csv", data=HEADER.encode(), by=town.users[name], at=AT)


def test_an_ended_owner_is_noted_from_the_register(town):
    import_text(
        town.city, "账号名称,平台,账号ID,主办单位,主办单位撤并时间,承接单位\n旧号,微博,5,示例市粮食局,2019-03-01,南例县商务局\n"
    )
    organ = Organ.objects.get(name="示例市粮食局")
    assert (organ.ended_on, organ.successor) == (date(2019, 3, 1), town.commerce)


@pytest.mark.parametrize("write", [register_xlsx, register_csv])
def test_an_export_comes_back_unchanged(town, write):
    import_text(town.city, HEADER + ROWS + "=cmd,微博,9,南例县商务局,,\n")
    data = write(Account.objects.all())
    file = receive_file(organ=town.city, name="导出", data=data, by=None, at=AT)
    assert apply_file(file=file, by=None, at=AT).counts == {"same": 4}


def test_an_export_fills_a_template_and_names_the_difference(town):
    import_text(town.city, HEADER + ROWS)
    template = openpyxl.Workbook()
    template.active.append(["序号", "账号名称", "主办单位", "粉丝数"])
    out = io.BytesIO()
    template.save(out)
    data, differences = fill_template("模板.xlsx", out.getvalue(), Account.objects.all())
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [c.value for c in sheet[1]] == ["序号", "账号名称", "主办单位", "粉丝数"]
    assert sheet.max_row == 4
    assert any("粉丝数" in d for d in differences)
    assert any("账号ID" in d for d in differences)


def test_a_return_gives_each_organ_its_own_rows_and_asks_about_missing_ones(town):
    import_text(town.city, HEADER + ROWS)
    task = open_return(
        organ=town.city,
        title="核对",
        due_on=date(2026, 9, 30),
        organs=[town.south, town.east],
        by=town.users["supervisor"],
        at=AT,
    )
    share = task.shares.get(organ=town.east)
    sheet = openpyxl.load_workbook(io.BytesIO(share_file(share))).active
    assert [sheet.cell(2, 1).value, sheet.max_row] == ["东例审计", 2]
    own = task.shares.get(organ=town.south)
    file = send_share(
        share=own,
        name="报送.csv",
        data=(HEADER + "南例文旅,微博,88,南例县商务局,,\n东例审计,微博,55,南例县商务局,,\n").encode(),
        by=town.users["supervisor"],
        at=AT,
    )
    assert file.counts == {"created": 1, "claim": 1}
    own.refresh_from_db()
    assert [row["name"] for row in own.unreported] == ["南例商务", "新号"]
    assert Account.objects.filter(name="南例商务").exists()  # a missing row is never a deletion
    explain_missing(share=own, account=own.unreported[0]["account"], why="漏报", by=town.users["supervisor"], at=AT)
    assert own.unreported[0]["why"] == "漏报"
    answer_row(file=file, number=3, answer="keep", by=town.users["supervisor"], at=AT)
    assert Account.objects.get(platform_id="55").owner == town.audit


def test_a_column_that_a_person_set_to_none_stays_unread_next_time(town):
    text = "账号名称,平台,账号ID,链接\n甲,微博,9,https://x.invalid/a\n"
    file = receive_file(organ=town.city, name="a.csv", data=text.encode(), by=None, at=AT)
    choose_columns(file=file, chosen={"链接": ""}, by=None, at=AT)
    apply_file(file=file, by=None, at=AT)
    again = receive_file(
        organ=town.city, name="b.csv", data=text.replace("甲", "乙").replace(",9,", ",10,").encode(), by=None, at=AT
    )
    assert "link" not in plan_file(again).columns.mapping.values()
