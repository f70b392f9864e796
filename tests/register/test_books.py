"""A workbook of several registers: each sheet shown, corrected or left out; imported and undone as one; returns too."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import AT, make_account

from qiguan.core.errors import NotPermitted
from qiguan.register.actions.books import apply_book, leave_sheet, undo_book
from qiguan.register.actions.imports import apply_file, read_file, receive_file
from qiguan.register.actions.returns import open_return
from qiguan.register.models import Account, SheetFile

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(client, town):
    client.force_login(town.users["supervisor"])
    return client


def words(answer):
    return answer.content.decode()


def workbook(**sheets):
    """An xlsx of these sheets: name → rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


COUNTIES = {
    "说明": [["填表说明", ""], ["请按县填写", ""]],
    "南例县": [["账号名称", "平台", "账号ID"], ["甲", "微博", "1"], ["乙", "微博", "2"]],
    "东例区": [["名字", "账号名称", "平台", "账号ID"], ["x", "丙", "微博", "3"]],
    "示例": [["账号名称", "平台", "账号ID"], ["某某发布", "微博", "0"]],
}


def send(client, town, **sheets):
    client.post("/office/register/", {"file": SimpleUploadedFile("a.xlsx", workbook(**sheets)), "organ": town.city.pk})
    return SheetFile.objects.get(part_of=None)


def test_every_register_of_a_workbook_is_shown_imported_and_undone_as_one(city, town):
    head = send(city, town, **COUNTIES)
    address = f"/office/register/files/{head.public_id}/"
    page = words(city.get(address))
    for expected in (
        "3张登记表：新增4行",
        "工作表“南例县”",
        "工作表“东例区”",
        "另有1张工作表不导入",
        "<b>说明</b>",
        "没有找到表头",
    ):
        assert expected in page
    sample = SheetFile.objects.get(sheet="示例")
    page = words(city.post(f"/office/register/files/{sample.public_id}/", {"leave": "1"}, follow=True))
    assert "2张登记表：新增3行" in page
    city.post(address + "apply/")
    assert sorted(Account.objects.values_list("name", flat=True)) == ["丙", "乙", "甲"]
    page = words(city.get(address))
    assert "已导入" in page
    assert "连同其余工作表一起" in page
    other = SheetFile.objects.get(sheet="东例区")
    assert "丙</a>" in words(city.get(f"/office/register/files/{other.public_id}/"))
    assert "3张表" in words(city.get("/office/register/"))
    city.post(f"/office/register/files/{other.public_id}/undo/")
    assert not Account.objects.exists()
    assert {f.state for f in SheetFile.objects.all()} == {"undone", "left"}


def test_a_sheet_can_be_taken_in_again_and_its_columns_corrected_alone(city, town):
    head = send(city, town, **COUNTIES)
    other = SheetFile.objects.get(sheet="东例区")
    address = f"/office/register/files/{other.public_id}/"
    city.post(address, {"header": ["名字", "账号名称", "平台", "账号ID"], "code": ["name", "", "platform", "platform_id"]})
    for leave in ("1", "0"):
        city.post(address, {"leave": leave})
    assert "请刷新页面" in words(city.post(address, {"leave": "0"}, follow=True))  # pressed twice
    city.post(f"/office/register/files/{head.public_id}/apply/")
    assert Account.objects.filter(name="x", platform_id="3").exists()
    assert Account.objects.count() == 4


def test_nothing_is_imported_where_every_sheet_is_left_out(city, town):
    head = send(city, town, 甲表=COUNTIES["南例县"])
    address = f"/office/register/files/{head.public_id}/"
    assert "一张也没有选" in words(city.post(address, {"leave": "1"}, follow=True))
    assert "不能再做这一步" in words(city.post(address + "apply/", follow=True))


def test_a_workbook_is_not_undone_under_a_later_file_and_stays_whole(city, town):
    head = send(city, town, **COUNTIES)
    address = f"/office/register/files/{head.public_id}/"
    city.post(address + "apply/")
    later = receive_file(organ=town.city, name="b.csv", data="账号名称,平台,账号ID\n甲改,微博,1\n".encode(), by=None, at=AT)
    apply_file(file=later, by=None, at=AT + timedelta(days=400))
    page = words(city.post(address + "undo/", follow=True))
    assert "后来的文件“b.csv”" in page
    assert Account.objects.count() == 4


