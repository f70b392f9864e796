"""The human round over HTTP: opening, the plain form, sync of a phone, who may see what."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from qiguan.collection.actions.checks import hold_next, open_round
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.collection.queries.check_cards import day_keys, qr_of
from qiguan.collection.queries.checks import words_of
from qiguan.core.days import end_of
from qiguan.core.sampling import draw, fingerprint
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
    for n in range(5):
        make_account(town.commerce, f"南例{n}", platform_id=f"nl-{n}", link="https://example.com/n")
    return open_round(organ=town.city, title="第三季度", accounts=Account.objects.all(), seed="种子1", by=None, at=AT)


def as_(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(name: str, round_: CheckRound) -> str:
    return reverse(name, args=[round_.public_id])


def form(task: CheckTask, **more: Any) -> dict[str, Any]:
    return {"task": task.pk, "key": f"k{task.pk}", "last": "2026-09-14", "box": "", "menu": ""} | more


def sync(client: Client, round_: CheckRound, *records: Any) -> list[dict[str, Any]]:
    answer = client.post(url("check_sync", round_), json.dumps({"records": records}), content_type="application/json")
    assert answer.status_code == 200
    return answer.json()["answers"]


@pytest.mark.parametrize("name", ["east", "unit", "operator", "contractor"])
def test_a_foreign_organ_sees_no_page_of_a_round(round_: CheckRound, town: Town, name: str):
    client = as_(town, name)
    for page in ("check_round", "check_work", "check_sheet", "check_lot"):
        assert client.get(url(page, round_)).status_code == 404
    for page in ("check_batch", "check_sync", "check_leave", "check_work", "check_sheet", "check_round"):
        assert client.post(url(page, round_)).status_code == 404
    round_.refresh_from_db()
    assert round_.closed_at is None
    assert not CheckTask.objects.exclude(held_by=None).exists()


@pytest.mark.parametrize(("name", "status"), [("contractor", 403), ("operator", 403), ("checker", 200), ("auditor", 200)])
def test_who_checks_nothing_has_no_rounds_page(town: Town, name: str, status: int):
    assert as_(town, name).get(reverse("check")).status_code == status


def test_nobody_is_let_in_without_a_log_in(round_: CheckRound):
    for page in ("check_round", "check_work", "check_sheet", "check_lot"):
        assert Client().get(url(page, round_)).status_code == 302


def test_an_auditor_reads_and_changes_nothing(round_: CheckRound, town: Town):
    client = as_(town, "auditor")
    assert client.get(url("check_round", round_)).status_code == 200
    for page in ("check_work", "check_batch"):
        assert client.post(url(page, round_)).status_code == 403
    assert client.get(url("check_work", round_)).status_code == 403
    assert client.post(url("check_round", round_)).status_code == 403
    assert client.post(reverse("check"), {"organ": town.city.public_id}).status_code == 403
    task = CheckTask.objects.filter(round=round_)[0]
    [answer] = sync(client, round_, form(task))
    assert not answer["kept"]
    assert not HumanCheck.objects.exists()


def test_a_round_is_opened_by_organ_and_platform(round_: CheckRound, town: Town):
    make_account(town.commerce, "微博", platform="weibo")
    make_account(town.audit, "东", platform="weibo")
    asked = {"organ": town.south.public_id, "platform": "weibo", "title": "微博", "seed": "7"}
    answer = as_(town, "supervisor").post(reverse("check"), asked)
    opened = CheckRound.objects.get(title="微博")
    assert answer.url == url("check_round", opened)
    assert [t.account.name for t in opened.tasks.filter(turn=1)] == ["微博"]
    assert as_(town, "east").post(reverse("check"), asked).status_code == 404


def test_nothing_chosen_is_told_and_what_was_typed_is_kept(town: Town):
    page = as_(town, "supervisor").post(reverse("check"), {"organ": town.east.public_id, "title": "秋季"}).content.decode()
    assert "没有选到账号" in page
    assert 'value="秋季"' in page


def test_accounts_named_by_id_are_shown_first_and_opened_by_a_button(round_: CheckRound, town: Town):
    account = Account.objects.get(name="南例2")
    client = as_(town, "supervisor")
    page = client.get(reverse("check"), {"account": account.public_id})
    assert "核查南例2" in page.content.decode()
    assert CheckRound.objects.count() == 1  # looking opens nothing
    client.post(reverse("check"), {"account": account.public_id, "go": "1"})
    opened = CheckRound.objects.get(title="核查南例2")
    assert opened.organ == town.commerce
    assert as_(town, "east").post(reverse("check"), {"account": account.public_id}).status_code == 404


def test_the_plain_form_records_and_shows_the_next(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    first = client.get(url("check_work", round_)).context["card"]
    task = CheckTask.objects.get(pk=first["task"])
    page = client.post(url("check_work", round_), form(task, box="yes"), follow=True)
    assert page.context["card"]["task"] != task.pk
    assert f"刚才：{first['name']}，最近一篇9月14日" in page.content.decode()
    assert HumanCheck.objects.get().message_box is True


def test_an_error_keeps_the_account_and_the_answers(round_: CheckRound, town: Town):
    client = as_(town, "checker")
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    page = client.post(url("check_work", round_), form(task, last="earlier", earlier="2026年2月30日", box="no"))
    assert page.status_code == 400
    assert page.context["card"]["task"] == task.pk
    text = page.content.decode()
    assert 'value="earlier" checked' in text
    assert "2月" in text
    for bad in ({"task": "x"}, {"task": "9" * 30}, {"task": ""}):
        assert client.post(url("check_work", round_), form(task) | bad).status_code == 404


@pytest.mark.parametrize(
    ("answers", "said", "newest"),
    [
        ({"last": "2026-09-16"}, "newest", date(2026, 9, 16)),
        ({"last": "earlier", "earlier": "2025-01-02"}, "newest", date(2025, 1, 2)),
        ({"last": "never"}, "never", None),
        ({"last": "missing"}, "not_found", None),
        ({"last": "frozen"}, "frozen", None),
        ({"last": "cancelled"}, "cancelled", None),
        ({"last": "renamed", "new_name": "南例文旅"}, "renamed", None),
        ({"last": "renamed", "new_name": "南例文旅", "renamed_day": "2026-09-02"}, "renamed", date(2026, 9, 2)),
    ],
)
def test_every_key_says_what_it_means(round_: CheckRound, town: Town, answers: dict[str, str], said: str, newest: date | None):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    as_(town, "checker").post(url("check_work", round_), form(task, **answers))
    check = HumanCheck.objects.get()
    assert check.said == said
    assert (check.newest_at and (check.newest_at - timedelta(seconds=1)).astimezone(AT.tzinfo).date()) == newest
    assert check.new_name == answers.get("new_name", "")


def test_a_phone_is_answered_record_by_record(round_: CheckRound, town: Town):
    tasks = hold_next(round_=round_, by=town.users["checker"], most=3)
    good, future, nameless = (form(t, at=NOW.timestamp() * 1000 - 1000) for t in tasks)
    future["last"] = "2027-01-01"
    nameless |= {"last": "renamed", "new_name": "坏\ud800"}
    answers = sync(as_(town, "checker"), round_, good, future, nameless, {"task": 10**9, "key": "z"}, {"key": None}, 7, None)
    assert [a["kept"] for a in answers] == [True, False, False, False, False]
    assert "在核查时间之后" in answers[1]["words"]
    assert "不能用的字符" in answers[2]["words"]
    assert "不属于这一轮" in answers[3]["words"]
    assert sync(as_(town, "checker"), round_, good) == [{"key": good["key"], "kept": True, "words": ""}]
    assert HumanCheck.objects.count() == 1


def test_the_last_round_s_answer_is_shown_on_the_card(round_: CheckRound, town: Town):
    [task] = hold_next(round_=round_, by=town.users["checker"], most=1)
    sync(as_(town, "checker"), round_, form(task))
    open_round(organ=town.city, title="新", accounts=[task.account], seed="1", by=None, at=AT)
    [card] = as_(town, "checker").post(url("check_batch", CheckRound.objects.get(title="新"))).json()["cards"]
    assert card["before"] == "上次9月16日核查：最近一篇9月14日"


def test_a_conflict_is_told_and_both_are_kept(round_: CheckRound, town: Town):
    [task] = hold_next(round_=round_, by=town.users["checker"], most=1)
    sync(as_(town, "checker2"), round_, form(task, key="a"))
    [answer] = sync(as_(town, "checker"), round_, form(task, key="b"))
    assert answer["kept"]
    assert "另一个人也看了" in answer["words"]
    assert HumanCheck.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"records": 3}', b'{"records": [' + b",".join([b"{}"] * 201) + b"]}", b"[" * 100_000, b"\xff\xfe"],
    ids=["empty", "cut off", "a list", "a number", "too many", "too deep", "no text"],
)
def test_a_phone_that_sends_nonsense_gets_one_error_shape(round_: CheckRound, town: Town, body: bytes):
    answer = as_(town, "checker").post(url("check_sync", round_), body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"code", "message", "place", "remedy"}


@pytest.mark.parametrize("at", [None, "x", True, -1, 1e300, float("inf"), {"a": 1}])
def test_a_moment_that_is_none_counts_as_now(round_: CheckRound, town: Town, at: Any):
    [task] = hold_next(round_=round_, by=town.users["checker"], most=1)
    assert sync(as_(town, "checker"), round_, form(task, at=at))[0]["kept"]
    assert HumanCheck.objects.get().at == NOW


def test_a_batch_holds_forty_and_shows_public_columns_only(round_: CheckRound, town: Town):
    answer = as_(town, "checker").post(url("check_batch", round_)).json()
    assert [c["name"] for c in answer["cards"]] == [f"南例{n}" for n in range(5)]
    assert set(answer["cards"][0]) == {
        "task",
        "name",
        "platform",
        "where",
        "id",
        "owner",
        "link",
        "before",
        "turn",
        "usable",
        "qr",
    }
    assert answer["now"] == NOW.timestamp() * 1000
    other = as_(town, "checker2").post(url("check_batch", round_)).json()
    assert [c["turn"] for c in other["cards"]] == [2]
    as_(town, "checker").post(url("check_leave", round_))
    assert len(as_(town, "checker2").post(url("check_batch", round_)).json()["cards"]) == 5


def test_a_screenshot_goes_only_to_those_who_may_see(round_: CheckRound, town: Town):
    out = io.BytesIO()
    Image.new("RGB", (40, 80)).save(out, "PNG")
    [task] = hold_next(round_=round_, by=town.users["checker"], most=1)
    shot = SimpleUploadedFile("../../a.png", out.getvalue(), "image/png")
    records = json.dumps([form(task)])
    answer = as_(town, "checker").post(url("check_sync", round_), {"records": records, f"shot-k{task.pk}": shot})
    assert answer.json()["answers"][0]["kept"]
    address = reverse("check_shot", args=[HumanCheck.objects.get().public_id])
    seen = {name: as_(town, name).get(address).status_code for name in town.users}
    allowed = {"supervisor", "second", "checker", "checker2", "auditor", "unit"}
    assert {name for name, status in seen.items() if status == 200} == allowed
    assert {seen[name] for name in set(seen) - allowed} == {404}
    answer = as_(town, "supervisor").get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_the_rounds_page_prints_the_disagreement_and_how_to_redo_the_lot(round_: CheckRound, town: Town):
    supervisor = as_(town, "supervisor")
    page = supervisor.get(url("check_round", round_)).content.decode()
    assert "种子1" not in page
    assert fingerprint("种子1") in page
    assert supervisor.get(url("check_lot", round_)).status_code == 404
    tasks = hold_next(round_=round_, by=town.users["checker"], most=40)
    sync(as_(town, "checker"), round_, *(form(t) for t in tasks))
    [card] = as_(town, "checker2").post(url("check_batch", round_)).json()["cards"]
    assert (card["turn"], card["before"]) == (2, "")  # looks without knowing the first answer
    [second] = hold_next(round_=round_, by=town.users["checker2"], most=40)
    sync(as_(town, "checker2"), round_, form(second, last="never"))
    page = supervisor.get(url("check_round", round_)).content.decode()
    for words in (
        "5个看了5个",
        "复核1个，看了1个，0%一致",
        "最近一篇9月14日",
        "从未发布",
        "不一致",
        "种子1",
        "人工核查（checker） <b>5个",
    ):
        assert words in page
    lines = supervisor.get(url("check_lot", round_)).content.decode("utf-8-sig").split()
    numbers = [line.split(",")[0] for line in lines[1:]]
    assert [line.split(",")[0] for line in lines if line.endswith(",是")] == draw(numbers, seed="种子1", count=1)
    assert len(numbers) == 5


def test_the_list_of_rounds_asks_the_database_as_often_for_twenty_as_for_one(
    round_: CheckRound, town: Town, django_assert_max_num_queries: Any
):
    for n in range(19):
        open_round(organ=town.city, title=f"第{n}轮", accounts=Account.objects.all(), seed="1", by=None, at=AT)
    client = as_(town, "checker")
    with django_assert_max_num_queries(16):
        assert "第18轮" in client.get(reverse("check")).content.decode()
    with django_assert_max_num_queries(30):
        client.post(url("check_batch", round_))


def test_the_keys_cover_two_weeks_and_hatch_what_lies_beyond():
    keys = day_keys(date(2026, 9, 16))
    assert [k["iso"] for k in keys if k["over"]] == ["2026-08-31", "2026-09-01"]
    assert keys[-1]["word"] == "今天"
    assert len(keys) == 17
    for n in range(14):
        today = date(2026, 2, 25) + timedelta(days=n)
        keys = day_keys(today)
        assert date.fromisoformat(keys[0]["iso"]).weekday() == 0
        assert 16 <= len(keys) <= 22
        assert keys[-1]["iso"] == today.isoformat()
    assert {k["word"] for k in day_keys(date(2026, 3, 10))} >= {"3/1"}


def test_a_qr_is_one_path_with_a_quiet_edge_and_none_without_a_link():
    import segno

    assert qr_of("") is None
    found = qr_of("https://example.com/1")
    assert found is not None
    rows = segno.make("https://example.com/1", error="m").matrix
    assert found["box"] == f"-2 -2 {len(rows) + 4} {len(rows) + 4}"
    runs = [piece.split("h")[1].split("v")[0] for piece in found["path"].split("M")[1:]]
    assert sum(map(int, runs)) == sum(map(sum, rows))


def test_a_link_that_is_no_web_address_is_never_a_link(town: Town):
    make_account(town.commerce, link="javascript:alert(1)")
    round_ = open_round(organ=town.city, title="", accounts=Account.objects.all(), seed="1", by=None, at=AT)
    page = as_(town, "checker").get(url("check_work", round_))
    assert page.context["card"]["link"] == ""
    assert "javascript:" not in page.content.decode()


def test_the_worker_is_served_from_within_its_scope(town: Town):
    answer = as_(town, "checker").get(reverse("check_worker"))
    assert answer["Service-Worker-Allowed"] == "/office/check/"
    assert answer["Content-Type"].startswith("text/javascript")


@pytest.fixture
def pointed(round_: CheckRound) -> CheckRound:
    """The same round, looked for the check point 13 September 24:00 (now is the 16th)."""
    round_.point = end_of(date(2026, 9, 13))
    round_.save()
    return round_


def test_a_newer_post_than_the_check_point_asks_one_more_question(pointed: CheckRound, town: Town):
    client = as_(town, "checker")
    page = client.get(url("check_work", pointed)).content.decode()
    assert "监测时间点（2026年9月13日24:00）以前最近一篇是哪天？" in page
    assert 'value="2026-09-14" aria-label="14日"' not in page.split('name="before"')[1]
    task = CheckTask.objects.filter(held_by=town.users["checker"]).get()
    answer = client.post(url("check_work", pointed), form(task, last="2026-09-15"))
    assert answer.status_code == 400
    assert "那以前最近一篇是哪天" in answer.content.decode()
    client.post(url("check_work", pointed), form(task, last="2026-09-15", before="2026-09-12"))
    check = HumanCheck.objects.get()
    assert (check.point, check.before_said, check.before_at) == (pointed.point, "newest", end_of(date(2026, 9, 12)))
    assert words_of(check) == "最近一篇9月15日，2026年9月13日24:00以前最近一篇9月12日"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"before": "none"}, "never"),
        ({"before": "unclear"}, "unclear"),
        ({"before": "before_earlier", "before_day": "2026-07-01"}, "newest"),
        ({"last": "2026-09-12", "before": "none"}, ""),  # the newest post itself says it
        ({"last": "renamed", "new_name": "新名", "renamed_day": "2026-09-15", "before": "2026-09-10"}, "newest"),
    ],
)
def test_the_time_before_the_check_point_may_be_answered_in_words(
    pointed: CheckRound, town: Town, answers: dict[str, str], said: str
):
    client = as_(town, "checker")
    (task,) = hold_next(round_=pointed, by=town.users["checker"], most=1)
    assert client.post(url("check_work", pointed), form(task, **{"last": "2026-09-15"} | answers)).status_code == 302
    assert HumanCheck.objects.get().before_said == said


def test_a_phone_without_the_answer_is_kept_and_told(pointed: CheckRound, town: Town):
    tasks = hold_next(round_=pointed, by=town.users["checker"], most=3)
    more = [
        {"last": "2026-09-15"},
        {"last": "2026-09-15", "before": "2026-09-01"},
        {"last": "2026-09-15", "before": "2026-09-14"},
    ]
    answers = sync(as_(town, "checker"), pointed, *(form(t, **m) for t, m in zip(tasks, more, strict=True)))
    assert [a["kept"] for a in answers] == [True, True, False]
    assert "没有记2026年9月13日24:00以前最近一篇" in answers[0]["words"]
    assert answers[1]["words"] == ""
    assert "在监测时间点2026年9月13日之后" in answers[2]["words"]
