"""Judge the accounts of a round at its check point, and freeze what was seen, when, by which hand, with the stored copy's hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from qiguan.collection.models import HumanCheck, Poll, Source
from qiguan.collection.queries.checks import before_words
from qiguan.collection.queries.words import source_words
from qiguan.core.activity import judge
from qiguan.core.check_rows import SAID_WORDS
from qiguan.core.days import say_at
from qiguan.core.evidence import weigh
from qiguan.core.facts import AccountFacts, Said
from qiguan.core.inspect import inspect_account
from qiguan.core.remedies import REMEDIES
from qiguan.core.rule import Breach, NotLooked, Outcome, Weight, all_rules
from qiguan.core.source import Outcome as PollOutcome
from qiguan.inspection.actions.standing import PackTable
from qiguan.inspection.models import RoundAccount
from qiguan.inspection.queries.facts import facts_of
from qiguan.jobs.many import among
from qiguan.register.models import Account

CHECKS_KEPT = 5


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that is breached."""

    rule: str
    version: int
    title: str
    veto: bool
    because: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with its columns filled, not yet stored, and its breaches."""

    line: RoundAccount
    breaches: Sequence[Broken]


def judge_lines(lines: Sequence[RoundAccount], *, round_at: datetime, known_at: datetime) -> list[Judged]:
    """Judge at the check point `round_at` by what is known at `known_at`; at most 400 lines."""
    ids = [line.account_id for line in lines]
    accounts = {a.pk: a for a in Account.objects.filter(pk__in=among(ids)).select_related("owner", "owner__successor")}
    facts = facts_of(list(accounts.values()), at=known_at, look_from=round_at)
    packs = PackTable(round_at)
    kept = _evidence(ids, known_at)
    rules = all_rules()
    found = []
    for line in lines:
        fact, pack = without_names(facts[line.account_id]), packs.of(accounts[line.account_id])
        evidence = weigh(fact, at=round_at, counts=pack.counts, known_at=known_at)
        standing = judge(fact, pack, round_at, known_at=known_at, evidence=evidence)
        verdict, outcomes = inspect_account(fact, pack, at=round_at, known_at=known_at, evidence=evidence)
        line.judged_at, line.state = known_at, standing.state.value
        line.last_post_at, line.days_silent = standing.last_post_at, standing.days_silent
        line.weeks, line.posts_year = standing.rhythm.weeks, standing.rhythm.posts_365
        line.longest_gap_days = standing.rhythm.longest_gap_days
        line.pack, line.word = pack.id, verdict.word.value if verdict.word else ""
        line.outcomes = {code: kept_outcome(outcome, rules[code].version) for code, outcome in outcomes.items()}
        line.evidence = [{"said": said, "at": round_at.isoformat()} for said in standing.statements] + kept[line.account_id]
        found.append(
            Judged(line, [_broken(code, o) for code, o in outcomes.items() if isinstance(o, Breach) and _asks_people(code)])
        )
    return found


def kept_outcome(outcome: Outcome, version: int) -> list[Any]:
    """Return [outcome, because, version] as it is stored; rules that do not bind keep their word too."""
    return ["NotLooked" if isinstance(outcome, NotLooked) else type(outcome).__name__, outcome.because, version]


def _asks_people(code: str) -> bool:
    """Say whether people must decide on a breach: a reminder of a duty stands with the line's outcomes and is no finding."""
    return all_rules()[code].weight is not Weight.OBLIGATION


def _broken(code: str, outcome: Breach) -> Broken:
    rule = all_rules()[code]
    return Broken(code, rule.version, rule.title_zh, rule.weight is Weight.VETO, outcome.because)


def _evidence(ids: Sequence[int], known_at: datetime) -> dict[int, list[dict[str, str]]]:
    """Return by account what the hands saw last: each source's newest poll, and the newest human checks, with their stored copies."""
    found: dict[int, list[dict[str, str]]] = defaultdict(list)
    sources = {
        row[0]: row
        for row in Source.objects.filter(account__in=among(ids), enabled=True).values_list(
            "poll_ref", "account_id", "connector", "url", "complete"
        )
        if row[0]
    }
    polls = Poll.objects.filter(pk__in=among(list(sources))).values_list("pk", "outcome", "first_at", "last_at", "times", "blob")
    for pk, outcome, first, last, times, blob in polls:
        _, account, connector, url, complete = sources[pk]
        word = REMEDIES[PollOutcome(outcome)].title if outcome in set(PollOutcome) else outcome
        whole = "完整来源" if complete else "不完整来源"
        said = f"{source_words(connector, url)}（{whole}）：{word}，{say_at(first)}至{say_at(last)}，共{times}次"
        found[account].append({"said": said, "at": last.isoformat(), "hand": "采集", "blob": blob})
    checks = HumanCheck.objects.filter(account__in=among(ids), at__lte=known_at).order_by("account_id", "-at")
    columns = ("account_id", "at", "said", "newest_at", "point", "before_said", "before_at", "screenshot", "public_id")
    seen: dict[int, int] = defaultdict(int)
    for check in checks.only(*columns):
        seen[check.account_id] += 1
        if seen[check.account_id] <= CHECKS_KEPT:
            newest = f"最新一篇{say_at(check.newest_at, day_precise=True)}" if check.newest_at else ""
            what = "，".join(w for w in (newest or SAID_WORDS.get(Said(check.said), check.said), before_words(check)) if w)
            found[check.account_id].append(
                {
                    "said": f"人工核查：{what}",
                    "at": check.at.isoformat(),
                    "hand": "人工核查",
                    "blob": check.screenshot,
                    "ref": check.public_id,
                }
            )
    return found


def without_names(facts: AccountFacts) -> AccountFacts:
    """Return the facts with checkers called by their order: what is written here goes into bulletins, where no person stands."""
    hands = list(dict.fromkeys(check.hand for check in facts.checks))
    if not hands:
        return facts
    called = {hand: f"人工核查{n}" if len(hands) > 1 else "人工核查" for n, hand in enumerate(hands, 1)}
    return replace(facts, checks=tuple(replace(check, hand=called[check.hand]) for check in facts.checks))
