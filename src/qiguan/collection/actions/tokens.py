"""Tokens of shared credentials: one row, one refresher. Stub until the connectors say how a token is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from qiguan.collection.actions.lease import Held
from qiguan.net.door import Door


class Tokens:
    """The tokens of one poll round."""

    def __init__(self, door: Door, runner: asyncio.Runner, *, owner: str, at: datetime) -> None:
        self._door, self._runner = door, runner

    def fetch_for(self, sources: Sequence[Held]) -> None:
        """Make ready the tokens that these sources need."""

    def of(self, source: Held) -> str | None:
        """Return the token of a source, "" where it needs none, None where there is none to be had."""
        return "" if source.credential_id is None else None

    def renew_for(self, sources: Sequence[Held]) -> list[Held]:
        """Renew refused tokens once; return the sources worth another try."""
        return []