def test_an_account_in_two_sheets_is_one_and_both_are_undone(city, town):
    twice = {
        "甲表": [["账号名称", "平台", "账号ID", "功能定位"], ["甲", "微博", "1", ""], ["乙", "微博", "2", ""]],
        "乙表": [["账号名称", "平台", "账号ID", "功能定位"], ["甲", "微博", "1", "发布"]],
    }
    head = send(city, town, **twice)
    city.post(f"/office/register/files/{head.public_id}/apply/")
    assert Account.objects.get(platform_id="1").purpose == "发布"
    assert [f.counts for f in SheetFile.objects.order_by("pk")] == [{"created": 2}, {"changed": 1}]
    city.post(f"/office/register/files/{head.public_id}/undo/")
    assert not Account.objects.exists()


def test_a_workbook_goes_on_with_the_sheet_where_it_was_stopped(city, town, monkeypatch):
    from qiguan.core.errors import QiguanError
    from qiguan.register.actions import books

    head, real = send(city, town, **COUNTIES), books.apply_file

    def stops(*, file, **more):
        if file.sheet == "东例区":
            raise QiguanError("有别的导入正在改同样的账号")
        return real(file=file, **more)

    monkeypatch.setattr(books, "apply_file", stops)
    address = f"/office/register/files/{head.public_id}/"
    assert "正在改同样的账号" in words(city.post(address + "apply/", follow=True))
    monkeypatch.setattr(books, "apply_file", real)
    city.post(address + "apply/")
    assert Account.objects.count() == 4


def test_a_weak_guess_is_marked_for_a_decision(city, town):
    head = send(city, town, 表=[["账号名称", "平台", "本县政务账号标识"], ["甲", "微博", "1"]])
    address = f"/office/register/files/{head.public_id}/"
    page = words(city.get(address))
    assert "有1列是猜的" in page
    assert page.count("请确认</span>") == 1
    codes = ["name", "platform", "platform_id"]
    page = words(city.post(address, {"header": ["账号名称", "平台", "本县政务账号标识"], "code": codes}, follow=True))
    assert "请确认</span>" not in page


def test_every_register_of_a_returned_workbook_is_taken(city, town):
    named = [make_account(town.commerce, name, platform="weibo", platform_id=name) for name in ("1", "2", "3")]
    task = open_return(organ=town.city, title="核对", due_on=AT.date(), organs=[town.south], by=None, at=AT)
    share = task.shares.get()
    rows = [["账号名称", "平台", "账号ID", "主办单位"], *[[n, "微博", n, "南例县商务局"] for n in ("1", "2")]]
    data = workbook(甲表=rows[:2], 乙表=[rows[0], rows[2]], 说明=[["请核对"]])
    address = f"/office/returns/shares/{share.pk}/send/"
    page = words(city.post(address, {"file": SimpleUploadedFile("a.xlsx", data)}, follow=True))
    assert "2张登记表：无变化2行" in page
    head = SheetFile.objects.get(part_of=None)
    city.post(f"/office/register/files/{head.public_id}/apply/")
    share.refresh_from_db()
    assert share.file == head
    assert [row["account"] for row in share.unreported] == [named[2].public_id]


def test_a_large_workbook_is_read_later_with_every_sheet(town):
    head = receive_file(organ=town.city, name="a.xlsx", data=workbook(**COUNTIES), later=True, by=None, at=AT)
    read_file(file=head, by=None, at=AT)
    assert {f.sheet for f in head.sheets} == {"南例县", "东例区", "示例"}
    assert all(f.preview for f in SheetFile.objects.all())
    assert head.left_out[0][0] == "说明"
    seen = []
    apply_book(head=head, by=None, at=AT, moved=lambda done, total: seen.append((done, total)))
    assert seen == [(2, 4), (3, 4), (4, 4)]
    undo_book(head=head, by=None, at=AT, moved=lambda done, total: seen.append((done, total)))
    assert seen[3:] == [(1, 4), (2, 4), (4, 4)]


def test_only_those_who_manage_leave_a_sheet_out(town):
    head = receive_file(organ=town.south, name="a.xlsx", data=workbook(**COUNTIES), by=None, at=AT)
    for name in ("unit", "east", "operator", "auditor"):
        with pytest.raises(NotPermitted):
            leave_sheet(file=head, leave=True, by=town.users[name], at=AT)
