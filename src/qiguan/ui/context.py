"""Theme and size from a cookie."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def look(request: HttpRequest) -> dict[str, Any]:
    """Context for every page."""
    return {"theme": "", "size": ""}
