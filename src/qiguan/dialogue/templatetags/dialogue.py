"""Show what somebody wrote: paragraph by paragraph, each in its own direction, with the words that weighed marked."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def said(text: str) -> SafeString:
    """Paragraphs of a text; Uyghur reads from the right, Chinese from the left, whatever stands beside them."""
    return format_html_join("\n", '<p dir="auto">{}</p>', ((line,) for line in text.split("\n") if line.strip()))


@register.simple_tag
def marked(text: str, spans: Sequence[Sequence[int]]) -> SafeString:
    """The same with spans marked; spans that do not fit the text are left out."""
    parts, last = [], 0
    for start, end in sorted((s[0], s[1]) for s in spans):
        if last <= start < end <= len(text):
            parts += [escape(text[last:start]), "\ue000", escape(text[start:end]), "\ue001"]
            last = end
    whole = "".join([*parts, escape(text[last:])]).replace("\ue000", "<mark>").replace("\ue001", "</mark>")
    return mark_safe("".join(f'<p dir="auto">{line}</p>' for line in whole.split("\n") if line.strip()))  # noqa: S308  escaped above
