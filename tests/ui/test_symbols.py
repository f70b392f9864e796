"""Symbols: each state has its own shape, and every shape is drawn once on a page."""

from __future__ import annotations

import pytest

from qiguan.core.facts import State
from qiguan.ui import symbols
from tests.ui.markup import svg


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_symbol_and_its_word(state: State):
    drawn = {s.get("id") for s in svg(symbols.sprite()).iter("symbol")}
    assert f"s-{state.value}" in drawn
    chip = svg(symbols.chip(state))
    assert "".join(chip.itertext()) == state.word
    assert chip.get("data-s") == state.value
    assert chip.find("svg/use").get("href") == f"#s-{state.value}"
    assert svg(symbols.state_use(state)).find("use").get("href") == f"#s-{state.value}"


def test_no_two_states_share_a_shape():
    assert len(set(symbols.STATES.values())) == len(State)


def test_every_icon_is_drawn_and_an_unknown_one_is_an_error():
    drawn = {s.get("id") for s in svg(symbols.sprite()).iter("symbol")}
    assert {f"i-{name}" for name in symbols.ICONS} < drawn
    assert svg(symbols.icon_use("search")).find("use").get("href") == "#i-search"
    with pytest.raises(KeyError):
        symbols.icon_use("unicorn")


def test_the_sprite_holds_the_three_fills_and_no_identifier_twice():
    ids = [e.get("id") for e in svg(symbols.sprite()).iter() if e.get("id")]
    assert {"p-over", "p-unk", "p-never"} <= set(ids)
    assert len(ids) == len(set(ids))
