"""Every component on one page, for developers: `python -m qiguan.ui.gallery FOLDER` writes it with its sheet.

All places, organs and figures are invented.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from qiguan.core.facts import State
from qiguan.ui import symbols
from qiguan.ui.nav import NavItem, Place, Shell, Tab
from qiguan.ui.pictures import Bar, Gap, Strip, columns, months_of_silence
from qiguan.ui.values import Action, Answer, Evidence, Fact, MixGroup, Pick, PlaceRow

AT = datetime(2026, 9, 16, 1, 30, tzinfo=UTC)
_TODAY = date(2026, 9, 16)
_COUNTS = dict(zip(State, (121, 14, 9, 7, 6, 3, 20, 4, 2, 11), strict=True))


def strip(*, lively: bool = False) -> Strip:
    """Return a year of invented posts, with or without silences."""
    lot = random.Random(7)  # noqa: S311 - a picture, not a secret
    silences = [] if lively else [(307, 32), (219, 22), (78, 21), (17, 17)]
    quiet = {_TODAY - timedelta(days=back - n) for back, length in silences for n in range(1, length)}
    days = (_TODAY - timedelta(days=n) for n in range(364, 0, -1))
    posts = {d: 1 + (lot.random() < 0.15) for d in days if d not in quiet and lot.random() < (0.6 if lively else 0.38)}
    gaps = []
    for back, length in silences:
        last = _TODAY - timedelta(days=back)
        posts[last] = 1
        is_open = back == length
        until = _TODAY if is_open else last + timedelta(days=length)
        if not is_open:
            posts[until] = 1
        gaps.append(Gap(last, until, last + timedelta(days=14), is_open))
    return Strip(
        at=_TODAY,
        posts=posts,
        gaps=gaps,
        blind=[] if lively else [(date(2026, 8, 12), date(2026, 8, 14)), (date(2026, 1, 5), date(2026, 1, 18))],
        checks=[date(2026, 9, 14), date(2026, 7, 2), date(2026, 4, 3)],
        holidays=[(date(2025, 10, 1), date(2025, 10, 8), "国庆节、中秋节"), (date(2026, 2, 15), date(2026, 2, 23), "春节")],
    )


def _picks(*states: State) -> Sequence[Pick]:
    return [Pick(s.word, f"?state={s.value}", _COUNTS[s], state=s) for s in states]


def _places() -> list[PlaceRow]:
    rows = (
        ("市直部门", 36, (6, 5, 7, 6, 5, 5, 5, 4, 4, 5, 4, 4)),
        ("东例区", 22, (7, 7, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5)),
        ("南例县", 15, (6, 6, 7, 7, 8, 8, 8, 9, 9, 9, 9, 9)),
        ("示例高新区", 12, (2, 2, 1, 1, 2, 2, 3, 2, 2, 2, 2, 2)),
    )
    return [
        PlaceRow(
            name,
            "?place",
            {
                State.ACTIVE: n,
                State.DUE: 3,
                State.OVERDUE: 2,
                State.SLEEPING: 1,
                State.ZOMBIE: 1,
                State.NEVER_POSTED: 1,
                State.UNKNOWN: 4,
            },
            history,
        )
        for name, n, history in rows
    ]


def _due() -> str:
    counts = (3, 4, 5, 2, 4, 6, 7, 9, 10, 11, 6, 7, 24, 37)
    bars = [
        Bar("今天" if n == 0 else f"9/{16 + n}" if n in {5, 9, 13} else "", c, near=n < 4, odd=n == 9)
        for n, c in enumerate(counts)
    ]
    said = "、".join(f"9月{16 + n}日{c}" for n, c in enumerate(counts))
    return columns(bars, title=f"往后两周每天到线的账号数：{said}", bands=[(9, 11, "中秋假期")])


def sample() -> dict[str, Any]:
    """Return the context of the gallery."""
    from django.core.paginator import Paginator
    from django.utils.safestring import SafeString

    return {
        "at": AT,
        "shell": Shell(packs="全国2019、示例市2025", as_of="2026年9月15日24:00", owner="示例市人民政府办公室"),
        "nav": [
            NavItem("总览", "#"),
            NavItem("账号", "#", current=True),
            NavItem("人工核查", "#", count=4),
            NavItem("采集", "#"),
        ],
        "places": [Place("示例市", "#", 186, current=True), Place("南例县", "#", 31)],
        "place_label": "示例市",
        "states": list(State),
        "icons": list(symbols.ICONS),
        "tabs": [Tab("证据", "#", current=True), Tab("文章", "#", 104), Tab("窗口体检", "#", "1项坏"), Tab("记录", "#")],
        "what": Answer("16天没有新内容，超线2天", ["最近一篇是8月30日 10:12。", "留言能用，菜单有1项打不开。"]),
        "because": Answer("检查时点前两周内无更新", ["全国2019年检查指标，单项否决；第14天计入。"], link=("看证据", "#evidence")),
        "who": Answer(
            "您今天研判",
            ["确认后，南例县商务局5个工作日内整改，9月22日前。"],
            [Action("确认，发整改单", "#", go=True), Action("再派人看一次", "#")],
        ),
        "strip": strip(),
        "lively": strip(lively=True),
        "empty_strip": Strip(at=_TODAY),
        "counts": _COUNTS,
        "groups": [
            MixGroup(135, "在更新", "两周内有新内容", _picks(State.ACTIVE, State.DUE)),
            MixGroup(27, "要处理", "有结论，要有人动手", _picks(*PlaceRow.TO_DO)),
            MixGroup(20, "没看清", "是我们没看到，不等于停更", _picks(State.UNKNOWN)),
            MixGroup(4, "正在退出", "已备案，到期前不作停更结论", _picks(State.CLOSING)),
        ],
        "picks_rows": [Pick("全部", "?", 186, current=True), *_picks(*(s for s in State if s is not State.CLOSED))],
        "place_rows": _places(),
        "due": SafeString(_due()),
        "silence": SafeString(
            months_of_silence([0.5] * 9 + [1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 7, 9, 11, 12, 20, 30], limits=[(6, "6个月：僵尸")])
        ),
        "fact_rows": [
            Fact("今年已核查", "2轮", "计划4轮"),
            Fact("没看清的比例", "10.8%", "多因来源不完整"),
            Fact("被采纳的申诉", "3件"),
        ],
        "facts_list": [
            Fact("主办单位", "南例县商务局"),
            Fact("认证主体", "南例县商务局", "与主办单位一致"),
            Fact("替班", "有，1人"),
        ],
        "evidence_rows": [
            Evidence(
                "到线：两周没有新内容", datetime(2026, 9, 13, 2, 12, tzinfo=UTC), ["按判定口径“第14天计入”。"], State.OVERDUE
            ),
            Evidence(
                "官方统计接口：没有新内容",
                "9月16日 02:10读取，覆盖到9月15日24:00",
                ["完整来源。"],
                State.ACTIVE,
                links=[("原始回应", "#")],
                digest="7c1e" + "0" * 56 + "b042",
            ),
            Evidence("人工核查：最近一篇8月30日", datetime(2026, 9, 14, 7, 41, tzinfo=UTC), ["核查员手机查看。"], icon="eye"),
            Evidence("有3天没看清", "8月12日至14日", ["授权到期，已续。这3天不作静默计算。"], State.UNKNOWN),
        ],
        "page_obj": Paginator(range(186), 50).page(2),
        "progress": {"title": "导入登记表", "percent": 42, "message": "第78行，共186行；2行要您看一眼", "state": "running"},
        "form": _form(),
    }


def _form() -> Any:
    from django import forms

    class Sample(forms.Form):
        handle = forms.CharField(label="微信号", help_text="字母、数字、下划线或减号，6至20位。")
        newest = forms.DateField(
            label="最近更新", error_messages={"invalid": "九月没有31日。改成实际日期，或留空。"}, required=False
        )
        scope = forms.ChoiceField(label="口径", choices=[("national", "国办口径"), ("local", "地方扩围")])
        kinds = forms.MultipleChoiceField(
            label="功能", choices=[("post", "发布"), ("serve", "办事")], widget=forms.CheckboxSelectMultiple, required=False
        )
        public = forms.BooleanField(label="可以公开这段文字", help_text="不勾就不公开，随时能撤回。", required=False)

    return Sample({"handle": "sl-yibao", "newest": "9月31日", "scope": "local"})


def render(*, theme: str = "", size: str = "") -> str:
    """Return the gallery as HTML."""
    from django.template.loader import render_to_string
    from django.test import RequestFactory

    return render_to_string("ui/gallery.html", sample() | {"theme": theme, "size": size}, RequestFactory().get("/"))


def main(folder: Path) -> None:
    """Write the gallery in light, dark and large print into a folder, with the sheet that it links."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qiguan.config.settings")
    django.setup()
    with as_file(files("qiguan.ui") / "static") as static:
        shutil.copytree(static, folder / "static", dirs_exist_ok=True)
    for name, look in (
        ("light", {"theme": "light"}),
        ("dark", {"theme": "dark"}),
        ("large", {"theme": "light", "size": "large"}),
    ):
        page = render(**look).replace('"/static/', '"static/')
        (folder / f"{name}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
