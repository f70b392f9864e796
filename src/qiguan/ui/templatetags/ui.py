"""Tags and filters of the look: `{% load ui %}`. Values come from qiguan.ui.values and qiguan.ui.pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qiguan.core.facts import State
from qiguan.ui import dates, symbols
from qiguan.ui.pictures import Strip, coverage_bar, mini_strip, mix_bar, spark, year_strip, year_table
from qiguan.ui.sheet import document_css
from qiguan.ui.values import Answer, Evidence, Fact, Pick, PlaceRow

register = template.Library()
NO_MOMENT = date.min  # a page that passes no `at` gets every year written out: the look reads no clock

# SafeString below wraps only markup that symbols.py and pictures/ built, where all words are escaped already.


@register.simple_tag
def sprite() -> SafeString:
    """All symbols, hidden: once a page, right after <body>."""
    return SafeString(symbols.sprite())


@register.simple_tag
def inline_sheet() -> SafeString:
    """The sheet for a document that stands alone."""
    return SafeString(document_css())


@register.simple_tag
def chip(state: State | str) -> SafeString:
    """Symbol and official word of a state."""
    return SafeString(symbols.chip(State(state)))


@register.simple_tag
def state_symbol(state: State | str) -> SafeString:
    """The symbol of a state; its word must stand beside it."""
    return SafeString(symbols.state_use(State(state)))


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon; a name that nobody drew is an error of the template."""
    try:
        return SafeString(symbols.icon_use(name))
    except KeyError as e:
        raise template.TemplateSyntaxError(f"no icon is called {name!r}") from e


@register.filter
def state_word(state: State | str) -> str:
    """The official word of a state."""
    return State(state).word


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────
# Each takes the page's `at` as its argument; without it the machine's clock decides what is this year and what is today.


@register.filter
def zh_day(when: date | datetime | None, at: date | datetime | None = None) -> str:
    """8月30日, with the year when it is not this year."""
    return dates.day_words(when, at or NO_MOMENT) if when else ""


@register.filter
def zh_moment(when: date | datetime | None, at: date | datetime | None = None) -> str:
    """8月30日 10:12, with the year when it is not this year."""
    return dates.moment_words(when, at or NO_MOMENT) if when else ""


@register.filter
def zh_full(when: date | datetime | None) -> str:
    """2026年8月30日, for documents."""
    return dates.full_day_words(when) if when else ""


@register.filter
def zh_point(when: datetime | None) -> str:
    """2026年9月16日24:00, a check point."""
    return dates.point_words(when) if when else ""


@register.filter
def zh_weekday(when: date | datetime | None) -> str:
    """星期三."""
    return dates.weekday_words(when) if when else ""


@register.filter
def zh_days(span: int | timedelta | None) -> str:
    """16天."""
    return "" if span is None else dates.days_words(span)


@register.filter
def ago(when: date | datetime | None, at: date | datetime | None = None) -> str:
    """16天前, 昨天, 3小时前."""
    return dates.ago_words(when, at or NO_MOMENT) if when else ""


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("ui/parts/year_strip.html", name="year_strip")
def year_strip_tag(strip: Strip) -> dict[str, Any]:
    """The year strip with its key and its table behind 以表格看."""
    return {"strip": strip, "picture": SafeString(year_strip(strip)), "table": SafeString(year_table(strip))}


@register.simple_tag(name="mini_strip")
def mini_strip_tag(strip: Strip, name: str = "") -> SafeString:
    """52 weekly bars for a table cell."""
    return SafeString(mini_strip(strip, name=name))


@register.simple_tag(name="mix_bar")
def mix_bar_tag(counts: Mapping[State, int], height: int = 32) -> SafeString:
    """How accounts are made up by state."""
    return SafeString(mix_bar(counts, height=height))


@register.simple_tag(name="spark")
def spark_tag(values: list[int], span: int | None = None) -> SafeString:
    """A line of some weeks with its present point."""
    return SafeString(spark(values, span=span))


@register.inclusion_tag("ui/parts/coverage_bar.html", name="coverage_bar")
def coverage_bar_tag(complete: int, checked: int, partial: int, blind: int) -> dict[str, Any]:
    """How we see the accounts: the bar, and each part in words with its count."""
    figures = {"complete": complete, "checked": checked, "partial": partial, "blind": blind}
    return figures | {"picture": SafeString(coverage_bar(**figures))}


