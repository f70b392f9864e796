"""Duty words of departments 职责词: which of them stand in a message, and which departments they speak for. A plain count.

The label of a candidate is whatever the caller names it by; the words are found by the department's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_DUTIES: Final[dict[str, tuple[str, ...]]] = {
    "医疗保障": ("医保", "报销", "参保", "异地就医", "住院费", "慢特病", "生育津贴", "医保卡", "药店"),
    "人力资源": ("社保", "养老金", "退休", "工伤", "失业", "工资", "欠薪", "劳动合同", "招聘", "就业", "职称", "用工"),
    "交通运输": ("公交", "出租车", "网约车", "客运", "公路", "修路", "地铁", "货车", "驾校"),
    "公安": ("户口", "身份证办理", "落户", "车管所", "驾驶证", "违章", "红绿灯", "交警", "居住证", "诈骗"),
    "教育": ("学校", "入学", "学区", "老师", "幼儿园", "中考", "高考", "补课", "学费", "招生", "校车"),
    "卫生健康": ("医院", "疫苗", "接种", "门诊", "医生", "护士", "计划生育", "体检"),
    "市场监督": ("食品", "过期", "假货", "营业执照", "退款", "消费者", "价格", "缺斤少两", "商家", "电梯"),
    "水务": ("停水", "水费", "水压", "自来水", "排水", "内涝", "河道", "污水"),
    "商务": ("消费券", "家电补贴", "以旧换新", "电商", "超市", "加油站", "外贸", "成品油"),
    "农业农村": ("种子", "农药", "化肥", "宅基地", "农机", "耕地", "养殖", "农产品", "土地流转", "助农"),
    "审计": ("审计",),
    "住房": ("房产证", "物业", "公积金", "公租房", "拆迁", "维修基金", "烂尾", "住房"),
    "民政": ("低保", "养老院", "婚姻登记", "殡葬", "残疾补贴", "孤儿"),
    "生态环境": ("污染", "异味", "臭味", "废气", "噪音", "扬尘"),
    "城市管理": ("占道", "路灯", "垃圾", "违建", "摊贩", "停车位"),
    "自然资源": ("不动产", "土地证", "规划许可", "采矿"),
    "文化": ("图书馆", "景区", "旅游", "博物馆", "演出"),
    "税务": ("发票", "个税", "纳税", "退税"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whom a message may go to: the caller's label, and the department's name."""

    label: str
    name: str


Suggestion = tuple[str, float, list[tuple[int, int]]]


def suggest(text: str, candidates: Sequence[Candidate]) -> list[Suggestion]:
    """Return (label, p, the at most three words that weighed most as spans), the likeliest first; [] where no word speaks.

    p is the share of a department's words among all that were found, drawn towards "don't know" where they are few.
    """
    scored: list[tuple[float, str, list[tuple[int, int]]]] = []
    for candidate in candidates:
        words = [w for duty, found in _DUTIES.items() if duty in candidate.name for w in found]
        spans = [(text.index(w), text.index(w) + len(w)) for w in sorted(words, key=len, reverse=True) if w in text]
        named = candidate.name in text
        weight = sum(text.count(text[s:e]) * (e - s) for s, e in spans) + 6 * named
        if weight:
            at = text.find(candidate.name)
            spans = [(at, at + len(candidate.name)), *spans] if named else spans
            spans = [x for x in spans if not any(y != x and y[0] <= x[0] and x[1] <= y[1] for y in spans)]
            scored.append((weight, candidate.label, sorted(spans[:3])))
    total = sum(weight for weight, _, _ in scored)
    ranked = sorted(scored, key=lambda row: (-row[0], row[1]))
    return [(label, weight / (total + 2), spans) for weight, label, spans in ranked]
