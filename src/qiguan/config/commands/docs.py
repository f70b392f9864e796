"""`qiguan docs`: write the documents that are generated from the code; `--check` only compares."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[4]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--check` fails where a document is stale."""
    parser.add_argument("--check", action="store_true", help="只比较，不写；过时就失败")


def run(options: argparse.Namespace) -> int:
    """Write or compare docs/rules.md, docs/settings.md, docs/rectification.md and docs/openapi.json."""
    from qiguan.config.commands.django_setup import start

    start()
    stale = []
    for name, text in documents().items():
        path = ROOT / "docs" / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if options.check:
            stale.append(name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"docs/{name}")
    if stale:
        print("stale: " + ", ".join(stale) + ". Say make docs")
        return 1
    return 0


def documents() -> Mapping[str, str]:
    """Return every generated document by its name under docs/."""
    from qiguan.core.ticket import ticket_document

    return {
        "rules.md": rules_document(),
        "settings.md": settings_document(),
        "openapi.json": openapi_document(),
        "rectification.md": ticket_document(),
    }


def rules_document() -> str:
    """The rules with their clauses, and the packs with whose number each is."""
    from qiguan.core.pack import load_packs
    from qiguan.core.rule import all_rules

    lines = [
        "# Rules 检查规则",
        "",
        "Generated from `core/rules` and `core/packs` by `make docs`. Confidence as in the rules register: A official page … E rebuilt from use.",
        "",
    ]
    for rule in all_rules().values():
        lines += [
            f"## {rule.code} {rule.title_zh}",
            "",
            f"{rule.title_en}. {rule.weight.value}, version {rule.version}, confidence {rule.confidence}.",
            f"Basis: {rule.basis}.",
            "",
        ]
        lines += [f"- {example.expect.__name__}: {example.title}" for example in rule.examples] + [""]
    lines += ["# Packs 规则包", ""]
    for pack in load_packs().values():
        whose = "ours, after " + pack.zombie_after if pack.whose == "ours" else pack.whose
        lines += [f"## {pack.id} {pack.title_zh}", "", f"{pack.jurisdiction}, since {pack.since}. {pack.settings_zh}. Source: {pack.source}.", f"Due from day {pack.due_days}, sleeping over {pack.sleeping_days} days, zombie over {pack.zombie_months} months, grace {pack.grace_hours} h: whose = {whose}.", ""]  # fmt: skip
        lines += [
            f"- {line.code} {line.title_zh} ({line.title_en}): {line.source}, confidence {line.confidence}" for line in pack.local
        ]
        lines += [""] if pack.local else []
    return "\n".join(lines).rstrip() + "\n"


def settings_document() -> str:
    """Every environment variable."""
    from qiguan.config.environment import SETTINGS

    lines = [
        "# Settings",
        "",
        "Environment variables, generated from `config/environment.py` by `make docs`.",
        "",
        "| name | default | 说明 | meaning |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{s.name}` | `{s.default or '(empty)'}` | {s.zh} | {s.en} |" for s in SETTINGS.values()]
    lines += [
        "",
        "`QIGUAN_SECRET` and `QIGUAN_CREDENTIAL` give the two keys; without them they are made once and kept in the data folder, readable by its owner alone. `QIGUAN_MAIL_PASSWORD` gives the password of the SMTP server.",
    ]
    return "\n".join(lines) + "\n"


def openapi_document() -> str:
    """The API's description."""
    from qiguan.config.api import api

    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