@register.inclusion_tag("ui/parts/places.html")
def places(rows: Iterable[PlaceRow]) -> dict[str, Any]:
    """各地各部门: one row a place, in the order given, all on one scale."""
    kept = list(rows)
    span = max((max(r.history) - min(r.history) for r in kept if r.history), default=None)
    return {"rows": kept, "span": span}


# ── components ───────────────────────────────────────────────────────────────────────────────────────────────────────


@register.inclusion_tag("ui/parts/three.html", takes_context=True)
def three(
    context: Context, state: State | str | None, what: Answer | str, because: Answer | str, who: Answer | str
) -> dict[str, Any]:
    """什么状态 · 凭什么 · 下一步谁做."""
    rows = zip(("什么状态", "凭什么", "下一步谁做"), (what, because, who), strict=True)
    return {
        "state": State(state).value if state else "",
        "answers": [(word, a if isinstance(a, Answer) else Answer(a)) for word, a in rows],
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("ui/parts/facts.html")
def facts(rows: Iterable[Fact | tuple[str, str]], as_list: bool = False) -> dict[str, Any]:
    """Facts in a grid, or as a list."""
    return {"facts": [r if isinstance(r, Fact) else Fact(*r) for r in rows], "as_list": as_list}


@register.inclusion_tag("ui/parts/evidence.html")
def evidence(rows: Iterable[Evidence], at: date | datetime | None = None) -> dict[str, Any]:
    """Evidence in time, newest first as given; our own gaps are rows too."""
    now = at or NO_MOMENT
    said = [(r, r.when if isinstance(r.when, str) else dates.moment_words(r.when, now)) for r in rows]
    return {"rows": said}


@register.inclusion_tag("ui/parts/picks.html")
def picks(rows: Iterable[Pick], label: str = "按状态看") -> dict[str, Any]:
    """States as links with their counts."""
    return {"picks": list(rows), "label": label}


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A field of a form: label, hint, error above the box, joined by aria-describedby; what was typed is kept."""
    hint = f"{bound.auto_id}_hint" if bound.help_text else ""
    error = f"{bound.auto_id}_error" if bound.errors else ""
    attrs: dict[str, str | bool] = {"aria-describedby": f"{hint} {error}".strip()} if hint or error else {}
    if error:
        attrs["aria-invalid"] = "true"
    kind = getattr(bound.field.widget, "input_type", "")
    many = bound.use_fieldset
    return {
        "bound": bound,
        "hint": hint,
        "error": error,
        "widget": bound.as_widget(attrs=attrs),
        "is_tick": kind == "checkbox" and not many,
        "is_group": many,
        "is_hidden": bound.is_hidden,
    }


@register.inclusion_tag("ui/parts/form.html")
def form_fields(form: Any) -> dict[str, Any]:
    """All fields of a form, with what is wrong with it as a whole on top."""
    return {"form": form}


@register.simple_tag(takes_context=True)
def tbl_sort(context: Context, label: str, key: str, default: str = "", css: str = "") -> SafeString:
    """A header cell that sorts by `key` and keeps the rest of the query; a second touch turns the order round.

    The query's `sort` is `key` (up) or `-key` (down); `default` is the order of a page without one. The page number goes.
    """
    query = context["request"].GET.copy()
    now = query.get("sort") or default
    up, down = now == key, now == f"-{key}"
    query["sort"] = f"-{key}" if up else key
    query.pop("page", None)
    order = SafeString(' aria-sort="ascending"' if up else ' aria-sort="descending"' if down else "")
    mark = SafeString(symbols.icon_use("up" if up else "down") if up or down else "")
    look = format_html(' class="{}"', css) if css else ""
    return format_html('<th scope="col"{}{}><a href="?{}">{}{}</a></th>', look, order, query.urlencode(), label, mark)


@register.filter
def note_state(tags: str) -> str:
    """The state whose shape and colour a message of Django's framework borrows."""
    return next((s.value for word, s in _NOTES if word in tags.split()), "")


_NOTES = (("success", State.ACTIVE), ("warning", State.DUE), ("error", State.OVERDUE))
