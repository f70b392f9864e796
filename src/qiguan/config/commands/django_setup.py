"""Start Django for a command."""

from __future__ import annotations

import django


def start() -> None:
    """Load settings and apps (safe to call twice)."""
    django.setup()
