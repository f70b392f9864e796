"""不报复: does a text complain about a unit, its account or its people? If it may, it goes one level up and never to that unit.

It errs on the side of going up: a question that takes the long way costs days, a complaint in the wrong hands costs more.
"""

from __future__ import annotations

from typing import Final

_WORDS: Final = (
    "态度恶劣", "态度差", "态度很差", "态度不好", "服务差", "刁难", "推诿", "踢皮球", "不作为", "乱作为", "慢作为", "懒政", "敷衍", "糊弄", "官僚",
    "乱收费", "乱罚款", "吃拿卡要", "以权谋私", "滥用职权", "打击报复", "报复", "骂人", "辱骂", "弄虚作假", "欺骗", "包庇", "偏袒", "不负责任",
    "没人管", "没人理", "不理不睬", "拒不", "投诉你们", "投诉你局", "投诉贵局", "投诉贵单位", "我要投诉", "投诉工作人员", "投诉窗口", "投诉该",
    "你们单位", "你们局", "贵局工作人员", "工作人员态度", "不满意", "删评论", "删留言", "删除评论", "拉黑", "差评", "被要求好评", "强制关注",
)  # fmt: skip


def complaint_spans(text: str) -> list[tuple[int, int]]:
    """Return where words of complaint about officials stand, in order, without overlaps; [] where there are none."""
    found: list[tuple[int, int]] = []
    for word in _WORDS:
        at = text.find(word)
        while at >= 0:
            found.append((at, at + len(word)))
            at = text.find(word, at + 1)
    found.sort(key=lambda span: (span[0], -span[1]))
    kept: list[tuple[int, int]] = []
    for start, end in found:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
