"""Conversations over the door."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from qiguan.core.source import Outcome, Reading, Request, Response
from qiguan.net.carry import carry, retry_after
from qiguan.net.door import TRUNCATED, Failure


class FakeDoor:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.sent = []

    async def fetch(self, request, **conditional):
        self.sent.append(conditional)
        return self.answers.pop(0)


def run(door, talk, **kept):
    return asyncio.run(carry(door, talk, **kept))


def once(outcome=Outcome.OK):
    response = yield Request("https://x.invalid/", conditional=True)
    return Reading(outcome, detail=str(response.status))


def test_a_conversation_is_carried_to_its_reading():
    carried = run(FakeDoor(Response(200, b"x", {"etag": '"1"', "last-modified": "y"})), once())
    assert (carried.reading.outcome, carried.etag, carried.last_modified, carried.requests) == (Outcome.OK, '"1"', "y", 1)
    assert carried.body_hash


def test_the_same_body_again_is_not_parsed():
    first = run(FakeDoor(Response(200, b"same")), once())
    again = run(FakeDoor(Response(200, b"same")), once(), body_hash=first.body_hash)
    assert again.reading.outcome is Outcome.NOT_MODIFIED


def test_a_failure_of_the_door_ends_it():
    assert run(FakeDoor(Failure(Outcome.TIMEOUT, "secret=abc")), once()).reading == Reading(Outcome.TIMEOUT, detail="secret=…")


def test_a_permanent_move_is_said():
    carried = run(FakeDoor(Response(200, b"x", {}, "https://y.invalid/", "https://y.invalid/")), once())
    assert (carried.reading.outcome, carried.reading.moved_to) == (Outcome.MOVED, "https://y.invalid/")


def test_a_bug_of_a_connector_is_ours_and_says_no_more_than_its_name():
    def broken():
        yield Request("https://x.invalid/")
        raise KeyError("token=abc")

    carried = run(FakeDoor(Response(200)), broken())
    assert carried.reading == Reading(Outcome.INTERNAL, detail="KeyError")


def test_an_endless_conversation_is_cut_off():
    def endless():
        while True:
            yield Request("https://x.invalid/")

    assert run(FakeDoor(*[Response(200)] * 100), endless()).reading.outcome is Outcome.INTERNAL


def test_the_words_of_a_failing_connector_are_not_logged(caplog):
    def broken():
        yield Request("https://x.invalid/")
        raise KeyError("token=abc")

    run(FakeDoor(Response(200)), broken())
    assert "KeyError" in caplog.text
    assert "abc" not in caplog.text


@pytest.mark.parametrize("outcome", [Outcome.LOGIN_PAGE, Outcome.TRUNCATED, Outcome.MALFORMED, Outcome.NOT_A_FEED])
def test_a_bad_reading_leaves_nothing_by_which_its_page_could_pass_for_unchanged(outcome):
    carried = run(FakeDoor(Response(200, b"x", {"etag": '"1"', "last-modified": "y"})), once(outcome), etag='"0"')
    assert (carried.etag, carried.last_modified, carried.body_hash) == ("", "", "")


def test_a_body_that_broke_off_is_never_the_one_to_compare_with():
    carried = run(FakeDoor(Response(200, b"x", {"etag": '"1"', TRUNCATED: "1"})), once())
    assert (carried.etag, carried.body_hash) == ("", "")


@pytest.mark.parametrize("answer", [Response(304), Failure(Outcome.TIMEOUT)])
def test_where_nothing_new_came_the_old_validators_stay(answer):
    outcome = Outcome.NOT_MODIFIED if isinstance(answer, Response) else Outcome.OK
    carried = run(FakeDoor(answer), once(outcome), etag='"0"', last_modified="then", body_hash="h")
    assert (carried.etag, carried.last_modified, carried.body_hash) == ('"0"', "then", "h")


@pytest.mark.parametrize("etag", ["x" * 301, "\udcd6", "中", "a\x01b"])
def test_an_etag_that_cannot_be_sent_back_whole_is_not_kept(etag):
    assert run(FakeDoor(Response(200, b"x", {"etag": etag})), once()).etag == ""


def test_validators_go_with_the_first_request_only():
    def pages():
        yield Request("https://x.invalid/1", conditional=True)
        yield Request("https://x.invalid/2", conditional=True)
        return Reading(Outcome.OK)

    door = FakeDoor(Response(200, b"1", {"etag": '"1"'}), Response(200, b"2", {"etag": '"2"'}))
    carried = run(door, pages(), etag='"0"')
    assert door.sent == [{"etag": '"0"', "last_modified": ""}, {}]
    assert (carried.etag, carried.body, carried.requests) == ('"1"', b"1", 2)


def test_a_connector_may_answer_without_asking():
    def silent():
        return Reading(Outcome.UNAUTHORISED)
        yield

    assert run(FakeDoor(), silent()).reading.outcome is Outcome.UNAUTHORISED


def test_a_wait_beyond_a_day_is_cut():
    def told():
        yield Request("https://x.invalid/")
        return Reading(Outcome.RATE_LIMITED, retry_after=9_999_999.0)

    assert run(FakeDoor(Response(429)), told()).reading.retry_after == 86400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("120", 120),
        ("999999999", 86400),
        ("Wed, 16 Sep 2026 02:10:00 GMT", 600),
        ("Wed, 16 Sep 2020 02:10:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("Wed, 16 Sep 2026 02:10:00 +9999999999", None),
        ("Wed, 16 Sep 99999999 02:10:00 GMT", None),
    ],
)
def test_retry_after_is_read_and_bounded(value, seconds):
    assert retry_after(value, datetime(2026, 9, 16, 2, 0, tzinfo=UTC)) == seconds


def test_retry_after_reaches_the_reading():
    assert run(FakeDoor(Response(503, b"", {"retry-after": "60"})), once(Outcome.SERVER_ERROR)).reading.retry_after == 60
