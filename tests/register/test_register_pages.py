"""The pages of the register without scripts: preview, corrections, background, result, template, returns, organs, custody."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import AT, make_account

from qiguan.people.actions import end_organ
from qiguan.people.models import AuditEntry, Organ
from qiguan.register.actions.filings import decide_filing, submit_filing
from qiguan.register.actions.imports import apply_file, read_file, receive_file
from qiguan.register.models import Account, AccountStaff, Custody, Filing, ReturnTask, SheetFile
from qiguan.register.queries.origins import origins_of
from qiguan.register.tasks import import_in_background, read_in_background, undo_in_background
from qiguan.register.views import files, imports

pytestmark = pytest.mark.django_db
HEADER = "新媒体名称,新媒体类型,账号ID,责任单位,开设时间,联系电话\n"
ROWS = "南例商务,公众号,gh_aaaaaaaaaaaa,南例县商务局,2019.5.6,13800000000\n东例审计,微博,55,东例区审计局,2019年5月6日,\n新号,抖音,dy1,南例县水务局,20190506,\n"


@pytest.fixture
def city(client, town):
    client.force_login(town.users["supervisor"])
    return client


def upload(name="登记表.csv", text=HEADER + ROWS):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def words(answer):
    return answer.content.decode()


def test_a_register_goes_in_by_page_and_comes_out_the_same(city, town):
    answer = city.post("/office/register/", {"file": upload(), "organ": town.city.pk}, follow=True)
    page = words(answer)
    for expected in (
        "登记表.csv会这样读",
        "新增3行",
        "会新建1个单位",
        "建在南例县人民政府之下",
        "2019-05-06",
        "不显示（联系方式加密保存）",
    ):
        assert expected in page
    assert "13800000000" not in page
    assert not Account.objects.exists()
    file = SheetFile.objects.get()
    assert "13800000000" not in repr(file.preview)
    page = words(city.post(f"/office/register/files/{file.public_id}/apply/", follow=True))
    assert "已导入" in page
    assert "E2" in page
    data = city.get("/office/register/export/csv/").content
    again = city.post("/office/register/", {"file": upload(text=data), "organ": town.city.pk}, follow=True)
    assert "无变化3行" in words(again)


def test_columns_corrected_on_the_page_are_read_anew(city, town):
    text = "名称,平台,哪个单位\n甲,微博,南例县商务局\n"
    city.post("/office/register/", {"file": upload(text=text), "organ": town.city.pk})
    file = SheetFile.objects.get()
    address = f"/office/register/files/{file.public_id}/"
    city.get(address)
    page = words(city.post(address, {"header": ["名称", "平台", "哪个单位"], "code": ["name", "platform", "owner"]}, follow=True))
    assert "您指定的" in page
    page = words(city.post(address, {"header": ["名称", "平台"], "code": ["", ""]}, follow=True))
    assert "这样读不成" in page  # and the page is back at the guess
    assert "甲" in page


def test_an_unusable_file_is_refused_with_its_remedy(city, town):
    answer = city.post("/office/register/", {"file": upload("a.pdf", b"%PDF-1.7"), "organ": town.city.pk})
    assert answer.status_code == 400
    assert "请传xlsx" in words(answer)
    assert city.post("/office/register/", {"file": upload(), "organ": 10**6}).status_code == 400


def test_a_large_file_is_read_imported_and_undone_in_the_background(city, town, monkeypatch):
    monkeypatch.setattr(imports, "LARGE", 10)
    monkeypatch.setattr(files, "BACKGROUND_ROWS", 1)
    queued = []
    for task, module in ((read_in_background, imports), (import_in_background, files), (undo_in_background, files)):
        name = task.func.__name__
        stand_in = type("Task", (), {"enqueue": staticmethod(lambda *a, task=task: queued.append((task, a)))})
        monkeypatch.setattr(module, name, stand_in)
    address = city.post("/office/register/", {"file": upload(), "organ": town.city.pk})["Location"]
    assert "正在读登记表.csv" in words(city.get(address))

    def work():
        task, arguments = queued.pop()
        task.func(*arguments)

    work()
    assert "会这样读" in words(city.get(address))
    assert "正在导入" in words(city.post(address + "apply/", follow=True))
    city.post(address + "apply/")  # pressed twice: one job
    assert len(queued) == 1
    work()
    assert Account.objects.count() == 3
    assert city.get(address).status_code == 200
    city.post(address + "undo/")
    work()
    assert not Account.objects.exists()


def test_a_large_file_that_cannot_be_read_says_why(town):
    file = receive_file(organ=town.city, name="a.csv", data=b"a,b\n1,2\n", later=True, by=None, at=AT)
    assert read_file(file=file, by=None, at=AT).state == "failed"
    assert "没有找到表头" in file.notes[0]


def test_questions_are_answered_a_page_at_a_time(city, town):
    known = make_account(town.commerce, "南例商务", platform_id="gh_bbbbbbbbbbbb")
    make_account(town.audit, "审计", platform="weibo", platform_id="3")
    file = receive_file(
        organ=town.city,
        name="a.csv",
        data=(HEADER + "南例商务,公众号,,南例县商务局,2019.5.6,\n审计,微博,4,东例区审计局,,\n").encode(),
        by=None,
        at=AT,
    )
    apply_file(file=file, by=None, at=AT)
    address = f"/office/register/files/{file.public_id}/"
    page = words(city.get(address + "?fate=ask"))
    assert f"same:{known.public_id}" in page
    page = words(city.post(address + "rows/0/", {"answer-2": f"same:{known.public_id}", "answer-3": "other"}, follow=True))
    assert "2行已确认" in page
    assert Account.objects.count() == 3
    assert "已经确认过了" in words(city.post(address + "rows/2/", {"answer": "other"}, follow=True))


def test_each_value_knows_its_file_sheet_and_cell(city, town):
    file = receive_file(organ=town.city, name="登记表.csv", data=("标题\n" + HEADER + ROWS).encode(), by=None, at=AT)
    apply_file(file=file, by=None, at=AT)
    found = {o.field: (o.text, o.cell, o.file) for o in origins_of(Account.objects.get(platform_id="55"))}
    assert found["opened_on"] == ("2019年5月6日", "E4", file)
    assert "contact_phone" not in found


def test_a_template_is_compared_and_filled_for_its_sender_alone(city, client, town):
    make_account(town.commerce, "南例商务", platform_id="gh_1")
    book = openpyxl.Workbook()
    book.active.append(["上报表"])
    book.active.append(["序号", "账号名称", "主办单位", "粉丝数"])
    out = io.BytesIO()
    book.save(out)
    answer = city.post("/office/register/template/", {"template": upload("模板.xlsx", out.getvalue())})
    page = words(answer)
    assert "粉丝数" in page
    assert "里能填2列" in page
    link = "/office/register/template/?token=" + answer.context["token"]
    sheet = openpyxl.load_workbook(io.BytesIO(city.get(link).content)).active
    assert [[c.value for c in row] for row in sheet.iter_rows()] == [
        ["上报表", None, None, None],
        ["序号", "账号名称", "主办单位", "粉丝数"],
        ["1", "南例商务", "南例县商务局", None],
    ]
    client.force_login(town.users["second"])
    assert client.get(link).status_code == 404
    assert client.get("/office/register/template/?token=x").status_code == 400


def test_a_return_is_previewed_before_it_is_applied_and_can_be_ended(city, client, town):
    account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    make_account(town.audit, "东例审计", platform="weibo", platform_id="55")
    answer = city.post("/office/returns/", {"title": "第四季度核对", "due_on": "2026-09-30", "group": "places"}, follow=True)
    task = ReturnTask.objects.get()
    assert "2个单位，0个已报" in words(answer)
    share = task.shares.get(organ=town.south)
    client.force_login(town.users["unit"])
    assert client.get(f"/office/returns/shares/{share.pk}/").status_code == 404  # the county's share is not the bureau's
    client.force_login(town.users["supervisor"])
    data = client.get(f"/office/returns/shares/{share.pk}/").content
    assert data[:2] == b"PK"
    page = words(client.post(f"/office/returns/shares/{share.pk}/send/", {"file": upload("a.xlsx", data)}, follow=True))
    assert "无变化1行" in page
    share.refresh_from_db()
    assert share.sent_at is None
    file = SheetFile.objects.get()
    client.post(f"/office/register/files/{file.public_id}/apply/")
    share.refresh_from_db()
    assert (share.sent_at is not None, share.unreported) == (True, [])
    other = task.shares.get(organ=town.east)
    client.post(f"/office/returns/shares/{other.pk}/send/", {"unchanged": "1"})
    other.refresh_from_db()
    assert other.sent_at is not None
    page = words(client.post(f"/office/returns/{task.public_id}/", follow=True))
    assert "已经结束" in page
    page = words(client.post(f"/office/returns/shares/{share.pk}/send/", {"file": upload("a.xlsx", data)}, follow=True))
    assert "请联系发起单位" in page
    assert Account.objects.filter(pk=account.pk).exists()


def test_an_ended_owners_accounts_are_flagged_with_three_acts(city, town):
    account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    end_organ(
        organ=town.commerce, on=AT.date() - timedelta(days=3), successor=town.audit, document="示机改〔2026〕1号", by=None, at=AT
    )
    page = words(city.get("/office/register/ended/"))
    for expected in ("南例商务", "职能由东例区审计局承接", "变更为东例区审计局主办", "移交", "注销"):
        assert expected in page
    assert "示机改〔2026〕1号" in words(city.get(f"/office/register/organs/{town.commerce.public_id}/"))
    page = words(city.get(f"/office/register/filings/new/change/?account={account.public_id}&owner=东例区审计局"))
    assert 'value="东例区审计局"' in page
    assert "主办单位已撤并" in words(city.get(f"/office/register/organs/{town.commerce.public_id}/"))


def test_organs_are_founded_renamed_and_merged_by_page(city, client, town):
    city.post(
        "/office/register/organs/",
        {"name": "南例县文旅局", "parent": town.south.public_id, "level": "county", "sort": "department"},
    )
    organ = Organ.objects.get(name="南例县文旅局")
    assert organ.parent == town.south
    page = words(
        city.post(
            "/office/register/organs/",
            {"name": "南例县文旅局", "parent": town.south.public_id, "level": "county", "sort": "department"},
        )
    )
    assert "之下已有" in page
    address = f"/office/register/organs/{organ.public_id}/"
    city.post(address, {"what": "rename", "name": "南例县文化局", "on": "2026-01-02", "document": "一号"})
    assert "曾用名 南例县文旅局" in words(city.get(address))
    assert "要写并入哪个单位" in words(city.post(address, {"what": "merge", "name": "", "on": "2026-02-02"}))
    city.post(address, {"what": "merge", "name": "南例县商务局", "on": "2026-02-02"})
    organ.refresh_from_db()
    assert organ.successor == town.commerce
    assert "已经撤并" in words(city.post(address, {"what": "abolish", "name": "", "on": "2026-02-02"}))
    client.force_login(town.users["unit"])
    assert (
        client.post(f"/office/register/organs/{town.commerce.public_id}/", {"what": "abolish", "on": "2026-01-01"}).status_code
        == 403
    )


def test_the_unit_alone_opens_contacts_and_leaves_a_trace(client, town):
    account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    address = f"/office/register/accounts/{account.public_id}/"
    client.force_login(town.users["unit"])
    client.post(address, {"do": "hand_over", "what": "phone", "person": "张某", "phone": "13800000000"})
    assert "13800000000" not in words(client.get(address))
    page = words(client.post(address, {"do": "open"}))
    assert "13800000000" in page
    assert AuditEntry.objects.filter(action="open_contacts", by=town.users["unit"], object_id=account.public_id).count() == 1
    assert "13800000000" not in repr(list(AuditEntry.objects.values())) + repr(
        list(Custody.objects.values("holder", "handed_over_to"))
    )
    client.post(address, {"do": "hand_over", "what": "phone", "person": "李某", "phone": "1"})
    assert Custody.objects.filter(account=account, until=None).count() == 1
    client.force_login(town.users["supervisor"])
    assert "姓名和电话只有主办单位能看" in words(client.get(address))
    page = words(client.post(address, {"do": "open"}))
    assert "李某" not in page
    for name, status in (("east", 404), ("auditor", 403), ("operator", 404), ("contractor", 404)):
        client.force_login(town.users[name])
        assert client.get(address).status_code == status, name


def test_the_unit_says_who_runs_the_account(client, town):
    account = make_account(town.commerce, "南例商务", platform_id="gh_1")
    address = f"/office/register/accounts/{account.public_id}/"
    client.force_login(town.users["unit"])
    client.post(address, {"do": "assign", "user": town.users["operator"].public_id, "part": "operator"})
    staff = AccountStaff.objects.get(account=account)
    assert staff.user == town.users["operator"]
    client.post(address, {"do": "assign", "user": town.users["checker"].public_id, "part": "operator"})
    assert AccountStaff.objects.count() == 1
    client.post(address, {"do": "staffing", "staffing": "part", "people": "2", "cover": "no"})
    account.refresh_from_db()
    assert (account.staffing, account.staff_people, account.has_cover) == ("part", 2, False)
    client.post(address, {"do": "end", "staff": staff.pk})
    assert not AccountStaff.objects.filter(until=None).exists()


def test_a_filing_shows_its_words_and_is_looked_at_after_ninety_days(city, client, town, monkeypatch):
    from qiguan.register.actions.filings import OPENING

    said = dict.fromkeys(OPENING, "说明") | {"name": "南例文旅", "platform": "weibo"}
    filing = submit_filing(what="open", organ=town.commerce, account=None, said=said, by=town.users["unit"], at=AT)
    page = words(city.get("/office/register/filings/"))
    assert "现有账号为什么不行：说明" in page
    assert "平台：新浪微博" in page
    decide_filing(filing=filing, approve=True, reason="", by=town.users["second"], at=AT)
    monkeypatch.setattr("qiguan.jobs.clock.now", lambda: AT + timedelta(days=91))
    assert "满90天，该回看了" in words(city.get("/office/register/filings/"))
    city.post(f"/office/register/filings/{filing.public_id}/", {"decide": "looked", "reason": "在按计划更新"})
    filing.refresh_from_db()
    assert (filing.look_again_on, filing.said["looked"]) == (None, "在按计划更新")
    assert Filing.objects.count() == 1


def test_an_opening_by_page_shows_the_nearest_accounts_first(client, town):
    make_account(town.commerce, "南例商务", platform_id="gh_1")
    client.force_login(town.users["unit"])
    page = words(
        client.post("/office/register/filings/new/open/", {"name": "南例商务新媒", "organ": town.commerce.public_id, "look": "1"})
    )
    assert "已经有这些账号，为什么不行？" in page
    page = words(
        client.post("/office/register/filings/new/open/", {"name": "x", "organ": town.commerce.public_id, "platform": "weibo"})
    )
    assert "还缺：开设目的" in page
    assert client.get("/office/register/filings/new/nothing/").status_code == 404
