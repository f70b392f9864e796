"""The house's promises that import-linter cannot see: foreign keys, sizes, mirrored tests, docstrings, tracked files."""

from __future__ import annotations

import ast
import gc
import importlib.metadata
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[1]
SRC = ROOT / "src" / "qiguan"
LAYERS = [
    "core",
    "connectors",
    "net",
    "ui",
    "jobs",
    "archive",
    "people",
    "intake",
    "register",
    "collection",
    "dialogue",
    "examination",
    "topics",
    "inspection",
    "rectification",
    "publication",
    "config",
]
MODULES = sorted(p for p in SRC.rglob("*.py") if "migrations" not in p.parts)


def wrong_way_keys(models: list[type]) -> list[str]:
    """Return the foreign keys that point to a higher layer."""
    rank = {label: i for i, label in enumerate(LAYERS)}
    return [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model in models
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model._meta.app_label in rank
        if rank[field.related_model._meta.app_label] > rank[model._meta.app_label]
    ]


def parsed(source: str) -> ast.Module:
    """Parse with the collector off: on Python 3.11 a collection in the middle can end ast.parse with a SystemError."""
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()


def long_functions(source: str, limit: int) -> list[str]:
    return [
        node.name
        for node in ast.walk(parsed(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= limit
    ]


def test_foreign_keys_point_down_only():
    ours = [m for m in apps.get_models() if m._meta.app_label in LAYERS]
    assert len(ours) > 20
    assert wrong_way_keys(ours) == []


def test_the_foreign_key_check_can_fail():
    from qiguan.people.models import Organ

    class Meta:
        app_label = "jobs"

    from django.db import models

    wrong = type(
        "Wrong", (models.Model,), {"__module__": __name__, "Meta": Meta, "organ": models.ForeignKey(Organ, models.CASCADE)}
    )
    try:
        assert wrong_way_keys([wrong]) == ["jobs.Wrong.organ → people.Organ"]
    finally:
        del apps.all_models["jobs"]["wrong"]
        apps.clear_cache()


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_module_fits_its_limits(path: Path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 400, "over 400 lines: split by concern"
    assert long_functions(source, 80) == [], "over 80 lines: name its parts"
    assert not source or ast.get_docstring(parsed(source)), "a docstring opens each module"


def test_the_function_limit_can_fail():
    assert long_functions("def f():\n" + "    x = 1\n" * 90, 80) == ["f"]


def test_the_median_module_is_one_screen():
    lengths = sorted(p.read_text(encoding="utf-8").count("\n") for p in MODULES)
    assert lengths[len(lengths) // 2] <= 120


def test_no_module_is_a_junk_drawer():
    assert [p.name for p in MODULES if p.stem in {"utils", "helpers", "common", "misc"}] == []


def test_every_core_module_has_its_test():
    missing = [
        str(p.relative_to(SRC))
        for p in MODULES
        if p.relative_to(SRC).parts[0] in {"core", "connectors", "net"} and p.stem != "__init__" and p.parent.name != "rules"
        if not (ROOT / "tests" / p.relative_to(SRC).parent / f"test_{p.stem}.py").exists()
    ]
    assert missing == []


def test_nothing_tracked_names_a_download_host():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    hosts = [b"files.pythonhosted" + b".org", b"pypi" + b".org/simple", b"registry.npmjs" + b".org"]
    found = [name for name in tracked if (ROOT / name).is_file() and any(h in (ROOT / name).read_bytes() for h in hosts)]
    assert found == []
    assert not {"uv.lock", "package-lock.json"} & set(tracked)


def missing_extras(lock: str, needed: list[tuple[str, str]]) -> list[str]:
    """Return the (who, requirement) pairs with an extra that the lock does not pin under that extra."""
    lines = [line.replace(" ", "").lower() for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    out = []
    for who, text in needed:
        found = re.match(r"([\w.-]+)\s*\[([^\]]+)\]", text)
        if not found:
            continue
        extras = {e.strip().lower() for e in found[2].split(",")}
        pins = [re.match(r"([\w.-]+)\[([^\]]+)\]==", line) for line in lines]
        if not any(p and p[1] == found[1].lower() and extras <= set(p[2].split(",")) for p in pins):
            out.append(f"{who}: {text}")
    return out


def test_the_locks_pin_what_is_asked_for_with_an_extra():
    """An older pip does not carry the pin of `x` over to `x[extra]`: it takes the newest, which has no hash, and stops."""
    needed = [
        (d.name, r)
        for d in importlib.metadata.distributions()
        for r in d.requires or []
        if "extra ==" not in r and d.name.lower() != "pip"
    ]
    assert any("[" in r for _, r in needed)
    assert not missing_extras((ROOT / "requirements-dev.lock").read_text(), needed)
    assert missing_extras("psycopg==3.3.9 \\\n", [("a", "psycopg[binary]"), ("b", "lxml>=5")]) == ["a: psycopg[binary]"]
