"""What group robots and webhooks are sent, how they are signed, and what their answers mean. Pure: bytes in, words out.

Plain text on purpose: names of accounts come from outside, and text carries no markup. Sources: the vendors' own pages on
group robots (企业微信群机器人, 钉钉自定义机器人, 飞书自定义机器人).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote


class Robot(StrEnum):
    """Where a message can be posted to."""

    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


class Answer(StrEnum):
    """What became of a message: a closed set."""

    RECEIVED = "received"
    LATER = "later"  # refused for now: surely not received, worth trying again
    REFUSED = "refused"  # refused for good: somebody must mend the address or the key
    UNCLEAR = "unclear"  # it may have been received: only a person can tell


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said, for any channel. `key` is the same at every attempt; `link` is absolute or ""."""

    key: str
    kind: str
    title: str
    lines: Sequence[str]
    link: str = ""

    def text(self, most: int = 1 << 30) -> str:
        """Title, lines and link in at most `most` bytes of UTF-8: lines that do not fit are counted, the link is kept."""
        tail = f"\n{self.link}" if self.link else ""
        kept: list[str] = []
        room = most - len(self.title.encode()) - len(tail.encode()) - 80  # what the sentence of the rest needs
        for line in self.lines:
            room -= len(line.encode()) + 1
            if room < 0:
                return "\n".join([self.title, *kept, f"还有{len(self.lines) - len(kept)}条，请登录查看"]) + tail
            kept.append(line)
        return "\n".join([self.title, *kept]) + tail


@dataclass(frozen=True, slots=True)
class Post:
    """One request: address, JSON body, headers."""

    url: str
    body: Any
    headers: Mapping[str, str]


MOST: Final = {Robot.WECOM: 2048, Robot.DINGTALK: 16_000, Robot.FEISHU: 16_000}  # bytes of a text
# error numbers that pass by themselves: too many messages in a minute, system busy
_LATER: Final = {
    Robot.WECOM: {-1, 45009, 45033},
    Robot.DINGTALK: {-1, 130101, 410100},
    Robot.FEISHU: {9499, 11232, 11233},
}
_PLAIN = {"Connection": "close"}  # a connection kept open that dies would leave us not knowing


def post_of(robot: Robot, letter: Letter, *, url: str, secret: str = "", now: datetime) -> Post:
    """Return the request for a letter. `now` is machine time: signatures hold for an hour at most."""
    seconds = int(now.timestamp())
    if robot is Robot.WECOM:
        return Post(url, {"msgtype": "text", "text": {"content": letter.text(MOST[robot])}}, _PLAIN)
    if robot is Robot.DINGTALK:
        if secret:
            stamp = str(seconds * 1000)
            sign = _sign(secret.encode(), f"{stamp}\n{secret}".encode())
            url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote(sign, safe='')}"
        return Post(url, {"msgtype": "text", "text": {"content": letter.text(MOST[robot])}}, _PLAIN)
    if robot is Robot.FEISHU:
        # its text knows <at user_id="all">: no name of an account may ring a whole group
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": letter.text(MOST[robot]).replace("<", "＜")}}
        if secret:
            body |= {"timestamp": str(seconds), "sign": _sign(f"{seconds}\n{secret}".encode(), b"")}
        return Post(url, body, _PLAIN)
    body = {
        "id": letter.key, "kind": letter.kind, "title": letter.title, "lines": list(letter.lines), "link": letter.link, "sent": seconds
    }  # fmt: skip
    headers = {**_PLAIN, "X-Qiguan-Id": letter.key}
    if secret:
        # over id and time, so that an old message cannot be replayed as a new one; the body is rendered by the carrier
        headers["X-Qiguan-Signature"] = "sha256=" + _hex(secret, f"{seconds}\n{letter.key}\n{letter.title}")
    return Post(url, body, headers)


def _sign(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def _hex(secret: str, message: str) -> str:
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()


def answer_of(robot: Robot, status: int, body: bytes) -> Answer:
    """Say what an answer means.

    A gateway's 502 and 504 say nothing of what stands behind it: the message may have arrived. Robots answer 200 with an
    error number; one that answers 200 with something else is not the robot it was said to be.
    """
    if status in {502, 504}:
        return Answer.UNCLEAR
    if status in {408, 425, 429} or status >= 500:
        return Answer.LATER
    if not 200 <= status < 300:
        return Answer.REFUSED
    if robot is Robot.WEBHOOK:
        return Answer.RECEIVED
    code = _code(body)
    if code is None:
        return Answer.REFUSED
    if code == 0:
        return Answer.RECEIVED
    return Answer.LATER if code in _LATER[robot] else Answer.REFUSED


def _code(body: bytes) -> int | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    for name in ("errcode", "code", "StatusCode"):
        if isinstance(said.get(name), int) and not isinstance(said[name], bool):
            return int(said[name])
    return None
