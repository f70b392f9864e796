"""The tags as templates use them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory

from qiguan.core.facts import State
from qiguan.ui.values import Action, Answer, Evidence, Fact, Pick
from tests.ui.markup import Page

EVIL = "<script>alert('x')</script>"
AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def show(source: str, /, **context) -> str:
    return Template("{% load ui %}" + source).render(Context({"at": AT} | context))


@pytest.mark.parametrize("state", State)
def test_a_chip_takes_a_state_or_its_value(state):
    assert show("{% chip s %}", s=state) == show("{% chip s %}", s=state.value)
    assert state.word in show("{% chip s %}", s=state)
    assert show("{{ s|state_word }}", s=state.value) == state.word


def test_an_unknown_state_or_icon_is_an_error_of_the_page():
    with pytest.raises(ValueError):
        show("{% chip 'happy' %}")
    with pytest.raises(TemplateSyntaxError):
        show("{% icon 'unicorn' %}")


def test_filters_say_dates_in_chinese_and_nothing_for_none():
    when = datetime(2025, 8, 30, 2, 12, tzinfo=UTC)
    source = "{{ w|zh_day:at }}|{{ w|zh_moment:at }}|{{ w|zh_full }}|{{ w|zh_weekday }}|{{ w|ago:at }}"
    assert show(source, w=when) == "2025年8月30日|2025年8月30日 10:12|2025年8月30日|星期六|382天前"
    assert show(source, w=None) == "||||"
    assert show("{{ a|zh_days }}{{ b|zh_days }}{{ c|zh_days }}", a=16, b=0, c=None) == "16天0天"
    assert show("{{ w|zh_day }}", w=date(2001, 1, 2)) == "2001年1月2日"


def test_three_questions_escape_words_and_send_with_a_token():
    who = Answer(
        "您今天研判", [EVIL], [Action("确认", "/go?a=1&b=2", go=True, post=True, fields=[("why", EVIL)]), Action("再看", "/x")]
    )
    page = show("{% three 'overdue' 'a' b w %}", b=Answer(EVIL, link=("看证据", "#e")), w=who, csrf_token="tok")
    assert "<script" not in page
    seen = Page(page)
    assert seen.all("dl", class_="three", data_s="overdue")
    assert seen.text.startswith("什么状态 a 凭什么")
    assert seen.all("input", name="csrfmiddlewaretoken", value="tok")
    assert seen.all("input", name="why", value=EVIL)
    assert len(seen.all("button", class_="go")) == 1
    assert seen.all("a", href="#e")


def test_three_questions_may_stand_without_a_state():
    assert "data-s" not in show("{% three '' 'a' 'b' 'c' %}")


def test_facts_evidence_and_picks_escape_their_words():
    rows = [
        Evidence(EVIL, AT, [EVIL], State.UNKNOWN, links=[(EVIL, "#")], digest="7c1e" + "0" * 56 + "b042"),
        Evidence("b", "昨天"),
    ]
    page = show("{% evidence rows at %}{% facts f %}{% facts f as_list=True %}{% picks p %}", rows=rows, f=[Fact(EVIL, EVIL, EVIL), ("主办", "局")], p=[Pick(EVIL, "?", 0, True, State.DUE)])  # fmt: skip
    assert "<script" not in page
    seen = Page(page)
    assert "9月16日 10:00" in seen.text
    assert "sha256:7c1e…b042" in seen.text
    assert seen.all("li", data_s="unknown")
    assert len(seen.all("dl", class_="facts")) == 2
    assert seen.all("a", aria_current="true", data_s="due")


class Sample(forms.Form):
    handle = forms.CharField(label="微信号", help_text="6至20位。")
    newest = forms.DateField(label="最近更新", required=False, error_messages={"invalid": "九月没有31日"})
    agree = forms.BooleanField(label="可以公开", help_text="能撤回", required=False)
    kinds = forms.MultipleChoiceField(label="功能", choices=[("a", "发布")], widget=forms.CheckboxSelectMultiple)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_keeps_what_was_typed_and_joins_hint_and_error():
    seen = Page(show("{% form_fields form %}", form=Sample({"handle": EVIL, "newest": "9月31日", "key": "k"})))
    (newest,) = seen.all("input", name="newest")
    assert newest["value"] == "9月31日"
    assert newest["aria-invalid"] == "true"
    assert newest["aria-describedby"] == "id_newest_error"
    assert seen.all("p", id="id_newest_error")
    (handle,) = seen.all("input", name="handle")
    assert handle["value"] == EVIL
    assert handle["aria-describedby"] == "id_handle_hint"
    assert seen.all("p", id="id_handle_hint")
    assert len(seen.all("div", class_="bad")) == 2  # newest, and kinds which is required
    assert seen.all("fieldset")
    assert seen.all("input", type="hidden", name="key", value="k")
    assert seen.all("input", name="agree", aria_describedby="id_agree_hint")
    assert seen.text.count("（可不填）") == 1  # a tick box says it by itself


def test_what_is_wrong_with_the_whole_form_stands_on_top():
    form = Sample({"handle": "a"})
    form.add_error(None, EVIL)
    seen = Page(show("{% form_fields form %}", form=form))
    assert seen.all("div", role="alert", data_s="overdue")
    assert EVIL in seen.text


def header(query: str, **kwargs) -> Page:
    context = RequestContext(RequestFactory().get(f"/office/accounts/?{query}"), kwargs)
    return Page(Template("{% load ui %}{% tbl_sort '最近<更新' 'updated' default=d %}").render(context))


def test_a_sortable_header_keeps_the_query_and_turns_round():
    plain = header("q=%E5%8C%BB&state=due&state=zombie&page=3", d="")
    assert plain.all("a")[0]["href"] == "?q=%E5%8C%BB&state=due&state=zombie&sort=updated"
    assert "aria-sort" not in plain.all("th")[0]
    up = header("sort=updated", d="")
    assert (up.all("th")[0]["aria-sort"], up.all("a")[0]["href"]) == ("ascending", "?sort=-updated")
    down = header("", d="-updated")
    assert (down.all("th")[0]["aria-sort"], down.all("a")[0]["href"]) == ("descending", "?sort=updated")
    assert down.text == "最近<更新"


@pytest.mark.parametrize(
    ("tags", "state"), [("success", "active"), ("warning x", "due"), ("error", "overdue"), ("info", ""), ("", "")]
)
def test_messages_borrow_a_state(tags, state):
    assert show("{{ t|note_state }}", t=tags) == state
