"""Forms of a round: opening one, and entering what only a person can find."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from qiguan.core.check_point import parse_at
from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError
from qiguan.core.facts import Scope
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.core.written_dates import parse_day
from qiguan.inspection.actions.rounds import Choice
from qiguan.inspection.models import Round
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.people.queries import memberships_of

_PLACES = {"名称": "title", "监测时间点": "day", "抽查比例": "percent", "抽签号码出处": "number_source", "检查范围": "place"}


def told_in(error: QiguanError) -> str | None:
    """Return the field that a failure of the action is about; None: the form as a whole."""
    return _PLACES.get(error.place)


def offices_of(user: User | AnonymousUser) -> QuerySet[Organ]:
    """Return the organs in whose name the user may inspect: those the user supervises, and the places below."""
    if isinstance(user, User) and user.is_superuser:
        return Organ.objects.filter(sort=Organ.Sort.PLACE).order_by("path")
    mine = memberships_of(user, roles=[Role.SUPERVISOR])
    below = Organ.objects.filter(any_within(["path"], [m.organ.path for m in mine]), sort=Organ.Sort.PLACE)
    return (below | Organ.objects.filter(pk__in=[m.organ_id for m in mine])).distinct().order_by("path")


class RoundForm(forms.Form):
    """A new round. The parts of the scope count for 按条件检查 and 随机抽查, the share and the number's source for the latter."""

    organ = forms.ModelChoiceField(label="检查单位", queryset=Organ.objects.none(), empty_label=None, to_field_name="public_id")
    title = forms.CharField(label="名称", max_length=120, help_text="如：2026年第三季度检查")
    day = forms.CharField(
        label="监测时间点", widget=forms.DateInput(attrs={"type": "date"}), help_text="指当日24:00，看这一刻之前的更新情况"
    )
    sort = forms.ChoiceField(label="怎么选账号", choices=Round.Sort.choices, widget=forms.RadioSelect, initial=Round.Sort.FULL)
    platform = forms.ChoiceField(
        label="平台",
        required=False,
        choices=[("", "全部平台"), *PLATFORM_NAMES.items()],
        help_text="全部检查时，这里以下的条件不用填",
    )
    level = forms.ChoiceField(label="层级", required=False, choices=[("", "全部层级"), *Organ.Level.choices])
    scope = forms.ChoiceField(
        label="口径", required=False, choices=[("", "全部口径"), (Scope.NATIONAL, "国办口径"), (Scope.LOCAL, "地方扩围")]
    )
    place = forms.ModelChoiceField(
        label="地方或单位", required=False, queryset=Organ.objects.none(), empty_label="全部", to_field_name="public_id"
    )
    percent = forms.IntegerField(
        label="抽查比例（%）", required=False, min_value=1, max_value=99, help_text="随机抽查时填，如30；不足一个的算一个"
    )
    number_source = forms.CharField(
        label="抽签号码出处", required=False, max_length=120,
        help_text="随机抽查时填：一个之后才知道、谁都查得到的号码，如“9月17日福彩3D开奖号”。名单的指纹先公布，号码出来后再填",
    )  # fmt: skip
    recheck = forms.BooleanField(label="上期不合格的账号，不论抽没抽中都复查", required=False, initial=True)

    def __init__(self, *args: Any, offices: QuerySet[Organ], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organ, place = self.fields["organ"], self.fields["place"]
        organ.queryset = offices  # type: ignore[attr-defined]
        paths = list(offices.values_list("path", flat=True))
        place.queryset = Organ.objects.filter(any_within(["path"], paths)).order_by("path")[:400]  # type: ignore[attr-defined]
        yesterday = day_of(at) - timedelta(days=1)
        self.fields["day"].initial = yesterday.isoformat()
        self.fields["day"].widget.attrs["max"] = yesterday.isoformat()

    def clean_day(self) -> datetime:
        """Read the day in any form that people write; it means 24:00."""
        day = parse_day(self.cleaned_data["day"])
        if not isinstance(day, date):
            raise forms.ValidationError("日期读不出来，请写成2026年9月30日")
        return parse_at(day.isoformat())

    def choice(self) -> Choice:
        """Return what the action takes."""
        given = self.cleaned_data
        wanted = {name: str(given[name]) for name in ("platform", "level", "scope") if given[name]}
        if given["place"]:
            wanted["place"] = given["place"].public_id
        return Choice(given["sort"], wanted, given["percent"] or 100, given["number_source"], given["recheck"])
