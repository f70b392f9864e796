"""LOC-FUNCTIONS 功能无法使用: binds only where a pack names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from qiguan.core.days import day_of, say
from qiguan.core.facts import AccountFacts, CheckFact, Kind, Said
from qiguan.core.life import USABILITY, why_not_checked
from qiguan.core.pack import Pack
from qiguan.core.rule import Breach, Clear, Example, Moment, NotLooked, Outcome, Unknown, Weight, rule

_AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
_PACK = "lianyungang"


def _menu(works: bool | None, *, days: float = 1, proof: bool = True) -> AccountFacts:
    return AccountFacts(checks=(CheckFact(_AT - timedelta(days=days), Said.NEWEST, "核查员", menu=works, proof=proof),))


EXAMPLES = (
    Example("the menu opened", _menu(True), _AT, Clear, pack=_PACK),
    Example("the menu leads nowhere, with a screenshot", _menu(False), _AT, Breach, pack=_PACK),
    Example("the same without proof", _menu(False, proof=False), _AT, Unknown, pack=_PACK),
    Example("nobody tried", _menu(None), _AT, NotLooked, pack=_PACK),
    Example("tried too long ago", _menu(False, days=91), _AT, NotLooked, pack=_PACK),
    Example("an app has its own veto", AccountFacts(platform="app"), _AT, NotLooked, pack=_PACK),
    Example("the national pack has no such line", _menu(False), _AT, NotLooked),
)


@rule(
    "LOC-FUNCTIONS",
    title_zh="地方要求：功能无法使用",
    title_en="Local: functions that do not work",
    basis="见规则包所列地方文件",
    confidence="B",
    weight=Weight.LOCAL,
    examples=EXAMPLES,
)
def local_functions(facts: AccountFacts, pack: Pack, moment: Moment) -> Outcome:
    """The last try of the menu within the pack's usability days; a breach needs proof. The message box is GB19-M-V3a."""
    line = next((line for line in pack.local if line.kind == "functions" and line.in_force(day_of(moment.at))), None)
    if line is None:
        return NotLooked("规则包没有这条地方要求")
    away = why_not_checked(facts, moment.at)
    if away or facts.platform in USABILITY:
        return NotLooked(away or "移动客户端和小程序按能否使用另行判定")
    if line.binds == "publishing" and facts.kind is Kind.SERVICE:
        return NotLooked("这条地方要求只约束发布类账号")
    since = moment.at - timedelta(days=pack.usability_days)
    tried = [c for c in facts.checks if c.menu is not None and since <= c.at <= moment.known_at]
    if not tried:
        return NotLooked("没有人试过菜单")
    last = tried[-1]
    if last.menu:
        return Clear(f"{say(last.at)}{last.hand}试过，菜单可用")
    if not last.proof:
        return Unknown(f"{say(last.at)}{last.hand}说菜单不能用，还没有截图为证")
    return Breach(f"{say(last.at)}{last.hand}试过，菜单不能用，有截图（{line.source}）")
