"""What can be generated is fresh; what is written by hand names what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

from qiguan.config.cli import COMMANDS
from qiguan.config.commands.docs import documents

ROOT = Path(__file__).parents[1]
OURS = {"jobs", "archive", "people", "intake", "register", "collection", "dialogue", "inspection", "publication", "examination"}


@pytest.mark.parametrize("name", ["rules.md", "settings.md", "openapi.json"])
def test_a_generated_document_is_fresh(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == documents()[name], "say make docs"


def unlisted(vocabulary: str, names: list[str]) -> list[str]:
    listed = set(re.findall(r"^\| (\w+) \|", vocabulary, re.MULTILINE))
    return sorted(set(names) - listed)


def test_every_model_stands_in_the_vocabulary():
    names = [m.__name__ for m in apps.get_models() if m._meta.app_label in OURS]
    vocabulary = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    assert unlisted(vocabulary, names) == []
    assert unlisted(vocabulary, ["Nothing"]) == ["Nothing"]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_the_two_commands_and_only_what_exists(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "make run" in text
    assert "make test" in text
    for path in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (ROOT / path).exists(), path
    for word in re.findall(r"qiguan (\w+)", text):
        assert word in COMMANDS, word


def test_every_adr_says_its_status():
    adrs = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert len(adrs) >= 5
    assert [p.name for p in adrs if "tatus" not in p.read_text(encoding="utf-8")] == []
    assert [p.name[:4] for p in adrs] == [f"{n:04d}" for n in range(len(adrs))]
