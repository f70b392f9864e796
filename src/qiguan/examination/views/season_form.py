"""The form that opens a season: rules and dates as they will be published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q

from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError
from qiguan.core.platforms import name_key
from qiguan.examination.actions.seasons import LEAST, LIMIT, MOST_QUESTIONS, Plan
from qiguan.people.models import Organ, any_within
from qiguan.register.models import Account

_MOST = 200  # accounts in a season
_PLACES = {
    "名称": "title", "征题截止": "propose_until", "评议截止": "weigh_until", "抽签日": "draw_on", "答题截止": "answer_until", "评分截止": "mark_until",
    "抽签号码出处": "number_source", "名单说明": "frame_words", "抽取和密封": "drawn_by", "抽几题": "questions_drawn", "最低份数": "least",
    "不满意的线": "limit", "人群": "groups", "考评对象": "accounts",
}  # fmt: skip


def told_in(error: QiguanError) -> str | None:
    """Return the field that a failure is about; None: the form as a whole."""
    return _PLACES.get(error.place)


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class SeasonForm(forms.Form):
    """A new season."""

    organ = forms.ModelChoiceField(label="主办单位", queryset=Organ.objects.none(), empty_label=None, to_field_name="public_id")
    title = forms.CharField(label="名称", max_length=120, help_text="如：2026年秋季群众考评")
    accounts = forms.CharField(
        label="考评对象",
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="一行一个账号：名称、账号ID或编号。本单位自己的账号由上一级来考",
    )
    propose_until = _day("征题截止", help_text="当日24:00。以下日期开考后不能改")
    weigh_until = _day("评议截止")
    draw_on = _day("抽签日", help_text="号码在这一天才知道；名单要在这一天之前公布")
    number_source = forms.CharField(
        label="抽签号码出处", max_length=120, help_text="之后才知道、谁都查得到的号码，如“某月某日福彩3D开奖号”"
    )
    questions_drawn = forms.IntegerField(label="抽几题", min_value=1, max_value=MOST_QUESTIONS, initial=5)
    answer_until = _day("答题截止", help_text="单位公开作答到这一天24:00，之后开始评分")
    mark_until = _day("评分截止")
    frame_words = forms.CharField(
        label="名单说明", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="邀请组从哪份名单里抽，抽不到哪些人。如：从上季度到窗口办过事的人里抽；没有留地址的抽不到",
    )  # fmt: skip
    drawn_by = forms.CharField(label="谁抽取和密封", max_length=120, help_text="监管单位或第三方，不能是被考单位")
    groups = forms.CharField(
        label="人群", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="答卷上可以自愿填属于哪一组，用来看谁的声音没听够。一行一组，后面写名单里的人数，如：60岁以上 2300",
    )  # fmt: skip
    least = forms.IntegerField(
        label="最低份数",
        min_value=10,
        max_value=100_000,
        initial=LEAST,
        help_text="不到这个数不公布。全国没有标准，默认值是本系统的",
    )
    limit = forms.IntegerField(
        label="不满意的线（%）", min_value=1, max_value=99, initial=LIMIT // 100,
        help_text="邀请组某一题不满意的区间下限高于它，就开整改单。全国没有标准，默认值是本系统的",
    )  # fmt: skip

    def __init__(self, *args: Any, offices: list[Organ], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organ"].queryset = Organ.objects.filter(pk__in=[o.pk for o in offices])  # type: ignore[attr-defined]
        today = day_of(at)
        for name, days in (("propose_until", 21), ("weigh_until", 35), ("draw_on", 40), ("answer_until", 61), ("mark_until", 89)):
            self.fields[name].initial = today + timedelta(days=days)

    def plan(self) -> Plan:
        """Return what is published. Raises QiguanError where the groups cannot be read."""
        d = self.cleaned_data
        days: dict[str, Any] = {n: d[n] for n in ("propose_until", "weigh_until", "draw_on", "answer_until", "mark_until")}
        words = {n: d[n] for n in ("number_source", "frame_words", "drawn_by", "questions_drawn", "least")}
        return Plan(**days, **words, limit=d["limit"] * 100, groups=_groups(d["groups"]))

    def chosen(self) -> list[Account]:
        """Return the accounts named. Raises QiguanError, with the line, for one that is not found or not alone."""
        organ = self.cleaned_data["organ"]
        whole = Account.objects.filter(any_within(["owner_path", "supervisor_path"], [organ.path])).select_related("owner")
        lines = [line.strip() for line in self.cleaned_data["accounts"].replace("\x00", "").splitlines() if line.strip()]
        if len(lines) > _MOST:
            raise QiguanError(f"最多{_MOST}个账号", place="考评对象", remedy="请分几季考")
        found: dict[int, Account] = {}
        for line in lines:
            same = list(whole.filter(Q(name_key=name_key(line)) | Q(platform_id=line) | Q(public_id=line))[:3])
            if len(same) != 1:
                why = "找不到" if not same else "不止一个账号叫"
                raise QiguanError(f"{why}“{line[:40]}”", place="考评对象", remedy="请写账号ID，或从账号页的网址里抄编号")
            found[same[0].pk] = same[0]
        return list(found.values())


def _groups(text: str) -> list[tuple[str, int]]:
    found = []
    for line in text.replace("\x00", "").splitlines():
        if not line.strip():
            continue
        name, _, size = line.strip().rpartition(" ")
        size = size.strip().rstrip("人")
        if not name.strip() or not (size.isascii() and size.isdecimal()) or len(size) > 9:
            raise QiguanError(f"“{line.strip()[:40]}”读不出人数", place="人群", remedy="一行一组，如：60岁以上 2300")
        found.append((name.strip()[:40], int(size)))
    return found[:12]
