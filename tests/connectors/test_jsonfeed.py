"""JSON Feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from qiguan.connectors import jsonfeed
from qiguan.core.source import Outcome, Response, SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def test_a_feed_is_read_and_a_bad_item_costs_only_itself():
    body = json.dumps(
        {
            "title": "示例",
            "items": [
                {"id": 7, "url": "https://x.invalid/1", "title": "通知", "date_published": "2026-09-15T10:00:00"},
                {"content_text": "只有正文", "date_published": "x"},
                3,
                {},
            ],
        }
    ).encode()
    reading = jsonfeed.read_bytes(body, at=AT)
    assert (reading.outcome, reading.name, reading.dropped) == (Outcome.OK, "示例", 2)
    assert reading.items[0].posted.at == datetime(2026, 9, 15, 2, tzinfo=UTC)
    assert reading.items[1].title == "只有正文"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"items": [', Outcome.TRUNCATED),
        (b"[1]", Outcome.NOT_A_FEED),
        (b"x", Outcome.NOT_A_FEED),
        (b'{"items": []}', Outcome.EMPTY),
        (b'{"items": [1]}', Outcome.MALFORMED),
        (b"<html><input type=password>", Outcome.LOGIN_PAGE),
        (b"[" * 100000, Outcome.TRUNCATED),
    ],
)
def test_what_is_no_json_feed_is_named(body, outcome):
    assert jsonfeed.read_bytes(body, at=AT).outcome is outcome


def test_the_conversation_asks_once():
    for answer, outcome in ((Response(200, b'{"items": []}'), Outcome.EMPTY), (Response(503), Outcome.SERVER_ERROR)):
        talk = jsonfeed.read(SourceSpec("https://x.invalid/"), at=AT)
        assert next(talk).conditional
        with pytest.raises(StopIteration) as end:
            talk.send(answer)
        assert end.value.value.outcome is outcome
