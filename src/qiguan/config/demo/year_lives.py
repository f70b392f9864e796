"""How each account of 示例市 lives through the replayed year. Pure values and a little weather: no clock, no tables.

An account posts by its rhythm until it falls silent; `answers` says who can move it to post again. Nothing here says what the
product must find: it reads the feeds and hears the checkers like anything else.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from xml.sax.saxutils import escape

from qiguan.config.demo.stories import title_of
from qiguan.config.demo.town import Entry, entries
from qiguan.core.days import start_of
from qiguan.core.written_dates import SHANGHAI

FIRST_ITEMS, LATER_ITEMS = 20, 8  # what a feed shows at the first look and afterwards
RHYTHMS = (0.9, 1.6, 2.5, 2.5, 4.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Life:
    """`silent`: the day from which nothing comes by itself; `answers`: operator, leader, closing (the leader closes it) or nobody.

    `ticket`: what its unit does with a ticket (a key of year_units.WAYS). `hand`: people look, there is no feed.
    `missed`: what the first round's checker takes for its newest post, days before the check point, though newer ones are there.
    """

    every: float
    answers: str = "operator"
    silent: date | None = None
    ticket: str = "wakes"
    hand: bool = False
    again: date | None = None  # silent once more: a relapse, or posts after its end where it was closed
    missed: int = 0
    contractor: bool = False


CONTRACTOR_LEAVES = date(2026, 1, 24)
CAST = {
    ("东例区审计", "wechat_mp"): Life(4, silent=date(2025, 9, 10), answers="nobody"),
    ("西例区健康", "wechat_mp"): Life(5, silent=date(2025, 11, 20), ticket="wakes", again=date(2026, 4, 20), answers="nobody"),
    ("示例商务", "douyin"): Life(5, silent=date(2025, 8, 2), again=date(2026, 5, 10), answers="nobody"),
    ("北例县审计", "wechat_mp"): Life(6, silent=date(2025, 4, 10), answers="nobody"),
    ("南例县健康", "wechat_mp"): Life(15, silent=date(2025, 3, 1), ticket="cancels", answers="nobody"),
    ("东例商务", "weibo"): Life(11, silent=date(2025, 5, 1), ticket="merges", answers="nobody"),
    ("示例消费帮扶", "toutiao"): Life(8, silent=date(2025, 6, 1), ticket="cancels", again=date(2026, 2, 26), answers="nobody"),
    ("西例审计", "weibo"): Life(6, hand=True, missed=31, ticket="appeals"),
    ("北例商务", "weibo"): Life(7, hand=True, silent=date(2025, 11, 25), ticket="appeals_wrongly", answers="nobody"),
    ("高新商务", "weibo"): Life(6, silent=date(2025, 12, 2), ticket="needs_longer", answers="nobody"),
    ("高新审计", "toutiao"): Life(0, ticket="nothing", answers="nobody"),
    ("南例农技", "douyin"): Life(5, silent=date(2025, 11, 11), ticket="fails_once", answers="nobody"),
    ("西例区商务", "wechat_mp"): Life(4, silent=date(2026, 2, 27), ticket="hands_over", answers="nobody"),
    ("西例商务", "weibo"): Life(6, silent=date(2026, 2, 20), ticket="cancels", answers="nobody"),
    ("北例卫健", "weibo"): Life(7, "closing", silent=date(2025, 12, 9)),
    ("高新农业", "weibo"): Life(9, "leader"),
    ("示例交通", "weibo"): Life(11, "leader"),
    ("东例农业", "weibo"): Life(10),
    ("南例好物", "douyin"): Life(4, contractor=True, ticket="finds_people", answers="nobody"),
    ("健康西例", "douyin"): Life(5, contractor=True, ticket="finds_people", answers="nobody"),
    ("北例教体", "douyin"): Life(3, contractor=True, ticket="finds_people", answers="nobody"),
    ("健康高新", "douyin"): Life(6, contractor=True, ticket="cancels", answers="nobody"),
    ("示例医保服务", "mini_program"): Life(7, hand=True),
    ("示例人社", "app"): Life(7, hand=True),
    ("示例交警", "douyin"): Life(2.5, hand=True),
    ("东例教体", "douyin"): Life(4, hand=True),
    ("南例卫健", "weibo"): Life(3, hand=True),
    ("西例教体", "weibo"): Life(4, hand=True, silent=date(2025, 12, 3), answers="nobody"),
}  # fmt: skip


SUCCESSORS = {
    "东例商务": "东例区商务",
    "示例消费帮扶": "示例商务",
    "南例县健康": "南例卫健",
    "西例商务": "西例区农业",
    "健康高新": "示例高新区健康",
    "北例卫健": "北例县健康",
}  # which account citizens are told to follow instead
_NEEDED = {*SUCCESSORS.values()}


def life_of(entry: Entry, seed: int) -> Life:
    """Return the life of an account: the cast's own, else a plain one by its name."""
    own = CAST.get((entry.name, entry.platform))
    if own is not None:
        return own
    dice = random.Random(f"{seed}{entry.name}{entry.platform}")  # noqa: S311  the same year at every start
    return Life(dice.choice(RHYTHMS), "operator" if dice.random() < 0.9 else "leader")


