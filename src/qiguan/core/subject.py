"""What a post is about: 领导活动, 政策解读, 通知公告, 就业用工 … By rules where a title says it itself, else by a small model.

The model learns from `subject_titles.txt`, titles invented and labelled for this purpose. Below `SURE` the answer is
`UNCLEAR` 未能归类: shares of subjects are counted over what is clear, and how much was unclear stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from qiguan.core.learner import Learner, labels_by_probability, learn_all, pieces_of, plain

UNCLEAR = "unclear"  # 未能归类
SURE = 0.2
SUBJECTS = (
    "领导活动", "政策解读", "通知公告", "就业用工", "交通出行", "教育", "医疗健康", "社保民政", "办事服务", "文旅", "天气应急",
    "消费电商/物价", "宣传/转载", "其他",
)  # fmt: skip
_A_RULE = 0.5  # what a rule adds to its label's margin


@dataclass(frozen=True, slots=True)
class Subject:
    """The answer. `label` is `UNCLEAR` below the threshold; `ranked` keeps what was likeliest all the same."""

    label: str
    p: float
    ranked: tuple[tuple[str, float], ...]


def _rule(label: str, weight: float, pattern: str) -> tuple[str, float, re.Pattern[str]]:
    return label, weight, re.compile(pattern)


# What a title says by its form or its trade's words. Weights in rules: 3 decides, 1 leans.
_RULES = (
    _rule(
        "领导活动",
        3,
        r"(书记|市长|县长|区长|省长|局长|主任|厅长|部长|主席|总理|总书记)[^，。！]{0,12}(调研|会见|主持|督导|考察|走访|慰问|检查|出席|批示|指示|强调|座谈)",
    ),
    _rule(
        "领导活动",
        2.5,
        r"(召开|主持召开)[^，。！]{0,30}(会议|常委会|座谈会|推进会|调度会|现场办公会|视频会)|(会议|全会|常委会)[^，。！]{0,8}召开|重要指示|考察纪实|一行(赴|到|来)|调研指导",
    ),
    _rule(
        "政策解读",
        3,
        r"一图读懂|政策解读|图解|解读[：:|丨｜]|读懂|划重点|(条例|办法|规定|细则|规划|意见|方案)》?(发布|出台|印发|解读|施行|来了|有哪些)",
    ),
    _rule(
        "政策解读",
        1.5,
        r"《[^》]{2,40}(条例|办法|规定|法|细则|规划|意见|方案|通知)》|新规|暂行(规定|办法)|十四五|政策[^，。]{0,8}(范围|界定|问答)",
    ),
    _rule(
        "通知公告",
        3,
        r"(公告|通告|公示|通知)(】|$|！|!)|^关于.{2,60}的(通知|公告|通告|公示)|名单公[示布]|放假安排|征集(公告|启事)?|招标|公开遴选",
    ),
    _rule("就业用工", 3, r"招聘|招工|用工|求职|岗位|职位|就业|创业培训|技能(提升|培训|人才)|博士后|工匠|劳动合同|工资|稳岗|零工"),
    _rule(
        "交通出行",
        3,
        r"地铁|公交|高铁|列车|铁路|航班|高速|道路|路段|限行|绕行|交通(管制|违法|事故|信号)|堵|停车|车站|隧道|交警|酒驾|号线|出行|开通|机场|驾驶",
    ),
    _rule(
        "教育",
        3,
        r"高考|中考|招生|考生|学校|学位|入学|中小学|教育(部|厅|局)|课后服务|幼儿园|开学|家长|志愿填报|教师|校外培训|高校",
    ),
    _rule("医疗健康", 3, r"疫苗|疫情|确诊|核酸|医院|健康|疾控|护理|接种|就诊|传染病|防疫|血压|门诊时间|献血|中暑|流感|体检|AED"),
    _rule(
        "社保民政",
        3,
        r"社保|医保|养老|退休|低保|救助|重疾险|生育保险|残疾人|婚姻登记|殡葬|长护险|失业(金|保险)|工伤(认定|保险)|福利",
    ),
    _rule(
        "办事服务",
        2.5,
        r"办事指南|操作指[南引]|如何(办|填|申|查|缴|申报)|怎么(办|查|缴|申请)|网上办|一次办|一窗|办税|个税|发票|常见问题|手把手|窗口|电子证照|便民|预约(办理|服务)|申报",
    ),
    _rule(
        "文旅",
        3,
        r"旅游|景区|景点|非遗|博物馆|文化和自然遗产|打卡|美食|古镇|古村|民俗|赏花|花开|演出|夜游|文旅|瀑布|动物园|门票|游玩|乡村游|展览",
    ),
    _rule(
        "天气应急",
        3,
        r"天气|暴雨|雷雨|大风|冰雹|降温|高温|预警|台风|防汛|地震|火灾|消防|着火|安全生产|隐患|应急|燃气安全|溺水|森林防火",
    ),
    _rule(
        "消费电商/物价",
        3,
        r"消费(券|者|提示|警示)|召回|价格|物价|电商|直播带货|农产品|助农|抽检|选购|三不买|促消费|茶博会|年货|品牌节|展销",
    ),
    _rule(
        "宣传/转载",
        3,
        r"党史|红色|建党|百年|学习教育|党建|初心|先锋|纪实|主题党日|榜样|最美|我为群众办实事|雷锋|志愿者|求是|革命|传承|歌声里|快乐！|圆满",
    ),
    _rule("其他", 2.5, r"诈骗|反诈|防骗|电诈|骗局|网警|双语|外交部发言人|记者会|小测试|有奖问答|竞猜|立案|刑拘"),
)


def subject_of(title: str) -> Subject:
    """Say what a post of this title is about; `UNCLEAR` for an empty one and wherever the likeliest is not likely enough."""
    read = plain(title, 300)[0].strip()
    if not any(letter.isalnum() for letter in read):
        return Subject(UNCLEAR, 0.0, ())
    learner = _trained()
    ranked = labels_by_probability(
        learner.probabilities(learner.scores(learner.vector(learner.buckets(pieces_of(read))), _by_rules(read)))
    )
    label, p = ranked[0]
    return Subject(label if p >= SURE else UNCLEAR, p, tuple(ranked))


def _by_rules(read: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for label, weight, pattern in _RULES:
        hit = pattern.search(read)
        if hit:
            found[label] = max(found.get(label, 0.0), _A_RULE * weight * (1.0 if hit.start() < 30 else 0.7))
    return found


@cache
def _trained() -> Learner:
    return trained_on(own_titles())


def trained_on(titles: Sequence[tuple[str, str]]) -> Learner:
    """Learn (title, label) pairs beside the rules."""
    learner = Learner(bits=14)
    for label in SUBJECTS:
        learner.add_label(label)
    learn_all(learner, titles, prior_of=_by_rules, passes=2)
    return learner


def own_titles() -> list[tuple[str, str]]:
    """Return the titles written for this purpose, mixed, each with its label."""
    return list(_mixed((files("qiguan.core") / "subject_titles.txt").read_text(encoding="utf-8").splitlines()))


def _mixed(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Read `label` lines (# label) and the titles below them, one of each label in turn."""
    by_label: dict[str, list[str]] = {}
    label = ""
    for line in lines:
        if line.startswith("# "):
            label = line[2:].strip()
        elif line.strip():
            by_label.setdefault(label, []).append(line.strip())
    for nth in range(max(map(len, by_label.values()), default=0)):
        for label, titles in by_label.items():
            if nth < len(titles):
                yield titles[nth], label
