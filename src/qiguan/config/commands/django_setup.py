"""Start Django for a command."""

from __future__ import annotations

import django


def start() -> None:
    """Load settings and apps (safe to call twice); a setting that cannot work is told in a sentence."""
    django.setup()
    from qiguan.config.checks import demand_sound_settings

    demand_sound_settings()
