"""What a document of the library is: title, fields, paragraphs and tables with {{placeholders}}, and who uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qiguan.core.errors import QiguanError

Rows = Sequence[Sequence[str]]
Values = Mapping[str, "str | Rows"]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of the body; `style` as in `official_page.STYLES`."""

    words: str
    style: str = "GWBody"


@dataclass(frozen=True, slots=True)
class Form:
    """A table of label and value: each line is one or two pairs, (label, words), its words holding placeholders."""

    lines: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class List:
    """A table with one row for each row of the field `field`."""

    field: str
    header: Sequence[str]
    widths: Sequence[int]
    blank_rows: int = 0  # printed where no rows are given: a form to fill in by hand


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document. `fields`: name → what stands there; `optional` ones may be missing and leave a blank line."""

    code: str
    title: str
    used_by: str
    fields: Mapping[str, str]
    blocks: Sequence[Text | Form | List]
    optional: frozenset[str] = frozenset()
    signed: bool = True  # ends with 发文单位 and 日期
    basis: str = ""

    def check(self, values: Values) -> None:
        """Raise MissingFields, by name, where a value is missing that the document needs."""
        missing = [name for name in self.fields if name not in self.optional and not values.get(name)]
        if missing:
            raise MissingFields(f"《{self.title}》缺少{'、'.join(missing)}", place=self.title, remedy="请补上这几项后再生成")


class MissingFields(QiguanError):
    """A document lacks values it cannot go without."""
