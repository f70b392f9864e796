"""Errors with words: a QiguanError becomes a page, or on the API the one error shape."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from qiguan.core.errors import NotPermitted, QiguanError, TooMany


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
        status, headers = status_of(exception), headers_of(exception)
        if request.path.startswith("/api/"):
            return JsonResponse(error_body(exception), status=status, headers=headers)
        page = render(request, "ui/error.html", {"error": exception, "status": status}, status=status)
        for name, value in headers.items():
            page[name] = value
        return page
