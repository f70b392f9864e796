"""Column kits 栏目包: data files that say who has the facts, which fields to ask for, how it reads, when it expires."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class KitField:
    """One field of a column's template."""

    name: str
    label: str
    example: str


@dataclass(frozen=True, slots=True)
class Kit:
    """A column that a unit can open tomorrow."""

    code: str
    title: str
    what: str
    sources: tuple[str, ...]
    rhythm: str
    days_valid: int
    cautions: tuple[str, ...]
    template: str
    fields: tuple[KitField, ...]

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text; a field left empty shows its name in brackets, so that it is not forgotten."""
        return self.template.format_map({f.name: values.get(f.name, "").strip() or f"〔{f.label}〕" for f in self.fields})

    @property
    def example(self) -> str:
        """The template with its example."""
        return self.fill({f.name: f.example for f in self.fields})


@cache
def load_kits() -> Mapping[str, Kit]:
    """Read every kit that ships."""
    found = {}
    for file in sorted((files("qiguan.topics") / "kits").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            code, row = file.name.removesuffix(".toml"), tomllib.loads(file.read_text(encoding="utf-8"))
            found[code] = Kit(
                code, row["title"], row["what"], tuple(row["sources"]), row["rhythm"], row["days_valid"], tuple(row["cautions"]),
                row["template"], tuple(KitField(**f) for f in row["field"]),
            )  # fmt: skip
    return found
