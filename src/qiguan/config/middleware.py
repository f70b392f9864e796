"""Errors with words: a QiguanError becomes a page, or on the API the one error shape."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render

from qiguan.core.errors import NotPermitted, QiguanError, TooMany

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def error_body(error: QiguanError) -> dict[str, dict[str, str]]:
    """Return the API's one error shape."""
    return {"error": {"code": error.code, "message": error.message, "place": error.place, "remedy": error.remedy}}


def status_of(error: QiguanError) -> int:
    """Return the HTTP status of an error that has words."""
    if isinstance(error, TooMany):
        return 429
    return 403 if isinstance(error, NotPermitted) else 400


def headers_of(error: QiguanError) -> dict[str, str]:
    """Return the headers that such an answer carries: for a limit, when to come again."""
    return {"Retry-After": str(error.wait)} if isinstance(error, TooMany) else {}


class RefuseUnstorableText:
    """Refuse a form in which a field holds NUL or half a character: no database and no file could keep it.

    Here for every form of every app. A form that is only a question (GET) is answered as far as it can be, and refused in
    the same words where it cannot. JSON bodies are judged record by record where they are read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Answer a form that nobody could keep; leave all else to its view."""
        if request.method != "POST" or _unsafe(request.POST) is None:
            return None
        return say_in_words(request, _unstorable(request.POST))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a question that the database could not take for such a character."""
        if isinstance(exception, DataError | ValueError) and _unsafe(request.GET) is not None:
            return say_in_words(request, _unstorable(request.GET))
        return None


def _unsafe(fields: QueryDict) -> str | None:
    """Return the name of the first field that cannot be kept."""
    for name, values in fields.lists():
        if any(_UNSTORABLE.search(text) for text in (name, *map(str, values))):
            return name
    return None


def _unstorable(fields: QueryDict) -> QiguanError:
    name = _unsafe(fields) or ""
    value = _UNSTORABLE.sub("", next((str(v) for v in fields.getlist(name) if _UNSTORABLE.search(str(v))), ""))
    place = f"写着“{value.strip()[:20]}”的那一栏" if value.strip() else _UNSTORABLE.sub("", name)[:40]
    return QiguanError(
        "有一栏里有不能保存的字符（看不见的控制符或半个字）",
        place=place,
        remedy="请返回，把这一栏删掉重新打一遍，不要粘贴",
        code="unstorable_text",
    )


def say_in_words(request: HttpRequest, error: QiguanError) -> HttpResponse:
    """Return the answer for the person who can mend it: a page, or on the API the one error shape."""
    status, headers = status_of(error), headers_of(error)
    if request.path.startswith("/api/"):
        return JsonResponse(error_body(error), status=status, headers=headers)
    page = render(request, "ui/error.html", {"error": error, "status": status}, status=status)
    for name, value in headers.items():
        page[name] = value
    return page


class SayErrorsInWords:
    """Turn an uncaught QiguanError into an answer for the person who can mend it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a QiguanError; leave everything else to Django."""
        if not isinstance(exception, QiguanError):
            return None
        return say_in_words(request, exception)
