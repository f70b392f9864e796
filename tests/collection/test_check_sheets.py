"""The round as a spreadsheet: out prefilled, back with what people saw; good rows kept, twice changes nothing."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from qiguan.collection.actions.checks import hold_next, open_round
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.collection.queries.checks import pairs_of, progress_of
from qiguan.core.check_rows import EXPORT_HEADER
from qiguan.core.days import end_of
from qiguan.jobs import clock
from qiguan.register.models import Account
from tests.factories import AT, Town, make_account, make_town

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def town(settings: Any) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_town()


@pytest.fixture
def round_(town: Town) -> CheckRound:
    for n in range(6):
        make_account(town.commerce, "=南例重名" if n > 3 else f"南例{n}", platform_id=f"nl-{n}")
    return open_round(organ=town.city, title="第三季度", accounts=Account.objects.all(), seed="1", by=None, at=AT)


def as_(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def fetched(client: Client, round_: CheckRound) -> Any:
    answer = client.get(reverse("check_sheet", args=[round_.public_id]))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def sent(client: Client, round_: CheckRound, book: Any, **more: str) -> Any:
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("核查记录表.xlsx", out.getvalue())
    return client.post(reverse("check_sheet", args=[round_.public_id]), {"file": file} | more, follow=True)


def fill(book: Any, *rows: tuple[str, Any, Any]) -> Any:
    """Fill 结果, 最新发布日期, 核查时间 of the first rows."""
    for n, (said, newest, at) in enumerate(rows, start=2):
        book.active.cell(n, 4).value, book.active.cell(n, 5).value, book.active.cell(n, 6).value = said, newest, at
    return book


def test_the_sheet_comes_prefilled_with_lists_to_choose_from(round_: CheckRound, town: Town):
    page = fetched(as_(town, "checker"), round_).active
    assert [c.value for c in page[1]][:6] == ["账号名称", "平台", "账号ID", "结果", "最新发布日期", "核查时间"]
    assert [row[2].value for row in page.iter_rows(min_row=2)] == [f"nl-{n}" for n in range(6)]
    assert page["A6"].value == "'=南例重名"  # never a formula
    lists = {str(v.sqref): v.formula1 for v in page.data_validations.dataValidation}
    assert lists == {"D2:D7": '"有发布,从未发布,找不到,已冻结,已注销,已改名"', "H2:M7": '"能用,不能用,没试"'}


def test_it_leaves_out_what_others_hold_and_what_is_done(round_: CheckRound, town: Town):
    hold_next(round_=round_, by=town.users["checker2"], most=2)
    page = fetched(as_(town, "checker"), round_).active
    assert [row[2].value for row in page.iter_rows(min_row=2)] == ["nl-2", "nl-3", "nl-4", "nl-5"]
    assert fetched(as_(town, "checker2"), round_).active.max_row == 7


def test_a_filled_sheet_is_kept_and_the_same_file_again_changes_nothing(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    book = fill(
        fetched(client, round_),
        ("有发布", datetime(2026, 9, 14), datetime(2026, 9, 15, 9, 30)),
        ("从未发布", None, "2026年9月15日"),
        ("", "2026-09-01", "2026-09-16"),  # a date alone says 有发布
    )
    page = sent(client, round_, book).content.decode()
    assert "记下3条" in page
    rows = list(HumanCheck.objects.order_by("account__platform_id"))
    assert [(r.said, r.came_by) for r in rows] == [("newest", "sheet"), ("never", "sheet"), ("newest", "sheet")]
    assert rows[0].at == datetime(2026, 9, 15, 1, 30, tzinfo=UTC)
    assert rows[2].at == NOW  # today, to its end, is not later than now
    assert rows[2].note == ""
    assert progress_of(round_).done == 3
    page = sent(client, round_, book).content.decode()
    assert "记下0条，3条以前传过，没有重复" in page
    assert "记下0条" in sent(as_(town, "checker2"), round_, book).content.decode()  # a colleague's copy is no second look
    assert HumanCheck.objects.count() == 3
    assert pairs_of(round_) == []


def test_bad_cells_are_named_and_the_good_rows_kept(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    book = fill(
        fetched(client, round_),
        ("有发布", "2026年9月31日", "2026-09-15"),
        ("有发布", None, "2026-09-15"),
        ("不知道", None, "2026-09-15"),
        ("从未发布", None, None),
        ("从未发布", None, "2026-10-15"),
        ("找不到", None, "2026-09-15"),
    )
    book.active.append(["外地号", "微信公众号", "wai-1", "从未发布", None, "2026-09-15"])
    book.active.append(["'=南例重名", "微信公众号", None, "从未发布", None, "2026-09-15"])
    page = sent(client, round_, book).content.decode()
    for words in (
        "记下1条，7处要改", "第2行E列", "第3行E列", "有发布，但没有写最新发布日期", "第4行D列", "第5行：没有写核查时间", "第6行F列：核查时间在将来",
        "第8行：这一轮里没有这个账号", "第9行：这一轮里有几个同名账号",
    ):  # fmt: skip
        assert words in page
    assert HumanCheck.objects.get().account.platform_id == "nl-5"


def test_one_day_for_all_rows_may_be_said_when_sending(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    book = fill(fetched(client, round_), ("从未发布", None, None))
    assert "没有写核查时间" in sent(client, round_, book).content.decode()
    assert "记下1条" in sent(client, round_, book, looked_on="2026-09-10").content.decode()
    assert HumanCheck.objects.get().at == datetime(2026, 9, 10, 16, tzinfo=UTC)


def test_a_sheet_from_another_round_s_colleague_is_told_as_a_clash(round_: CheckRound, town: Town):
    first, second = as_(town, "checker"), as_(town, "checker2")
    one = fill(fetched(first, round_), ("有发布", "2026-09-14", "2026-09-15"))
    other = fill(fetched(second, round_), ("从未发布", None, "2026-09-15"))
    account = CheckTask.objects.get(round=round_, turn=1, position=0).account
    CheckTask.objects.filter(round=round_, turn=2).exclude(account=account).delete()
    CheckTask.objects.filter(round=round_, turn=2).delete()
    sent(first, round_, one)
    page = sent(second, round_, other).content.decode()
    assert "另一个人也看了，两条都留下了" in page
    assert HumanCheck.objects.filter(account=account).count() == 2


def test_a_correction_in_the_sheet_stands_beside_the_first_look(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    book = fetched(client, round_)
    sent(client, round_, fill(book, ("有发布", "2026-09-14", "2026-09-15")))
    page = sent(client, round_, fill(book, ("有发布", "2026-09-13", "2026-09-15"))).content.decode()
    assert "记下1条" in page
    assert {c.task.turn for c in HumanCheck.objects.all()} == {1}
    assert HumanCheck.objects.count() == 2


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04broken", "账号,平台\n甲,微信\n".encode()], ids=["empty", "broken", "no header"]
)
def test_a_file_that_is_no_check_sheet_is_refused_with_words(round_: CheckRound, town: Town, data: bytes):
    file = SimpleUploadedFile("a.xlsx", data)
    page = as_(town, "checker").post(reverse("check_sheet", args=[round_.public_id]), {"file": file}, follow=True)
    assert page.status_code == 200
    assert 'class="note"' in page.content.decode()
    assert not HumanCheck.objects.exists()


def test_an_auditor_may_fetch_but_not_send(round_: CheckRound, town: Town):
    client = as_(town, "auditor")
    book = fill(fetched(client, round_), ("从未发布", None, "2026-09-15"))
    assert sent(client, round_, book).status_code == 403
    assert not HumanCheck.objects.exists()


def test_a_look_without_an_hour_is_kept_as_a_day_and_shown_so(round_: CheckRound, town: Town):
    from qiguan.inspection.queries.facts import gather_facts

    client = as_(town, "supervisor")
    rows = [("从未发布", None, datetime(2026, 9, 14, 15, 20)), ("从未发布", None, "2026-09-14"), ("从未发布", None, None)]
    sent(client, round_, fill(fetched(client, round_), *rows), looked_on="2026-09-13")
    kept = list(HumanCheck.objects.order_by("at"))
    assert [c.at_precision for c in kept] == ["day", "minute", "day"]
    (_, exact, day) = kept
    facts = gather_facts([exact.account_id, day.account_id], at=NOW)
    assert facts[exact.account_id].checks[0].sure_until == datetime(2026, 9, 14, 7, 20, tzinfo=UTC)
    assert facts[day.account_id].checks[0].sure_until == datetime(2026, 9, 13, 16, tzinfo=UTC)
    page = client.get(reverse("account", args=[day.account.public_id])).content.decode()
    assert "2026年9月14日（没有写几点" in page


def test_a_round_with_a_check_point_has_one_more_column(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    assert fetched(client, round_).active.max_column == len(EXPORT_HEADER)
    round_.point = end_of(date(2026, 9, 13))
    round_.save()
    book = fill(
        fetched(client, round_), ("有发布", "2026-09-15", "2026-09-16 10:00"), ("有发布", "2026-09-15", "2026-09-16 10:00")
    )
    last = len(EXPORT_HEADER) + 1
    assert book.active.cell(1, last).value == "监测时间点以前最近一篇"
    book.active.cell(2, last).value, book.active.cell(3, last).value = "2026-08-20", "没有"
    for _ in range(2):  # the same file again changes nothing
        sent(client, round_, book)
        said = list(HumanCheck.objects.order_by("pk").values_list("before_said", "before_at"))
        assert said == [("newest", end_of(date(2026, 8, 20))), ("never", None)]
