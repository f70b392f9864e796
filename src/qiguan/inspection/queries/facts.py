"""Gather the facts of many accounts in a few statements: what `core.activity` judges by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from qiguan.collection.models import CoverageSpan, HumanCheck, HumanFinding, Post, Sighting, Source
from qiguan.collection.queries.words import source_words
from qiguan.core.days import day_of, end_of
from qiguan.core.facts import AccountFacts, Blindness, CheckFact, Kind, PostFact, RegisterFacts, Said, Scope, SightingFact, Span
from qiguan.core.facts import HumanFinding as FindingFact
from qiguan.core.source import Outcome
from qiguan.inspection.queries.plain_rows import plain_rows
from qiguan.inspection.queries.register_facts import register_facts_of
from qiguan.inspection.queries.registered import Registered, registered
from qiguan.jobs.many import among
from qiguan.register.models import Account

LOOK_BACK = timedelta(days=400)  # a year's picture and the window before it
_READ = {outcome.value for outcome in Outcome if outcome.is_read}
_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}
_SCOPES: Mapping[str, Scope] = {scope.value: scope for scope in Scope}
_BEFORE = {"newest": Said.NEWEST, "never": Said.NEVER}  # "unclear" says nothing
CHUNK = 400  # accounts a statement: SQLite takes 999 parameters in its oldest builds


def gather_facts(account_ids: Iterable[int], *, at: datetime) -> dict[int, AccountFacts]:
    """Return the facts known at `at`, by account id. Posts: those of the last 400 days and the newest before them."""
    ids = list(account_ids)
    facts: dict[int, AccountFacts] = {}
    for i in range(0, len(ids), CHUNK):
        accounts = Account.objects.filter(pk__in=ids[i : i + CHUNK]).select_related("owner", "owner__successor")
        facts.update(facts_of(list(accounts), at=at))
    return facts


def facts_of(accounts: Sequence[Account], *, at: datetime, look_from: datetime | None = None) -> dict[int, AccountFacts]:
    """Return the facts of accounts already read (with `owner` and `owner__successor`), at most CHUNK of them.

    `look_from`: a check point before `at`; posts are read from 400 days before it on, so that none of its window is missing.
    """
    register = register_facts_of(accounts, at=at)
    return facts_of_rows([registered(account) for account in accounts], at=at, look_from=look_from, register=register)


def facts_of_rows(
    accounts: Sequence[Registered],
    *,
    at: datetime,
    look_from: datetime | None = None,
    register: Mapping[int, RegisterFacts] | None = None,
) -> dict[int, AccountFacts]:
    """As `facts_of`. Without `register` what no state and no veto asks for is left out: the nightly pass needs none of it."""
    ids = [account.pk for account in accounts]
    posts = _posts(ids, at, min(look_from or at, at) - LOOK_BACK)
    spans, blind, partial = _sources(ids, at)
    checks = _checks(ids, at)
    findings = _findings(ids, at)
    sightings = _sightings(ids, at)
    said = register or {}
    return {
        account.pk: AccountFacts(
            platform=account.platform,
            kind=_KINDS[account.kind],
            scope=_SCOPES[account.scope],
            opened_on=account.opened_on,
            owner=account.owner,
            owner_ended_on=account.owner_ended_on,
            successor=account.successor or "",
            closing_filed_on=account.closing_filed_on,
            closing_notice_on=account.closing_notice_on,
            closes_on=account.closes_on,
            closed_on=account.closed_on,
            blocked_on=account.blocked_on,
            blocked_why=account.blocked_why,
            posts=posts.get(account.pk, ()),
            spans=spans.get(account.pk, ()),
            checks=checks.get(account.pk, ()),
            sightings=sightings.get(account.pk, ()),
            blind=blind.get(account.pk, ()),
            has_partial_source=account.pk in partial,
            findings=findings.get(account.pk, ()),
            register=said.get(account.pk),
        )
        for account in accounts
    }


def _sightings(ids: Sequence[int], at: datetime) -> dict[int, list[SightingFact]]:
    """What citizens saw, oldest first."""
    found: dict[int, list[SightingFact]] = defaultdict(list)
    rows = Sighting.objects.filter(account__in=among(ids), at__lte=at).order_by("at")
    for account_id, seen_at, posted_at, precision in rows.values_list("account_id", "at", "posted_at", "precision"):
        found[account_id].append(SightingFact(seen_at, posted_at, precision == "day"))
    return found


def _posts(ids: Sequence[int], at: datetime, since: datetime) -> dict[int, list[PostFact]]:
    """Recent posts in order, each list opened by the newest older one, so that "never posted" stays true to the past."""
    found: dict[int, list[PostFact]] = defaultdict(list)
    older = (
        Post.objects.filter(account__in=among(ids), published_at__lt=since)
        .order_by()
        .values("account_id")
        .annotate(newest=Max("published_at"))
    )
    for row in older:
        found[row["account_id"]].append(PostFact(row["newest"]))
    recent = (
        # a post known to the day only stands at the end of its day, which for today has not come yet
        Post.objects.filter(
            account__in=among(ids), published_at__gte=since, published_at__lte=end_of(day_of(at)), first_seen_at__lte=at
        )
        .order_by("account_id", "published_at")
        .values_list(
            "account_id", "published_at", "first_seen_at", "pushed", "deleted_seen_at", "precision", "asked_about", "original"
        )
    )
    for account_id, published_at, first_seen_at, pushed, deleted, precision, asked, original in plain_rows(recent, 1, 2):
        told = None if pushed is None else bool(pushed)
        own = None if original is None else bool(original)
        found[account_id].append(
            PostFact(published_at, first_seen_at, told, deleted is not None, precision == "day", bool(asked), own)
        )
    return found


def _sources(ids: Sequence[int], at: datetime) -> tuple[dict[int, list[Span]], dict[int, list[Blindness]], set[int]]:
    """Coverage of complete sources, and the sources we could not read (and since when)."""
    spans: dict[int, list[Span]] = defaultdict(list)
    seen = (
        CoverageSpan.objects.filter(account__in=among(ids), read_at__lte=at)
        .order_by("until")
        .values_list("account_id", "start", "until", "read_at", "source__connector", "source__url")
    )
    for account_id, start, until, read_at, connector, url in plain_rows(seen, 1, 2, 3):
        spans[account_id].append(Span(start, until, source_words(connector, url), read_at))
    blind: dict[int, list[Blindness]] = defaultdict(list)
    partial: set[int] = set()
    columns = ("account_id", "complete", "outcome", "outcome_since", "connector", "url", "read_at", "failures")
    sources = Source.objects.filter(account__in=among(ids), enabled=True).values_list(*columns)
    for account_id, complete, outcome, since, connector, url, read_at, failures in plain_rows(sources, 3, 6):
        if not complete:
            partial.add(account_id)
        if outcome and since is not None and outcome not in _READ:
            blind[account_id].append(Blindness(source_words(connector, url), outcome, since, read_at or since, failures))
    return spans, blind, partial


def _checks(ids: Sequence[int], at: datetime) -> dict[int, list[CheckFact]]:
    """Human checks, oldest first. A later one stands beside an earlier one; nothing is overwritten."""
    found: dict[int, list[CheckFact]] = defaultdict(list)
    for check in HumanCheck.objects.filter(account__in=among(ids), at__lte=at).order_by("at", "id"):
        found[check.account_id].append(
            CheckFact(
                at=check.at,
                said=Said(check.said),
                hand=check.hand or "人工核查",
                newest_at=check.newest_at,
                newest_day_precise=check.newest_precision == "day",
                proof=bool(check.screenshot),
                message_box=check.message_box,
                menu=check.menu,
                new_name=check.new_name,
                day_precise=check.at_precision == "day",
                point=check.point,
                before_said=_BEFORE.get(check.before_said),
                before_at=check.before_at,
            )
        )
    return found


def _findings(ids: Sequence[int], at: datetime) -> dict[int, list[FindingFact]]:
    """What people found, oldest first. Whoever found it is called by the role: these words go into verdicts."""
    found: dict[int, list[FindingFact]] = defaultdict(list)
    rows = HumanFinding.objects.filter(account__in=among(ids), stored_at__lte=at).order_by("at", "id")
    for account_id, rule, seen_at, words, proof, is_there in rows.values_list(
        "account_id", "rule", "at", "words", "proof", "found"
    ):
        found[account_id].append(FindingFact(rule, seen_at, words, "监管员", bool(proof), is_there))
    return found
