"""WordprocessingML as text: whatever goes in, XML comes out, and widths add up."""

from __future__ import annotations

from datetime import date

from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from qiguan.publication.render.word_xml import NAMESPACE, cell_text, paragraph, safe_text, shares, table


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_text_is_carried(words):
    p = parse_xml(paragraph("GWBody", words).replace("<w:p>", f"<w:p {NAMESPACE}>", 1))
    assert "".join(t.text or "" for t in p.iter("{*}t")) == "".join(safe_text(words).splitlines())


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1000, 9000))
def test_columns_share_the_whole_width(widths, width):
    assert sum(shares(widths, width)) == width


def test_a_table_is_whole_and_its_header_repeats():
    made = parse_xml(
        table(("甲", "乙"), (1, 2), [("<a>", 3), (None, date(2026, 6, 30))], width=3000).replace(
            "<w:tbl>", f"<w:tbl {NAMESPACE}>", 1
        )
    )
    assert len(list(made.iter("{*}tr"))) == 3
    assert len(list(made.iter("{*}tblHeader"))) == 1


def test_cells_are_written_as_they_are_read():
    assert [cell_text(v) for v in (None, 0, "x", date(2026, 6, 30))] == ["", "0", "x", "2026-06-30"]
