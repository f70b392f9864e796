"""Connectors are found by their code."""

from __future__ import annotations

import inspect
from types import SimpleNamespace

import pytest

from qiguan.connectors import all_connectors, connector, gathered
from qiguan.core.errors import QiguanError


def test_every_connector_of_the_package_is_found_with_its_words():
    found = all_connectors()
    assert {"rss", "jsonfeed", "html_list", "wechat", "wechat_published", "push", "csv_export"} == set(found)
    for code, each in found.items():
        assert each.title, code
        assert isinstance(each.official, bool), code
        assert list(inspect.signature(each.read).parameters) == ["spec", "at"], code
    assert connector("rss").code == "rss"
    assert [c for c, each in found.items() if each.official] == ["wechat"]


def test_an_unknown_code_is_answered_with_the_known_ones():
    with pytest.raises(QiguanError, match="没有") as refused:
        connector("nothing")
    assert "rss" in refused.value.remedy


def test_a_code_used_twice_is_an_error():
    with pytest.raises(ValueError, match="twice"):
        gathered([SimpleNamespace(code="a"), SimpleNamespace(code=""), SimpleNamespace(code="a")])
