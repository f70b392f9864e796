"""Push API: a unit's own program sends titles, links and times of its posts. POST /api/v1/push/posts."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, RawPostDataException
from ninja import Query, Router, Schema, Status

from qiguan.collection.actions.credentials import credential_of
from qiguan.collection.actions.given import receive_push
from qiguan.collection.models import Credential
from qiguan.core.errors import UnusableInput
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.jobs import clock
from qiguan.people.models import within
from qiguan.register.models import Account

router = Router(tags=["push"])
LIMIT = 1024 * 1024  # bytes of one push
PUSHES = Rate(600, timedelta(minutes=10))  # of one key: a unit's program sends all its accounts in a row, every hour or so
MOST_PROBLEMS = 100  # told of one push


class ProblemOut(Schema):
    """One post that was not taken: its number from 1, what is wrong, what to do."""

    number: int
    place: str
    message: str
    remedy: str


class PushedOut(Schema):
    """taken: posts read; new: of these not known before; refused: posts not taken, told in `problems` (the first hundred)."""

    account: str
    taken: int
    new: int
    refused: int
    problems: list[ProblemOut]


class ErrorBody(Schema):
    """What is wrong, where, and what to do."""

    code: str
    message: str
    place: str
    remedy: str


class ErrorOut(Schema):
    """The API's one error shape."""

    error: ErrorBody


def _error(code: str, message: str, place: str, remedy: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "place": place, "remedy": remedy}}


@router.post(
    "/push/posts",
    response={200: PushedOut, 400: ErrorOut, 401: ErrorOut, 404: ErrorOut, 413: ErrorOut, 422: ErrorOut, 429: ErrorOut},
    summary="Push the post list of an account",
    openapi_extra={
        "security": [{"bearer": []}],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["posts"],
                        "properties": {"posts": {"type": "array", "items": {"type": "object"}, "maxItems": 2000}},
                    }
                }
            },
        },
    },
)
def push_posts(
    request: HttpRequest, account: str = Query(..., max_length=120, description="The account's id in Qiguan or on its platform")
) -> Status[dict[str, Any]]:
    """Send the post list of one account. Sending it again changes nothing; one bad post does not cost the others."""
    at = clock.now()
    credential = credential_of(request.headers.get("Authorization", "").removeprefix("Bearer ").strip(), at=at)
    if credential is None:
        return Status(
            401,
            _error(
                "unauthenticated",
                "密钥不对、已过期或已撤销",
                "Authorization",
                "请写Authorization: Bearer 密钥，或向监管员要新密钥",
            ),
        )
    demand_room(what="push", who=str(credential.pk), rate=PUSHES, now=clock.machine_now())
    found = _account(credential, account.strip())
    if found is None:
        return Status(404, _error("not_found", "这个密钥名下没有这个账号", "account", "请写本单位账号的平台ID或登记编号"))
    if int(request.headers.get("Content-Length") or 0) > LIMIT:
        return Status(413, _error("too_large", f"一次推送超过{LIMIT // 1024}KB", "body", "请分几次推送"))
    given, new = receive_push(account=found, payload=_payload(request), by_key=credential, at=at)
    problems = [
        {"number": p.number, "place": p.place, "message": p.message, "remedy": p.remedy} for p in given.problems[:MOST_PROBLEMS]
    ]
    taken = len(given.reading.items)
    told = {"account": found.public_id, "taken": taken, "new": new, "refused": given.reading.dropped, "problems": problems}
    return Status(200, told)


def _payload(request: HttpRequest) -> object:
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig, RawPostDataException) as error:
        raise UnusableInput("不是能读的JSON", place="body", remedy='请发送{"posts": [...]}，UTF-8编码') from error


def _account(credential: Credential, name: str) -> Account | None:
    """Find an account by either id within the key's organ; anything else is not found, whether it exists or not."""
    own = Account.objects.filter(within("owner_path", credential.organ.path)).select_related("owner")
    return own.filter(public_id=name).first() or (own.filter(platform_id=name).order_by("pk").first() if name else None)
