"""Tokens of shared credentials: one row a credential, one refresher; the others wait for what it got."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q

from qiguan.collection.actions.asking import Asker
from qiguan.collection.actions.component_tokens import with_component
from qiguan.collection.actions.lease import Held
from qiguan.collection.models import Credential, WechatComponent
from qiguan.connectors.wechat_token import Token, TokenTalk, authorizer_token
from qiguan.core.source import Outcome, Reading
from qiguan.jobs import clock
from qiguan.net.door import Door
from qiguan.people.secrets import decrypt, encrypt

LEASE = timedelta(seconds=90)
_LOOKS, _PAUSE = 40, 0.25  # how often, and how many seconds apart, one looks whether the refresher is done
_REVOKED = Reading(Outcome.TOKEN_INVALID, detail="授权已撤销或已过期")
_BUSY = Reading(Outcome.TOKEN_INVALID, detail="另一个进程正在换令牌")
_UNREADABLE = Reading(Outcome.UNAUTHORISED, detail="授权信息打不开：密钥已更换，请重新授权")


class Tokens:
    """The tokens of one poll round. Machine time: leases and ends of tokens."""

    def __init__(self, door: Door, runner: asyncio.Runner) -> None:
        self._asker = Asker(door, runner)
        self._known: dict[int, str | Reading] = {}
        self._renewed: set[int] = set()

    def fetch_for(self, sources: Sequence[Held]) -> None:
        """Make ready the tokens that these sources need."""
        for pk in {s.credential_id for s in sources if s.credential_id is not None} - self._known.keys():
            self._known[pk] = self._ready(pk, refused="")

    def of(self, source: Held) -> str | Reading:
        """Return the token of a source ("" where it needs none), or the Reading that says why there is none."""
        return "" if source.credential_id is None else self._known.get(source.credential_id, _REVOKED)

    def renew_for(self, sources: Sequence[Held]) -> list[Held]:
        """Renew refused tokens, each once a round; return the sources worth another try."""
        again = []
        for source in sources:
            pk = source.credential_id
            if pk is None:
                continue
            refused = self._known.get(pk)
            if pk not in self._renewed and isinstance(refused, str):
                self._renewed.add(pk)
                self._known[pk] = self._ready(pk, refused=refused)
                if isinstance(self._known[pk], str):
                    again += [s for s in sources if s.credential_id == pk]
        return again

    def _ready(self, pk: int, *, refused: str) -> str | Reading:
        """Return a token that is not the refused one: the stored one, or a fresh one under the lease."""
        for _ in range(_LOOKS):
            now = clock.machine_now()
            row = Credential.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), pk=pk, revoked_at=None).first()
            if row is None:
                return _REVOKED
            token = decrypt(bytes(row.token))
            if token and token != refused and row.token_until is not None and row.token_until > now:
                return token
            free = Q(refresh_lease_until=None) | Q(refresh_lease_until__lt=now)
            if Credential.objects.filter(free, pk=pk, revoked_at=None).update(refresh_lease_until=now + LEASE):
                return self._refreshed(row)
            self._asker.pause(_PAUSE)
        return _BUSY

    def _refreshed(self, row: Credential) -> str | Reading:
        """Ask for a token and store it, with the next refresh token where the platform gives one. The lease is given back."""
        now = clock.machine_now()
        refresh_token = refresh_token_of(row)

        def talk(component: WechatComponent, token: str) -> TokenTalk:
            return authorizer_token(
                component_appid=component.appid,
                component_token=token,
                authorizer_appid=row.authorizer_appid,
                refresh_token=refresh_token,
                at=now,
                base=component.base,
            )

        answer = with_component(row.component_id, self._asker, talk) if refresh_token else _UNREADABLE
        changes: dict[str, object] = {"refresh_lease_until": None}
        if isinstance(answer, Token):
            changes |= {"token": encrypt(answer.value), "token_until": answer.renew_at, "used_at": now}
            if answer.refresh:
                changes["secret"] = encrypt(json.dumps({"refresh_token": answer.refresh}))
        # authorised anew meanwhile: the newer tokens stay
        kept = Credential.objects.filter(pk=row.pk, revoked_at=None, authorised_at=row.authorised_at).update(**changes)
        if isinstance(answer, Reading):
            return answer
        return answer.value if kept else _REVOKED


def refresh_token_of(row: Credential) -> str:
    """Return the refresh token, "" where it cannot be opened (the key outside the database changed)."""
    try:
        return str(json.loads(decrypt(bytes(row.secret)) or "{}").get("refresh_token", ""))
    except (ValueError, AttributeError):
        return ""
