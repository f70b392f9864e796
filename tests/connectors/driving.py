"""Hold a connector's conversation over a dictionary in place of a network."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from qiguan.core.source import Request, Response


def drive(conversation: Any, answers: Mapping[str, Response] | Callable[[Request], Response]) -> Any:
    """Return what the conversation returns. `answers`: by URL, or a function of the request."""
    reply = answers if callable(answers) else lambda request: answers[request.url]
    try:
        request = next(conversation)
        while True:
            request = conversation.send(reply(request))
    except StopIteration as end:
        return end.value


def over_loopback(request: Request) -> Response:
    """Ask a stand-in on loopback."""
    assert request.url.startswith("http://127.0.0.1:")
    data = json.dumps(request.json).encode() if request.json is not None else None
    made = urllib.request.Request(request.url, data=data, headers=dict(request.headers), method=request.method)
    with urllib.request.urlopen(made, timeout=10) as answer:
        return Response(answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}, request.url)


def a_json(body: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(body).encode(), {}, "https://api.weixin.qq.com/")
