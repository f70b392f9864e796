"""先找对门: matters with a door of their own, and words of danger to life, which show the numbers at once.

Nothing here refuses anybody: it names the door that the law gives, and the page shows it before anything is written.
Sources: 信访工作条例 (2022), 监察法 and 12388, 政府信息公开条例 arts. 27–40, 行政复议法 art. 20 (60 days), 行政诉讼法 art. 46.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Phone:
    """An emergency number and what it is for."""

    number: str
    word: str


@dataclass(frozen=True, slots=True)
class Door:
    """A matter's own door. `number` is its telephone, "" where there is none; `words` show that a text belongs here."""

    code: str
    title: str
    note: str
    button: str
    number: str = ""
    taken_in: bool = False  # whether a message about it may be written here at all
    words: Sequence[str] = ()


EMERGENCY: Final = (Phone("110", "报警"), Phone("119", "火警救援"), Phone("120", "急救"), Phone("122", "交通事故"))
HELPLINE: Final = Phone("12356", "心理援助")  # national line of the health authorities since 2025

DOORS: Final = (
    Door("hotline", "路灯、噪音、停水、占道", "身边的具体事，要人上门处理。", "打12345", "12345", taken_in=True),
    Door(
        "disclosure", "申请公开一份文件", "依申请公开，一般20个工作日内答复。", "去申请",
        words=("申请公开", "依申请公开", "信息公开申请", "公开政府信息"),
    ),
    Door(
        "reconsideration", "不服处罚或决定", "行政复议，一般自知道之日起60日内；也可以起诉。", "看怎么提",
        words=("行政复议", "行政诉讼", "不服处罚", "不服决定", "不服行政处罚", "提起诉讼", "起诉你们"),
    ),
    Door(
        "petition", "投诉请求、多次没解决", "信访有法定程序和期限，这里不收，以免耽误。", "去信访渠道",
        words=("信访", "上访", "复查复核", "信访答复", "集体访"),
    ),
    Door(
        "discipline", "举报公职人员违纪违法", "请直接找纪检监察机关，这里不经手。", "打12388", "12388",
        words=("受贿", "行贿", "贪污", "贪腐", "违纪违法", "检举", "控告", "索贿", "收红包", "吃拿卡要", "权钱交易", "公款吃喝"),
    ),
)  # fmt: skip
DOOR: Final = {door.code: door for door in DOORS}

_DANGER: Final[dict[str, tuple[str, ...]]] = {
    "110": ("报警", "持刀", "砍人", "杀人", "绑架", "被打", "打我", "家暴", "抢劫", "威胁要杀", "跟踪我", "拘禁", "失踪", "被拐"),
    "119": ("着火", "起火", "火灾", "冒烟", "煤气泄漏", "燃气泄漏", "漏煤气", "爆炸", "坍塌", "塌方", "被困", "溺水", "落水"),
    "120": ("昏迷", "没有呼吸", "大出血", "吐血", "心脏病发", "中毒", "喝农药", "触电", "急救", "救命"),
    "122": ("车祸", "撞人了", "被车撞"),
    "12356": ("不想活", "活不下去", "自杀", "轻生", "跳楼", "跳河", "割腕", "结束生命", "了结自己"),
}
_NOT_NOW: Final = ("演练", "知识", "宣传", "讲座", "培训", "预防", "防火检查", "补贴", "工伤认定", "怎么报销")


def danger_in(text: str) -> list[Phone]:
    """Return the numbers to show at once, in the order of EMERGENCY; for words of giving up life the helpline comes too.

    It errs on the side of showing: a number shown in vain costs a glance. Only where a text speaks of drills or leaflets
    and names no present danger is nothing shown.
    """
    plain = "".join(text.split())
    hits = {number: [w for w in words if w in plain] for number, words in _DANGER.items()}
    if not any(hits.values()):
        return []
    urgent = any(w in plain for w in ("救命", "快来", "正在", "现在", "马上", "不想活", "活不下去", "自杀", "轻生"))
    if not urgent and any(w in plain for w in _NOT_NOW):
        return []
    numbers = {number for number, words in hits.items() if words}
    if "12356" in numbers:
        numbers |= {"110", "120"}
    return [phone for phone in (*EMERGENCY, HELPLINE) if phone.number in numbers]


def doors_for(text: str) -> list[Door]:
    """Return the doors whose words stand in a text, in their order on the page."""
    plain = "".join(text.split())
    return [door for door in DOORS if any(w in plain for w in door.words)]