def entries_of(most: int) -> list[Entry]:
    """Return the town's accounts in its order: the cast, and others up to `most` in all."""
    everything = entries()
    cast = [e for e in everything if (e.name, e.platform) in CAST or e.name in _NEEDED]
    others = [e for e in everything if e not in cast][: max(0, most - len(cast))]
    return [e for e in everything if e in cast or e in others]


@dataclass(slots=True)
class Player:
    """An account in play: its posts so far, and when the next one would come."""

    entry: Entry
    life: Life
    key: str  # its id on the platform
    dice: random.Random
    posts: list[datetime] = field(default_factory=list)
    next_at: datetime | None = None
    alive: bool = True
    woken: bool = False
    shown: int = -1  # posts of the feed when it was last read; -1: never read

    def begin(self, at: datetime) -> None:
        """Give it a past of two years up to `at`."""
        if not self.life.every:
            return
        moment = at - timedelta(days=self.dice.uniform(500, 700))
        self.next_at = moment
        self.until(at)

    def until(self, at: datetime) -> None:
        """Let it post by its rhythm up to `at`."""
        stop = self.life.silent and start_of(self.life.silent)
        while self.next_at is not None and self.next_at <= at:
            if stop is not None and self.next_at >= stop and self.alive and not self.woken:
                self.alive, self.next_at = False, None
                return
            self.posts.append(self.next_at)
            self.next_at = self._next(self.next_at)

    def write(self, moment: datetime, *, wakes: bool = False) -> None:
        """Post at a moment because somebody asked; `wakes`: the rhythm begins again."""
        self.posts = [p for p in self.posts if p <= moment] + [moment]
        if wakes:
            self.woken, self.alive = True, True
        if self.alive:
            self.next_at = self._next(moment)

    def stop(self) -> None:
        """Nothing comes by itself any more."""
        self.alive, self.next_at = False, None

    def _next(self, moment: datetime) -> datetime:
        every = self.life.every
        gap = max(0.3, self.dice.expovariate(1 / every)) if every < 3 else self.dice.uniform(0.4, 1.6) * every
        local = (moment + timedelta(days=gap)).astimezone(SHANGHAI)
        at = local.replace(
            hour=self.dice.randint(8, 17), minute=self.dice.randint(0, 59), second=self.dice.randint(0, 59), microsecond=0
        )
        return max(at, moment + timedelta(hours=2))

    def feed(self) -> bytes:
        """Return its feed as it stands, newest first."""
        items = []
        for moment in reversed(self.posts[-(FIRST_ITEMS if self.shown < 0 else LATER_ITEMS) :]):
            link = f"https://mp.example.invalid/s/{sha256(f'{self.key}{moment.isoformat()}'.encode()).hexdigest()[:16]}"
            title = escape(title_of(moment, seed=self.key))
            when = format_datetime(moment.astimezone(SHANGHAI))
            items.append(f"<item><title>{title}</title><link>{link}</link><pubDate>{when}</pubDate></item>")
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{escape(self.entry.name)}</title>'
        return f"{head}<link>https://example.invalid/</link>{''.join(items)}</channel></rss>\n".encode()


def players(*, seed: int, most: int, at: datetime) -> list[Player]:
    """Return the accounts in play with their past up to `at`."""
    found = []
    for entry in entries_of(most):
        digest = sha256(f"{entry.platform}{entry.unit}{entry.name}".encode()).hexdigest()
        key = f"gh_{digest[:12]}" if entry.platform == "wechat_mp" else f"{entry.platform[:2]}{digest[:10]}"
        player = Player(entry, life_of(entry, seed), key, random.Random(f"{seed}{key}"))  # noqa: S311
        player.begin(at)
        found.append(player)
    return found
