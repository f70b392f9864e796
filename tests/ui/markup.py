"""Reading markup back, so that tests look at what a browser would see and not at strings."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree


def svg(text: str) -> ElementTree.Element:
    """Parse a picture strictly: a stray bracket or an unescaped word fails here."""
    return ElementTree.fromstring(text)


def title(text: str) -> str:
    """The finding in words, as a screen reader says it; both places must agree."""
    root = svg(text)
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext("title")
    return root.get("aria-label", "")


class Page(HTMLParser):
    """A page with its elements, and whether each was closed in order."""

    _VOID = {"meta", "link", "input", "br", "img", "hr"}
    _SELF = {"path", "rect", "line", "circle", "use"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open, f"closes nothing: {tag}"
        assert self._open[-1] == tag, f"{tag} closes {self._open[-1]}"
        self._open.pop()

    def handle_data(self, data):
        if not self._open or self._open[-1] not in {"style", "script"}:
            self.words.append(data)

    def all(self, tag: str, **attrs: str) -> list[dict[str, str | None]]:
        """Elements of a tag that carry these attributes (`_` for `-`, `class_` by one word)."""
        wanted = {k.rstrip("_").replace("_", "-"): v for k, v in attrs.items()}
        return [
            a
            for t, a in self.elements
            if t == tag and all(v in (a.get(k) or "").split() if k == "class" else a.get(k) == v for k, v in wanted.items())
        ]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())
