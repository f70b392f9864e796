"""One-time keys of public forms: made with the page and stored nowhere, kept from the moment they are used."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.signing import BadSignature, Signer
from django.db import transaction

from qiguan.core.errors import UnusableInput
from qiguan.intake.models import FormKey

LASTS = timedelta(days=1)
_MOST = 200  # characters


def make_form_key(*, what: str, now: datetime) -> str:
    """Return a key for one form. It says when it was made and nothing about who asked."""
    return Signer(salt=f"qiguan.intake.{what}").sign(f"{int(now.timestamp())}.{secrets.token_urlsafe(12)}")


def use_form_key(*, what: str, key: str, now: datetime) -> bool:
    """Spend a key; False where it was spent before. Call it in the transaction that stores the form: both or neither.

    Raises UnusableInput for a key that is not ours or older than a day.
    """
    try:
        made = int(Signer(salt=f"qiguan.intake.{what}").unsign(key[:_MOST]).partition(".")[0])
    except (BadSignature, ValueError):
        made = 0
    if not timedelta(0) <= now - datetime.fromtimestamp(made, now.tzinfo) <= LASTS:
        raise UnusableInput("这一页放得太久了", remedy="请重新打开这一页再填一次")
    with transaction.atomic():
        name = sha256(key.encode()).hexdigest()
        _, fresh = FormKey.objects.get_or_create(name=name, defaults={"used_at": now})
    return fresh
