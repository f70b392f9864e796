"""Payloads, signatures and answers of robots and webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from qiguan.core.robots import MOST, Answer, Letter, Robot, answer_of, post_of

NOW = datetime(2026, 9, 16, 1, 0, tzinfo=UTC)
LETTER = Letter("k1", "warning", "2个账号快到更新期限", ["甲：9月18日", "乙：9月19日"], "https://q.example.invalid/office/")


def test_wecom_gets_plain_text():
    post = post_of(Robot.WECOM, LETTER, url="https://w.invalid/send?key=x", now=NOW)
    assert post.url == "https://w.invalid/send?key=x"
    assert post.body == {
        "msgtype": "text",
        "text": {"content": "2个账号快到更新期限\n甲：9月18日\n乙：9月19日\nhttps://q.example.invalid/office/"},
    }


def test_dingtalk_is_signed_in_its_address():
    post = post_of(Robot.DINGTALK, LETTER, url="https://d.invalid/robot/send?access_token=x", secret="SEC1", now=NOW)
    query = parse_qs(urlsplit(post.url).query)
    stamp = str(int(NOW.timestamp()) * 1000)
    assert query["timestamp"] == [stamp]
    expected = base64.b64encode(hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()).decode()
    assert query["sign"] == [expected]
    assert query["access_token"] == ["x"]


def test_dingtalk_without_a_query_and_without_a_key():
    assert "?timestamp=" in post_of(Robot.DINGTALK, LETTER, url="https://d.invalid/send", secret="s", now=NOW).url
    assert post_of(Robot.DINGTALK, LETTER, url="https://d.invalid/send", now=NOW).url == "https://d.invalid/send"


def test_feishu_is_signed_in_its_body():
    post = post_of(Robot.FEISHU, LETTER, url="https://f.invalid/hook/x", secret="s", now=NOW)
    stamp = str(int(NOW.timestamp()))
    assert post.body["timestamp"] == stamp
    assert post.body["sign"] == base64.b64encode(hmac.new(f"{stamp}\ns".encode(), b"", hashlib.sha256).digest()).decode()
    assert post.body["msg_type"] == "text"
    assert "sign" not in post_of(Robot.FEISHU, LETTER, url="https://f.invalid/hook/x", now=NOW).body


def test_no_name_of_an_account_rings_a_whole_group():
    letter = Letter("k", "warning", "t", ['<at user_id="all">所有人</at>'])
    assert "<" not in json.dumps(post_of(Robot.FEISHU, letter, url="https://f.invalid", now=NOW).body, ensure_ascii=False)


def test_a_webhook_gets_the_parts_and_the_same_id_at_every_attempt():
    post = post_of(Robot.WEBHOOK, LETTER, url="https://h.invalid/in", secret="s", now=NOW)
    assert post.body == {
        "id": "k1", "kind": "warning", "title": LETTER.title, "lines": list(LETTER.lines), "link": LETTER.link, "sent": int(NOW.timestamp())
    }  # fmt: skip
    assert post.headers["X-Qiguan-Id"] == "k1"
    message = f"{int(NOW.timestamp())}\nk1\n{LETTER.title}".encode()
    assert post.headers["X-Qiguan-Signature"] == "sha256=" + hmac.new(b"s", message, hashlib.sha256).hexdigest()
    assert "X-Qiguan-Signature" not in post_of(Robot.WEBHOOK, LETTER, url="https://h.invalid/in", now=NOW).headers


def test_a_long_message_is_cut_by_whole_lines_counts_the_rest_and_keeps_its_link():
    letter = Letter("k", "warning", "题", ["行" * 50] * 40, "https://q.invalid/x")
    text = letter.text(MOST[Robot.WECOM])
    assert len(text.encode()) <= 2048
    kept = text.count("行" * 50)
    assert f"还有{40 - kept}条，请登录查看" in text
    assert text.endswith("\nhttps://q.invalid/x")
    assert Letter("k", "w", "题", ["行"]).text() == "题\n行"


@pytest.mark.parametrize(
    ("robot", "status", "body", "expected"),
    [
        (Robot.WEBHOOK, 204, b"", Answer.RECEIVED),
        (Robot.WEBHOOK, 404, b"", Answer.REFUSED),
        (Robot.WEBHOOK, 301, b"", Answer.REFUSED),
        (Robot.WEBHOOK, 429, b"", Answer.LATER),
        (Robot.WEBHOOK, 503, b"", Answer.LATER),
        (Robot.WEBHOOK, 502, b"", Answer.UNCLEAR),
        (Robot.WEBHOOK, 504, b"", Answer.UNCLEAR),
        (Robot.WECOM, 200, b'{"errcode":0,"errmsg":"ok"}', Answer.RECEIVED),
        (Robot.WECOM, 200, b'{"errcode":45009}', Answer.LATER),
        (Robot.WECOM, 200, b'{"errcode":93000}', Answer.REFUSED),
        (Robot.DINGTALK, 200, b'{"errcode":310000}', Answer.REFUSED),
        (Robot.DINGTALK, 200, b'{"errcode":130101}', Answer.LATER),
        (Robot.FEISHU, 200, b'{"code":0}', Answer.RECEIVED),
        (Robot.FEISHU, 200, b'{"StatusCode":0}', Answer.RECEIVED),
        (Robot.FEISHU, 200, b'{"code":19021}', Answer.REFUSED),
        (Robot.FEISHU, 200, b"<html>", Answer.REFUSED),
        (Robot.FEISHU, 200, b"[1]", Answer.REFUSED),
        (Robot.FEISHU, 200, b'{"code":true}', Answer.REFUSED),
        (Robot.FEISHU, 200, b"[" * 100_000, Answer.REFUSED),
    ],
)
def test_what_an_answer_means(robot, status, body, expected):
    assert answer_of(robot, status, body) is expected
