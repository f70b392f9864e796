"""Conversations over the door."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from qiguan.core.source import Outcome, Reading, Request, Response
from qiguan.net.carry import carry, retry_after
from qiguan.net.door import Failure


class FakeDoor:
    def __init__(self, *answers):
        self.answers = list(answers)

    async def fetch(self, request, **conditional):
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


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", None),
        ("120", 120),
        ("999999999", 86400),
        ("Wed, 16 Sep 2026 02:10:00 GMT", 600),
        ("Wed, 16 Sep 2020 02:10:00 GMT", 0),
        ("soon", None),
    ],
)
def test_retry_after_is_read_and_bounded(value, seconds):
    assert retry_after(value, datetime(2026, 9, 16, 2, 0, tzinfo=UTC)) == seconds


def test_retry_after_reaches_the_reading():
    assert run(FakeDoor(Response(503, b"", {"retry-after": "60"})), once(Outcome.SERVER_ERROR)).reading.retry_after == 60
