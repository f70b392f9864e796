"""Read the players' feeds once a day without a network: the same connector, the same storing, one batch."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from qiguan.collection.actions.lease import Held, claim_due
from qiguan.collection.actions.storing import Answered, store_answers
from qiguan.collection.models import Source
from qiguan.config.demo.feeds import LOGIN_PAGE
from qiguan.config.demo.year_lives import Player
from qiguan.connectors import rss
from qiguan.core.days import day_of
from qiguan.core.source import Outcome, Reading
from qiguan.jobs import clock

_OWNER = "replay"
LOGIN_WALL = (
    "示例水务",
    date(2025, 11, 10),
    date(2025, 11, 24),
)  # for a fortnight this feed asks to log in: our blindness, not its silence


def read_feeds(played: Iterable[Player], *, at: datetime) -> int:
    """Read what is new of each player's feed at `at`; return how many posts came. Unchanged feeds answer 304."""
    by_url = {player.key: player for player in played}
    ids = list(Source.objects.filter(enabled=True, connector="rss").values_list("pk", flat=True))
    if not ids:
        return 0
    machine = clock.machine_now()
    answers = []
    for held in claim_due(owner=_OWNER, now=machine, only=ids):
        player = by_url[held.url.rsplit("/", 2)[1]]
        answers.append(Answered(held, _reading(held, player, at), machine + timedelta(days=1), 86400))
    return store_answers(answers, owner=_OWNER, at=at)


def _reading(held: Held, player: Player, at: datetime) -> Reading:
    name, first, last = LOGIN_WALL
    if player.entry.name == name and first <= day_of(at) < last:
        return rss.read_bytes(LOGIN_PAGE.encode(), at=at)
    if held.outcome in {Outcome.OK, Outcome.NOT_MODIFIED, Outcome.EMPTY} and player.shown == len(player.posts):
        return Reading(Outcome.NOT_MODIFIED)
    body = player.feed()
    player.shown = len(player.posts)
    return rss.read_bytes(body, at=at, base=held.url)
