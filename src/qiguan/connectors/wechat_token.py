"""Tokens of the WeChat official interfaces, as conversations: one asker a credential, the others wait for what it got.

`stable_token` is for the unit's own program, which alone holds the AppSecret; `authorizer_token` for an installation that
was authorised as a third party. A fresh `stable_token` in plain mode leaves a valid one as it is; forced, it voids the
old one, at most 20 times a day and 30 seconds apart.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qiguan.connectors.wechat_answers import answer_of, api_base, asked
from qiguan.core.source import Outcome, Reading, Request, Response

code = ""  # no source of posts

EARLY = timedelta(minutes=5)  # a token is renewed so long before its end; for these minutes both are good


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the moment from which it should be renewed. `refresh`: the next refresh token of a third party, "" otherwise."""

    value: str = field(repr=False)
    renew_at: datetime
    refresh: str = field(default="", repr=False)


TokenTalk = Generator[Request, Response, Token | Reading]


def stable_token(*, appid: str, secret: str, at: datetime, base: str = "", force: bool = False) -> TokenTalk:
    """Ask `POST /cgi-bin/stable_token`; a Reading says why there is none."""
    body = {"grant_type": "client_credential", "appid": appid, "secret": secret, "force_refresh": force}
    response = yield Request(f"{api_base(base)}/cgi-bin/stable_token", method="POST", json=body)
    return token_in(response, at, "access_token")


def authorizer_token(
    *, component_appid: str, component_token: str, authorizer_appid: str, refresh_token: str, at: datetime, base: str = ""
) -> TokenTalk:
    """Ask `POST /cgi-bin/component/api_authorizer_token` for the token of an account that authorised us.

    TOKEN_INVALID speaks of the component's token: the caller renews that one and asks again.
    """
    response = yield asked(
        base,
        "/cgi-bin/component/api_authorizer_token",
        component_token,
        {"component_appid": component_appid, "authorizer_appid": authorizer_appid, "authorizer_refresh_token": refresh_token},
    )
    return token_in(response, at, "authorizer_access_token", void=Outcome.TOKEN_INVALID)


def token_in(response: Response, at: datetime, name: str, *, void: Outcome = Outcome.UNAUTHORISED) -> Token | Reading:
    """Return the token of an answer, or the Reading that says why there is none.

    `void`: what a refused token means here; where none was sent, a wrong AppID or AppSecret.
    """
    answer = answer_of(response, at=at)
    if isinstance(answer, Reading):
        if answer.outcome is Outcome.TOKEN_INVALID:
            return Reading(void, detail=answer.detail)
        if answer.outcome is Outcome.MALFORMED:  # a wrong AppID or AppSecret
            return Reading(Outcome.UNAUTHORISED, detail=answer.detail)
        return answer
    value, lasts, refresh = answer.get(name), answer.get("expires_in"), answer.get("authorizer_refresh_token")
    if not isinstance(value, str) or not value or len(value) > 2000 or not isinstance(lasts, int):
        return Reading(Outcome.MALFORMED, detail="没有拿到令牌")
    span = timedelta(seconds=min(max(lasts, 60), 7200))
    return Token(value, at + max(span - EARLY, span / 2), refresh if isinstance(refresh, str) else "")
