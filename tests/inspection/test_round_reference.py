"""The verdicts of a round against a slow, obvious reference: one account at a time, plain loops over plain rows, no rule and no pack.

What the reference says of the vetoes, in words (国办秘函〔2019〕19号; RULES: only the silence of watched accounts is a breach):
an account fails where somebody vouches, without a gap, for fourteen times 24 hours up to the check point and nothing was posted in
them (the fourteenth day counts); where anybody saw a post in them it passes; where neither is so it cannot be told. A message box that a person tried
within the usability days and found dead, with a screenshot, fails it too.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from tests.factories import AT, make_account

from qiguan.collection.actions.checks import Seen, record_check
from qiguan.collection.models import CoverageSpan, HumanCheck, Post, Source
from qiguan.core.days import day_of, end_of, start_of
from qiguan.core.facts import Said
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.models import Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.database]
POINT = end_of(day_of(AT) - timedelta(days=1))  # 24:00 of the day before
FORTNIGHT = timedelta(days=14)
USABLE = timedelta(days=90)
ACCOUNTS = 300


def reference(account, *, known_at: datetime) -> str:
    """Return the verdict by the words above, reading every row of the account."""
    posts = [p.published_at for p in Post.objects.filter(account=account) if p.first_seen_at <= known_at]
    checks = [c for c in HumanCheck.objects.filter(account=account).order_by("at") if c.at <= known_at]
    spans = [s for s in CoverageSpan.objects.filter(account=account) if s.read_at <= known_at]

    boxes = [c for c in checks if c.message_box is not None and POINT - c.at <= USABLE]
    box_dead = bool(boxes) and boxes[-1].message_box is False and bool(boxes[-1].screenshot)
    box_doubt = bool(boxes) and boxes[-1].message_box is False and not boxes[-1].screenshot

    seen = [m for m in posts if m <= POINT] + [c.newest_at for c in checks if c.newest_at is not None and c.newest_at <= POINT]
    newest = max(seen, default=None)
    if newest is not None and POINT - newest < FORTNIGHT:
        silence = "posted"
    elif account.opened_on is not None and POINT - start_of(account.opened_on) < FORTNIGHT:
        silence = "posted"  # too new to be late
    else:
        silence = "watched" if _watched(newest, posts, checks, spans) else "unwatched"

    if silence == "watched" or box_dead:
        return "不合格"
    return "未能判定" if silence == "unwatched" or box_doubt else "合格"


def _watched(newest, posts, checks, spans) -> bool:
    """Say whether every minute from the newest post (or a fortnight and more before the point) to the point is vouched for."""
    vouched = []
    claims = [c.newest_at for c in checks if c.newest_at is not None]
    for span in spans:
        # a source that did not show what a person saw in its time is not complete, and vouches for nothing
        shown = all(any(abs((day_of(p) - day_of(c)).days) <= 1 for p in posts) or not _inside(span, c) for c in claims)
        if shown:
            vouched.append((span.start or datetime.min.replace(tzinfo=AT.tzinfo), span.until))
    for check in checks:
        if check.said == Said.NEVER:
            begin, near = datetime.min.replace(tzinfo=AT.tzinfo), datetime.min.replace(tzinfo=AT.tzinfo)
        elif check.newest_at is not None:
            begin, near = check.newest_at, end_of(day_of(check.newest_at)) + timedelta(days=1)
        else:
            continue
        if not any(near < p < check.at for p in posts):  # else the person looked elsewhere
            vouched.append((max([begin, *(p for p in posts if begin < p < check.at)]), check.at))
    reach = POINT  # walk back from the point as far as somebody vouches
    while True:
        further = min((begin for begin, until in vouched if begin < reach <= until), default=None)
        if further is None:
            break
        reach = further
    if reach == POINT:
        return False
    return POINT - reach >= FORTNIGHT or (newest is not None and reach <= newest)


def _inside(span, claim: datetime) -> bool:
    return (span.start is None or span.start <= start_of(day_of(claim))) and claim <= span.until


@pytest.fixture
def crowd(town):
    """Accounts of every sort of watching and silence; the edges of the fortnight on purpose, the rest by dice."""
    dice, made = Random(19), []
    for n in range(ACCOUNTS):
        opened = 5 if n % 23 == 0 else 900
        account = make_account(town.commerce if n % 2 else town.audit, f"第{n}号", platform_id=f"gh_{n}", opened=opened)
        quiet = dice.choice([0.5, 3, 9, 13, 13.99, 14, 14.01, 15, 20, 45, 120, 300])  # days without a post before the point
        silent_from = POINT - timedelta(days=quiet)
        moments = [silent_from - timedelta(days=d) for d in sorted(dice.sample(range(1, 250), k=dice.randint(0, 6)))]
        moments = [] if n % 11 == 0 else [silent_from, *moments]
        Post.objects.bulk_create(
            Post(account=account, key=f"k{i}", title="通知", published_at=m, first_seen_at=m + timedelta(hours=1))
            for i, m in enumerate(moments)
        )
        if dice.random() < 0.6:
            source = Source.objects.create(
                account=account, connector="rss", url=f"https://x.invalid/{n}", complete=True, added_at=AT, next_at=AT
            )
            start = dice.choice([None, POINT - timedelta(days=dice.choice([3, 13, 14, 15, 40]))])
            until = POINT - timedelta(days=1) if dice.random() < 0.25 else AT - timedelta(hours=1)
            CoverageSpan.objects.create(source=source, account=account, start=start, until=until, read_at=until)
        if dice.random() < 0.5:
            _look(account, moments, dice, town.users["checker"], n)
        made.append(account)
    return made


def _look(account, moments: list[datetime], dice: Random, by, n: int) -> None:
    """A person looks, an hour ago or before the point; mostly sees the newest post's day, sometimes one that no source shows."""
    at = dice.choice([AT - timedelta(hours=1), AT - timedelta(hours=1), POINT - timedelta(days=2)])
    before = [m for m in moments if m < at]
    newest = end_of(day_of(before[0])) if before else None
    if dice.random() < 0.15:
        newest = end_of(day_of(at) - timedelta(days=dice.choice([4, 12, 30])))
        if any(m > newest for m in before):
            newest = end_of(day_of(before[0]))
    newest = min(newest, at) if newest else None
    said = Said.NEWEST if newest else Said.NEVER
    works = dice.choice([None, None, True, False])
    seen = Seen(said, newest, "day", "", works, None)
    record_check(account=account, seen=seen, client_key=f"r{n}", looked_at=at, by=by, at=AT)
    if works is False and dice.random() < 0.5:
        HumanCheck.objects.filter(account=account).update(screenshot="sha256:" + "0" * 64)


def test_a_rounds_verdicts_are_those_of_the_slow_reference(town, crowd, monkeypatch):
    boss = town.users["supervisor"]
    round_ = open_round(organ=town.city, title="对照", at=POINT, choice=Choice(), by=boss, now=AT)
    judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.select_related("round")), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    told = {v.account_id: v for v in Verdict.objects.filter(line__round=round_).select_related("line")}
    said = {a.pk: reference(a, known_at=AT) for a in crowd}
    wrong = [
        f"{a.name}：{told[a.pk].word}，参照{said[a.pk]}（{told[a.pk].because}）" for a in crowd if told[a.pk].word != said[a.pk]
    ]
    assert wrong == []
    counts = {word: list(said.values()).count(word) for word in ("合格", "不合格", "未能判定")}
    assert all(n >= 30 for n in counts.values()), counts  # a comparison that never sees a sort shows nothing about it
    monkeypatch.setitem(globals(), "FORTNIGHT", timedelta(days=13))
    assert any(told[a.pk].word != reference(a, known_at=AT) for a in crowd), "a reference that is a day off must not agree"
