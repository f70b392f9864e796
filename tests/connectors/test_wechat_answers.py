"""What the official interfaces answer with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.connectors.driving import a_json

from qiguan.connectors.wechat_answers import answer_of
from qiguan.core.source import Outcome, Response

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (-1, Outcome.SERVER_ERROR),
        (40001, Outcome.TOKEN_INVALID),
        (40014, Outcome.TOKEN_INVALID),
        (42001, Outcome.TOKEN_INVALID),
        (45009, Outcome.RATE_LIMITED),
        (45011, Outcome.RATE_LIMITED),
        (47009, Outcome.GONE),
        (48001, Outcome.UNAUTHORISED),
        (40164, Outcome.FORBIDDEN),
        (99999, Outcome.MALFORMED),
        ("x", Outcome.MALFORMED),
    ],
)
def test_a_code_is_an_outcome_and_the_words_of_the_platform_are_not_repeated(code, outcome):
    reading = answer_of(a_json({"errcode": code, "errmsg": "invalid credential t0ken"}), at=AT)
    assert reading.outcome is outcome
    assert "t0ken" not in reading.detail


def test_success_is_the_object():
    assert answer_of(a_json({"errcode": 0, "list": []}), at=AT) == {"errcode": 0, "list": []}


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"<html><input type=password></html>", Outcome.LOGIN_PAGE),
        (b'{"list": [', Outcome.TRUNCATED),
        (b"", Outcome.NOT_A_FEED),
        (b"[]", Outcome.NOT_A_FEED),
        (b"\xff", Outcome.NOT_A_FEED),
        (b"[" * 100_000, Outcome.NOT_A_FEED),
    ],
)
def test_what_is_no_answer_of_theirs_is_named(body, outcome):
    assert answer_of(Response(200, body), at=AT).outcome is outcome
