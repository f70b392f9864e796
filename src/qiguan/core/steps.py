"""The next step and who takes it, for every reason; flags and blind polls in words. Written once, shown everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from qiguan.core.facts import Blindness
from qiguan.core.remedies import REMEDIES, Severity
from qiguan.core.source import Outcome

# reason → (next step, who)
STEPS: Final[dict[str, tuple[str, str]]] = {
    "due": ("安排更新", "运营人员"),
    "posted": ("", ""),
    "posted_partial": ("", ""),
    "new": ("发布第一篇", "运营人员"),
    "silent": ("研判", "监管员"),
    "never": ("研判", "监管员"),
    "usable": ("", ""),
    "unusable": ("研判", "监管员"),
    "closed": ("", ""),
    "reopened": ("核实重开", "监管员"),
    "closing": ("按期注销", "主办单位"),
    "closing_late": ("研判", "监管员"),
    "blocked": ("申请恢复", "主办单位"),
    "no_source": ("派人核查", "监管员"),
    "partial_only": ("派人核查", "监管员"),
    "blind": ("修复来源", "监管员"),
    "stale": ("派人核查", "监管员"),
    "short": ("派人核查", "监管员"),
    "contradicted": ("再派人看一次，附截图", "监管员"),
    "not_found": ("核对账号ID", "主办单位"),
    "cancelled_unfiled": ("补办注销备案", "主办单位"),
}
WAIT: Final = ("再等一天", "系统")

FLAG_WORDS: Final[dict[str, str]] = {
    "owner_ended": "主办单位已撤并：请变更主办单位、移交或注销",
    "reopened": "关停后又有内容",
    "contradicted": "几方说法不一",
    "closing_without_notice": "停更已备案，还没有公告",
    "renamed": "账号已改名，请办变更备案",
    "backdated": "倒填：有内容在标注日期之后很久才第一次出现",
    "not_bound": "停更规则不约束此账号",
    "assumed_complete": "来源的完整性是假定的",
}


def step_of(reason: str, blind: Sequence[Blindness]) -> tuple[str, str]:
    """Return the next step and who takes it. A source that failed once or twice for a passing cause is waited for."""
    if reason != "blind" or not blind:
        return STEPS[reason]
    last = blind[-1]
    if last.outcome not in set(Outcome):
        return STEPS[reason]
    remedy = REMEDIES[Outcome(last.outcome)]
    if remedy.severity is Severity.WAIT and last.times < 3:
        return WAIT
    return STEPS[reason][0], remedy.who or STEPS[reason][1]


def blind_words(outcome: str) -> str:
    """Say in words what kept us from reading a source."""
    return REMEDIES[Outcome(outcome)].title if outcome in set(Outcome) else "来源没有读到"
