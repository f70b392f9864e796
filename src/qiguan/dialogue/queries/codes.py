"""Codes as they are stored, and the message that a code opens."""

from __future__ import annotations

from django.conf import settings

from qiguan.core.tracking import digest_of, make_code, make_spoken, read_code, read_spoken
from qiguan.dialogue.models import Message


def codes_for(form_key: str) -> tuple[str, str]:
    """Return the tracking code and the telephone code that belong to a form."""
    secret = settings.CREDENTIAL_KEY.encode()
    return make_code(secret, form_key), make_spoken(secret, form_key)


def stored(code: str) -> str:
    """Return what stands in the table for a code."""
    return digest_of(settings.CREDENTIAL_KEY.encode(), code)


def message_of(typed: str) -> Message | None:
    """Return the message that a typed tracking code opens. The caller has asked `intake.allow` first."""
    code = read_code(typed)
    seen = Message.objects.select_related("organ", "office", "handler", "account", "hold", "against")
    return seen.filter(tracking=stored(code)).first() if code else None


def message_spoken(typed: str) -> Message | None:
    """Return the message that the telephone code opens: for counter staff alone, and limited there."""
    code = read_spoken(typed)
    seen = Message.objects.select_related("organ", "office", "handler", "account", "hold", "against")
    return seen.filter(spoken=stored(code)).first() if code else None
