"""Post one JSON body over the door, and say what is known of its arrival: a message must be neither lost nor doubled in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qiguan.core.source import Outcome, Request, Response
from qiguan.net.door import Door

# the connection never stood, so that nothing was sent
_BEFORE = frozenset(
    {
        "ClientConnectorError", "ClientConnectorDNSError", "ClientConnectorSSLError", "ClientConnectorCertificateError",
        "ClientProxyConnectionError", "ConnectionTimeoutError",
    }
)  # fmt: skip
_REFUSED_HERE = frozenset({Outcome.PRIVATE_ADDRESS, Outcome.REDIRECT_LOOP})


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A post without an answer. `perhaps`: it may have arrived all the same."""

    outcome: Outcome
    perhaps: bool


async def post_json(door: Door, url: str, body: Any, headers: Mapping[str, str]) -> Response | Unanswered:
    """Post, once. The door must follow no redirects (`Limits(redirects=0)`): a body with a message goes to one place only."""
    found = await door.fetch(Request(url, "POST", headers, body))
    if isinstance(found, Response):
        return found
    outcome = Outcome.REDIRECT_LOOP if found.detail.startswith("redirected") else found.outcome
    sure = outcome in _REFUSED_HERE or found.detail in _BEFORE or found.detail.startswith("not a plain")
    return Unanswered(outcome, not sure)
