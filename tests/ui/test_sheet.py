"""The sheet of stand-alone documents."""

from __future__ import annotations

import pytest

from qiguan.core.facts import State
from qiguan.ui.sheet import document_css, flattened


def test_layers_are_taken_off_in_their_order():
    assert flattened("@layer a, b; /* x */ @layer a { p { top:0 } } @layer b { @media print { p { top:1px } } } q {}") == (
        "p { top:0 } @media print { p { top:1px } } q {}"
    )


def test_a_layer_that_is_not_closed_is_an_error():
    with pytest.raises(ValueError, match="not closed"):
        flattened("@layer a { p { top:0 }")


def test_the_documents_sheet_loads_nothing_and_keeps_every_state():
    css = document_css()
    assert "@layer" not in css
    assert "url(" not in css
    assert css.count("{") == css.count("}") > 200
    for state in State:
        assert f"[data-s={state.value}]" in css


def test_both_dark_blocks_say_the_same():
    css = document_css()
    first = css.split("[data-theme=dark] {", 1)[1].split("}", 1)[0]
    second = css.split(":root:not([data-theme]) {", 1)[1].split("}", 1)[0]
    assert first == second
    assert "--paper" in first


def test_a_sheet_that_would_load_something_is_refused(monkeypatch):
    monkeypatch.setattr("qiguan.ui.sheet.flattened", lambda css: "p { background: url(x) }")
    document_css.cache_clear()
    with pytest.raises(ValueError, match="nor load anything"):
        document_css()
    document_css.cache_clear()
