"""The look-up for machines: /api/v1/accounts/lookup."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from qiguan.core.errors import UnusableInput
from qiguan.register.queries.lookup import look_up, platform_word

router = Router(tags=["accounts"])


class EntryOut(Schema):
    """One registered account, public columns only."""

    name: str
    platform: str
    platform_name: str
    account_id: str
    owner: str
    place: str
    certified_subject: str
    status: str
    use_instead: str


class LookupOut(Schema):
    """answer: listed | closed | alike | not_listed. Never a bare no: `words` says what it means."""

    query: str
    answer: str
    words: str
    scope: str
    accounts: list[EntryOut]


class ErrorBody(Schema):
    """What is wrong, where, and what to do."""

    code: str
    message: str
    place: str
    remedy: str


class ErrorOut(Schema):
    """The API's one error shape."""

    error: ErrorBody


@router.get("/accounts/lookup", response={200: LookupOut, 400: ErrorOut, 422: ErrorOut}, summary="Is this account official?")
def lookup(request: HttpRequest, q: str = Query(..., max_length=500, description="A name, an id or a link")) -> dict[str, Any]:
    """Look an account up by name, id or link."""
    if not q.strip():
        raise UnusableInput("没有写要查什么", place="q", remedy="写账号名称、账号ID或链接")
    found = look_up(q)
    accounts = [
        {
            "name": e.name, "platform": e.platform, "platform_name": platform_word(e), "account_id": e.platform_id, "owner": e.owner_name, "place": e.place,
            "certified_subject": e.certified_subject, "status": e.status, "use_instead": e.instead,
        }
        for e in found.entries
    ]  # fmt: skip
    return {"query": found.query, "answer": found.answer.value, "words": found.words, "scope": found.scope, "accounts": accounts}
