"""The next step and who takes it, for every reason; what a blind poll is called in words. Written once, shown everywhere."""

from __future__ import annotations

from typing import Final

from qiguan.core.remedies import REMEDIES
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
    "contradicted": ("再派人看一次", "监管员"),
    "not_found": ("核对账号ID", "主办单位"),
    "cancelled_unfiled": ("补办注销备案", "主办单位"),
}


def blind_words(outcome: str) -> str:
    """Say in words what kept us from reading a source."""
    return REMEDIES[Outcome(outcome)].title if outcome in set(Outcome) else "来源没有读到"
