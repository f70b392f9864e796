"""Settings that cannot work are told at start, with an id and a hint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks

from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.net.guard import read_networks

TAG = "qiguan"


@register(TAG, Tags.security)
def own_networks(app_configs: Any, **more: Any) -> list[CheckMessage]:
    """qiguan.E001: QIGUAN_ALLOW_NETWORKS names no network, or one that is never allowed."""
    try:
        read_networks(settings.NET_ALLOW_NETWORKS, place="QIGUAN_ALLOW_NETWORKS")
    except QiguanError as error:
        return [Error(error.message, hint=error.remedy, obj=error.place, id="qiguan.E001")]
    return []


def demand_sound_settings() -> None:
    """Raise UnusableInput for the first setting that cannot work: a command says so in a sentence instead of starting."""
    for message in run_checks(tags=[TAG]):
        if message.is_serious():
            raise UnusableInput(f"{message.msg}（{message.id}）", place=str(message.obj), remedy=message.hint or "")
