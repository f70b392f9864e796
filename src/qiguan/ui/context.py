"""What every page is told about how to look: theme and size, kept in two cookies by the visitor's own choice."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from qiguan.ui.nav import Shell

THEMES = {"light": "浅色", "dark": "深色"}
SIZES = {"large": "大字"}
THEME_COOKIE = "theme"
SIZE_COOKIE = "size"


def look(request: HttpRequest) -> dict[str, Any]:
    """Return `theme` and `size` ('' follows the system) and a default `shell`. Any other cookie value counts as none."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    size = request.COOKIES.get(SIZE_COOKIE, "")
    return {
        "theme": theme if theme in THEMES else "",
        "size": size if size in SIZES else "",
        "shell": Shell(),
    }
