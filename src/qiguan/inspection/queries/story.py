"""One account's whole story for its page: the judgement now, the year's picture, and every piece of evidence in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from qiguan.collection.models import CoverageSpan, HumanCheck, HumanFinding, Poll, Post, Sighting, Source
from qiguan.collection.queries.checks import before_words, checks_seen_by
from qiguan.collection.queries.findings import findings_seen_by
from qiguan.collection.queries.words import source_words
from qiguan.core.activity import Standing, judge
from qiguan.core.check_rows import SAID_WORDS
from qiguan.core.days import say, say_at
from qiguan.core.evidence import Evidence as Weighed
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, Said, State
from qiguan.core.inspect import inspect_account
from qiguan.core.pack import Pack
from qiguan.core.remedies import REMEDIES
from qiguan.core.rule import Outcome as RuleOutcome
from qiguan.core.rule import all_rules
from qiguan.core.source import Outcome
from qiguan.core.verdict import Verdict
from qiguan.core.written_dates import SHANGHAI
from qiguan.core.year import year_of
from qiguan.inspection.queries.facts import gather_facts
from qiguan.jobs.models import WorkingDay
from qiguan.people.models import User
from qiguan.register.models import Account
from qiguan.ui.pictures.strips import Strip
from qiguan.ui.values import Evidence

_POLLS = 40
_CHECKS = 40


@dataclass(frozen=True, slots=True)
class Story:
    """All that the account page shows of what was judged."""

    facts: AccountFacts
    evidence: Weighed
    judged: Standing
    verdict: Verdict
    outcomes: dict[str, RuleOutcome]
    pack: Pack


def story_of(account: Account, *, pack: Pack, at: datetime) -> Story:
    """Judge the account at `at`, live from its facts."""
    facts = gather_facts([account.pk], at=at)[account.pk]
    evidence = weigh(facts, at=at, counts=pack.counts)
    judged = judge(facts, pack, at, evidence=evidence)
    verdict, outcomes = inspect_account(facts, pack, at=present_moment(judged, pack), known_at=at)
    return Story(facts, evidence, judged, verdict, outcomes, pack)


def present_moment(judged: Standing, pack: Pack) -> datetime:
    """The moment for which "today" is said: the latest covered one, where it is not older than the grace."""
    fresh = judged.as_of is not None and judged.at - judged.as_of <= timedelta(hours=pack.grace_hours)
    return judged.as_of if fresh and judged.as_of is not None and judged.state.is_silence else judged.at


def strip_of(story: Story) -> Strip:
    """Return the year as values for a picture: posts by day, silences over the line, the days that nobody vouched for."""
    year = year_of(story.facts, story.evidence, story.judged, story.pack)
    return Strip.of(year, holidays=_holidays(year.day))


def _holidays(today: date) -> list[tuple[date, date, str]]:
    """Public holidays of the year shown, joined into spans."""
    spans: list[tuple[date, date, str]] = []
    days = WorkingDay.objects.filter(day__gt=today - timedelta(days=365), day__lte=today, is_working=False).exclude(note="")
    for day in days:
        if spans and spans[-1][2] == day.note and (day.day - spans[-1][1]).days == 1:
            spans[-1] = (spans[-1][0], day.day, day.note)
        else:
            spans.append((day.day, day.day, day.note))
    return spans


def evidence_of(account: Account, *, user: User | AnonymousUser) -> list[Evidence]:
    """Return every poll and every look, newest first. Organs' sources by kind and address, people by role, never by contact.

    A screenshot is linked for those who may open it.
    """
    rows: list[tuple[datetime, Evidence]] = []
    sources = {s.pk: s for s in Source.objects.filter(account=account)}
    for poll in Poll.objects.filter(source__account=account).order_by("-last_at")[:_POLLS]:
        rows.append((poll.last_at, _of_poll(poll, sources[poll.source_id])))
    shots = set(checks_seen_by(user).filter(account=account).exclude(screenshot="").values_list("pk", flat=True))
    for check in HumanCheck.objects.filter(account=account).order_by("-at")[:_CHECKS]:
        rows.append((check.at, _of_check(check, shown=check.pk in shots)))
    for found in findings_seen_by(user).filter(account=account).order_by("-at")[:_CHECKS]:
        rows.append((found.at, _of_finding(found)))
    for sighting in Sighting.objects.filter(account=account).order_by("-at")[:20]:
        notes = (
            f"说是{say_at(sighting.posted_at, day_precise=sighting.precision == 'day')}发布",
            "目击能证明在更新，不能证明停更",
            "链接由市民填写，打开前请留意",
        )
        rows.append((sighting.at, Evidence("市民看到新内容", sighting.at, notes, links=(("原文", sighting.url),))))
    return [row for _, row in sorted(rows, key=lambda pair: pair[0], reverse=True)]


def _of_poll(poll: Poll, source: Source) -> Evidence:
    remedy = REMEDIES[Outcome(poll.outcome)]
    read = Outcome(poll.outcome).is_read
    notes = [
        source_words(source.connector, source.url),
        "完整来源，声明人：" + source.complete_said_by if source.complete else "不完整来源：没有新内容不等于停更",
    ]
    if poll.times > 1:
        notes.append(f"自{poll.first_at.astimezone(SHANGHAI):%m月%d日%H:%M}起连续{poll.times}次")
    if poll.new:
        notes.append(f"新增{poll.new}篇")
    if poll.detail:
        notes.append(poll.detail)
    if not read:
        notes.append(f"{remedy.who}：{remedy.remedy}" if remedy.who else remedy.remedy)
    return Evidence(
        remedy.title,
        poll.last_at,
        notes,
        None if read else State.UNKNOWN,
        "feed" if read else "",
        digest=poll.blob.removeprefix("sha256:"),
    )


def _of_check(check: HumanCheck, *, shown: bool) -> Evidence:
    words = SAID_WORDS.get(Said(check.said), check.said)
    if check.newest_at is not None:
        words = f"最新一篇是{say(check.newest_at)}"
    boxes = [
        f"{name}{'能用' if works else '不能用'}"
        for name, works in (("留言", check.message_box), ("菜单", check.menu))
        if works is not None
    ]
    before = before_words(check)
    notes = [
        *([before] if before else []),
        *boxes,
        *([f"现名“{check.new_name}”"] if check.new_name else []),
        *([check.note] if check.note else []),
    ]
    links = (("看截图", reverse("check_shot", args=[check.public_id])),) if shown else ()
    digest = check.screenshot.removeprefix("sha256:")
    day = f"{say(check.at)}（没有写几点，只算看清到这一天零点）"
    when: str | datetime = day if check.at_precision == "day" else check.at
    return Evidence(f"人工核查：{words}", when, notes, icon="eye", links=links, digest=digest)


def _of_finding(found: HumanFinding) -> Evidence:
    rule = all_rules().get(found.rule)
    word = "人工发现" if found.found else "人工查过，没有或已改好"
    links = [("原文", found.link)] if found.link else []
    links += [("看截图", reverse("finding_proof", args=[found.public_id]))] if found.proof else []
    title = f"{word}：{rule.title_zh if rule else found.rule}"
    return Evidence(title, found.at, [found.words], icon="eye", links=links, digest=found.proof.removeprefix("sha256:"))


def posts_of(account: Account, *, page: int, size: int = 20) -> tuple[list[Post], int]:
    """Return one page of the account's posts, newest first, and how many there are."""
    posts = Post.objects.filter(account=account).order_by("-published_at", "-id")
    return list(posts[(page - 1) * size : page * size]), posts.count()


def coverage_of(account: Account) -> list[CoverageSpan]:
    """Return the newest spans that complete sources vouch for."""
    return list(CoverageSpan.objects.filter(account=account).select_related("source").order_by("-until")[:10])
