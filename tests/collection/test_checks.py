"""The human round: who gets which account, what is kept of what people saw, and what they are told."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image

from qiguan.archive.actions import read_blob
from qiguan.collection.actions.checks import Seen, close_round, give_back, hold_next, open_round, record_check
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck, Touched
from qiguan.collection.queries.checks import (
    clash_of,
    last_checks,
    lot_is_told,
    pairs_of,
    progress_of,
    rounds_seen_by,
    without_complete_source,
    words_of,
)
from qiguan.core.days import end_of
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.core.facts import Said
from qiguan.core.sampling import draw
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from qiguan.register.models import Account
from tests.factories import AT, Town, make_account, make_town

pytestmark = pytest.mark.django_db
SEP = [end_of(date(2026, 9, day)) for day in range(1, 18)]  # SEP[13]: the 14th
NEWEST = Seen(Said.NEWEST, SEP[13])


@pytest.fixture
def town(settings: Any) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody logs in by password here
    return make_town()


@pytest.fixture
def round_(town: Town) -> CheckRound:
    for n in range(20):
        make_account(town.commerce, f"南例{n:02}", platform_id=f"nl-{n:02}")
    return open_round(
        organ=town.city, title="第三季度", accounts=Account.objects.all(), seed="1", by=town.users["supervisor"], at=AT
    )


def keep(task: CheckTask, by: Any, seen: Seen = NEWEST, key: str = "", **more: Any) -> HumanCheck:
    given = {"looked_at": AT, "at": AT, "client_key": key or f"k{task.pk}{by.pk}"} | more
    return record_check(account=task.account, seen=seen, task=task, by=by, **given)


def test_a_round_draws_its_second_looks_so_that_anyone_can_redo_it(round_: CheckRound, town: Town):
    numbers = Account.objects.values_list("public_id", flat=True)
    second = CheckTask.objects.filter(round=round_, turn=2)
    assert [t.account.public_id for t in second] == draw(numbers, seed="1", count=1)
    assert CheckTask.objects.filter(round=round_, turn=1).count() == 20
    assert AuditEntry.objects.get(action="open_round").by == town.users["supervisor"]


def test_a_round_is_opened_by_who_manages_the_organ_and_over_its_accounts_only(town: Town):
    here, there = make_account(town.commerce, "南"), make_account(town.audit, "东")
    common = {"title": "", "seed": "1", "at": AT}
    for name in ("checker", "auditor", "east", "contractor", "operator"):
        with pytest.raises(NotPermitted):
            open_round(organ=town.south, accounts=[here], by=town.users[name], **common)
    with pytest.raises(QiguanError, match="“东”等1个账号不归南例县"):
        open_round(organ=town.south, accounts=[here, there], by=town.users["supervisor"], **common)
    with pytest.raises(QiguanError, match="没有选到账号"):
        open_round(organ=town.south, accounts=[], by=None, **common)
    assert not CheckRound.objects.exists()
    assert open_round(organ=town.south, accounts=[here, here], by=None, **common).tasks.count() == 2


def test_no_two_people_hold_one_account_and_one_person_never_both_looks(round_: CheckRound, town: Town):
    first = hold_next(round_=round_, by=town.users["checker"], most=40)
    second = hold_next(round_=round_, by=town.users["checker2"], most=40)
    assert len(first) == 20
    assert {t.turn for t in first} == {1}  # the drawn second look is left for another
    assert [t.turn for t in second] == [2]
    assert not {t.pk for t in first} & {t.pk for t in second}
    give_back(round_=round_, by=town.users["checker"])
    again = hold_next(round_=round_, by=town.users["checker2"], most=40)
    assert len({t.account_id for t in again}) == len(again) == 20


@pytest.mark.django_db(transaction=True)
def test_four_people_who_ask_at_one_moment_hold_no_account_twice(round_: CheckRound, town: Town):
    together = Barrier(4)

    def ask(name: str) -> list[int]:
        together.wait()
        try:
            return [t.pk for _ in range(3) for t in hold_next(round_=round_, by=town.users[name], most=5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as people:
        held = [set(found) for found in people.map(ask, ("checker", "checker2", "supervisor", "second"))]
    assert [len(h) for h in held] == [5, 5, 5, 5]
    assert len(set().union(*held)) == 20


def test_who_looked_first_is_never_handed_the_second_look_later(round_: CheckRound, town: Town):
    for task in hold_next(round_=round_, by=town.users["checker"], most=40):
        keep(task, town.users["checker"])
    assert hold_next(round_=round_, by=town.users["checker"], most=40) == []
    assert len(hold_next(round_=round_, by=town.users["checker2"], most=40)) == 1


def test_a_lease_ends_and_is_the_holders_own_until_then(round_: CheckRound, town: Town, monkeypatch: pytest.MonkeyPatch):
    mine = hold_next(round_=round_, by=town.users["checker"], most=3)
    assert hold_next(round_=round_, by=town.users["checker"], most=3) == mine
    assert not {t.pk for t in hold_next(round_=round_, by=town.users["checker2"], most=3)} & {t.pk for t in mine}
    later = clock.machine_now() + timedelta(hours=9)
    monkeypatch.setattr(clock, "machine_now", lambda: later)
    assert hold_next(round_=round_, by=town.users["second"], most=3) == mine


def test_looking_at_one_never_shortens_the_lease_of_a_batch(round_: CheckRound, town: Town):
    hold_next(round_=round_, by=town.users["checker"], most=5)
    before = list(CheckTask.objects.exclude(held_by=None).values_list("held_until", flat=True))
    hold_next(round_=round_, by=town.users["checker"], most=1)
    assert list(CheckTask.objects.exclude(held_by=None).values_list("held_until", flat=True)) == before


def test_nobody_without_the_role_is_handed_an_account(round_: CheckRound, town: Town):
    for name in ("auditor", "operator", "contractor", "east", "unit"):
        with pytest.raises(NotPermitted):
            hold_next(round_=round_, by=town.users[name], most=1)


def test_what_was_seen_is_kept_audited_and_marked_for_judging(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    check = keep(task, town.users["checker"], Seen(Said.NEWEST, SEP[13], message_box=True, menu=False))
    check.refresh_from_db()
    task.refresh_from_db()
    assert (check.said, check.newest_at, check.at, check.message_box, check.menu) == ("newest", SEP[13], AT, True, False)
    assert task.done_at == AT
    assert Touched.objects.get(account=task.account).at == AT
    audit = AuditEntry.objects.get(action="record_check")
    assert (audit.by, audit.fields) == (town.users["checker"], ["newest_at", "said"])
    assert words_of(check) == "最近一篇9月14日"


def test_sent_twice_is_kept_once(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    assert keep(task, town.users["checker"], key="one") == keep(task, town.users["checker"], key="one")
    assert HumanCheck.objects.count() == AuditEntry.objects.filter(action="record_check").count() == 1


def test_a_key_of_another_account_hides_nothing(round_: CheckRound, town: Town):
    a, b = hold_next(round_=round_, by=town.users["checker"], most=2)
    keep(a, town.users["checker"], key="one")
    with pytest.raises(UnusableInput, match="已经用在别的账号上"):
        keep(b, town.users["checker"], key="one")
    with pytest.raises(UnusableInput, match="对不上"):
        record_check(account=b.account, seen=NEWEST, client_key="x", looked_at=AT, task=a, by=town.users["checker"], at=AT)
    for key in ("", "x" * 41):
        with pytest.raises(UnusableInput, match="没有编号"):
            record_check(account=b.account, seen=NEWEST, client_key=key, looked_at=AT, by=None, at=AT)


def test_a_foreign_or_unentitled_person_records_nothing(town: Town):
    account = make_account(town.commerce)
    for name in ("east", "auditor", "operator", "contractor"):
        with pytest.raises(NotPermitted):
            record_check(account=account, seen=NEWEST, client_key="x", looked_at=AT, by=town.users[name], at=AT)
    assert not HumanCheck.objects.exists()


def test_a_supervising_organ_may_check_what_another_organ_owns(town: Town):
    account = make_account(town.commerce, supervisor=town.audit, supervisor_path=town.audit.path)
    assert record_check(account=account, seen=NEWEST, client_key="x", looked_at=AT, by=town.users["east"], at=AT).pk


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Seen(Said.NEWEST), "没有选最近一篇是哪天"),
        (Seen(Said.RENAMED), "没有写现在叫什么"),
        (Seen(Said.NEWEST, SEP[16]), "2026年9月17日，在核查时间之后"),
    ],
)
def test_a_record_at_odds_with_itself_is_refused_with_words(round_: CheckRound, town: Town, seen: Seen, words: str):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    with pytest.raises(UnusableInput, match=words):
        keep(task, town.users["checker"], seen)
    assert not HumanCheck.objects.exists()


def test_a_post_of_today_may_be_the_newest(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    assert keep(task, town.users["checker"], Seen(Said.NEWEST, SEP[15])).newest_at == SEP[15]


def test_an_app_is_used_not_read(town: Town):
    app = make_account(town.commerce, "掌上南例", platform="app")
    check = record_check(account=app, seen=Seen(Said.NEWEST, menu=False), client_key="x", looked_at=AT, by=None, at=AT)
    assert words_of(check) == "用不了"


@pytest.mark.parametrize(
    ("looked", "received", "kept", "words"),
    [
        (AT + timedelta(minutes=2), AT, AT, ""),
        (AT + timedelta(days=400), AT, AT, "手机的钟快了"),
        (AT + timedelta(days=2), AT + timedelta(days=40), AT + timedelta(days=2), "看过38天才传上来"),
        (AT + timedelta(hours=1), AT + timedelta(hours=2), AT + timedelta(hours=1), ""),
        (AT - timedelta(days=9000), AT + timedelta(days=1), AT, "手机的钟慢了"),
    ],
)
def test_a_phone_with_a_wrong_clock_loses_nothing(
    round_: CheckRound, town: Town, looked: datetime, received: datetime, kept: datetime, words: str
):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    check = keep(task, town.users["checker"], looked_at=looked, at=received)
    assert check.at == kept
    assert words in check.note
    assert bool(check.note) == bool(words)


def test_a_slow_clock_never_refuses_a_newer_post(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    now = AT + timedelta(days=5)
    check = keep(
        task, town.users["checker"], Seen(Said.NEWEST, end_of(date(2026, 9, 19))), looked_at=AT - timedelta(days=90), at=now
    )
    assert AT < check.at <= now


def test_two_people_on_one_account_by_an_old_lease_keep_both_and_are_told(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    first = keep(task, town.users["checker2"])
    second = keep(task, town.users["checker"])
    assert clash_of(first, task) == clash_of(second, task) != ""
    assert HumanCheck.objects.filter(account=task.account).count() == 2
    assert progress_of(round_).done == 1


def test_a_correction_is_a_new_row_and_no_clash(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    keep(task, town.users["checker"], key="one")
    again = keep(
        task,
        town.users["checker"],
        Seen(Said.NEWEST, SEP[12]),
        key="two",
        looked_at=AT + timedelta(minutes=1),
        at=AT + timedelta(minutes=1),
    )
    assert HumanCheck.objects.count() == 2
    assert clash_of(again, task) == ""
    assert progress_of(round_).done == 1
    assert last_checks([task.account_id])[task.account_id] == again


def _drawn(round_: CheckRound) -> tuple[CheckTask, CheckTask]:
    second = CheckTask.objects.select_related("account__owner", "round").get(round=round_, turn=2)
    first = CheckTask.objects.select_related("account__owner", "round").get(round=round_, turn=1, account=second.account)
    return first, second


def test_a_second_look_by_the_first_looker_is_evidence_but_no_second_look(round_: CheckRound, town: Town):
    first, second = _drawn(round_)
    keep(first, town.users["checker"])
    check = keep(second, town.users["checker"])
    assert check.task is None
    assert "同一个人" in check.note
    assert "同一个人" in clash_of(check, second)
    assert pairs_of(round_) == []
    assert progress_of(round_).doubled_done == 0


@pytest.mark.parametrize(
    ("a", "b", "later", "agree"),
    [
        (Seen(Said.NEWEST, SEP[13]), Seen(Said.NEWEST, SEP[13]), 1, True),
        (Seen(Said.NEWEST, SEP[13]), Seen(Said.NEWEST, SEP[12]), 1, True),
        (Seen(Said.NEWEST, SEP[13]), Seen(Said.NEWEST, SEP[9]), 1, False),
        (Seen(Said.NEWEST, SEP[9]), Seen(Said.NEWEST, SEP[13]), 1, False),
        (Seen(Said.NEWEST, SEP[9]), Seen(Said.NEWEST, SEP[16]), 48, True),  # published after the first look
        (Seen(Said.NEVER), Seen(Said.NEVER), 1, True),
        (Seen(Said.NEVER), Seen(Said.NOT_FOUND), 1, False),
        (Seen(Said.NEVER), Seen(Said.NEWEST, SEP[16]), 48, True),
        (Seen(Said.NEVER), Seen(Said.NEWEST, SEP[9]), 48, False),
        (Seen(Said.NOT_FOUND), Seen(Said.NEWEST, SEP[16]), 48, False),
    ],
)
def test_two_looks_agree_within_a_day_or_when_time_went_on(
    round_: CheckRound, town: Town, a: Seen, b: Seen, later: int, agree: bool
):
    first, second = _drawn(round_)
    keep(first, town.users["checker"], a)
    when = AT + timedelta(hours=later)
    keep(second, town.users["checker2"], b, looked_at=when, at=when)
    [pair] = pairs_of(round_)
    assert pair.agree is agree
    assert pair.first_words
    assert pair.second_words


def test_the_second_looker_does_not_see_what_the_first_saw(round_: CheckRound, town: Town):
    first, _second = _drawn(round_)
    keep(first, town.users["checker"])
    assert last_checks([first.account_id], but_of=round_) == {}
    assert last_checks([first.account_id]) != {}


def test_the_lot_is_told_when_it_can_do_no_harm(round_: CheckRound, town: Town):
    assert not lot_is_told(round_, progress_of(round_))
    for task in hold_next(round_=round_, by=town.users["checker"], most=40):
        keep(task, town.users["checker"])
    assert lot_is_told(round_, progress_of(round_))


def test_a_closed_round_hands_out_nothing_and_late_records_are_evidence_only(round_: CheckRound, town: Town):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    with pytest.raises(NotPermitted):
        close_round(round_=round_, by=town.users["checker"], at=AT)
    close_round(round_=round_, by=town.users["supervisor"], at=AT)
    close_round(round_=round_, by=town.users["second"], at=AT + timedelta(days=1))
    round_.refresh_from_db()
    assert round_.closed_at == AT
    assert AuditEntry.objects.filter(action="close_round").count() == 1
    assert hold_next(round_=round_, by=town.users["checker"], most=1) == []
    check = keep(task, town.users["checker"])
    assert check.task is None
    assert "本轮结束后" in clash_of(check, task)
    assert progress_of(round_).done == 0
    assert Touched.objects.filter(account=task.account).exists()


def _picture(kind: str = "PNG", size: tuple[int, int] = (40, 80), **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind, **more)
    return out.getvalue()


def test_a_screenshot_is_drawn_anew_without_place_or_camera(round_: CheckRound, town: Town):
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x8825] = {1: "N", 2: (28.0, 40.0, 0.0)}
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    data = _picture("JPEG", exif=exif)
    assert b"SecretPhone" in data
    check = keep(task, town.users["checker"], screenshot=data)
    kept = read_blob(check.screenshot)
    assert check.screenshot.startswith("sha256:")
    assert b"SecretPhone" not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg onload=alert(1)>", "不是能打开的图片"),
        (_picture()[:60], "不是能打开的图片"),
        (_picture(size=(9000, 9000)), "太大了"),
        (b"\0" * (15 * 1024 * 1024 + 1), "太大了"),
    ],
    ids=["no picture", "cut off", "pixel bomb", "too many bytes"],
)
def test_a_bad_screenshot_is_refused_with_words_and_nothing_is_half_kept(round_: CheckRound, town: Town, data: bytes, words: str):
    task = hold_next(round_=round_, by=town.users["checker"], most=1)[0]
    with pytest.raises(UnusableInput, match=words):
        keep(task, town.users["checker"], screenshot=data)
    assert not HumanCheck.objects.exists()


def test_a_round_is_seen_by_its_organ_and_those_above(round_: CheckRound, town: Town):
    seen = {name for name, user in town.users.items() if rounds_seen_by(user).exists()}
    assert seen == {"supervisor", "second", "checker", "checker2", "auditor"}


def test_only_one_source_that_is_complete_enabled_and_read_spares_a_look(town: Town):
    from qiguan.collection.models import Source

    spared, split = make_account(town.commerce, "甲"), make_account(town.commerce, "乙")
    common = {"connector": "rss", "added_at": timezone.now()}
    Source.objects.create(account=spared, url="http://a/1", complete=True, **common)
    Source.objects.create(account=split, url="http://b/1", complete=True, failures=3, **common)
    Source.objects.create(account=split, url="http://b/2", complete=False, failures=0, **common)
    assert list(without_complete_source(Account.objects.all())) == [split]
